use std::fmt;

use conjector::advice::distance;
use conjector::go::yaml;

/// A scenario file, preset or golden that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseError {
    /// The file, relative to the suite.
    pub file: String,
    /// Line and column from 1, where they are known.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl CaseError {
    /// An error about a file as a whole.
    pub fn new(file: &str, message: impl Into<String>) -> CaseError {
        CaseError { file: file.to_owned(), place: None, message: message.into(), hint: None }
    }

    /// An error at a place.
    pub fn at(file: &str, place: (usize, usize), message: impl Into<String>) -> CaseError {
        CaseError { place: Some(place), ..CaseError::new(file, message) }
    }

    /// An error of the YAML reader.
    pub(super) fn yaml(file: &str, error: &yaml::Error) -> CaseError {
        CaseError { place: error.place(), ..CaseError::new(file, error.to_string()) }
    }

    /// The same error with a hint.
    pub fn hint(self, hint: Option<String>) -> CaseError {
        CaseError { hint, ..self }
    }

    /// The id that the file would have had, for reports.
    pub fn id(&self) -> &str {
        let file = self.file.strip_prefix("cases/").unwrap_or(&self.file);
        file.strip_suffix(".yaml").unwrap_or(file)
    }
}

impl fmt::Display for CaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for CaseError {}

/// What is wrong at a key of a case, before it is known where the key stands.
#[derive(Debug)]
pub(super) struct Problem {
    /// The keys that lead there, such as `given`, `config`, `templates`.
    pub(super) place: Vec<String>,
    message: String,
    pub(super) hint: Option<String>,
}

impl Problem {
    pub(super) fn at(place: &[&str], message: impl fmt::Display) -> Problem {
        let place = place.iter().map(|token| (*token).to_owned()).collect();
        Problem { place, message: message.to_string(), hint: None }
    }

    pub(super) fn hint(self, hint: Option<String>) -> Problem {
        Problem { hint, ..self }
    }

    /// The error of the case `id`, in its file.
    pub(super) fn in_case(self, id: &str, file: &str, place: (usize, usize)) -> CaseError {
        let message = format!("{id}: {self}");
        CaseError::at(file, place, message).hint(self.hint)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place.join("."))?;
        }
        f.write_str(&self.message)
    }
}

/// The known word nearest to a mistyped one, as a hint.
pub(super) fn near_miss<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let nearest = known.into_iter().map(|k| (distance(word, k), k)).min()?;
    (nearest.0 <= 1 + word.len() / 4).then(|| format!("did you mean {:?}?", nearest.1))
}
