//! The sidecar injector: what an Istio-style injector of a certain release answers to an AdmissionReview.
//!
//! The way through: [`webhook`] reads the request, [`decision`] says whether the pod is injected, [`overlay`] renders
//! the templates and merges them, [`post`] makes the last changes.

pub mod annotations;
pub mod config;
pub mod decision;
pub mod functions;
pub mod image;
pub mod list_patch;
pub mod manual;
pub mod mesh;
mod multierror;
pub mod native;
pub mod openshift;
pub mod overlay;
pub mod owner;
pub mod pod;
pub mod post;
pub mod preset;
pub mod release;
mod template_data;
mod typed;
pub mod url;
pub mod webhook;
