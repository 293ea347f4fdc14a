//! The webhook sets of our presets against the shapes of real installs in the corpus admission-match.
//!
//! The corpus stores every shape as kube-apiserver 1.36 would show it, with the service of its own recording: names,
//! order of entries and selectors are compared. See `corpus/` for where corpora are.

mod corpus;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use conjector::go::json::{self, Value};
use conjector::injector::preset::{self, Install};
use conjector::injector::release::Release;
use corpus::Corpus;
use libtest_mimic::{Arguments, Failed, Trial};

/// A category of the corpus with the installs that make its webhooks: release and what differs from a plain install.
type Shape = (&'static str, &'static [(&'static str, fn(&mut Install))]);

fn plain(_: &mut Install) {}

fn auto(install: &mut Install) {
    install.enable_namespaces_by_default = true;
}

fn object_selector(install: &mut Install) {
    install.object_selector = Some(true);
}

fn only_who_asks(install: &mut Install) {
    (install.object_selector, install.auto_inject) = (Some(true), Some(false));
}

fn modern(install: &mut Install) {
    install.use_legacy_selectors = Some(false);
}

fn named(install: &mut Install) {
    install.revision = "1-20-3".into();
}

fn canary(install: &mut Install) {
    install.revision = "canary".into();
}

fn deactivated(install: &mut Install) {
    install.deactivated = true;
}

fn with_default_tag(install: &mut Install) {
    named(install);
    install.tags = vec!["default".into()];
}

fn with_default_tag_and_auto(install: &mut Install) {
    with_default_tag(install);
    auto(install);
}

const SHAPES: &[Shape] = &[
    ("istio-1.0-default", &[("1.0", plain)]),
    ("istio-1.0-all", &[("1.0", auto)]),
    ("istio-1.2-all", &[("1.2", auto)]),
    ("istio-1.5-all", &[("1.5", auto)]),
    ("istio-1.5-rev", &[("1.5", named)]),
    ("istio-1.5-env", &[("1.5", |i| i.inject_label = Some("other".into()))]),
    ("istio-1.5-default-auto", &[("1.5", object_selector)]),
    ("istio-1.5-default-noauto", &[("1.5", only_who_asks)]),
    ("istio-1.6-rev", &[("1.6", named)]),
    (
        "istio-1.7-rev-noauto",
        &[("1.7", |i| {
            named(i);
            only_who_asks(i);
        })],
    ),
    ("istio-1.9-legacy-all-auto", &[("1.9", auto)]),
    ("istio-1.9-legacy-rev-auto", &[("1.9", named)]),
    ("istio-1.9-modern", &[("1.9", modern)]),
    (
        "istio-1.9-modern-auto",
        &[("1.9", |i| {
            modern(i);
            auto(i);
        })],
    ),
    (
        "istio-1.9-modern-rev",
        &[("1.9", |i| {
            modern(i);
            named(i);
        })],
    ),
    ("istio-1.10-modern", &[("1.10", plain)]),
    ("istio-1.10-modern-auto", &[("1.10", auto)]),
    ("istio-1.10-rev", &[("1.10", named)]),
    ("istio-1.16-modern-auto", &[("1.16", auto)]),
    ("istio-rev-named-default", &[("1.20", |i| i.named = true)]),
    ("istio-two-revs", &[("1.20", named), ("1.20", canary)]),
    ("istio-default-and-rev", &[("1.20", plain), ("1.20", canary)]),
    ("istio-default-auto-and-rev", &[("1.20", auto), ("1.20", named)]),
    ("istio-default-and-tags", &[("1.20", |i| i.tags = vec!["prod".into(), "stable".into()])]),
    (
        "istio-rev-and-tag",
        &[("1.20", |i| {
            named(i);
            i.tags = vec!["prod".into()];
        })],
    ),
    ("istio-rev-and-default-tag", &[("1.20", with_default_tag)]),
    ("istio-rev-default-tag-auto", &[("1.20", with_default_tag_and_auto)]),
    ("istio-deactivated-and-tag", &[("1.20", deactivated), ("1.20", with_default_tag)]),
    (
        "istio-deactivated-auto-tag",
        &[
            ("1.20", |i| {
                deactivated(i);
                auto(i);
            }),
            ("1.20", with_default_tag_and_auto),
        ],
    ),
    ("istio-old-all-and-modern", &[("1.2", auto), ("1.20", canary)]),
    ("istio-legacy-and-modern", &[("1.9", plain), ("1.20", canary)]),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let corpus = Corpus::find(Path::new(env!("CARGO_MANIFEST_DIR")));
    let file = corpus.root.join("admission-match/vectors.jsonl");
    let ignored = corpus.may_miss(&file);
    let trial = Trial::test("installs", move || check(&file)).with_ignored_flag(ignored);
    libtest_mimic::run(&arguments, vec![trial]).exit_code()
}

fn check(file: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines().filter(|line| line.contains("\"cat\":\"istio-")) {
        let vector = json::parse(line).map_err(|e| e.to_string())?;
        let category = vector["cat"].as_str().unwrap_or_default();
        if !seen.contains_key(category) {
            seen.insert(category.to_owned(), vector["input"]["configs"].items().iter().map(shape).collect());
        }
    }
    let mut problems = Vec::new();
    for (category, found) in &seen {
        let Some((_, installs)) = SHAPES.iter().find(|(name, _)| name == category) else {
            problems.push(format!("{category}: no install of ours makes it"));
            continue;
        };
        let mut ours = Vec::new();
        for (release, change) in *installs {
            let mut install = Install::default();
            change(&mut install);
            let release = Release::find(release).map_err(|e| e.to_string())?;
            ours.extend(preset::webhooks(&install, release).map_err(|e| e.to_string())?.iter().map(shape));
        }
        if ours != *found {
            problems.push(format!("{category}:\n  ours   {ours:#?}\n  theirs {found:#?}"));
        }
    }
    let missing = SHAPES.iter().filter(|(name, _)| !seen.contains_key(*name));
    problems.extend(missing.map(|(name, _)| format!("{name}: not in the corpus")));
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n").into()) }
}

/// What is compared of a configuration: its name, and of each entry the name with both selectors.
fn shape(configuration: &Value) -> String {
    let entries = configuration["webhooks"].items().iter().map(|entry| {
        let selector = |key: &str| json::to_string_sorted(&entry[key]);
        let name = entry["name"].as_str().unwrap_or_default();
        format!("{name} {} {}", selector("namespaceSelector"), selector("objectSelector"))
    });
    let entries: Vec<String> = entries.collect();
    format!("{}: {}", configuration["metadata"]["name"], entries.join("; "))
}
