use crate::injector::overlay::Injection;
use crate::injector::pod;

/// The annotation that names a pod's templates.
const TEMPLATES_ANNOTATION: &str = "inject.istio.io/templates";

/// The template of kube-inject.
const SIDECAR: &str = "sidecar";

/// The templates for a pod, in order: those of its annotation (split at commas, blanks trimmed) or the default ones,
/// each alias expanded once. kube-inject has a default of its own and no aliases.
pub(super) fn templates<'a>(injection: &Injection<'a>) -> Vec<&'a str> {
    let Injection { config, pod, by_hand, .. } = *injection;
    let names: Vec<&str> = match pod::annotation(pod, TEMPLATES_ANNOTATION) {
        Some(list) => list.split(',').map(str::trim).collect(),
        None if by_hand => vec![SIDECAR],
        None => config.default_templates.iter().map(String::as_str).collect(),
    };
    let expand = |name| match config.aliases.get(name).filter(|_| !by_hand) {
        Some(names) => names.iter().map(String::as_str).collect(),
        None => vec![name],
    };
    names.into_iter().flat_map(expand).collect()
}
