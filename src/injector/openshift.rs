//! OpenShift: user and group ids from the namespace, and the user id that the platform forces on every container.

use crate::go::json::Value;
use crate::injector::pod::{self, List};

const UID_RANGE: &str = "openshift.io/sa.scc.uid-range";
const SUPPLEMENTAL_GROUPS: &str = "openshift.io/sa.scc.supplemental-groups";

/// The id of the proxy's user and group where nothing else is said.
pub const DEFAULT_ID: i64 = 1337;

/// User and group id for the proxy: the highest ids of the namespace's ranges, else 1337. `namespace` is null unless
/// the platform is OpenShift and the namespace is known.
pub fn proxy_ids(namespace: &Value) -> (i64, i64) {
    let annotation = |key| namespace["metadata"]["annotations"].get(key).and_then(Value::as_str);
    let uid = annotation(UID_RANGE).and_then(highest).map(i64::from).unwrap_or(DEFAULT_ID);
    // Every block of the list must be readable, but only the first one counts.
    let groups = annotation(SUPPLEMENTAL_GROUPS).or_else(|| annotation(UID_RANGE));
    let blocks: Option<Vec<u32>> = groups.and_then(|g| g.split(',').map(highest).collect());
    let gid = blocks.and_then(|b| b.first().copied()).map(i64::from).unwrap_or(DEFAULT_ID);
    (uid, gid)
}

/// The last id of `START/SIZE` or `START-END`, as Go's `Sscanf` reads them: blanks before a number and anything after
/// the second one are passed over. Sizes wrap around as 32-bit numbers do.
fn highest(block: &str) -> Option<u32> {
    let separator = if block.contains('/') { '/' } else { '-' };
    let (start, rest) = number(block)?;
    let (second, _) = number(rest.strip_prefix(separator)?)?;
    Some(if separator == '/' { start.wrapping_add(second).wrapping_sub(1) } else { second })
}

fn number(text: &str) -> Option<(u32, &str)> {
    let text = text.trim_start_matches([' ', '\t', '\r']);
    let digits = text.strip_prefix('+').unwrap_or(text);
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(digits.len());
    Some((digits[..end].replace('_', "").parse().ok()?, &digits[end..]))
}

/// The platform gives all containers of a pod one user id, which would defeat traffic interception: a sidecar in the
/// incoming pod whose user equals the application's loses its user and group again. Unset ids count as 0; of several
/// application containers the last one with an id counts.
///
/// Source: istio 1.23.1 on; init containers count with `all` only.
pub fn reset_sidecar_user(pod: &mut Value, all: bool) {
    let run_as = |c: &Value| c["securityContext"]["runAsUser"].as_i64();
    let (mut sidecar_user, mut app_user) = (0, 0);
    let lists = if all { &List::BOTH[..] } else { &[List::Containers] };
    for container in lists.iter().flat_map(|list| pod::containers(pod, *list)) {
        let Some(user) = run_as(container) else { continue };
        match pod::name(container) {
            pod::PROXY => sidecar_user = user,
            pod::INIT | pod::VALIDATION => {}
            _ => app_user = user,
        }
    }
    if sidecar_user != app_user {
        return;
    }
    if let Some(context) = pod::find_in_mut(pod, &List::BOTH, pod::PROXY)
        .and_then(|sidecar| sidecar.get_mut("securityContext"))
        .and_then(Value::as_object_mut)
    {
        context.remove("runAsUser");
        context.remove("runAsGroup");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        for (text, want) in [
            ("1000620000/10000", Some(1000629999)),
            ("1000-2000", Some(2000)),
            ("5/0", Some(4)),
            (" 7/ 3x", Some(9)),
            ("", None),
            ("a/1", None),
            ("4294967295/2", Some(0)),
        ] {
            assert_eq!(highest(text), want, "{text}");
        }
    }
}
