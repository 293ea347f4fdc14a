//! Documents of a YAML text, as Kubernetes' reader splits them.

use crate::injector::release::Separators;

/// Splits at separators. One with nothing before it stays in the document that follows, and every line ends with a line
/// feed.
///
/// Errors: the reader's text, in the place of the document in which it stops.
/// Source: k8s.io/apimachinery 0.20 and 0.22, YAML reader.
pub(super) fn split(text: &str, separators: Separators) -> Vec<Result<String, String>> {
    let mut documents = Vec::new();
    let mut document = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            let separates = match separators {
                Separators::Bare => rest.is_empty(),
                Separators::Commented if rest.is_empty() || rest.starts_with('#') => true,
                Separators::Commented => {
                    documents.push(Err(format!("invalid Yaml document separator: {rest}")));
                    return documents;
                }
            };
            if separates && !document.is_empty() {
                documents.push(Ok(std::mem::take(&mut document)));
                continue;
            }
        }
        document.push_str(line);
        document.push('\n');
    }
    if !document.is_empty() {
        documents.push(Ok(document));
    }
    documents
}
