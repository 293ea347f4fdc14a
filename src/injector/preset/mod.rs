//! What a cluster has where nobody says otherwise: the webhooks of an install and a configuration of our own that does
//! what a default Istio 1.30 would.

use crate::go::json::{Object, Value};
use crate::injector::config::ConfigTexts;
use crate::injector::release::Release;

pub mod forms;
mod install;

pub use install::{Install, UnknownSetting, webhooks};

fn object<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Object(members.into_iter().collect())
}

fn strings(items: &[&str]) -> Value {
    items.to_vec().into()
}

/// The templates of the built-in configuration, by name.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("sidecar", include_str!("sidecar.yaml")),
    ("gateway", include_str!("gateway.yaml")),
    ("grpc-agent", include_str!("grpc-agent.yaml")),
];

/// The values of the built-in configuration.
pub const VALUES: &str = include_str!("values.yaml");

/// The release whose values [`VALUES`] are.
const VALUES_OF: &str = "1.30.3";

/// What the templates say in releases that lack a field, a function or a setting of the mesh config: its name, how the
/// templates use it, what stands there instead.
const LACKING: &[(&str, &str, &str)] = &[
    (
        "ProxyImage",
        ".ProxyImage",
        r#"(printf "%s/%s:%v" .Values.global.hub .Values.global.proxy.image .Values.global.tag)"#,
    ),
    ("ProxyUID", ".ProxyUID", "1337"),
    ("ProxyGID", ".ProxyGID", "1337"),
    ("CompliancePolicy", ".CompliancePolicy", r#""""#),
    ("NativeSidecars", ".NativeSidecars", r#"(eq (env "ENABLE_NATIVE_SIDECARS" "false") "true")"#),
    ("ProxyInboundListenPort", ".MeshConfig.ProxyInboundListenPort", "15006"),
    (
        "otelResourceAttributes",
        "otelResourceAttributes .MeshConfig $pod.Annotations $pod.Labels $pod.Namespace .Spec.Containers",
        r#""""#,
    ),
];

/// The built-in configuration as a release reads it: our own templates, policy enabled, default mesh.
pub fn config(release: &Release) -> ConfigTexts {
    ConfigTexts { config: config_tree(release).to_string(), values: values(release), mesh: String::new() }
}

/// The values of the built-in configuration, with the release's own images.
pub fn values(release: &Release) -> String {
    VALUES.replacen(VALUES_OF, release.name, 1)
}

/// The key `config` of the built-in configuration, as a tree.
pub fn config_tree(release: &Release) -> Value {
    let switches = &release.switches;
    let has = |name: &str| {
        let listed = |groups: &[&[&str]]| groups.iter().any(|group| group.contains(&name));
        listed(switches.template_fields) || listed(switches.functions) || switches.mesh.has_setting(name)
    };
    let lacking: Vec<_> = LACKING.iter().filter(|(name, ..)| !has(name)).collect();
    let own = |text: &str| lacking.iter().fold(text.to_owned(), |text, (_, used, instead)| text.replace(used, instead));
    let templates: Object = TEMPLATES.iter().map(|(name, text)| (*name, own(text))).collect();
    object([
        ("policy", "enabled".into()),
        ("defaultTemplates", strings(&["sidecar"])),
        ("templates", Value::Object(templates)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injector::config::InjectorConfig;

    #[test]
    fn the_built_in_configuration_is_valid() {
        for release in Release::all() {
            let config = InjectorConfig::parse(config(release), release).unwrap();
            assert!(config.templates.values().all(Result::is_ok), "{release}");
        }
        assert!(VALUES.contains(VALUES_OF) && Release::latest().name == VALUES_OF);
    }
}
