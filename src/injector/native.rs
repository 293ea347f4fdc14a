//! Whether the cluster runs native sidecars (init containers with `restartPolicy: Always`).

use crate::go::strconv;
use crate::injector::release::{NativeDetection, Release};
use crate::k8s::Node;

/// Looks it up for a pod that is bound to `node_name` (empty when unbound). `nodes` is `None` when the injector has no
/// client for the pod's cluster.
///
/// Source: istio, `ENABLE_NATIVE_SIDECARS` and the kubelet check, 1.27 on. No nodes at all count as able.
pub fn detect(release: &Release, mode: Option<&str>, nodes: Option<&[Node]>, node_name: &str) -> bool {
    match release.switches.native_detection {
        NativeDetection::Never => return false,
        NativeDetection::Variable => return mode.and_then(strconv::parse_bool).unwrap_or(false),
        NativeDetection::Kubelets => {}
    }
    match mode.unwrap_or("auto") {
        "true" => return true,
        "auto" => {}
        _ => return false,
    }
    let Some(nodes) = nodes else { return false };
    let able =
        |node: &Node| minor(&node.kubelet_version).is_some_and(|m| m >= release.switches.native_kubelet_minor.into());
    match nodes.iter().find(|n| !node_name.is_empty() && n.name == node_name) {
        Some(node) => able(node),
        None => nodes.iter().all(able),
    }
}

/// The second number of a version such as `v1.33.2-gke.1+build`, read as loosely as hashicorp/go-version does: an
/// optional `v`, dotted numbers (missing ones are 0), then an optional pre-release and build part.
fn minor(version: &str) -> Option<u64> {
    let text = version.strip_prefix('v').unwrap_or(version);
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let numbers: Vec<u64> = numbers.split('.').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    suffix_is_valid(rest).then(|| numbers.get(1).copied().unwrap_or(0))
}

/// `-pre.release`, `pre` (letters right after the number), `+build`: dotted runs of letters, digits, `-` and `~`.
fn suffix_is_valid(suffix: &str) -> bool {
    let (pre, build) = suffix.split_once('+').map_or((suffix, None), |(p, b)| (p, Some(b)));
    let word = |text: &str| {
        text.split('.')
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-~".contains(c)))
    };
    let pre_ok = pre.is_empty() || word(pre.strip_prefix('-').unwrap_or(pre));
    pre_ok && build.is_none_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(name: &str, version: &str) -> Node {
        Node { name: name.into(), kubelet_version: version.into() }
    }

    #[test]
    fn kubelets_decide_in_auto_mode() {
        let release = Release::latest();
        let nodes = [node("old", "v1.28.3"), node("new", "v1.34.0-gke.100+x")];
        let auto = |nodes: Option<&[Node]>, name| detect(release, None, nodes, name);
        assert!(auto(Some(&[]), ""));
        assert!(!auto(None, ""));
        assert!(!auto(Some(&nodes), ""));
        assert!(auto(Some(&nodes), "new"));
        assert!(!auto(Some(&nodes), "unknown"));
        assert!(!auto(Some(&[node("a", "garbage")]), ""));
        assert!(!auto(Some(&[node("a", "v2.0")]), ""));
        assert!(detect(release, Some("true"), None, ""));
        assert!(!detect(release, Some("False"), Some(&[]), ""));
    }
}
