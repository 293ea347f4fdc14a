//! The shape of scenario files, as data: every key with what it takes. Loader, hints and documentation read this table.

use conjector::go::json::Value;
use conjector::go::yaml::{self, Kind, Node};

use super::error::{CaseError, near_miss};

/// What a key takes.
#[derive(Debug)]
pub enum Shape {
    /// Anything.
    Any,
    /// A string, or a number or boolean that reads as one.
    Text,
    /// The name of a release, or a range of them: a text, and its text too where YAML would read a number (`1.10`).
    Release,
    /// A string only: what reads as a number or boolean needs quotes.
    Quoted,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Number,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list.
    List(&'static Shape),
    /// A mapping with free keys.
    Map(&'static Shape),
    /// A mapping with these keys.
    Object(&'static [(&'static str, Shape)]),
    /// Either of two shapes: the first for lists, the second for everything else.
    ListOr(&'static Shape, &'static Shape),
    /// A mapping of the second shape, or anything of the first.
    ScalarOr(&'static Shape, &'static Shape),
}

use Shape::{Any, Bool, List, ListOr, Map, Number, Object, Quoted, Release, ScalarOr, Text, Word};

/// The names of the outcomes.
const OUTCOMES: Shape = Word(&["not-called", "skipped", "injected", "denied", "error", "failed-open", "overlap"]);

/// The kinds of checks: the key that names the kind, and what it takes. A check has one of them and a `path`.
pub const CHECKS: &[(&str, Shape)] = &[
    ("absent", Bool),
    ("arguments", Map(&Any)),
    ("count", Number),
    ("equals", Any),
    ("equals-ref", Text),
    ("order", List(&Text)),
    ("parse", Word(&["json", "yaml"])),
    ("unchanged", Bool),
];

const CHECK: Shape = Object(&[
    ("path", Text),
    ("absent", Bool),
    ("arguments", Map(&Any)),
    ("count", Number),
    ("equals", Any),
    ("equals-ref", Text),
    ("order", List(&Text)),
    ("parse", Word(&["json", "yaml"])),
    ("subset", Any),
    ("unchanged", Bool),
]);

const LAW: Shape = ScalarOr(&Text, &Object(&[("law", Text), ("broken", Quoted)]));

const EXPECT: Shape = Object(&[
    ("when", Object(&[("release", Release)])),
    ("called", List(&Text)),
    ("outcome", OUTCOMES),
    ("reasons", List(&Text)),
    ("warnings", List(&Text)),
    ("slips", List(&Text)),
    ("error", Object(&[("message", Text), ("contains", Text), ("phase", Text), ("code", Number)])),
    ("pod", Any),
    ("golden", Bool),
    ("patch", ListOr(&List(&Any), &Object(&[("operations", List(&Any)), ("order", Word(&["set", "exact"]))]))),
    ("checks", List(&CHECK)),
    ("laws", List(&LAW)),
]);

const CONFIG: Shape = Object(&[
    ("builtin", Bool),
    ("policy", Text),
    ("defaultTemplates", List(&Text)),
    ("aliases", Map(&List(&Text))),
    ("template", ScalarOr(&Text, &Object(&[("file", Text)]))),
    ("templates", Map(&ScalarOr(&Text, &Object(&[("file", Text)])))),
    ("neverInjectSelector", List(&Any)),
    ("alwaysInjectSelector", List(&Any)),
    ("injectedAnnotations", Map(&Text)),
    ("values", Any),
    ("mesh", Any),
]);

/// The keys of `given.config`.
pub fn config_keys() -> impl Iterator<Item = &'static str> {
    let keys: &'static [(&'static str, Shape)] = if let Object(keys) = CONFIG { keys } else { &[] };
    keys.iter().map(|(key, _)| *key)
}

/// A namespace: labels that are no texts would silently never match.
const NAMESPACE: Shape = Object(&[
    ("apiVersion", Text),
    ("kind", Text),
    ("spec", Any),
    ("status", Any),
    (
        "metadata",
        Object(&[
            ("name", Text),
            ("labels", Map(&Quoted)),
            ("annotations", Map(&Quoted)),
            ("uid", Text),
            ("resourceVersion", Text),
            ("generation", Any),
            ("creationTimestamp", Any),
            ("deletionTimestamp", Any),
            ("deletionGracePeriodSeconds", Any),
            ("finalizers", Any),
            ("ownerReferences", Any),
            ("managedFields", Any),
        ]),
    ),
]);

/// An install, with the settings of the charts that its webhooks depend on.
const INSTALL: Shape = Object(&[
    ("revision", Text),
    ("release", Release),
    ("named", Bool),
    ("tags", List(&Text)),
    ("enableNamespacesByDefault", Bool),
    ("deactivated", Bool),
    ("istioNamespace", Text),
    ("istiod", Bool),
    ("useLegacySelectors", Bool),
    ("objectSelector", Object(&[("enabled", Bool), ("autoInject", Bool)])),
    ("injectLabel", Text),
    ("reinvocationPolicy", Word(&["Never", "IfNeeded"])),
    ("injectionPath", Text),
    ("injectionURL", Text),
]);

/// An HTTP response.
const HTTP: Shape = Object(&[("status", Number), ("headers", Map(&Text)), ("body", Text)]);

/// The keys of `given`.
pub(super) const GIVEN: Shape = Object(&[
    ("use", List(&Text)),
    ("release", ListOr(&List(&Release), &Release)),
    ("revision", Text),
    ("tags", List(&Text)),
    ("enableNamespacesByDefault", Bool),
    ("installs", List(&INSTALL)),
    ("webhooks", List(&Any)),
    ("config", CONFIG),
    ("configs", Map(&CONFIG)),
    (
        "cluster",
        Object(&[
            ("id", Text),
            ("platform", Text),
            ("nodes", List(&Object(&[("name", Text), ("kubeletVersion", Text)]))),
            ("namespaces", List(&NAMESPACE)),
            ("objects", List(&Map(&Any))),
        ]),
    ),
    ("env", Map(&Text)),
    ("apiServer", Bool),
    ("namespace", NAMESPACE),
    ("object", Map(&Any)),
    (
        "request",
        Object(&[
            ("operation", Text),
            ("subresource", Text),
            ("name", Text),
            ("namespace", Text),
            ("oldObject", Any),
            ("dryRun", Bool),
            ("userInfo", Any),
        ]),
    ),
    (
        "pipeline",
        List(&Object(&[
            ("configuration", Text),
            ("webhook", Text),
            ("settings", Map(&Any)),
            (
                "answers",
                List(&Object(&[("patch", List(&Any)), ("merge", Map(&Any)), ("response", Map(&Any)), ("http", HTTP)])),
            ),
        ])),
    ),
    (
        "faults",
        List(&Object(&[
            ("webhook", Text),
            ("kind", Text),
            ("calls", List(&Number)),
            ("seconds", Number),
            ("names", List(&Text)),
            ("status", Number),
            ("headers", Map(&Text)),
            ("body", Text),
        ])),
    ),
]);

const OVERLAY: Shape = Object(&[("given", GIVEN), ("expect", EXPECT), ("title", Text)]);

/// The places that a table's columns may point to.
pub(super) const CELLS: Shape = Object(&[("given", GIVEN), ("expect", EXPECT)]);

/// The keys of a preset.
pub(super) const PRESET: Shape = Object(&[
    ("apiVersion", Word(&["conjector/v1"])),
    ("kind", Word(&["Preset"])),
    ("title", Text),
    ("description", Text),
    ("given", GIVEN),
]);

/// The keys of a scenario file.
pub(super) const FILE: Shape = Object(&[
    ("apiVersion", Word(&["conjector/v1"])),
    ("kind", Word(&["InjectionCase"])),
    ("id", Text),
    ("title", Text),
    ("description", Text),
    ("refs", List(&Text)),
    ("tier", Word(&["must", "should", "may", "info"])),
    ("features", List(&Text)),
    ("given", GIVEN),
    ("expect", ListOr(&List(&EXPECT), &EXPECT)),
    ("matrix", Map(&Map(&OVERLAY))),
    ("table", Object(&[("columns", List(&Text)), ("rows", Map(&List(&Any)))])),
]);

/// Checks a node against a shape; all problems are reported.
pub(super) fn check(file: &str, node: &Node, shape: &Shape, place: &str, errors: &mut Vec<CaseError>) {
    let at = (node.line, node.column);
    let mut wrong = |wanted: &str| {
        errors.push(CaseError::at(file, at, format!("{place} must be {wanted}, but is {}", describe(node))));
    };
    if matches!(node.kind, Kind::Alias(_)) {
        // What it stands for would have to be checked here again.
        if !matches!(shape, Any) {
            let error = CaseError::at(file, at, format!("{place} cannot be an alias"));
            errors.push(error.hint(Some("write it out, or share it in a preset".into())));
        }
        return;
    }
    let is_null =
        matches!(&node.kind, Kind::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null"));
    match (shape, &node.kind) {
        (Any, _) => {}
        // Null removes what a preset says.
        (_, _) if is_null => {}
        (Text | Release, Kind::Scalar { .. }) => {}
        (Text, _) => wrong("a text"),
        (Release, _) => wrong("a release"),
        (Quoted, Kind::Scalar { text, plain: true }) if !matches!(yaml::to_json(text), Ok(Value::String(_))) => {
            wrong("a text in quotes");
        }
        (Quoted, Kind::Scalar { .. }) => {}
        (Quoted, _) => wrong("a text"),
        (Bool, Kind::Scalar { text, plain: true }) if matches!(text.as_str(), "true" | "false") => {}
        (Bool, _) => wrong("true or false"),
        (Number, Kind::Scalar { text, plain: true }) if text.parse::<u64>().is_ok() => {}
        (Number, _) => wrong("a whole number"),
        (Word(words), Kind::Scalar { text, .. }) => {
            if !words.contains(&text.as_str()) {
                let hint = near_miss(text, words.iter().copied());
                let message = format!("{place} is {text:?}, which is none of {}", words.join(", "));
                errors.push(CaseError::at(file, at, message).hint(hint));
            }
        }
        (Word(_), _) => wrong("a word"),
        (List(item), Kind::Sequence(items)) | (ListOr(List(item), _), Kind::Sequence(items)) => {
            for (i, node) in items.iter().enumerate() {
                check(file, node, item, &format!("{place}[{i}]"), errors);
            }
        }
        (List(_), _) => wrong("a list"),
        (ListOr(_, other), _) => check(file, node, other, place, errors),
        (Map(item), Kind::Mapping(members)) => {
            for (key, value) in members {
                if let Some(other) = other_key(key) {
                    let message = format!("{place}: the key {} reads as {other}; put it in quotes", key_text(key));
                    errors.push(CaseError::at(file, (key.line, key.column), message));
                }
                check(file, value, item, &format!("{place}.{}", key_text(key)), errors);
            }
        }
        (ScalarOr(_, object), Kind::Mapping(_)) => check(file, node, object, place, errors),
        (ScalarOr(scalar, _), _) => check(file, node, scalar, place, errors),
        (Object(keys), Kind::Mapping(members)) => {
            let mut seen: Vec<&str> = Vec::new();
            for (key, value) in members {
                let name = key_text(key);
                let bare = name.strip_suffix('+').unwrap_or(name);
                let inside = if place.is_empty() { bare.to_owned() } else { format!("{place}.{bare}") };
                let at = (key.line, key.column);
                if seen.contains(&name) {
                    errors.push(CaseError::at(file, at, format!("{inside} is given twice")));
                }
                seen.push(name);
                match keys.iter().find(|(known, _)| *known == bare) {
                    Some((_, shape)) => check(file, value, shape, &inside, errors),
                    None => {
                        let hint = near_miss(bare, keys.iter().map(|(known, _)| *known));
                        errors.push(CaseError::at(file, at, format!("unknown key {inside}")).hint(hint));
                    }
                }
            }
        }
        (Map(_) | Object(_), _) => wrong("a mapping"),
    }
}

/// What YAML makes of a key that is not its text: `1.10` is 1.1, `yes` is true.
fn other_key(key: &Node) -> Option<String> {
    let Kind::Scalar { text, plain: true } = &key.kind else { return None };
    let read = yaml::to_json(&format!("{{{text}: 0}}")).ok()?;
    let (read, _) = read.as_object()?.iter().next()?;
    (read.as_str() != text).then(|| read.to_string())
}

/// Puts the texts of releases back as they are written, where they were read as numbers.
pub(super) fn as_written(node: &Node, shape: &Shape, value: &mut Value) {
    match (shape, &node.kind, value) {
        (_, _, Value::Null) => {}
        (Release, Kind::Scalar { text, .. }, value) => *value = text.as_str().into(),
        (List(item) | ListOr(List(item), _), Kind::Sequence(nodes), Value::Array(values)) => {
            for (node, value) in nodes.iter().zip(values) {
                as_written(node, item, value);
            }
        }
        (Map(item), Kind::Mapping(members), Value::Object(values)) => {
            for (key, node) in members {
                if let Some(value) = values.get_mut(key_text(key)) {
                    as_written(node, item, value);
                }
            }
        }
        (Object(keys), Kind::Mapping(members), Value::Object(values)) => {
            for (key, node) in members {
                let name = key_text(key);
                let known = keys.iter().find(|(known, _)| *known == name.strip_suffix('+').unwrap_or(name));
                if let (Some((_, shape)), Some(value)) = (known, values.get_mut(name)) {
                    as_written(node, shape, value);
                }
            }
        }
        (ListOr(_, other) | ScalarOr(_, other), _, value) => as_written(node, other, value),
        _ => {}
    }
}

pub(super) fn key_text(key: &Node) -> &str {
    match &key.kind {
        Kind::Scalar { text, .. } => text,
        _ => "?",
    }
}

fn describe(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar { text, .. } => format!("{text:?}"),
        Kind::Sequence(_) => "a list".into(),
        Kind::Mapping(_) => "a mapping".into(),
        Kind::Alias(_) => "an alias".into(),
    }
}
