//! Which release an injector of a dump is: every trait of it that only some releases have is a clue.

use std::collections::BTreeSet;

use conjector::go::json::{Object, Value};
use conjector::go::template::{Functions, sprig};
use conjector::go::yaml;
use conjector::injector::release::{Engine, Release};

/// What of a dump belongs to one injector.
#[derive(Debug, Default)]
pub(super) struct Evidence<'a> {
    /// The data of its ConfigMap.
    pub(super) data: Option<&'a Value>,
    /// The metadata of its ConfigMap, webhook configurations and workloads.
    pub(super) metadata: Vec<&'a Value>,
    /// Its webhook configurations, those of tags aside.
    pub(super) webhooks: Vec<&'a Value>,
    /// The images of its workloads.
    pub(super) images: Vec<&'a str>,
}

/// What was concluded.
#[derive(Debug)]
pub(super) struct Finding {
    /// The release that fits best.
    pub(super) release: &'static Release,
    /// The other releases that fit as well.
    pub(super) others: Vec<&'static Release>,
    /// The clues that agree.
    pub(super) by: Vec<String>,
    /// The clues that speak against it, where they are the more.
    pub(super) but: Vec<String>,
}

impl Finding {
    /// The release, or the range of those that fit equally well.
    pub(super) fn name(&self) -> String {
        match self.others.first() {
            None => self.release.name.to_owned(),
            Some(first) => format!("one of {first} to {}", self.release),
        }
    }
}

/// A trait with the releases that have it.
struct Clue {
    text: String,
    weight: u32,
    fits: Box<dyn Fn(&'static Release) -> bool>,
}

/// A word of Istio's own sidecar template with the releases whose template has it.
///
/// Source: the injection templates of istio's charts, 1.3–1.30.
const MARKS: &[(&str, &str, &str)] = &[
    ("ISTIO_META_WORKLOAD_NAME", ">=1.3", "<1.3"),
    ("protoToJSON", ">=1.4", "<1.4"),
    ("PILOT_CERT_PROVIDER", ">=1.5", "<1.5"),
    ("ISTIO_META_APP_CONTAINERS", ">=1.6", "<1.6"),
    ("includeOutboundPorts", ">=1.7", "<1.7"),
    ("appendMultusNetwork", ">=1.8", "<1.8"),
    ("kubectl.kubernetes.io/default-logs-container", ">=1.9", "<1.9"),
    ("kubectl.kubernetes.io/default-container", ">=1.10", "<1.10"),
    ("CANONICAL_SERVICE", ">=1.6 <1.11", "!=1.6 !=1.7 !=1.8 !=1.9 !=1.10"),
    ("IPTABLES_TRACE_LOGGING", ">=1.12", "<1.12"),
    ("ProxyImage", ">=1.13", "<1.13"),
    ("workload-socket", ">=1.14", "<1.14"),
    ("credential-socket", ">=1.15", "<1.15"),
    ("ISTIO_META_ENABLE_HBONE", ">=1.16", "<1.16"),
    ("ISTIO_META_NODE_NAME", ">=1.17", "<1.17"),
    ("ISTIO_CPU_LIMIT", ">=1.18", "<1.18"),
    ("GOMEMLIMIT", ">=1.19", "<1.19"),
    ("proxy.startupProbe", ">=1.20", "<1.20"),
    ("trimSuffix", ">=1.21", "<1.21"),
    ("InboundTrafficPolicyMode", ">=1.22", "<1.22"),
    ("outlierLogPath", ">=1.23", "<1.23"),
    ("sidecar.istio.io/nativeSidecar", ">=1.24", "<1.24"),
    ("istio.io/reroute-virtual-interfaces", ">=1.25", "<1.25"),
    ("ENABLE_CLUSTER_TRUST_BUNDLE_API", ">=1.26", "<1.26"),
    ("nativeNftables", ">=1.27", "<1.27"),
    ("seccompProfile", ">=1.28", "<1.28"),
    ("crlConfigMapName", ">=1.29", "<1.29"),
    ("OTEL_RESOURCE_ATTRIBUTES", ">=1.30", "<1.30"),
];

/// What all of Istio's own sidecar templates have; a template without it is somebody else's, in which a word may well be
/// missing.
const OF_ISTIO: &str = "istio-certs";

/// A version that is written down outweighs all that is inferred, and a running image all that is written down.
const INFERRED: u32 = 1;
const WRITTEN: u32 = 100;
const RUNNING: u32 = 1000;

/// Finds the release; the newest one of those that fit equally well. `None` when nothing tells.
pub(super) fn release(evidence: &Evidence<'_>) -> Option<Finding> {
    let clues = clues(evidence);
    let score = |release: &'static Release| clues.iter().filter(|c| (c.fits)(release)).map(|c| c.weight).sum::<u32>();
    let best = Release::all().iter().map(score).max().filter(|best| *best > 0)?;
    let mut fitting: Vec<&'static Release> = Release::all().iter().filter(|r| score(r) == best).collect();
    let release = fitting.pop()?;
    let (by, but): (Vec<&Clue>, Vec<&Clue>) = clues.iter().partition(|c| (c.fits)(release));
    // Clues are small signs: they are worth a word against a release only when more of them are against than for it.
    let signs = by.iter().filter(|c| c.weight == INFERRED).count();
    let but = if but.len() > signs { but } else { Vec::new() };
    let texts = |clues: &[&Clue]| clues.iter().map(|c| c.text.clone()).collect();
    Some(Finding { release, others: fitting, by: texts(&telling(by)), but: texts(&but) })
}

/// Of the clues that agree, those that are needed to tell: what the others leave out already need not be said.
fn telling(clues: Vec<&Clue>) -> Vec<&Clue> {
    let fits = |clues: &[&Clue]| -> Vec<bool> {
        Release::all().iter().map(|release| clues.iter().all(|c| (c.fits)(release))).collect()
    };
    let all = fits(&clues);
    let mut kept = clues;
    // What is written counts most, then what stands later in the table: it is newer.
    kept.sort_by_key(|clue| std::cmp::Reverse(clue.weight));
    let mut at = 0;
    while at < kept.len() {
        let mut rest = kept.clone();
        rest.remove(at);
        match kept[at].weight == INFERRED && fits(&rest) == all {
            true => kept = rest,
            false => at += 1,
        }
    }
    kept
}

fn clues(evidence: &Evidence<'_>) -> Vec<Clue> {
    let mut clues = Vec::new();
    for image in &evidence.images {
        written(&mut clues, RUNNING, &format!("the image {image}"), image);
    }
    for metadata in &evidence.metadata {
        for key in ["operator.istio.io/version", "app.kubernetes.io/version", "helm.sh/chart"] {
            if let Some(value) = metadata["labels"].get(key).and_then(Value::as_str) {
                written(&mut clues, WRITTEN, &format!("the label {key}: {value}"), value);
            }
        }
    }
    if let Some(data) = evidence.data {
        config_clues(&mut clues, data);
    }
    for webhook in &evidence.webhooks {
        webhook_clues(&mut clues, webhook);
    }
    let mut seen = BTreeSet::new();
    clues.retain(|clue| seen.insert(clue.text.clone()));
    clues
}

/// A text in which a version of the table stands.
fn written(clues: &mut Vec<Clue>, weight: u32, text: &str, holder: &str) {
    if let Some((release, exact)) = version_in(holder) {
        let line = release.line();
        let fits = move |r: &Release| if exact { r.name == release.name } else { r.line() == line };
        clues.push(Clue { text: text.to_owned(), weight, fits: Box::new(fits) });
    }
}

/// The release that a text such as `1.20.8-distroless`, `istiod-1.24.6` or `release-1.1-latest-daily` names; false with
/// it when only its line is named or known.
fn version_in(text: &str) -> Option<(&'static Release, bool)> {
    let tag = text.rsplit_once('@').map_or(text, |(image, _)| image);
    let tag = tag.rsplit('/').next().unwrap_or(tag);
    tag.split(|c: char| !c.is_ascii_digit() && c != '.').filter(|part| part.contains('.')).find_map(|part| {
        let numbers: Vec<&str> = part.split('.').take(3).collect();
        let exact = numbers.len() == 3;
        let line = numbers.get(..2)?.join(".");
        match Release::find(&numbers.join(".")) {
            Ok(release) => Some((release, exact)),
            Err(_) => Release::find(&line).ok().map(|release| (release, false)),
        }
    })
}

fn inferred(clues: &mut Vec<Clue>, range: &'static str, text: impl Into<String>) {
    let fits = move |release: &Release| release.is_in(range).unwrap_or(false);
    clues.push(Clue { text: text.into(), weight: INFERRED, fits: Box::new(fits) });
}

fn config_clues(clues: &mut Vec<Clue>, data: &Value) {
    let text = |key: &str| data[key].as_str().unwrap_or_default();
    match data.get("values") {
        None | Some(Value::Null) => inferred(clues, "<1.2", "the ConfigMap has no key values"),
        Some(_) => {
            inferred(clues, ">=1.2", "the ConfigMap has a key values");
            let values = yaml::to_json(text("values")).unwrap_or_default();
            let tag = &values["global"]["tag"];
            let tag = tag.as_str().map_or_else(|| tag.to_string(), str::to_owned);
            written(clues, WRITTEN, &format!("global.tag of the values is {tag}"), &tag);
        }
    }
    let config = yaml::to_json(text("config")).unwrap_or_default();
    if !config["injectedAnnotations"].is_null() {
        inferred(clues, ">=1.4", "the configuration has injectedAnnotations");
    }
    if let Some(templates) = config["templates"].as_object() {
        inferred(clues, ">=1.9", "the configuration has templates by name");
        for (name, range) in [("grpc-agent", ">=1.12"), ("waypoint", ">=1.18"), ("agentgateway", ">=1.29")] {
            if templates.contains_key(name) {
                inferred(clues, range, format!("there is a template {name}"));
            }
        }
        template_clues(clues, templates);
        mark_clues(clues, templates.get("sidecar").and_then(Value::as_str).unwrap_or_default());
    } else if let Some(template) = config["template"].as_str() {
        inferred(clues, "<1.9", "the configuration has a single template");
        match (template.contains("[["), template.contains("{{")) {
            (true, false) => inferred(clues, "<1.2", "the template's delimiters are [[ and ]]"),
            (false, true) => inferred(clues, ">=1.2", "the template's delimiters are {{ and }}"),
            _ => {}
        }
        mark_clues(clues, template);
        // In the oldest releases the images stand in the template.
        for image in template.split(['"', ' ', '\n']).filter(|word| word.contains("/proxyv2:")) {
            written(clues, WRITTEN, &format!("the template's image {image}"), image);
        }
    }
}

/// The words that tell the releases of Istio's own template apart: those that came last and those that did not come yet
/// are told.
fn mark_clues(clues: &mut Vec<Clue>, template: &str) {
    let own = template.contains(OF_ISTIO);
    for (word, with, without) in MARKS {
        if template.contains(word) {
            inferred(clues, with, format!("the template has {word}"));
        } else if own {
            inferred(clues, without, format!("the template has no {word}"));
        }
    }
}

/// Fields and functions that the templates use and that some releases do not know.
fn template_clues(clues: &mut Vec<Clue>, templates: &Object) {
    let mut used = BTreeSet::new();
    for template in templates.values().filter_map(Value::as_str) {
        words(template, &mut used);
    }
    let mut common = Functions::builtin();
    sprig::register(&mut common);
    let overlay = || Release::all().iter().filter(|r| is_overlay(r));
    let mut names: Vec<&'static str> = overlay().flat_map(names_of).collect();
    names.sort_unstable();
    names.dedup();
    for name in names.into_iter().filter(|name| used.contains(*name) && common.get(name).is_none()) {
        if overlay().all(|r| names_of(r).any(|n| n == name)) {
            continue;
        }
        let fits = move |release: &'static Release| is_overlay(release) && names_of(release).any(|n| n == name);
        clues.push(Clue { text: format!("the templates use {name}"), weight: INFERRED, fits: Box::new(fits) });
    }
}

fn is_overlay(release: &Release) -> bool {
    matches!(release.switches.engine, Engine::Overlay)
}

/// The fields and functions of a release's templates.
fn names_of(release: &'static Release) -> impl Iterator<Item = &'static str> {
    let groups = release.switches.template_fields.iter().chain(release.switches.functions);
    groups.flat_map(|group| group.iter()).map(|name| name.split('-').next().unwrap_or(name))
}

/// The functions and fields of the data that a template's actions name.
fn words(template: &str, words: &mut BTreeSet<String>) {
    for action in template.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap_or(rest)) {
        let mut quote = None;
        let mut word = String::new();
        for c in action.chars().chain([' ']) {
            match quote {
                Some(end) if c == end => quote = None,
                Some(_) => {}
                None if c.is_ascii_alphanumeric() || "_.$".contains(c) => word.push(c),
                None => {
                    let name = word.strip_prefix("$.").or_else(|| word.strip_prefix('.')).unwrap_or(&word);
                    words.extend(name.split('.').next().filter(|n| !n.is_empty()).map(str::to_owned));
                    word.clear();
                    quote = ['"', '`', '\''].contains(&c).then_some(c);
                }
            }
        }
    }
}

/// The name of an injector's entry ends so.
const ENTRY: &str = "sidecar-injector.istio.io";

fn webhook_clues(clues: &mut Vec<Clue>, configuration: &Value) {
    if configuration["apiVersion"].as_str() == Some("admissionregistration.k8s.io/v1beta1") {
        inferred(clues, "<1.10", "the webhook configuration is v1beta1");
    }
    let entries = configuration["webhooks"].items();
    let prefix = |entry: &'_ Value| entry["name"].as_str().and_then(|n| n.strip_suffix(ENTRY)).map(str::to_owned);
    let prefixes: Vec<String> = entries.iter().filter_map(prefix).collect();
    let has = |name: &str| prefixes.iter().any(|p| p == name);
    if has("rev.namespace.") {
        inferred(clues, ">=1.10", "there is a webhook rev.namespace.sidecar-injector.istio.io");
    } else if has("namespace.") {
        inferred(clues, "=1.9", "there is a webhook namespace.sidecar-injector.istio.io, but none for revisions");
    } else if has("") {
        inferred(clues, "<=1.10", "there is a single webhook sidecar-injector.istio.io");
    }
    for entry in entries.iter().filter(|e| prefix(e).is_some()) {
        match entry["clientConfig"]["service"]["name"].as_str() {
            Some("istio-sidecar-injector") => inferred(clues, "<=1.5", "the service is istio-sidecar-injector"),
            Some(name) if name.starts_with("istiod") => inferred(clues, ">=1.5", "the service is istiod"),
            _ => {}
        }
        let versions: Vec<&str> = entry["admissionReviewVersions"].items().iter().filter_map(Value::as_str).collect();
        match versions[..] {
            [] => {}
            ["v1"] => inferred(clues, ">=1.23", "the webhook takes reviews of v1 only"),
            ["v1beta1"] => inferred(clues, "<1.7", "the webhook takes reviews of v1beta1 only"),
            _ => inferred(clues, ">=1.7 <1.23", "the webhook takes reviews of v1beta1 and v1"),
        }
        match entry["sideEffects"].as_str() {
            Some("None") => inferred(clues, ">=1.7", "the webhook has no side effects"),
            Some(_) => inferred(clues, "<1.7", "the webhook does not rule out side effects"),
            None => {}
        }
        if prefix(entry).as_deref() == Some("auto.") {
            let expressions = entry["namespaceSelector"]["matchExpressions"].items();
            match expressions.iter().any(|e| e["key"].as_str() == Some("kubernetes.io/metadata.name")) {
                true => inferred(clues, ">=1.16", "the webhook for all namespaces leaves system namespaces out"),
                false => inferred(clues, "<1.16", "the webhook for all namespaces leaves no system namespace out"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conjector::injector::preset::{self, Install};

    #[test]
    fn versions() {
        for (text, want) in [
            ("1.20.8-distroless", Some(("1.20.8", true))),
            ("docker.io/istio/pilot:1.24.6@sha256:12.34", Some(("1.24.6", true))),
            ("registry:5000/istio/pilot:1.12.9", Some(("1.12.9", true))),
            ("istiod-1.24.2", Some(("1.24.0", true))),
            ("release-1.1-latest-daily", Some(("1.1.17", false))),
            ("1.20.99", Some(("1.20.8", false))),
            ("latest", None),
            ("1.99-debug", None),
        ] {
            assert_eq!(version_in(text).map(|(r, exact)| (r.name, exact)), want, "{text}");
        }
    }

    fn data(release: &Release, tag: &str) -> Value {
        let texts = preset::config(&Install::default(), release);
        let mut values = yaml::to_json(&texts.values).unwrap();
        *values.entry("global").entry("tag") = tag.into();
        let members = [("config", texts.config), ("values", values.to_string())];
        Value::Object(members.into_iter().collect())
    }

    #[test]
    fn a_written_version_decides() {
        let release = Release::find("1.10.6").unwrap();
        let data = data(Release::latest(), "1.10.6-debug");
        let found = super::release(&Evidence { data: Some(&data), ..Evidence::default() }).unwrap();
        assert_eq!(found.release, release);
        assert!(found.others.is_empty());
        assert!(found.but.contains(&"the templates use NativeSidecars".to_owned()), "{:?}", found.but);
    }

    #[test]
    fn without_one_the_traits_tell() {
        for (config, values, from, to) in [
            ("template: '[[ .ObjectMeta ]]'", None, "1.0.0", "1.1.17"),
            ("template: '{{ .ObjectMeta }}'", Some("{}"), "1.2.0", "1.8.6"),
            ("{template: '{{ .ObjectMeta }}', injectedAnnotations: {}}", Some("{}"), "1.4.0", "1.8.6"),
            ("templates: {sidecar: ''}", Some("{}"), "1.9.0", "1.30.3"),
            ("templates: {sidecar: '{{ .EstimatedConcurrency }}'}", Some("{}"), "1.10.1", "1.17.8"),
            ("templates: {sidecar: '{{ .EstimatedConcurrency }}{{ .ProxyImage }}'}", Some("{}"), "1.13.0", "1.17.8"),
            ("templates: {sidecar: '{{ render .ProxyImage }}'}", Some("{}"), "1.13.0", "1.13.9"),
            ("templates: {sidecar: '{{ omitNil .Values }} .NativeSidecars'}", Some("{}"), "1.28.6", "1.30.3"),
            ("templates: {sidecar: 'ISTIO_CPU_LIMIT GOMEMLIMIT'}", Some("{}"), "1.19.0", "1.30.3"),
        ] {
            let mut data = Object::new();
            data.insert("config", config);
            if let Some(values) = values {
                data.insert("values", values);
            }
            let data = Value::Object(data);
            let found = super::release(&Evidence { data: Some(&data), ..Evidence::default() }).unwrap();
            let all: Vec<_> = found.others.iter().map(|r| r.name).chain([found.release.name]).collect();
            assert_eq!((all[0], all[all.len() - 1]), (from, to), "{config}: by {:?} but {:?}", found.by, found.but);
        }
    }

    #[test]
    fn webhooks_tell_too() {
        for (name, from, to) in [
            ("1.0", "1.0.0", "1.5.10"),
            ("1.6", "1.5.0", "1.6.14"),
            ("1.8", "1.7.0", "1.9.9"),
            ("1.12", "1.10.0", "1.22.8"),
            ("1.27", "1.23.0", "1.30.3"),
        ] {
            let release = Release::find(name).unwrap();
            let webhooks = preset::webhooks(&Install::default(), release).unwrap();
            let evidence = Evidence { webhooks: webhooks.iter().collect(), ..Evidence::default() };
            let found = super::release(&evidence).unwrap();
            let all: Vec<_> = found.others.iter().map(|r| r.name).chain([found.release.name]).collect();
            assert_eq!((all[0], all[all.len() - 1]), (from, to), "{name}: by {:?} but {:?}", found.by, found.but);
        }
    }
}
