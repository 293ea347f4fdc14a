//! What a cluster has where nobody says otherwise: the webhooks and the configuration of an install.

use crate::go::json::Value;
use crate::injector::config::ConfigTexts;
use crate::injector::release::Release;

pub mod forms;
mod install;
pub mod lines;

pub use install::{Install, UnknownSetting, webhooks};

fn object<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Object(members.into_iter().collect())
}

fn strings(items: &[&str]) -> Value {
    items.to_vec().into()
}

/// What an install of a release configures its injector with.
pub fn config(install: &Install, release: &Release) -> ConfigTexts {
    let values = values(install, release);
    let config = config_tree(release, &values).unwrap_or_default();
    let values = if keeps_values(release) { values } else { String::new() };
    ConfigTexts { config: config.to_string(), values, mesh: mesh(install, release) }
}

/// True when the release's ConfigMap has the key `values` (1.2 on); before, the charts fill them into the template.
pub fn keeps_values(release: &Release) -> bool {
    release.switches.configuration.keeps_values()
}

/// The values of an install, with the release's own images.
pub fn values(install: &Install, release: &Release) -> String {
    lines::filled(release.switches.configuration.values, install, release.name)
}

/// The mesh config of an install.
pub fn mesh(install: &Install, release: &Release) -> String {
    lines::filled(release.switches.configuration.mesh, install, release.name)
}

/// The key `config` of an install with these values, as a tree.
///
/// Errors: values that the charts of 1.0 or 1.1 cannot fill into the template, with Go's text.
pub fn config_tree(release: &Release, values: &str) -> Result<Value, String> {
    release.switches.configuration.config(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::injector::config::InjectorConfig;

    #[test]
    fn the_built_in_configuration_is_valid() {
        for release in Release::all() {
            let texts = config(&Install::default(), release);
            assert!(texts.config.contains("istio-proxy"), "{release}");
            assert!(format!("{texts:?}").contains(release.name) && !format!("{texts:?}").contains('@'), "{release}");
            let config = InjectorConfig::parse(texts, release).unwrap();
            assert!(config.templates.values().all(Result::is_ok), "{release}");
            assert_eq!(config.templates.is_empty(), !release.names_templates(), "{release}");
            if let Some(read) = config.list_patch() {
                assert!(read.parses(), "{release}");
            }
        }
    }
}
