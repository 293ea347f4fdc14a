//! Small helpers for texts that people read.

/// A text on one line, cut where it is longer than `limit` characters.
pub fn cut(text: &str, limit: usize) -> String {
    let line = text.replace('\n', "\\n");
    match line.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
