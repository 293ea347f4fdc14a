//! What changes for an object from one cluster to another: every difference between two outcomes, with its class.

mod subject;

use std::fmt;

use conjector::go::json::{Object, Value};
use conjector::simulate::Outcome;
pub use subject::Subject;

/// What a change concerns, the graver ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Whether the pod can be created.
    Refusal,
    /// Whether a pod that can be created is injected.
    Decision,
    /// The webhooks of which configurations are called.
    Callers,
    /// Which containers there are, in which order, and what they run: images, arguments, ports, probes, mounts.
    Containers,
    /// Users, privileges, capabilities, host namespaces, service accounts.
    Security,
    /// Requests and limits.
    Resources,
    /// Environment variables.
    Environment,
    /// Labels and annotations.
    Metadata,
    /// What nothing depends on: the tags of images, the names of webhooks, the texts of refusals, what the injector
    /// writes down about itself.
    Cosmetic,
}

impl Class {
    /// All classes.
    pub const ALL: [Class; 9] = [
        Class::Refusal,
        Class::Decision,
        Class::Callers,
        Class::Containers,
        Class::Security,
        Class::Resources,
        Class::Environment,
        Class::Metadata,
        Class::Cosmetic,
    ];

    /// The class as the command line and reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Class::Refusal => "refusal",
            Class::Decision => "decision",
            Class::Callers => "callers",
            Class::Containers => "containers",
            Class::Security => "security",
            Class::Resources => "resources",
            Class::Environment => "environment",
            Class::Metadata => "metadata",
            Class::Cosmetic => "cosmetic",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it concerns.
    pub class: Class,
    /// Where: a JSON pointer into the pod in which named items stand by name, or `outcome`, `message`, `called`.
    pub place: String,
    /// What was there before; null for nothing.
    pub from: Value,
    /// What is there now; null for nothing.
    pub to: Value,
}

impl Change {
    /// The change as reports of programs print it.
    pub fn to_json(&self) -> Value {
        let members = [
            ("class", Value::from(self.class.name())),
            ("place", self.place.as_str().into()),
            ("from", self.from.clone()),
            ("to", self.to.clone()),
        ];
        Value::Object(members.into_iter().collect())
    }
}

/// The token of a pointer that stands for any one.
const ANY: &str = "*";

/// The classes of places, by the tokens with which a pointer begins or, after `**`, that it holds; the first that fits
/// counts. What fits none concerns the containers.
const CLASSES: &[(&[&str], Class)] = &[
    (&["metadata", "annotations", "sidecar.istio.io/status"], Class::Cosmetic),
    (&["metadata", "annotations", "proxy.istio.io/overrides"], Class::Cosmetic),
    (&["metadata", "annotations", "prometheus.istio.io/merge-metrics"], Class::Cosmetic),
    (&["metadata", "labels"], Class::Metadata),
    (&["metadata", "annotations"], Class::Metadata),
    (&["metadata"], Class::Cosmetic),
    (&["status"], Class::Cosmetic),
    (&["spec", "hostNetwork"], Class::Security),
    (&["spec", "hostPID"], Class::Security),
    (&["spec", "hostIPC"], Class::Security),
    (&["spec", "hostUsers"], Class::Security),
    (&["spec", "shareProcessNamespace"], Class::Security),
    (&["spec", "serviceAccountName"], Class::Security),
    (&["spec", "automountServiceAccountToken"], Class::Security),
    (&["spec", ANY, ANY, "resources"], Class::Resources),
    (&["spec", ANY, ANY, "resizePolicy"], Class::Resources),
    (&["spec", ANY, ANY, "env"], Class::Environment),
    (&["spec", ANY, ANY, "envFrom"], Class::Environment),
    (&["**", "securityContext"], Class::Security),
    (&["**", "hostPath"], Class::Security),
    (&["**", "serviceAccountToken"], Class::Security),
];

fn class(path: &[String], from: &Value, to: &Value) -> Class {
    if path.last().is_some_and(|last| last == "image") && same_image(from, to) {
        return Class::Cosmetic;
    }
    let begins = |pattern: &[&str]| {
        pattern.len() <= path.len() && pattern.iter().zip(path).all(|(wanted, token)| *wanted == ANY || token == wanted)
    };
    let fits = |pattern: &&[&str]| match pattern {
        ["**", tokens @ ..] => tokens.iter().all(|token| path.iter().any(|t| t == token)),
        pattern => begins(pattern),
    };
    CLASSES.iter().find(|(pattern, _)| fits(pattern)).map_or(Class::Containers, |(_, class)| *class)
}

/// The same image but for its tag or digest.
fn same_image(from: &Value, to: &Value) -> bool {
    fn name(image: &str) -> &str {
        let image = image.split('@').next().unwrap_or(image);
        match image.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => name,
            _ => image,
        }
    }
    matches!((from.as_str(), to.as_str()), (Some(from), Some(to)) if name(from) == name(to))
}

/// All changes from one outcome to the other, the graver ones first.
pub fn between(from: &Outcome, to: &Outcome) -> Vec<Change> {
    let mut found = Vec::new();
    let mut compare = |class, place: &str, from: Value, to: Value| {
        if from != to {
            found.push(Change { class, place: place.into(), from, to });
        }
    };
    // An injector that wants to inject and cannot has decided as one that does.
    let same = from.refusal.is_some() == to.refusal.is_some();
    let class = if same { Class::Decision } else { Class::Refusal };
    compare(class, "outcome", from.kind.to_string().into(), to.kind.to_string().into());
    let message = |outcome: &Outcome| outcome.refusal.as_ref().map_or(Value::Null, |r| r.message.as_str().into());
    compare(Class::Cosmetic, "message", message(from), message(to));
    // Webhooks have other names in other releases; what counts is whose they are.
    let same = configurations(from) == configurations(to);
    let class = if same { Class::Cosmetic } else { Class::Callers };
    compare(class, "called", callers(from), callers(to));
    if !from.object.is_null() && !to.object.is_null() {
        let mut differ = Differ { path: Vec::new(), found };
        differ.value(&from.object, &to.object);
        found = differ.found;
    }
    found.sort_by_key(|change| change.class);
    found
}

/// The configurations of the webhooks that are called, in order.
fn configurations(outcome: &Outcome) -> Vec<&str> {
    outcome.called.iter().filter(|c| c.round == 0).map(|c| c.configuration.as_str()).collect()
}

fn callers(outcome: &Outcome) -> Value {
    let names = outcome.called.iter().filter(|c| c.round == 0).map(|c| format!("{}/{}", c.configuration, c.webhook));
    Value::Array(names.map(Value::from).collect())
}

/// A comparison in progress.
struct Differ {
    path: Vec<String>,
    found: Vec<Change>,
}

impl Differ {
    fn value(&mut self, from: &Value, to: &Value) {
        match (from, to) {
            _ if from == to => {}
            (Value::Object(a), Value::Object(b)) => self.object(a, b),
            (Value::Array(a), Value::Array(b)) => self.list(a, b),
            (Value::Null | Value::Array(_), Value::Null | Value::Array(_)) => self.list(from.items(), to.items()),
            (Value::Null | Value::Object(_), Value::Null | Value::Object(_)) => {
                // One side has nothing: each member is a change of its own, and so finds its class.
                let empty = Object::new();
                self.object(from.as_object().unwrap_or(&empty), to.as_object().unwrap_or(&empty));
            }
            _ => self.change(from, to),
        }
    }

    fn object(&mut self, from: &Object, to: &Object) {
        let gone = from.keys().filter(|key| !to.contains_key(key));
        let keys: Vec<String> = to.keys().chain(gone).map(ToString::to_string).collect();
        for key in keys {
            let side = |members: &Object| members.get(&key).cloned().unwrap_or_default();
            let (from, to) = (side(from), side(to));
            self.path.push(key);
            self.value(&from, &to);
            self.path.pop();
        }
    }

    /// Items with names are compared by name, and their order is a change of its own; other lists as a whole.
    fn list(&mut self, from: &[Value], to: &[Value]) {
        let (Some(before), Some(after)) = (names(from), names(to)) else {
            return self.change(&Value::Array(from.to_vec()), &Value::Array(to.to_vec()));
        };
        let item = |items: &[Value], name: &str| items.iter().find(|i| i["name"].as_str() == Some(name)).cloned();
        let mut all = after.clone();
        all.extend(before.iter().filter(|name| !after.contains(name)).cloned());
        for name in &all {
            self.path.push(name.clone());
            match (item(from, name), item(to, name)) {
                (Some(from), Some(to)) => self.value(&from, &to),
                (from, to) => self.change(&from.unwrap_or_default(), &to.unwrap_or_default()),
            }
            self.path.pop();
        }
        let common = |names: &[String], others: &[String]| -> Vec<Value> {
            names.iter().filter(|name| others.contains(name)).map(|name| name.as_str().into()).collect()
        };
        let (before, after) = (common(&before, &after), common(&after, &before));
        // Only containers run one after the other.
        let ordered = self.path.last().is_some_and(|key| key.ends_with("ontainers"));
        if ordered && before != after {
            self.path.push("order".into());
            self.change(&Value::Array(before), &Value::Array(after));
            self.path.pop();
        }
    }

    fn change(&mut self, from: &Value, to: &Value) {
        let tokens = self.path.iter().map(|token| token.replace('~', "~0").replace('/', "~1"));
        let place: String = tokens.flat_map(|token| ["/".to_owned(), token]).collect();
        let class = class(&self.path, from, to);
        self.found.push(Change { class, place, from: from.clone(), to: to.clone() });
    }
}

/// The names of a list's items, where all have one of their own.
fn names(items: &[Value]) -> Option<Vec<String>> {
    let names: Vec<String> = items.iter().map(|i| i["name"].as_str().map(str::to_owned)).collect::<Option<_>>()?;
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    (sorted.len() == names.len()).then_some(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use conjector::go::json;

    fn changes(from: &str, to: &str) -> Vec<String> {
        let mut differ = Differ { path: Vec::new(), found: Vec::new() };
        differ.value(&json::parse(from).unwrap(), &json::parse(to).unwrap());
        differ.found.iter().map(|c| format!("{} {}", c.class, c.place)).collect()
    }

    #[test]
    fn places_have_classes() {
        for (from, to, want) in [
            (r#"{"metadata":{}}"#, r#"{"metadata":{"labels":{"a/b":"c"}}}"#, "metadata /metadata/labels/a~1b"),
            (
                r#"{"metadata":{"annotations":{"sidecar.istio.io/status":"x"}}}"#,
                r#"{"metadata":{"annotations":{"sidecar.istio.io/status":"y"}}}"#,
                "cosmetic /metadata/annotations/sidecar.istio.io~1status",
            ),
            (
                r#"{"spec":{"containers":[{"name":"a","image":"r:5000/i:1"}]}}"#,
                r#"{"spec":{"containers":[{"name":"a","image":"r:5000/i:2"}]}}"#,
                "cosmetic /spec/containers/a/image",
            ),
            (
                r#"{"spec":{"containers":[{"name":"a","image":"i:1"}]}}"#,
                r#"{"spec":{"containers":[{"name":"a","image":"j:1"}]}}"#,
                "containers /spec/containers/a/image",
            ),
            (
                r#"{"spec":{"containers":[{"name":"a"}]}}"#,
                r#"{"spec":{"containers":[{"name":"a","securityContext":{"runAsUser":0}}]}}"#,
                "security /spec/containers/a/securityContext/runAsUser",
            ),
            (
                r#"{"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"1"}]}]}}"#,
                r#"{"spec":{"containers":[{"name":"a","env":[{"name":"X","value":"2"}]}]}}"#,
                "environment /spec/containers/a/env/X/value",
            ),
            (
                r#"{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1"}}}]}}"#,
                r#"{"spec":{"containers":[{"name":"a","resources":{}}]}}"#,
                "resources /spec/containers/a/resources/limits/cpu",
            ),
            (
                r#"{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#,
                r#"{"spec":{"containers":[{"name":"b"},{"name":"a"}]}}"#,
                "containers /spec/containers/order",
            ),
            (
                r#"{"spec":{"volumes":[{"name":"a"},{"name":"b"}]}}"#,
                r#"{"spec":{"volumes":[{"name":"b"},{"name":"a"}]}}"#,
                "",
            ),
            (r#"{"spec":{"hostNetwork":true}}"#, r#"{"spec":{}}"#, "security /spec/hostNetwork"),
        ] {
            assert_eq!(changes(from, to).join(", "), want, "{from} {to}");
        }
    }
}
