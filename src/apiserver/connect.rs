use super::{Handling, bad_request};
use crate::admission::Refused;
use crate::go::json::{Object, Value};

/// The options of each stream in Go's order: name, and whether it is a flag, a text, a list of texts or of numbers.
const OPTIONS: &[(&str, &[(&str, Shape)])] = &[
    ("exec", STREAMS),
    ("attach", STREAMS),
    ("portforward", &[("ports", Shape::Numbers)]),
    ("proxy", &[("path", Shape::Text)]),
];

const STREAMS: &[(&str, Shape)] = &[
    ("stdin", Shape::Flag),
    ("stdout", Shape::Flag),
    ("stderr", Shape::Flag),
    ("tty", Shape::Flag),
    ("container", Shape::Text),
    ("command", Shape::Texts),
];

#[derive(Clone, Copy)]
enum Shape {
    Flag,
    Text,
    Texts,
    Numbers,
}

impl Handling<'_, '_> {
    /// POST that opens a stream.
    pub(super) fn connect(&mut self) -> Result<(), Refused> {
        let kind = self.resource.kind();
        let mut options = Object::new();
        options.push("kind", kind.name.as_str());
        options.push("apiVersion", kind.api_version());
        let known = OPTIONS.iter().find(|(stream, _)| *stream == self.asked.subresource).map_or(&[][..], |(_, o)| o);
        for (name, shape) in known {
            let Some(text) = self.asked.query.get(*name) else { continue };
            match shape {
                Shape::Flag if matches!(text.as_str(), "false" | "0") => {}
                Shape::Flag => options.push(*name, true),
                Shape::Text if text.is_empty() => {}
                Shape::Text => options.push(*name, text.as_str()),
                Shape::Texts => options.push(*name, vec![text.as_str()]),
                Shape::Numbers => {
                    let numbers = text.split(',').filter_map(|n| n.trim().parse::<i64>().ok()).map(Value::from);
                    options.push(*name, numbers.collect::<Vec<_>>());
                }
            }
        }
        let request = self.request("CONNECT", &self.asked.name, Value::Object(options), Value::Null, Value::Null);
        self.mutate(&request)?;
        self.validate(&request)?;
        let Some(pod) = self.server.get("Pod", &self.asked.namespace, &self.asked.name) else {
            return Err(self.not_found());
        };
        // Nothing runs here, so that no stream can be opened.
        Err(match pod["spec"]["nodeName"].as_str() {
            _ if self.asked.subresource == "proxy" => bad_request("address not allowed"),
            None | Some("") => bad_request(format!("pod {} does not have a host assigned", self.asked.name)),
            Some(node) => Refused::new(500, "", format!("nodes \"{node}\" not found"), "bad-request"),
        })
    }
}
