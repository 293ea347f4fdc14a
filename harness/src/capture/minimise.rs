//! Drops what an outcome does not need, by trying: first whole branches, then what is in those that stay, then lines
//! of texts.

use std::time::{Duration, Instant};

use conjector::go::json::Value;

use super::Kept;

/// How long is tried; what stays then stays.
const MAX_TIME: Duration = Duration::from_secs(20);

/// Texts of more lines are made smaller line by line.
const MANY_LINES: usize = 3;

/// Members that stay where they stand, so that the case can be read and its pod could exist.
const STAYING: &[&str] =
    &["/release", "/object/kind", "/object/apiVersion", "/namespace/metadata/name", "/object/metadata/name"];

/// Members of containers that stay, so that they are containers.
const STAYING_IN_CONTAINERS: &[&str] = &["name", "image"];

/// A smaller tree with the same outcome.
#[derive(Debug)]
pub struct Minimised {
    /// The tree.
    pub given: Value,
    /// How many smaller ones were tried.
    pub tried: usize,
    /// False when the time was over before all was tried.
    pub complete: bool,
}

/// The smallest `given` that could be found by dropping members, items and lines while the outcome keeps what is to be
/// kept.
pub fn minimise(given: Value, kept: &Kept) -> Minimised {
    let places: Vec<String> = kept.places.iter().map(|(place, _)| place.clone()).collect();
    let mut search = Search { given, kept, places, tried: 0, end: Instant::now() + MAX_TIME };
    // What goes later may free what had to stay before.
    loop {
        let before = search.given.clone();
        search.branch(&mut Vec::new());
        if search.given == before || search.is_over() {
            break;
        }
    }
    Minimised { complete: !search.is_over(), tried: search.tried, given: search.given }
}

struct Search<'a> {
    given: Value,
    kept: &'a Kept,
    places: Vec<String>,
    tried: usize,
    end: Instant,
}

/// A step down a tree.
#[derive(Clone, Debug)]
enum Part {
    Key(String),
    Index(usize),
}

fn at<'v>(mut value: &'v mut Value, path: &[Part]) -> &'v mut Value {
    for part in path {
        value = match (part, value) {
            (Part::Index(i), Value::Array(items)) => &mut items[*i],
            (Part::Key(key), value) => value.entry(key),
            (Part::Index(_), value) => value,
        };
    }
    value
}

fn pointer(path: &[Part]) -> String {
    path.iter().fold(String::new(), |out, part| match part {
        Part::Key(key) => format!("{out}/{key}"),
        Part::Index(i) => format!("{out}/{i}"),
    })
}

impl Search<'_> {
    fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }

    /// Takes the tree where it has the same outcome; tells whether it did.
    fn take(&mut self, smaller: Value) -> bool {
        self.tried += 1;
        let same = Kept::by(&smaller, &self.places).is_ok_and(|kept| kept == *self.kept);
        if same {
            self.given = smaller;
        }
        same
    }

    fn without(&self, path: &[Part]) -> Value {
        let mut smaller = self.given.clone();
        if let Some((last, parents)) = path.split_last() {
            match (last, at(&mut smaller, parents)) {
                (Part::Key(key), Value::Object(members)) => _ = members.remove(key),
                (Part::Index(i), Value::Array(items)) => _ = items.remove(*i),
                _ => {}
            }
        }
        smaller
    }

    fn stays(&self, path: &[Part]) -> bool {
        let place = pointer(path);
        let in_webhook = place.starts_with("/webhooks/")
            && (place.ends_with("/name") || place.ends_with("/metadata"))
            && !place.contains("/clientConfig/");
        let in_container = place.contains("/containers/")
            && matches!(path, [.., Part::Index(_), Part::Key(key)] if STAYING_IN_CONTAINERS.contains(&key.as_str()));
        // The way to the containers stays, and one of them.
        let to_containers = place.starts_with("/object")
            && (place.ends_with("/spec")
                || place.ends_with("/template")
                || place.ends_with("/containers")
                || place == "/object"
                || place.ends_with("/jobTemplate")
                || place.ends_with("/containers/0"));
        let above = STAYING.iter().any(|staying| {
            staying.strip_prefix(place.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        above || in_webhook || in_container || to_containers
    }

    /// Tries to drop each part of a branch, and makes smaller what stays.
    fn branch(&mut self, path: &mut Vec<Part>) {
        if self.is_over() {
            return;
        }
        let parts: Vec<Part> = match at(&mut self.given, path) {
            Value::Object(members) => members.keys().map(|k| Part::Key(k.to_string())).collect(),
            // From the end, so that the positions of the others stay.
            Value::Array(items) => (0..items.len()).rev().map(Part::Index).collect(),
            Value::String(text) if text.lines().count() > MANY_LINES => return self.lines(path),
            _ => return,
        };
        for part in parts {
            path.push(part);
            let dropped = !self.stays(path) && {
                let smaller = self.without(path);
                self.take(smaller)
            };
            if !dropped {
                self.branch(path);
            }
            path.pop();
        }
        // What is left empty says nothing where it can go.
        if !path.is_empty()
            && !self.stays(path)
            && matches!(at(&mut self.given, path), Value::Object(m) if m.is_empty())
        {
            let smaller = self.without(path);
            self.take(smaller);
        }
    }

    /// Drops lines of a text: halves first, then smaller and smaller pieces.
    fn lines(&mut self, path: &[Part]) {
        let mut lines: Vec<String> =
            at(&mut self.given, path).as_str().unwrap_or_default().lines().map(str::to_owned).collect();
        let mut size = lines.len().div_ceil(2);
        while size > 0 {
            let mut start = 0;
            while start < lines.len() && !self.is_over() {
                let rest: Vec<String> = lines
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| !(start..start + size).contains(i))
                    .map(|(_, l)| l.clone())
                    .collect();
                let mut smaller = self.given.clone();
                *at(&mut smaller, path) = (rest.join("\n") + "\n").into();
                if self.take(smaller) {
                    lines = rest;
                } else {
                    start += size;
                }
            }
            size /= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use conjector::go::yaml;

    fn smallest(given: &str) -> Value {
        let given = yaml::to_json(given).unwrap();
        let kept = Kept::by(&given, &[]).unwrap();
        minimise(given, &kept).given
    }

    #[test]
    fn only_what_decides_stays() {
        let given = smallest(
            "
namespace: {metadata: {name: demo, labels: {istio-injection: enabled, team: a}}}
config: {policy: disabled, defaultTemplates: [sidecar], injectedAnnotations: {a: b}}
cluster: {nodes: [{name: n, kubeletVersion: v1.34.0}]}
object:
  metadata: {name: web, labels: {app: web}, annotations: {b: c}}
  spec: {hostNetwork: false, containers: [{name: app, image: app, env: [{name: A, value: b}]}, {name: other, image: o}]}
",
        );
        let wanted = "
namespace: {metadata: {name: demo, labels: {istio-injection: enabled}}}
config: {policy: disabled}
object: {metadata: {name: web}, spec: {containers: [{name: app, image: app}]}}
";
        assert_eq!(given.to_string(), yaml::to_json(wanted).unwrap().to_string());
    }

    #[test]
    fn texts_shrink_to_the_line_that_fails() {
        let given = smallest(
            "
namespace: {metadata: {name: demo, labels: {istio-injection: enabled}}}
config:
  templates:
    sidecar: |
      metadata:
        labels:
          a: b
      spec:
        containers:
        - name: {{ fail \"no\" }}
          image: x
object: {metadata: {name: web}, spec: {containers: [{name: app, image: app}]}}
",
        );
        let text = given["config"]["templates"]["sidecar"].as_str().unwrap_or_default();
        assert!(text.contains("fail") && !text.contains("image"), "{text}");
    }
}
