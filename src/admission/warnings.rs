//! The warnings of a request as the client gets them. Source: kube-apiserver 1.36, its warning recorder.

/// When all warnings together have more characters than this, each is cut.
const MAX_ALL: usize = 4096;
/// To what each is cut then.
const MAX_EACH: usize = 256;

/// Warnings, each once.
#[derive(Clone, Debug, Default)]
pub struct Warnings {
    seen: Vec<String>,
    sent: Vec<String>,
    written: usize,
    cutting: bool,
}

impl Warnings {
    /// Adds a warning. Empty ones and those that were there before add nothing; those that no header can carry are
    /// lost.
    pub fn add(&mut self, text: &str) {
        if text.is_empty() || (self.cutting && self.written >= MAX_ALL) || self.seen.iter().any(|s| s == text) {
            return;
        }
        self.seen.push(text.to_owned());
        if text.chars().any(char::is_control) {
            return;
        }
        let length = text.chars().count();
        if self.cutting || self.written + length <= MAX_ALL {
            self.send(text);
            return;
        }
        // Too much: all are sent once more, cut.
        self.cutting = true;
        self.written = 0;
        self.sent.clear();
        for text in std::mem::take(&mut self.seen) {
            if !text.chars().any(char::is_control) {
                self.send(&text);
            }
            self.seen.push(text);
        }
    }

    fn send(&mut self, text: &str) {
        let most = if self.cutting { MAX_EACH } else { usize::MAX };
        let text: String = text.chars().take(most).collect();
        self.written += text.chars().count();
        self.sent.push(text);
    }

    /// The texts that the client sees.
    pub fn texts(&self) -> &[String] {
        &self.sent
    }

    /// Every text that was added, once.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().map(String::as_str)
    }

    /// The texts that the client sees, given away.
    pub fn into_texts(self) -> Vec<String> {
        self.sent
    }
}

/// A warning as the value of an HTTP `Warning` header.
pub fn warning_header(text: &str) -> String {
    format!("299 - \"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_ones_are_cut_once_there_are_too_many() {
        let mut warnings = Warnings::default();
        for i in 0..30 {
            warnings.add(&format!("{i:02} {}", "x".repeat(300)));
        }
        assert_eq!(warnings.texts().len(), 16);
        assert!(warnings.texts().iter().all(|t| t.chars().count() == MAX_EACH));
        let mut few = Warnings::default();
        for text in ["a", "a", "", "tab\there", &"é".repeat(MAX_ALL - 1)] {
            few.add(text);
        }
        assert_eq!(few.texts().len(), 2);
        assert_eq!(warning_header("a \"b\" \\"), r#"299 - "a \"b\" \\""#);
    }
}
