use std::fmt;

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
