use std::sync::Arc;
use std::time::Duration;

use super::conditions::Conditions;
use super::rules::Rule;
use crate::go::json::Value;
use crate::k8s::labels::{Selector, SelectorError};

/// One webhook of a MutatingWebhookConfiguration, read once.
///
/// It is what is stored: defaults are not applied (see [`super::defaults`]) and members of the wrong type count as absent.
#[derive(Clone, Debug)]
pub struct Webhook {
    configuration: Arc<Configuration>,
    settings: Value,
    uid: String,
    pub(super) rules: Vec<Rule>,
    pub(super) equivalents_match: bool,
    pub(super) namespace_selector: Result<Selector, SelectorError>,
    pub(super) object_selector: Result<Selector, SelectorError>,
    pub(super) conditions: Conditions,
}

/// What a webhook knows of its configuration.
#[derive(Debug)]
struct Configuration {
    name: String,
    labels: Value,
}

/// All webhooks in the order in which they are asked: configurations by the bytes of their names, then list order.
pub fn webhooks(configurations: &[Value]) -> Vec<Webhook> {
    let mut sorted: Vec<&Value> = configurations.iter().collect();
    sorted.sort_by(|a, b| name(a).as_bytes().cmp(name(b).as_bytes()));
    let mut all = Vec::new();
    for value in sorted {
        let labels = value["metadata"]["labels"].clone();
        let configuration = Arc::new(Configuration { name: name(value).to_owned(), labels });
        let entries = value["webhooks"].items();
        for (i, settings) in entries.iter().enumerate() {
            // How many webhooks of the same name come before it.
            let index = entries[..i].iter().filter(|w| w["name"] == settings["name"]).count();
            all.push(Webhook::read(&configuration, settings, index));
        }
    }
    all
}

fn name(configuration: &Value) -> &str {
    configuration["metadata"]["name"].as_str().unwrap_or_default()
}

/// What to do when a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FailurePolicy {
    Fail,
    Ignore,
}

impl Webhook {
    fn read(configuration: &Arc<Configuration>, settings: &Value, index: usize) -> Webhook {
        Webhook {
            uid: format!("{}/{}/{index}", configuration.name, settings["name"].as_str().unwrap_or_default()),
            rules: settings["rules"].items().iter().map(Rule::read).collect(),
            equivalents_match: settings["matchPolicy"].as_str() == Some("Equivalent"),
            namespace_selector: Selector::parse(&settings["namespaceSelector"]),
            object_selector: Selector::parse(&settings["objectSelector"]),
            conditions: Conditions::read(&settings["matchConditions"]),
            configuration: configuration.clone(),
            settings: settings.clone(),
        }
    }

    /// Name of the configuration.
    pub fn configuration(&self) -> &str {
        &self.configuration.name
    }

    /// Name of the webhook.
    pub fn name(&self) -> &str {
        self.settings["name"].as_str().unwrap_or_default()
    }

    /// CONFIGURATION/WEBHOOK, as scenarios and reports write it.
    pub fn subject(&self) -> String {
        format!("{}/{}", self.configuration(), self.name())
    }

    /// CONFIGURATION/WEBHOOK/N, which is unique.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// A label of its configuration.
    pub fn configuration_label(&self, key: &str) -> Option<&str> {
        self.configuration.labels.get(key).and_then(Value::as_str)
    }

    /// The URL path that is called: that of the service or of the URL.
    pub fn path(&self) -> &str {
        let client = &self.settings["clientConfig"];
        match client["url"].as_str() {
            Some(url) => {
                let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
                let path = rest.find('/').map_or("", |i| &rest[i..]);
                path.split(['?', '#']).next().unwrap_or_default()
            }
            None => client["service"]["path"].as_str().unwrap_or_default(),
        }
    }

    /// The name of the service that is called, if it is one.
    pub fn service(&self) -> Option<&str> {
        self.settings["clientConfig"]["service"]["name"].as_str()
    }

    /// The authorities that its certificate is checked against, base64; empty for those of the system.
    pub fn ca_bundle(&self) -> &str {
        self.settings["clientConfig"]["caBundle"].as_str().unwrap_or_default()
    }

    /// The selector of namespaces; `None` for one that cannot be read.
    pub fn namespace_selector(&self) -> Option<&Selector> {
        self.namespace_selector.as_ref().ok()
    }

    /// The selector of objects; `None` for one that cannot be read.
    pub fn object_selector(&self) -> Option<&Selector> {
        self.object_selector.as_ref().ok()
    }

    /// How long the API server waits: `timeoutSeconds`, 10 by default.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.settings["timeoutSeconds"].as_i64().and_then(|n| u64::try_from(n).ok()).unwrap_or(10))
    }

    pub(super) fn failure_policy(&self) -> FailurePolicy {
        match self.settings["failurePolicy"].as_str() {
            Some("Ignore") => FailurePolicy::Ignore,
            _ => FailurePolicy::Fail,
        }
    }

    pub(super) fn is_reinvocable(&self) -> bool {
        self.settings["reinvocationPolicy"].as_str() == Some("IfNeeded")
    }

    /// A member as stored, null where it is absent.
    pub(super) fn field(&self, key: &str) -> &Value {
        &self.settings[key]
    }
}
