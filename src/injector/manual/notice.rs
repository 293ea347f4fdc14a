use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::injector::owner::Workload;
use crate::injector::pod;
use crate::injector::release::{Manual, Notices};

/// What the tool says of an object that it passes over.
pub(super) struct Notice {
    /// What it is called, unquoted.
    name: String,
    /// Its kind and a blank, where that is said.
    kind: String,
    arrow: &'static str,
}

impl Notice {
    /// The object is called by its template's name, else by its own.
    pub(super) fn new(rules: &Manual, pod: &Value, workload: &Workload) -> Notice {
        let name = match pod::name(&pod["metadata"]) {
            "" if rules.names_workload => &workload.name,
            name => name,
        };
        let named = rules.notices == Notices::Named;
        Notice {
            name: match workload.namespace.as_str() {
                namespace if named && !namespace.is_empty() => format!("{namespace}/{name}"),
                _ => name.to_owned(),
            },
            kind: match workload.kind.as_str() {
                kind if named && !kind.is_empty() => format!("{kind} "),
                _ => String::new(),
            },
            arrow: if rules.notices == Notices::Plain { "" } else { "===> " },
        }
    }

    /// It has something.
    pub(super) fn says(&self, has: &str) -> String {
        let Notice { name, kind, arrow } = self;
        format!("{arrow}Skipping injection because {kind}{} has {has}\n", quote(name))
    }

    /// It has a sidecar already; with a kind, by mistake, that it is on the host's network.
    pub(super) fn says_injected(&self) -> String {
        let Notice { name, kind, arrow } = self;
        let sidecar = quote(pod::PROXY);
        match kind.as_str() {
            "" => self.says(&format!("injected {sidecar} sidecar already")),
            kind => format!("{arrow}Skipping injection because {kind}{name} {sidecar} has host networking enabled\n"),
        }
    }
}
