use crate::go::json::Value;
use crate::injector::config::InjectorConfig;
use crate::injector::pod;

/// The annotation that names a pod's templates.
const TEMPLATES_ANNOTATION: &str = "inject.istio.io/templates";

/// The templates for a pod, in order: those of its annotation (split at commas, blanks trimmed) or the default ones,
/// each alias expanded once.
pub(super) fn templates<'a>(config: &'a InjectorConfig, pod: &'a Value) -> Vec<&'a str> {
    let names: Vec<&str> = match pod::annotation(pod, TEMPLATES_ANNOTATION) {
        Some(list) => list.split(',').map(str::trim).collect(),
        None => config.default_templates.iter().map(String::as_str).collect(),
    };
    let expand = |name| match config.aliases.get(name) {
        Some(names) => names.iter().map(String::as_str).collect(),
        None => vec![name],
    };
    names.into_iter().flat_map(expand).collect()
}
