use std::time::Duration;

use crate::go::json::Value;

/// One webhook of a MutatingWebhookConfiguration.
#[derive(Clone, Copy, Debug)]
pub struct Webhook<'a> {
    configuration: &'a Value,
    settings: &'a Value,
    /// How many webhooks of the same name come before it in its configuration.
    index: usize,
}

/// All webhooks in the order in which they are asked: configurations by the bytes of their names, then list order.
pub fn webhooks(configurations: &[Value]) -> Vec<Webhook<'_>> {
    let mut sorted: Vec<&Value> = configurations.iter().collect();
    sorted.sort_by(|a, b| name(a).as_bytes().cmp(name(b).as_bytes()));
    let mut all = Vec::new();
    for configuration in sorted {
        let entries = configuration["webhooks"].items();
        for (i, settings) in entries.iter().enumerate() {
            let index = entries[..i].iter().filter(|w| w["name"] == settings["name"]).count();
            all.push(Webhook { configuration, settings, index });
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

impl<'a> Webhook<'a> {
    /// Name of the configuration.
    pub fn configuration(&self) -> &'a str {
        name(self.configuration)
    }

    /// Name of the webhook.
    pub fn name(&self) -> &'a str {
        self.settings["name"].as_str().unwrap_or_default()
    }

    /// CONFIGURATION/WEBHOOK, as scenarios and reports write it.
    pub fn subject(&self) -> String {
        format!("{}/{}", self.configuration(), self.name())
    }

    /// CONFIGURATION/WEBHOOK/N, which is unique.
    pub fn uid(&self) -> String {
        format!("{}/{}/{}", self.configuration(), self.name(), self.index)
    }

    /// A label of its configuration.
    pub fn configuration_label(&self, key: &str) -> Option<&'a str> {
        self.configuration["metadata"]["labels"].get(key).and_then(Value::as_str)
    }

    /// The URL path that is called: that of the service or of the URL.
    pub fn path(&self) -> &'a str {
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

    /// The whole URL of the call, as error texts show it.
    pub fn url(&self) -> String {
        let client = &self.settings["clientConfig"];
        let timeout = self.timeout().as_secs();
        match client["url"].as_str() {
            Some(url) => format!("{url}?timeout={timeout}s"),
            None => {
                let service = &client["service"];
                let text = |key: &str| service[key].as_str().unwrap_or_default();
                let port = service["port"].as_i64().unwrap_or(443);
                format!("https://{}.{}.svc:{port}{}?timeout={timeout}s", text("name"), text("namespace"), text("path"))
            }
        }
    }

    /// The name of the service that is called, if it is one.
    pub fn service(&self) -> Option<&'a str> {
        self.settings["clientConfig"]["service"]["name"].as_str()
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

    pub(super) fn field(&self, key: &str) -> &'a Value {
        &self.settings[key]
    }
}
