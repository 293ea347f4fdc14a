//! From an install to its MutatingWebhookConfigurations, as the API server stores them.

use std::fmt;

use super::forms::{DEACTIVATED, Entry, Form, NAME, RELEASE, Requirement, When};
use crate::go::json::{Object, Value};
use crate::injector::release::Release;

/// How an injector was installed, as far as its webhooks show it. Settings have the names of the charts' values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// The revision; `default` is the one without a name.
    pub revision: String,
    /// The revision was given by name although it is called `default`: it does not answer to plain labels.
    pub named: bool,
    /// Revision tags that point at the revision; the tag `default` makes it answer for plain injection labels.
    pub tags: Vec<String>,
    /// Namespaces are injected unless they say no.
    pub enable_namespaces_by_default: bool,
    /// Another install took over as default: nothing calls the revision's own webhooks any more.
    pub deactivated: bool,
    /// The namespace in which Istio is installed.
    pub namespace: String,
    /// `global.istiod.enabled`: without it the injector is a process of its own (1.5).
    pub istiod: Option<bool>,
    /// The selectors from before 1.9 (1.9 and 1.10).
    pub use_legacy_selectors: Option<bool>,
    /// `objectSelector.enabled` (1.5 to 1.10, there with the old selectors only).
    pub object_selector: Option<bool>,
    /// `objectSelector.autoInject`: pods are injected unless they say no, instead of only when they say yes.
    pub auto_inject: Option<bool>,
    /// The label that namespaces need; anything but `istio-injection` asks for `istio-env` (1.5).
    pub inject_label: Option<String>,
    /// `reinvocationPolicy` (1.19 on).
    pub reinvocation_policy: Option<String>,
    /// The path of the service (1.11 on).
    pub injection_path: Option<String>,
    /// The URL of a remote control plane, in the place of a service (1.6 on).
    pub injection_url: Option<String>,
}

impl Default for Install {
    fn default() -> Install {
        Install {
            revision: "default".into(),
            named: false,
            tags: Vec::new(),
            enable_namespaces_by_default: false,
            deactivated: false,
            namespace: "istio-system".into(),
            istiod: None,
            use_legacy_selectors: None,
            object_selector: None,
            auto_inject: None,
            inject_label: None,
            reinvocation_policy: None,
            injection_path: None,
            injection_url: None,
        }
    }
}

/// A setting that the charts of a release do not know, so that it would change nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSetting {
    setting: &'static str,
    release: &'static str,
}

impl fmt::Display for UnknownSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an install of release {} knows no {}", self.release, self.setting)
    }
}

impl std::error::Error for UnknownSetting {}

impl Install {
    pub(super) fn is_named(&self) -> bool {
        self.named || self.revision != "default"
    }

    /// What the install asks for that the release does not know.
    fn unknown(&self, form: &Form) -> Option<&'static str> {
        let no_legacy = form.legacy_by_default.is_none();
        let no_object_selector = form.object_selector_by_default.is_none();
        let asked = [
            ("revision", self.is_named() && !form.revisions),
            ("tags", !self.tags.is_empty() && form.tag_entries.is_empty()),
            ("deactivated", self.deactivated && form.tag_entries.is_empty()),
            ("useLegacySelectors", self.use_legacy_selectors.is_some() && no_legacy),
            ("objectSelector", (self.object_selector.is_some() || self.auto_inject.is_some()) && no_object_selector),
            ("injectLabel", self.inject_label.is_some() && !form.inject_label),
            ("reinvocationPolicy", self.reinvocation_policy.is_some() && !form.reinvocation),
            ("injectionPath", self.injection_path.is_some() && !form.path_is_free),
            ("injectionURL", self.injection_url.is_some() && form.url_suffix.is_none()),
        ];
        asked.into_iter().find_map(|(setting, unknown)| unknown.then_some(setting))
    }

    fn holds(&self, form: &Form, tag: Option<&str>, when: When) -> bool {
        let legacy = self.use_legacy_selectors.or(form.legacy_by_default).unwrap_or(true);
        let object_selector = self.object_selector.or(form.object_selector_by_default).unwrap_or(false);
        match when {
            When::ByDefault => self.enable_namespaces_by_default,
            When::Named => self.is_named(),
            When::Unnamed => !self.is_named(),
            When::DefaultTag => tag == Some("default"),
            When::Legacy => legacy,
            When::Modern => !legacy,
            When::ObjectSelector => object_selector,
            When::AutoInject => object_selector && self.auto_inject != Some(false),
            When::InjectionLabel => self.inject_label.as_deref().is_none_or(|label| label == "istio-injection"),
        }
    }
}

/// The MutatingWebhookConfigurations of an install of a release: that of the revision, then one for each tag, with what
/// the API server fills in.
///
/// Errors: a setting that the release does not know.
pub fn webhooks(install: &Install, release: &Release) -> Result<Vec<Value>, UnknownSetting> {
    let unknown = |setting| UnknownSetting { setting, release: release.name };
    let mut form = release.switches.webhooks;
    if install.istiod == Some(false) {
        form = form.without_istiod.ok_or_else(|| unknown("istiod"))?;
    }
    if let Some(setting) = install.unknown(form) {
        return Err(unknown(setting));
    }
    let tags = install.tags.iter().map(|tag| configuration(form, install, Some(tag)));
    Ok(std::iter::once(configuration(form, install, None)).chain(tags).collect())
}

fn object<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Object(members.into_iter().collect())
}

fn strings(items: &[&str]) -> Value {
    items.to_vec().into()
}

fn configuration(form: &Form, install: &Install, tag: Option<&str>) -> Value {
    let (base, suffix) = match tag {
        Some(tag) => ("istio-revision-tag", Some(tag)),
        None => ("istio-sidecar-injector", install.is_named().then_some(install.revision.as_str())),
    };
    let elsewhere =
        (form.named_by_install && install.namespace != "istio-system").then_some(install.namespace.as_str());
    let parts: Vec<&str> = [Some(base), suffix, elsewhere].into_iter().flatten().collect();
    let mut labels = Object::new();
    if form.revision_label {
        labels.insert("istio.io/rev", install.revision.as_str());
    }
    if let Some(tag) = tag {
        labels.insert("istio.io/tag", tag);
    }
    let entries = if tag.is_some() { form.tag_entries } else { form.entries };
    let present = entries.iter().filter(|entry| entry.when.iter().all(|when| install.holds(form, tag, *when)));
    let webhooks = present.map(|entry| webhook(form, install, tag, entry)).collect();
    object([
        ("apiVersion", form.api_version.into()),
        ("kind", "MutatingWebhookConfiguration".into()),
        ("metadata", object([("name", parts.join("-").into()), ("labels", Value::Object(labels))])),
        ("webhooks", Value::Array(webhooks)),
    ])
}

/// A selector of matchLabels or matchExpressions; the charts never mix them.
fn selector(requirements: &[Requirement], name: &str, namespace: &str) -> Value {
    let value = |value: &&'static str| match *value {
        NAME => Value::from(name),
        RELEASE => Value::from(namespace),
        other => Value::from(other),
    };
    let mut labels = Object::new();
    let mut expressions = Vec::new();
    for (key, operator, values) in requirements {
        if *operator == "=" {
            labels.insert(*key, values.first().map(value).unwrap_or_default());
            continue;
        }
        let mut expression: Object = [("key", *key), ("operator", *operator)].into_iter().collect();
        if !values.is_empty() {
            expression.insert("values", Value::Array(values.iter().map(value).collect()));
        }
        expressions.push(Value::Object(expression));
    }
    let mut selector = Object::new();
    if !labels.is_empty() {
        selector.insert("matchLabels", labels);
    }
    if !expressions.is_empty() {
        selector.insert("matchExpressions", Value::Array(expressions));
    }
    Value::Object(selector)
}

/// One entry with what the API server fills in: v1beta1 and v1 differ in the default of every other setting.
fn webhook(form: &Form, install: &Install, tag: Option<&str>, entry: &Entry) -> Value {
    let beta = form.api_version.ends_with("/v1beta1");
    let chosen = |choices: &[(&'static [When], &'static [Requirement])]| -> Value {
        if install.deactivated && tag.is_none() {
            return selector(&[DEACTIVATED], "", "");
        }
        let choice = choices.iter().find(|(when, _)| when.iter().all(|when| install.holds(form, tag, *when)));
        selector(
            choice.map_or(&[], |(_, requirements)| *requirements),
            tag.unwrap_or(&install.revision),
            &install.namespace,
        )
    };
    let reinvocation = if tag.is_some() { form.tag_reinvocation } else { form.reinvocation };
    let reinvocation = install.reinvocation_policy.as_deref().filter(|_| reinvocation).unwrap_or("Never");
    let rule = object([
        ("operations", strings(&["CREATE"])),
        ("apiGroups", strings(&[""])),
        ("apiVersions", strings(&["v1"])),
        ("resources", strings(&["pods"])),
        ("scope", "*".into()),
    ]);
    object([
        ("name", format!("{}sidecar-injector.istio.io", entry.prefix).into()),
        ("clientConfig", client_config(form, install)),
        ("rules", Value::Array(vec![rule])),
        ("failurePolicy", "Fail".into()),
        ("matchPolicy", if beta { "Exact" } else { "Equivalent" }.into()),
        ("namespaceSelector", chosen(entry.namespace)),
        ("objectSelector", chosen(entry.object)),
        ("sideEffects", form.side_effects.unwrap_or("Unknown").into()),
        ("timeoutSeconds", if beta { 30i64 } else { 10 }.into()),
        ("admissionReviewVersions", strings(form.review_versions.unwrap_or(&["v1beta1"]))),
        ("reinvocationPolicy", reinvocation.into()),
    ])
}

fn client_config(form: &Form, install: &Install) -> Value {
    if let Some(url) = &install.injection_url {
        return object([("url", format!("{url}{}", form.url_suffix.unwrap_or_default()).into())]);
    }
    let service = match install.is_named() {
        true => format!("{}-{}", form.service, install.revision),
        false => form.service.to_owned(),
    };
    let service = object([
        ("namespace", install.namespace.as_str().into()),
        ("name", service.into()),
        ("path", install.injection_path.as_deref().unwrap_or("/inject").into()),
        ("port", 443i64.into()),
    ]);
    object([("service", service)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(install: &Install, release: &str) -> Vec<String> {
        let shape = |c: &Value| {
            let prefix = |w: &Value| {
                let name = w["name"].as_str().unwrap_or_default();
                name.strip_suffix("sidecar-injector.istio.io").unwrap_or(name).trim_end_matches('.').to_owned()
            };
            let entries: Vec<String> = c["webhooks"].items().iter().map(prefix).collect();
            format!("{}: {}", c["metadata"]["name"].as_str().unwrap_or_default(), entries.join(" "))
        };
        let release = Release::find(release).unwrap();
        webhooks(install, release).unwrap().iter().map(shape).collect()
    }

    #[test]
    fn entries_by_release() {
        let auto = Install { enable_namespaces_by_default: true, ..Install::default() };
        let named = Install { revision: "x".into(), ..Install::default() };
        let tagged = Install { tags: vec!["prod".into(), "default".into()], ..auto.clone() };
        let modern = Install { use_legacy_selectors: Some(false), ..named.clone() };
        let four = "rev.namespace rev.object namespace object";
        for (install, release, expected) in [
            (&auto, "1.0", vec!["istio-sidecar-injector: ".to_owned()]),
            (&named, "1.6", vec!["istio-sidecar-injector-x: ".into()]),
            (&auto, "1.9", vec!["istio-sidecar-injector: ".into()]),
            (&modern, "1.9", vec!["istio-sidecar-injector-x: namespace object".into()]),
            (&auto, "1.10", vec![format!("istio-sidecar-injector: {four} auto")]),
            (&named, "1.11", vec!["istio-sidecar-injector-x: rev.namespace rev.object".into()]),
            (
                &tagged,
                "1.12",
                vec![
                    format!("istio-sidecar-injector: {four} auto"),
                    "istio-revision-tag-prod: rev.namespace rev.object".into(),
                    format!("istio-revision-tag-default: {four}"),
                ],
            ),
            (
                &tagged,
                "1.30",
                vec![
                    format!("istio-sidecar-injector: {four} auto"),
                    "istio-revision-tag-prod: rev.namespace rev.object".into(),
                    format!("istio-revision-tag-default: {four} auto"),
                ],
            ),
        ] {
            assert_eq!(shapes(install, release), expected, "{release}");
        }
    }

    /// What the API server fills in, and what the charts of a release say themselves.
    #[test]
    fn settings_by_release() {
        let asked =
            Install { reinvocation_policy: Some("IfNeeded".into()), tags: vec!["prod".into()], ..Install::default() };
        let table: &[(&str, &Install, usize, [&str; 6])] = &[
            ("1.0", &Install::default(), 0, ["v1beta1", "Exact", "30", "Unknown", r#"["v1beta1"]"#, "Never"]),
            ("1.7", &Install::default(), 0, ["v1beta1", "Exact", "30", "None", r#"["v1beta1","v1"]"#, "Never"]),
            ("1.10", &Install::default(), 0, ["v1", "Equivalent", "10", "None", r#"["v1beta1","v1"]"#, "Never"]),
            ("1.19", &asked, 0, ["v1", "Equivalent", "10", "None", r#"["v1beta1","v1"]"#, "IfNeeded"]),
            ("1.25", &asked, 1, ["v1", "Equivalent", "10", "None", r#"["v1"]"#, "Never"]),
            ("1.26", &asked, 1, ["v1", "Equivalent", "10", "None", r#"["v1"]"#, "IfNeeded"]),
        ];
        for (release, install, i, expected) in table {
            let configurations = webhooks(install, Release::find(release).unwrap()).unwrap();
            let configuration = &configurations[*i];
            let entry = &configuration["webhooks"].items()[0];
            let api_version = configuration["apiVersion"].as_str().unwrap_or_default();
            let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            let found = [
                api_version.rsplit('/').next().unwrap_or_default().to_owned(),
                text("matchPolicy"),
                entry["timeoutSeconds"].to_string(),
                text("sideEffects"),
                entry["admissionReviewVersions"].to_string(),
                text("reinvocationPolicy"),
            ];
            assert_eq!(found, *expected, "{release}");
        }
    }

    #[test]
    fn names_services_and_urls() {
        let elsewhere = Install { revision: "x".into(), namespace: "mesh".into(), ..Install::default() };
        let separate = Install { istiod: Some(false), ..Install::default() };
        let remote = Install { injection_url: Some("https://far:15017/inject".into()), ..Install::default() };
        for (install, release, name, client) in [
            (&Install::default(), "1.4", "istio-sidecar-injector", "istio-sidecar-injector"),
            (&elsewhere, "1.5", "istio-sidecar-injector-x-mesh", "istiod-x"),
            (&separate, "1.5", "istio-sidecar-injector", "istio-sidecar-injector"),
            (&elsewhere, "1.30", "istio-sidecar-injector-x-mesh", "istiod-x"),
            (&remote, "1.7", "istio-sidecar-injector", "https://far:15017/inject/cluster/remote0/net/network0"),
            (&remote, "1.8", "istio-sidecar-injector", "https://far:15017/inject"),
        ] {
            let configuration = &webhooks(install, Release::find(release).unwrap()).unwrap()[0];
            assert_eq!(configuration["metadata"]["name"].as_str(), Some(name), "{release}");
            let found = &configuration["webhooks"].items()[0]["clientConfig"];
            assert_eq!(found["url"].as_str().or(found["service"]["name"].as_str()), Some(client), "{release}");
        }
    }

    #[test]
    fn settings_that_a_release_does_not_know() {
        let set = |change: fn(&mut Install)| {
            let mut install = Install::default();
            change(&mut install);
            install
        };
        let table: &[(Install, &str, Option<&str>)] = &[
            (set(|i| i.revision = "x".into()), "1.4", Some("revision")),
            (set(|i| i.tags = vec!["prod".into()]), "1.9", Some("tags")),
            (set(|i| i.deactivated = true), "1.9", Some("deactivated")),
            (set(|i| i.istiod = Some(false)), "1.6", Some("istiod")),
            (set(|i| (i.istiod, i.revision) = (Some(false), "x".into())), "1.5", Some("revision")),
            (set(|i| i.use_legacy_selectors = Some(true)), "1.8", Some("useLegacySelectors")),
            (set(|i| i.use_legacy_selectors = Some(true)), "1.10", None),
            (set(|i| i.auto_inject = Some(false)), "1.11", Some("objectSelector")),
            (set(|i| i.inject_label = Some("istio-env".into())), "1.6", Some("injectLabel")),
            (set(|i| i.reinvocation_policy = Some("IfNeeded".into())), "1.18", Some("reinvocationPolicy")),
            (set(|i| i.injection_path = Some("/x".into())), "1.10", Some("injectionPath")),
            (set(|i| i.injection_url = Some("https://far".into())), "1.5", Some("injectionURL")),
        ];
        for (install, release, expected) in table {
            let result = webhooks(install, Release::find(release).unwrap());
            assert_eq!(result.err().map(|e| e.setting), *expected, "{release}");
        }
    }
}
