//! What to tell somebody who did not expect the outcome: what looks like a slip, and the nearest changes that would
//! turn the outcome round, found by trying them.
//!
//! ```
//! # use std::{collections::BTreeMap, sync::Arc};
//! # use conjector::{admission, advice, go::json, injector::{config::InjectorConfig, preset, release::Release}, k8s::Cluster};
//! # use conjector::{scenario::{Injected, Request, Scenario}, simulate::{self, Simulator}};
//! # let release = Release::latest();
//! # let config = Arc::new(InjectorConfig::parse(preset::config(&preset::Install::default(), release), release).unwrap());
//! # let namespace = json::parse(r#"{"metadata":{"name":"demo","labels":{"istio-inject":"enabled"}}}"#).unwrap();
//! # let pod = json::parse(r#"{"metadata":{"name":"web","namespace":"demo"},"spec":{"containers":[]}}"#).unwrap();
//! # let mut scenario = Scenario::new("demo", release, Request::create_pod("demo", pod));
//! # let configurations = preset::webhooks(&preset::Install::default(), release).unwrap();
//! # scenario.webhooks = Arc::new(admission::webhooks(&configurations));
//! # scenario.injectors = BTreeMap::from([("default".to_owned(), Injected { release, config })]);
//! # let namespaces = BTreeMap::from([("demo".to_owned(), namespace)]);
//! # scenario.cluster = Arc::new(Cluster { namespaces, ..Cluster::default() });
//! let outcome = simulate::run(&scenario, &Simulator).unwrap();
//! let slips = advice::slips(&scenario, &outcome);
//! assert_eq!(slips[0].code, "near-label");
//! let changes = advice::changes(&scenario, &outcome);
//! assert_eq!(changes[0].to_string(), "label the namespace istio-injection=enabled");
//! ```

mod change;
mod distance;
mod edit;
mod pod;
mod slip;

pub use change::{Change, changes};
pub use distance::distance;
pub use edit::{Edit, Subject};
pub use slip::{slips, workload_slips};
