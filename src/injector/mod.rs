//! The sidecar injector.

pub mod mesh;
