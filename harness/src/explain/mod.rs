//! Why a pod is called for and injected, or why not: an outcome with what decided it, what looks like a slip, and what
//! would turn it round.

mod advice;
mod json;
mod table;
mod text;

pub use json::{VERSION, report as json};
pub use table::table;
pub use text::text;

use conjector::advice::{Change, Subject, changes, slips, workload_slips};
use conjector::go::json::Value;
use conjector::scenario::Scenario;
use conjector::simulate::{self, Outcome, OutcomeKind, Simulator};
use conjector::trace::{Step, Weight};

/// An explained workload.
#[derive(Debug)]
pub struct Explanation {
    /// KIND/NAME
    pub title: String,
    /// The simulated release.
    pub release: &'static str,
    /// The namespace.
    pub namespace: String,
    /// The manifest.
    pub object: Value,
    /// What happens.
    pub outcome: Outcome,
    /// What looks like a slip.
    pub slips: Vec<Step>,
    /// The nearest changes that turn the outcome round; empty too where they were not looked for.
    pub changes: Vec<Change>,
}

/// How much is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The outcome and slips.
    Outcome,
    /// And the changes that would turn it round.
    Changes,
}

impl Explanation {
    /// Explains the pod of a manifest in its scenario.
    ///
    /// Errors: a scenario that cannot be simulated.
    pub fn of(title: String, object: Value, scenario: &Scenario, depth: Depth) -> Result<Explanation, String> {
        let outcome = simulate::run(scenario, &Simulator)?;
        let mut found = workload_slips(&object);
        found.extend(slips(scenario, &outcome));
        let changes = match depth {
            Depth::Outcome => Vec::new(),
            Depth::Changes => changes(scenario, &outcome),
        };
        let namespace = scenario.request.namespace.clone();
        let release = scenario.release.name;
        Ok(Explanation { title, release, namespace, object, outcome, slips: found, changes })
    }

    /// The outcome in one sentence.
    pub fn headline(&self) -> &'static str {
        match self.outcome.kind {
            OutcomeKind::NotCalled => "not injected: no injector is called",
            OutcomeKind::Skipped => "not injected: the injector is called, but leaves the pod alone",
            OutcomeKind::Injected => "injected",
            OutcomeKind::Denied => "refused by the injector: the pod cannot be created",
            OutcomeKind::Error => "refused by the API server: the pod cannot be created",
            OutcomeKind::FailedOpen => {
                "not injected: the injector could not be asked, and failurePolicy Ignore lets the pod in"
            }
            OutcomeKind::Overlap => "called for by two or more injectors",
        }
    }

    /// The steps that decided, warnings first.
    fn deciding(&self) -> impl Iterator<Item = &Step> {
        let steps = self.outcome.trace.steps();
        let weighing = move |weight| steps.iter().filter(move |s| s.weight == weight);
        weighing(Weight::Warning).chain(weighing(Weight::Decisive))
    }

    /// The commands that make a change, in order; empty where one of its edits has none.
    fn commands(&self, change: &Change) -> Vec<String> {
        let subject = Subject { object: &self.object, namespace: &self.namespace };
        let commands: Option<Vec<String>> = change.edits.iter().map(|edit| edit.command(subject)).collect();
        let mut commands = commands.unwrap_or_default();
        // A label of the namespace changes nothing for pods that run already.
        if commands.iter().any(|c| c.starts_with("kubectl label namespace"))
            && let ("Deployment" | "StatefulSet" | "DaemonSet", Some(name)) =
                (self.object["kind"].as_str().unwrap_or_default(), self.object["metadata"]["name"].as_str())
        {
            let kind = self.object["kind"].as_str().unwrap_or_default().to_lowercase();
            commands.push(format!("kubectl rollout restart {kind}/{name} -n {}", self.namespace));
        }
        commands
    }
}
