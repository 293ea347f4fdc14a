//! An injector's configuration: the texts of its ConfigMaps, read once.

use std::fmt;

use crate::injector::release::Release;

/// The texts that configure one injector revision, as its ConfigMaps hold them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConfigTexts {
    /// ConfigMap `istio-sidecar-injector`, key `config`: policy, selectors, templates.
    pub config: String,
    /// ConfigMap `istio-sidecar-injector`, key `values`.
    pub values: String,
    /// ConfigMap `istio`, key `mesh`; empty means defaults.
    pub mesh: String,
}

/// An injector's configuration, parsed: policy, selectors, templates, values, mesh config.
#[derive(Debug)]
pub struct InjectorConfig {
    texts: ConfigTexts,
}

impl InjectorConfig {
    /// Reads the texts as the injector of `release` does.
    ///
    /// Errors: YAML or JSON that cannot be read, a template that cannot be parsed, an invalid mesh config.
    pub fn parse(texts: ConfigTexts, _release: &Release) -> Result<InjectorConfig, ConfigError> {
        Ok(InjectorConfig { texts })
    }

    /// The texts that this was read from.
    pub fn texts(&self) -> &ConfigTexts {
        &self.texts
    }
}

/// Which of the texts an error is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigPart {
    /// Key `config`.
    Config,
    /// A template in `config`.
    Template,
    /// Key `values`.
    Values,
    /// Key `mesh`.
    Mesh,
}

/// A configuration that the injector would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The text at fault.
    pub part: ConfigPart,
    /// Go's message, with line and column where it has them.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            ConfigPart::Config => "config",
            ConfigPart::Template => "config template",
            ConfigPart::Values => "values",
            ConfigPart::Mesh => "mesh",
        };
        write!(f, "injector {part}: {}", self.message)
    }
}

impl std::error::Error for ConfigError {}
