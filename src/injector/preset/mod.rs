//! What a cluster has where nobody says otherwise: the webhooks of an install and a configuration of our own that does
//! what a default Istio 1.30 would.

use crate::go::json::{Object, Value};
use crate::injector::config::ConfigTexts;

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
}
