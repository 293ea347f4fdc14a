//! What a cluster has where nobody says otherwise: the webhooks of an install and a configuration of our own that does
//! what a default Istio 1.30 would.

use crate::go::json::{Object, Value};
use crate::injector::config::ConfigTexts;

/// How an injector was installed, as far as its webhooks show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// The revision; `default` is the one without a name.
    pub revision: String,
    /// Revision tags that point at the revision; the tag `default` makes it answer for plain injection labels.
    pub tags: Vec<String>,
    /// Namespaces are injected unless they say no.
    pub enable_namespaces_by_default: bool,
}

impl Default for Install {
    fn default() -> Install {
        Install { revision: "default".into(), tags: Vec::new(), enable_namespaces_by_default: false }
    }
}

/// The namespaces that `enableNamespacesByDefault` leaves alone.
const SYSTEM_NAMESPACES: &[&str] = &["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

const INJECT: &str = "sidecar.istio.io/inject";
const INJECTION: &str = "istio-injection";
const REVISION: &str = "istio.io/rev";

/// A condition of a selector: key, operator, values.
type Condition<'a> = (&'a str, &'a str, Vec<&'a str>);

/// The MutatingWebhookConfigurations of an install: that of the revision, then one for each tag.
///
/// Source: istio 1.16–1.30, webhooks of the istiod and revision tag charts.
pub fn webhooks(install: &Install) -> Vec<Value> {
    let revision = install.revision.as_str();
    let is_default = revision == "default";
    let suffix = if is_default { String::new() } else { format!("-{revision}") };
    let service = format!("istiod{suffix}");
    let plain = is_default && !install.tags.iter().any(|tag| tag == "default");
    let mut configurations = vec![configuration(
        &format!("istio-sidecar-injector{suffix}"),
        &[(REVISION, revision)],
        entries(revision, plain, install.enable_namespaces_by_default && plain),
        &service,
    )];
    for tag in &install.tags {
        let plain = tag == "default";
        configurations.push(configuration(
            &format!("istio-revision-tag-{tag}"),
            &[(REVISION, revision), ("istio.io/tag", tag)],
            entries(tag, plain, install.enable_namespaces_by_default && plain),
            &service,
        ));
    }
    configurations
}

/// A webhook's name with the conditions of its two selectors.
type Entry<'a> = (&'static str, Vec<Condition<'a>>, Vec<Condition<'a>>);

/// The webhooks for a revision or tag; `plain` adds those for `istio-injection` and for pods that ask by themselves,
/// `auto` the one for everything that says nothing.
fn entries(revision: &str, plain: bool, auto: bool) -> Vec<Entry<'_>> {
    let absent = |key| (key, "DoesNotExist", Vec::new());
    let not_forbidden = (INJECT, "NotIn", vec!["false"]);
    let this_revision = (REVISION, "In", vec![revision]);
    let mut entries = vec![
        ("rev.namespace", vec![this_revision.clone(), absent(INJECTION)], vec![not_forbidden.clone()]),
        ("rev.object", vec![absent(REVISION), absent(INJECTION)], vec![not_forbidden.clone(), this_revision]),
    ];
    if plain {
        entries.push(("namespace", vec![(INJECTION, "In", vec!["enabled"])], vec![not_forbidden]));
        let asks = (INJECT, "In", vec!["true"]);
        entries.push(("object", vec![absent(INJECTION), absent(REVISION)], vec![asks, absent(REVISION)]));
    }
    if auto {
        let ordinary = ("kubernetes.io/metadata.name", "NotIn", SYSTEM_NAMESPACES.to_vec());
        entries.push((
            "auto",
            vec![absent(INJECTION), absent(REVISION), ordinary],
            vec![absent(INJECT), absent(REVISION)],
        ));
    }
    entries
}

fn object<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Object(members.into_iter().collect())
}

fn strings(items: &[&str]) -> Value {
    items.to_vec().into()
}

fn configuration(name: &str, labels: &[(&str, &str)], entries: Vec<Entry<'_>>, service: &str) -> Value {
    let labels: Object = labels.iter().map(|(k, v)| (*k, *v)).collect();
    let webhooks = entries.into_iter().map(|(name, namespace, pod)| webhook(name, &namespace, &pod, service)).collect();
    object([
        ("apiVersion", "admissionregistration.k8s.io/v1".into()),
        ("kind", "MutatingWebhookConfiguration".into()),
        ("metadata", object([("name", name.into()), ("labels", Value::Object(labels))])),
        ("webhooks", Value::Array(webhooks)),
    ])
}

fn selector(conditions: &[Condition<'_>]) -> Value {
    let expressions = conditions.iter().map(|(key, operator, values)| {
        let mut expression: Object = [("key", *key), ("operator", *operator)].into_iter().collect();
        if !values.is_empty() {
            expression.insert("values", strings(values));
        }
        Value::Object(expression)
    });
    object([("matchExpressions", Value::Array(expressions.collect()))])
}

fn webhook(name: &str, namespace: &[Condition<'_>], pod: &[Condition<'_>], service: &str) -> Value {
    let service = object([
        ("name", service.into()),
        ("namespace", "istio-system".into()),
        ("path", "/inject".into()),
        ("port", 443i64.into()),
    ]);
    let rule = object([
        ("apiGroups", strings(&[""])),
        ("apiVersions", strings(&["v1"])),
        ("operations", strings(&["CREATE"])),
        ("resources", strings(&["pods"])),
        ("scope", "*".into()),
    ]);
    object([
        ("name", format!("{name}.sidecar-injector.istio.io").into()),
        ("admissionReviewVersions", strings(&["v1"])),
        ("clientConfig", object([("service", service)])),
        ("failurePolicy", "Fail".into()),
        ("matchPolicy", "Equivalent".into()),
        ("namespaceSelector", selector(namespace)),
        ("objectSelector", selector(pod)),
        ("reinvocationPolicy", "Never".into()),
        ("rules", Value::Array(vec![rule])),
        ("sideEffects", "None".into()),
        ("timeoutSeconds", 10i64.into()),
    ])
}

/// The templates of the built-in configuration, by name.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("sidecar", include_str!("sidecar.yaml")),
    ("gateway", include_str!("gateway.yaml")),
    ("grpc-agent", include_str!("grpc-agent.yaml")),
];

/// The values of the built-in configuration.
pub const VALUES: &str = include_str!("values.yaml");

/// The built-in configuration: our own templates, policy enabled, default mesh.
pub fn config() -> ConfigTexts {
    let templates: Object = TEMPLATES.iter().map(|(name, text)| (*name, *text)).collect();
    let config = object([
        ("policy", "enabled".into()),
        ("defaultTemplates", strings(&["sidecar"])),
        ("templates", Value::Object(templates)),
    ]);
    ConfigTexts { config: config.to_string(), values: VALUES.to_owned(), mesh: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injector::config::InjectorConfig;
    use crate::injector::release::Release;

    #[test]
    fn the_built_in_configuration_is_valid() {
        let config = InjectorConfig::parse(config(), Release::latest()).unwrap();
        assert_eq!(config.templates.len(), TEMPLATES.len());
    }

    #[test]
    fn webhooks_of_installs() {
        let names = |install: Install| -> Vec<String> {
            let count =
                |c: &Value| format!("{}:{}", c["metadata"]["name"].as_str().unwrap(), c["webhooks"].items().len());
            webhooks(&install).iter().map(count).collect()
        };
        assert_eq!(names(Install::default()), ["istio-sidecar-injector:4"]);
        let auto = Install { enable_namespaces_by_default: true, ..Install::default() };
        assert_eq!(names(auto), ["istio-sidecar-injector:5"]);
        let tagged =
            Install { revision: "1-30".into(), tags: vec!["prod".into(), "default".into()], ..Install::default() };
        assert_eq!(
            names(tagged),
            ["istio-sidecar-injector-1-30:2", "istio-revision-tag-prod:2", "istio-revision-tag-default:4"]
        );
    }
}
