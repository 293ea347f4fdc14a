//! Several errors in one text, as Istio prints them.

/// Errors that are collected.
#[derive(Clone, Debug, Default)]
pub(super) struct Errors(Vec<String>);

impl Errors {
    /// Adds an error.
    pub(super) fn push(&mut self, error: impl Into<String>) {
        self.0.push(error.into());
    }

    /// Adds the error of a check, if it has one, with words before it.
    pub(super) fn check(&mut self, prefix: &str, result: Result<(), String>) {
        if let Err(error) = result {
            self.push(format!("{prefix} {error}"));
        }
    }

    /// Adds all errors of another collection.
    pub(super) fn extend(&mut self, other: Errors) {
        self.0.extend(other.0);
    }

    /// The collection as one error in the form that go-multierror had before its points were indented.
    pub(super) fn finish_plain(self) -> Result<(), String> {
        let count = match self.0.len() {
            0 => return Ok(()),
            1 => "1 error occurred:".to_owned(),
            n => format!("{n} errors occurred:"),
        };
        let points: Vec<String> = self.0.iter().map(|e| format!("* {e}")).collect();
        Err(format!("{count}\n\n{}", points.join("\n")))
    }

    /// The collection as one error, if there is any.
    ///
    /// Source: hashicorp/go-multierror, list format.
    pub(super) fn finish(self) -> Result<(), String> {
        let count = match self.0.len() {
            0 => return Ok(()),
            1 => "1 error occurred:".to_owned(),
            n => format!("{n} errors occurred:"),
        };
        let points: Vec<String> = self.0.iter().map(|e| format!("* {e}")).collect();
        Err(format!("{count}\n\t{}\n\n", points.join("\n\t")))
    }
}
