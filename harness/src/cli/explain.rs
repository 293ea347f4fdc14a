use std::path::PathBuf;

use conjector::go::json::{Object, Value};
use conjector::injector::release::Release;
use conjector::simulate::{self, Outcome, OutcomeKind, Simulator};
use conjector::trace::{Stage, Step, Weight};

use crate::cli::Exit;
use crate::cli::manifest::{Manifests, title};
use crate::report::{self, Style};
use crate::snapshot::{self, Snapshot};
use crate::ui::{self, Format};

/// Says why a pod is called for and injected, or why not, and what would change that.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubectl get mutatingwebhookconfigurations,configmaps,namespaces,nodes -A -o yaml > dump.yaml
  conjector explain -f app.yaml --snapshot dump.yaml
  kubectl get pod web -o yaml | conjector explain -f - --snapshot dump.yaml
  conjector explain -f app.yaml -o json | jq '.objects[].reasons'")]
pub(super) struct Args {
    #[command(flatten)]
    manifests: Manifests,
    /// What kubectl prints of the cluster; without it, a default install is taken.
    #[arg(long, value_name = "DUMP")]
    snapshot: Option<PathBuf>,
    /// The release to simulate; without it, that of the snapshot.
    #[arg(long, value_parser = ui::release)]
    release: Option<&'static Release>,
    /// Output format.
    #[arg(short, long, value_enum, default_value_t = Format::Text)]
    output: Format,
}

pub(super) fn run(args: &Args) -> Exit {
    match explain(args) {
        Ok(exit) => exit,
        Err(error) => ui::fail(Exit::Usage, &error),
    }
}

fn explain(args: &Args) -> Result<Exit, String> {
    let snapshot = match &args.snapshot {
        Some(file) => snapshot::read(file, args.release)?,
        None => Snapshot::builtin(args.release)?,
    };
    for note in &snapshot.notes {
        ui::warn(&format_args!("note: {note}"));
    }
    let style = ui::style();
    let mut objects = Vec::new();
    let mut explained = 0;
    for object in args.manifests.read()? {
        let Some(request) = args.manifests.request(&object) else { continue };
        let request = request?;
        explained += 1;
        let namespace = request.namespace.clone();
        let unknown = snapshot.namespace(&namespace).is_none() && args.snapshot.is_some();
        let scenario = snapshot.scenario(&title(&object), request);
        let outcome = simulate::run(&scenario, &Simulator).map_err(|e| format!("{}: {e}", title(&object)))?;
        match args.output {
            Format::Text => {
                if unknown {
                    ui::warn(&format_args!(
                        "note: the snapshot has no namespace {namespace}; it is taken to have no labels"
                    ));
                }
                ui::print(&text(&title(&object), &namespace, &outcome, style));
            }
            Format::Json => objects.push(json(&title(&object), &namespace, &outcome)),
        }
    }
    if explained == 0 {
        return Ok(ui::fail(Exit::Nothing, &"the manifests hold neither a pod nor a workload that makes pods"));
    }
    if args.output == Format::Json {
        let mut out = Object::new();
        out.insert("version", 1);
        out.insert("release", snapshot.release().name);
        out.insert("objects", Value::Array(objects));
        ui::print(&Value::Object(out).to_string());
    }
    Ok(Exit::Passed)
}

/// The outcome in one sentence.
fn headline(outcome: &Outcome) -> &'static str {
    match outcome.kind {
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
fn deciding(outcome: &Outcome) -> Vec<&Step> {
    let steps = outcome.trace.steps();
    let weighing = |weight| steps.iter().filter(move |s| s.weight == weight);
    weighing(Weight::Warning).chain(weighing(Weight::Decisive)).collect()
}

fn text(title: &str, namespace: &str, outcome: &Outcome, style: Style) -> String {
    let color = if outcome.kind == OutcomeKind::Injected { "32;1" } else { "33;1" };
    let mut out =
        format!("{} in namespace {namespace}: {}\n", style.paint("1", title), style.paint(color, headline(outcome)));
    if let Some(refusal) = &outcome.refusal {
        out += &format!("  message: {}\n", refusal.message.replace('\n', "\n  "));
    }
    out += "because\n";
    for step in deciding(outcome) {
        let subject = if step.subject.is_empty() { String::new() } else { format!(" ({})", step.subject) };
        out += &format!("  {}: {}{subject}\n", style.paint("36", step.code), step.text);
    }
    let advice = advice(outcome);
    if !advice.is_empty() {
        out += "what would change it\n";
        for line in advice {
            out += &format!("  - {line}\n");
        }
    }
    out += "step by step\n";
    out += &report::trace(&outcome.trace, style, "  ");
    out
}

fn json(title: &str, namespace: &str, outcome: &Outcome) -> Value {
    let mut out = Object::new();
    out.insert("object", title);
    out.insert("namespace", namespace);
    out.insert("outcome", outcome.kind.name());
    let called: Vec<String> = outcome.called.iter().map(|c| format!("{}/{}", c.configuration, c.webhook)).collect();
    out.insert("called", called.iter().map(String::as_str).collect::<Vec<_>>());
    out.insert("reasons", outcome.trace.reasons());
    out.insert("warnings", outcome.trace.warnings());
    if let Some(refusal) = &outcome.refusal {
        out.insert("message", refusal.message.as_str());
    }
    let advice = advice(outcome);
    out.insert("advice", advice.iter().map(String::as_str).collect::<Vec<_>>());
    out.insert("trace", Value::Array(outcome.trace.steps().iter().map(Step::to_json).collect()));
    Value::Object(out)
}

/// What to change for each deciding code. What selectors ask for is added from the trace.
const ADVICE: &[(&str, &str)] = &[
    (
        "host-network",
        "pods on the host network cannot have a sidecar; drop hostNetwork, or leave the pod outside the mesh",
    ),
    ("ignored-namespace", "move the workload out of the system namespace"),
    ("illegal-policy", "set the injector's policy to enabled or disabled"),
    ("label-false", "remove the pod's label sidecar.istio.io/inject, or set it to \"true\""),
    (
        "annotation-false",
        "remove the pod's annotation sidecar.istio.io/inject, or set the label of that name to \"true\"",
    ),
    (
        "never-selector",
        "change the labels that neverInjectSelector names, or set the pod's label sidecar.istio.io/inject to \"true\"",
    ),
    ("policy-disabled", "set the pod's label sidecar.istio.io/inject to \"true\", or the policy to enabled"),
    ("no-webhooks", "install the injector's MutatingWebhookConfiguration, or include it in the snapshot"),
    ("overlap", "let only one revision or tag select the namespace and the pod"),
    ("call-failed", "make the injector's service answer, or set the webhook's failurePolicy to Ignore"),
    ("failed-open", "make the injector's service answer, and create the pod again"),
    ("unknown-template", "name a template that exists in inject.istio.io/templates"),
    ("invalid-annotation", "correct the annotation"),
];

fn advice(outcome: &Outcome) -> Vec<String> {
    let reasons = outcome.trace.reasons();
    let injected = outcome.kind == OutcomeKind::Injected;
    let mut advice: Vec<String> = ADVICE
        .iter()
        .filter(|(code, _)| !injected && reasons.contains(code))
        .map(|(_, text)| (*text).to_owned())
        .collect();
    if outcome.kind == OutcomeKind::NotCalled {
        for step in outcome.trace.steps().iter().filter(|s| s.stage == Stage::Match) {
            let fact = |name: &str| step.facts.iter().find(|(k, _)| *k == name).map(|(_, v)| v.as_str());
            let whose = if step.code == "namespace-selector" { "namespace" } else { "pod" };
            // The nearest way in: what the first unmet requirement asks for.
            if let (Some(requirement), true) = (fact("requirement"), step.code.ends_with("-selector")) {
                let line = format!("for {}, the {whose} needs: {requirement}", step.subject);
                if !advice.contains(&line) {
                    advice.push(line);
                }
            }
        }
    }
    advice
}
