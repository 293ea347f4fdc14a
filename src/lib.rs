//! Simulates Kubernetes sidecar injection: what the API server and an Istio-style injector do to a pod.
//!
//! Rooms, from the ground up (arrows point downward only):
//! [`go`] (Go-exact JSON, YAML, templates) ← [`k8s`] (facts of the API), [`patch`] ← [`admission`] (webhooks and plugins
//! of the API server) ← [`apiserver`] (whole requests); [`injector`] (the sidecar injector) ← [`simulate`] (the whole way
//! from a [`scenario`] to an outcome with its [`trace`]) ← [`advice`] (what looks like a slip, and what would turn the
//! outcome round).

pub mod admission;
pub mod advice;
pub mod apiserver;
pub mod go;
pub mod injector;
pub mod k8s;
pub mod patch;
pub mod scenario;
pub mod simulate;
#[cfg(feature = "suite")]
pub mod suite;
pub mod trace;
