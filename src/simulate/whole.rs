//! A scenario with the whole API server around the webhooks.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::network::Network;
use super::{End, Injector, Outcome, Reached, outcome};
use crate::apiserver::{Asked, MadeUp, Server, Verb};
use crate::go::json::Value;
use crate::k8s::Cluster;
use crate::scenario::Scenario;
use crate::trace::Trace;

/// What the server makes up: always the same, so that outcomes can be compared.
const SUFFIX: &str = "xxxxx";
const UID: &str = "00000000-0000-4000-8000-000000000000";
const TIME: &str = "2001-01-01T00:00:00Z";

/// Members of metadata that the server makes up. They are left out of outcomes.
const MADE_UP: [&str; 5] = ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"];

/// Creates the object of the scenario.
///
/// Errors: as [`super::run`], and requests other than the creation of an object of a known kind.
pub(super) fn run(scenario: &Scenario, injector: &dyn Injector, mut trace: Trace) -> Result<Outcome, String> {
    let request = &scenario.request;
    if request.operation != "CREATE" || !request.subresource.is_empty() {
        return Err(format!("the whole API server is modelled for creations only, not for {}", request.operation));
    }
    let mut server = Server {
        cluster: Cluster::clone(&scenario.cluster),
        mutating: scenario.webhooks.clone(),
        validating: Arc::default(),
        seed: scenario.id.clone(),
        made_up: MadeUp { suffix: SUFFIX.into(), uid: UID.into(), time: TIME.into(), resource_version: String::new() },
    };
    let dry_run = request.dry_run.then(|| ("dryRun".to_owned(), "All".to_owned()));
    let asked = Asked {
        verb: Verb::Create,
        resource: request.resource.clone(),
        subresource: String::new(),
        namespace: request.namespace.clone(),
        name: String::new(),
        query: dry_run.into_iter().collect::<BTreeMap<_, _>>(),
        content_type: String::new(),
        body: request.object.clone(),
        user_info: request.user_info.clone(),
    };
    let mut network = Network::new(scenario, injector);
    let answered = server.handle(&asked, &mut |sent, trace| network.answer(sent, trace), &mut trace)?;
    let called = answered.called.into_iter().filter(|called| !called.validating);
    let reached = called.filter_map(|called| {
        Some(Reached {
            webhook: scenario.webhooks.get(called.index)?,
            round: called.round,
            patch: called.patch,
            answer: called.answer,
            failed_open: called.failed_open,
        })
    });
    let mut object = answered.body;
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|key, _| !MADE_UP.contains(&key));
    }
    let end = End { reached: reached.collect(), object, refused: answered.refused, warnings: answered.warnings };
    Ok(outcome(end, trace, network.trace_complete))
}
