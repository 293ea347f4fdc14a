//! Documents of a YAML text, as Kubernetes' reader splits them.

/// Splits at lines that are `---` and blanks. A separator with nothing before it stays in the document that follows, and
/// every line ends with a line feed. Source: k8s.io/apimachinery, YAML reader.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut documents = Vec::new();
    let mut document = String::new();
    for line in text.lines() {
        let separates = line.strip_prefix("---").is_some_and(|rest| rest.trim_end().is_empty());
        if separates && !document.is_empty() {
            documents.push(std::mem::take(&mut document));
            continue;
        }
        document.push_str(line);
        document.push('\n');
    }
    if !document.is_empty() {
        documents.push(document);
    }
    documents
}
