//! The sidecar injector.

pub mod config;
pub mod mesh;
pub mod release;
pub mod webhook;
