//! Laws: statements about injection that hold for every pod.

use conjector::go::json::Value;
use conjector::scenario::Scenario;
use conjector::simulate::{self, Outcome};

use super::{Checked, Context, Failure, first_difference};
use crate::case::Law;

pub(super) fn laws(context: &Context<'_>) -> Checked {
    let mut failures = Vec::new();
    for (law, broken) in &context.case.expect.laws {
        let result = match law {
            Law::Idempotent => idempotent(context),
            Law::Deterministic => deterministic(context),
        };
        match (result, broken) {
            (Err(message), None) => failures.push(Failure::new("laws", format!("not {}: {message}", law.name()))),
            (Ok(()), Some(why)) => {
                let message = format!("{} holds, although it was said to be broken: {why}", law.name());
                failures.push(Failure::new("laws", message));
            }
            _ => {}
        }
    }
    failures.into()
}

fn again(context: &Context<'_>, object: Value) -> Result<Outcome, String> {
    let scenario = &*context.case.scenario;
    let request = conjector::scenario::Request { object, ..scenario.request.clone() };
    let scenario = Scenario { request, ..scenario.clone() };
    simulate::run(&scenario, context.injector)
}

/// Injecting the admitted object again changes nothing.
fn idempotent(context: &Context<'_>) -> Result<(), String> {
    let first = &context.outcome.object;
    let second = again(context, first.clone())?;
    match first_difference(first, &second.object) {
        None => Ok(()),
        Some((path, before, after)) => Err(format!("the second injection changes {path} from {before} to {after}")),
    }
}

/// The same request gets the same answer.
fn deterministic(context: &Context<'_>) -> Result<(), String> {
    let second = again(context, context.case.scenario.request.object.clone())?;
    match first_difference(&context.outcome.object, &second.object) {
        None if second.kind == context.outcome.kind => Ok(()),
        None => Err(format!("the second time it is {}", second.kind)),
        Some((path, before, after)) => Err(format!("the second time {path} is {after}, not {before}")),
    }
}
