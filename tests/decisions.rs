//! The decisions of every era: the whole cross product of namespace and pod against the counts that were worked out
//! for each profile, and the recorded decisions of real injectors (see `corpus/` for where recordings are).

mod corpus;

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use conjector::admission::{self, Attributes, Judgement};
use conjector::go::json::{self, Object, Value};
use conjector::injector::config::{ConfigTexts, InjectorConfig};
use conjector::injector::decision::decide;
use conjector::injector::preset::{self, Install};
use conjector::injector::release::Release;
use conjector::k8s::Cluster;
use conjector::scenario::Request;
use conjector::trace::Trace;
use corpus::Corpus;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let corpus = Corpus::find(Path::new(env!("CARGO_MANIFEST_DIR")));
    let mut trials = vec![
        Trial::test("decisions/cross-product", cross_product),
        Trial::test("decisions/double-matches", double_matches),
    ];
    for release in ["1.0.9", "1.1.17", "1.3.8", "1.6.14", "1.8.6"] {
        let file = corpus.root.join("injector").join(release).join("decisions.jsonl");
        let ignored = corpus.may_miss(&file);
        let trial = Trial::test(format!("decisions/{release}"), move || recorded(release, &file));
        trials.push(trial.with_ignored_flag(ignored));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn object<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Object(members.into_iter().collect())
}

/// An injector's configuration that consists of a policy and of selectors.
fn config(policy: &str, never: &Value, always: &Value, release: &Release) -> Result<InjectorConfig, Failed> {
    let members = [
        ("policy", Value::from(policy)),
        ("neverInjectSelector", never.clone()),
        ("alwaysInjectSelector", always.clone()),
    ];
    let texts = ConfigTexts { config: object(members).to_string(), values: "{}".into(), mesh: String::new() };
    InjectorConfig::parse(texts, release).map_err(|e| e.to_string().into())
}

fn pod(namespace: &str, labels: Value, annotation: Option<&str>, host_network: bool) -> Value {
    let annotations: Object = annotation.into_iter().map(|value| ("sidecar.istio.io/inject", value)).collect();
    let metadata = [
        ("name", Value::from("web")),
        ("namespace", namespace.into()),
        ("labels", labels),
        ("annotations", Value::Object(annotations)),
    ];
    object([("metadata", object(metadata)), ("spec", object([("hostNetwork", host_network.into())]))])
}

fn recorded(release: &str, file: &Path) -> Result<(), Failed> {
    let release = Release::find(release).map_err(|e| e.to_string())?;
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut configs: HashMap<String, InjectorConfig> = HashMap::new();
    let (mut all, mut wrong) = (0, Vec::new());
    for line in text.lines() {
        let record = json::parse(line).map_err(|e| e.to_string())?;
        let inputs = &record["inputs"];
        let (never, always) = (&inputs["neverInjectSelector"], &inputs["alwaysInjectSelector"]);
        let key = format!("{} {never} {always}", inputs["policy"]);
        if !configs.contains_key(&key) {
            let policy = inputs["policy"].as_str().unwrap_or_default();
            configs.insert(key.clone(), config(policy, never, always, release)?);
        }
        let namespace = inputs["namespace"].as_str().unwrap_or_default();
        let host_network = inputs["hostNetwork"].as_bool() == Some(true);
        let pod = pod(namespace, inputs["labels"].clone(), inputs["annotation"].as_str(), host_network);
        all += 1;
        let decision = decide(release, &configs[&key], &pod, &mut Trace::off());
        if record["required"].as_bool() != Some(decision.inject) {
            wrong.push(format!("{} by {}: {inputs}", decision.inject, decision.code));
        }
    }
    match wrong.first() {
        None => Ok(()),
        Some(first) => Err(format!("{} of {all} differ, the first: {first}", wrong.len()).into()),
    }
}

/// The installs of a cluster: release, and what differs from a plain install.
type Installs = &'static [(&'static str, fn(&mut Install))];

/// A profile: name, installs, and how many of all inputs are called for and injected.
type Profile = (&'static str, Installs, usize, usize);

fn plain(_: &mut Install) {}

fn auto(install: &mut Install) {
    install.enable_namespaces_by_default = true;
}

fn canary(install: &mut Install) {
    install.revision = "canary".into();
}

fn modern(install: &mut Install) {
    install.use_legacy_selectors = Some(false);
}

fn modern_canary(install: &mut Install) {
    canary(install);
    modern(install);
}

const PROFILES: &[Profile] = &[
    ("1.0", &[("1.0", plain)], 11_520, 1_280),
    ("1.1-1.5 opt-in", &[("1.1", plain)], 11_520, 1_216),
    ("1.1 opt-out", &[("1.1", auto)], 40_320, 4_256),
    ("1.6-1.8", &[("1.6", plain), ("1.6", canary)], 17_280, 1_824),
    ("1.9 legacy", &[("1.9", plain), ("1.9", canary)], 12_960, 684),
    ("1.9 new", &[("1.9", modern), ("1.9", modern_canary)], 18_720, 988),
    ("1.10-1.11", &[("1.10", plain), ("1.10", canary)], 23_040, 1_216),
    ("1.12-1.26", &[("1.12", plain), ("1.12", canary)], 23_040, 2_140),
    ("1.27-1.30", &[("1.27", plain), ("1.27", canary)], 23_040, 1_600),
];

/// Inputs whose pod is injected under one profile and not under the other.
const CHANGES: &[(&str, &str, usize)] = &[
    ("1.0", "1.1-1.5 opt-in", 192),
    ("1.1-1.5 opt-in", "1.6-1.8", 608),
    ("1.6-1.8", "1.9 legacy", 1_140),
    ("1.9 legacy", "1.9 new", 304),
    ("1.9 new", "1.10-1.11", 228),
    ("1.9 legacy", "1.10-1.11", 532),
    ("1.10-1.11", "1.12-1.26", 924),
    ("1.12-1.26", "1.27-1.30", 660),
    ("1.9 legacy", "1.12-1.26", 1_456),
    ("1.9 new", "1.12-1.26", 1_152),
];

const NAMESPACES: [&str; 6] =
    ["demo", "istio-system", "kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

const NAMESPACE_LABELS: [&[(&str, &str)]; 9] = [
    &[],
    &[("istio-injection", "enabled")],
    &[("istio-injection", "disabled")],
    &[("istio-injection", "enable")],
    &[("istio-inject", "enabled")],
    &[("istio.io/rev", "canary")],
    &[("istio.io/rev", "default")],
    &[("istio-injection", "enabled"), ("istio.io/rev", "canary")],
    &[("istio-injection", "disabled"), ("istio.io/rev", "canary")],
];

const POLICIES: [&str; 3] = ["enabled", "disabled", "sometimes"];
const ANNOTATIONS: [Option<&str>; 5] = [None, Some("true"), Some("false"), Some("yes"), Some("maybe")];
const POD_LABELS: [Option<&str>; 4] = [None, Some("true"), Some("false"), Some("yes")];
const POD_REVISIONS: [Option<&str>; 2] = [None, Some("canary")];
const NO_YES: [bool; 2] = [false, true];

fn labels<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    Value::Object(pairs.into_iter().collect())
}

/// How many webhooks a pod reaches, for every namespace, its labels and the pod's labels.
fn callers(installs: Installs) -> Result<Vec<usize>, Failed> {
    let mut configurations = Vec::new();
    for (release, change) in installs {
        let mut install = Install::default();
        change(&mut install);
        let release = Release::find(release).map_err(|e| e.to_string())?;
        configurations.extend(preset::webhooks(&install, release).map_err(|e| e.to_string())?);
    }
    let webhooks = admission::webhooks(&configurations);
    let mut counts = Vec::new();
    for namespace in NAMESPACES {
        for namespace_labels in NAMESPACE_LABELS {
            let own = [("kubernetes.io/metadata.name", namespace)];
            let labelled = labels(own.into_iter().chain(namespace_labels.iter().copied()));
            let mut cluster = Cluster::default();
            cluster.namespaces.insert(namespace.into(), object([("metadata", object([("labels", labelled)]))]));
            for inject in POD_LABELS {
                for revision in POD_REVISIONS {
                    let inject = inject.map(|value| ("sidecar.istio.io/inject", value));
                    let labels = labels(inject.into_iter().chain(revision.map(|value| ("istio.io/rev", value))));
                    let request = Request::create_pod(namespace, pod(namespace, labels, None, false));
                    let attributes = Attributes { request: &request, object: &request.object };
                    let called = webhooks.iter().filter(|webhook| {
                        matches!(admission::judge(webhook, &attributes, &cluster), Judgement::Called { .. })
                    });
                    counts.push(called.count());
                }
            }
        }
    }
    Ok(counts)
}

/// Whether an injector that is asked injects, for every namespace, pod label, policy, annotation, selector, network.
fn decisions(release: &str) -> Result<Vec<bool>, Failed> {
    let release = Release::find(release).map_err(|e| e.to_string())?;
    let selector = |key| Value::Array(vec![object([("matchLabels", labels([(key, "1")]))])]);
    let configs: Vec<InjectorConfig> = POLICIES
        .iter()
        .map(|policy| config(policy, &selector("never"), &selector("always"), release))
        .collect::<Result<_, _>>()?;
    let mut all = Vec::new();
    for namespace in NAMESPACES {
        for inject in POD_LABELS {
            for config in &configs {
                for annotation in ANNOTATIONS {
                    for (never, always) in NO_YES.into_iter().flat_map(|n| NO_YES.map(|a| (n, a))) {
                        for host_network in NO_YES {
                            let inject = inject.map(|value| ("sidecar.istio.io/inject", value));
                            let never = never.then_some(("never", "1"));
                            let always = always.then_some(("always", "1"));
                            let labels = labels(inject.into_iter().chain(never).chain(always));
                            let pod = pod(namespace, labels, annotation, host_network);
                            all.push(decide(release, config, &pod, &mut Trace::off()).inject);
                        }
                    }
                }
            }
        }
    }
    Ok(all)
}

/// Every input of a profile: whether it is called for, whether it is injected.
fn inputs(installs: Installs) -> Result<Vec<(bool, bool)>, Failed> {
    let (callers, decisions) = (callers(installs)?, decisions(installs[0].0)?);
    if callers.iter().any(|count| *count > 1) {
        return Err("two webhooks are called for one pod".into());
    }
    // What a webhook sees and what the injector sees meet in the namespace and in the pod's label.
    let per_namespace = NAMESPACE_LABELS.len() * POD_LABELS.len() * POD_REVISIONS.len();
    let per_decision = decisions.len() / (NAMESPACES.len() * POD_LABELS.len());
    let mut all = Vec::with_capacity(callers.len() * per_decision);
    for (i, count) in callers.iter().enumerate() {
        let (namespace, label) = (i / per_namespace, i / POD_REVISIONS.len() % POD_LABELS.len());
        let at = (namespace * POD_LABELS.len() + label) * per_decision;
        all.extend(decisions[at..at + per_decision].iter().map(|inject| (*count > 0, *count > 0 && *inject)));
    }
    Ok(all)
}

fn cross_product() -> Result<(), Failed> {
    let mut problems = Vec::new();
    let mut by_profile = HashMap::new();
    for (name, installs, called, injected) in PROFILES {
        let inputs = inputs(installs)?;
        if inputs.len() != 51_840 {
            problems.push(format!("{name}: {} inputs", inputs.len()));
        }
        let found = (inputs.iter().filter(|(c, _)| *c).count(), inputs.iter().filter(|(_, i)| *i).count());
        if found != (*called, *injected) {
            problems.push(format!("{name}: expected {called} called, {injected} injected; got {found:?}"));
        }
        by_profile.insert(*name, inputs);
    }
    for (one, two, expected) in CHANGES {
        let changed = by_profile[one].iter().zip(&by_profile[two]).filter(|(a, b)| a.1 != b.1).count();
        if changed != *expected {
            problems.push(format!("{one} to {two}: expected {expected} changes, got {changed}"));
        }
    }
    for (without, expected) in [("", 5_024), ("1.1 opt-out", 3_124)] {
        let kept: Vec<_> = PROFILES.iter().filter(|(name, ..)| *name != without).map(|p| &by_profile[p.0]).collect();
        let differing = (0..51_840).filter(|i| kept.iter().any(|inputs| inputs[*i].1 != kept[0][*i].1)).count();
        if differing != expected {
            problems.push(format!("without {without:?}: expected {expected} inputs to differ, got {differing}"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// Installs side by side, and for how many of the 42 sets of labels two of their webhooks call.
const DOUBLES: &[(&str, Installs, usize)] = &[
    ("default and canary", &[("1.10", plain), ("1.10", canary)], 0),
    ("old and new selectors", &[("1.9", plain), ("1.30", canary)], 0),
    ("opt-out of 1.1 and a revision", &[("1.1", auto), ("1.30", canary)], 6),
    ("default and its own tag", &[("1.30", |i| i.tags = vec!["default".into()])], 13),
    (
        "deactivated default and the tag",
        &[("1.30", |i| {
            i.tags = vec!["default".into()];
            i.deactivated = true;
        })],
        0,
    ),
];

fn double_matches() -> Result<(), Failed> {
    let mut problems = Vec::new();
    for (name, installs, expected) in DOUBLES {
        let callers = callers(installs)?;
        let per_labels = POD_LABELS.len() * POD_REVISIONS.len();
        let (mut sets, mut doubles) = (0, 0);
        for (i, namespace_labels) in NAMESPACE_LABELS.iter().enumerate() {
            // The two misspelt labels and the pod label `yes` are not among the 42.
            if namespace_labels.iter().any(|label| matches!(label, ("istio-inject", _) | (_, "enable"))) {
                continue;
            }
            let of_pods = callers[i * per_labels..][..per_labels - POD_REVISIONS.len()].iter();
            sets += of_pods.len();
            doubles += of_pods.filter(|count| **count > 1).count();
        }
        if (sets, doubles) != (42, *expected) {
            problems.push(format!("{name}: expected {expected} of 42, got {doubles} of {sets}"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}
