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

/// The built-in configuration as a release reads it: what a default install of that release writes.
pub fn config(release: &Release) -> ConfigTexts {
    ConfigTexts { config: config_tree(release).to_string(), values: values(release), mesh: mesh(release).to_owned() }
}

/// The values of the built-in configuration, with the release's own images.
pub fn values(release: &Release) -> String {
    lines::tagged(release.switches.configuration.values, release.name)
}

/// The mesh config of the built-in configuration.
pub fn mesh(release: &Release) -> &'static str {
    release.switches.configuration.mesh
}

/// The key `config` of the built-in configuration, as a tree.
pub fn config_tree(release: &Release) -> Value {
    release.switches.configuration.config(release.name)
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
            assert_eq!(config.templates.is_empty(), !release.names_templates(), "{release}");
            if let Some(read) = config.list_patch() {
                assert!(read.parses(), "{release}");
            }
        }
    }
}
