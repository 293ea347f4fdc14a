use std::collections::BTreeMap;

use crate::go::json::Value;
use crate::injector::pod::{self, List};

/// Sets the sidecar's environment variables from the URL, the cluster and the network: same-named ones are taken out,
/// the new ones come last, sorted by name.
pub(super) fn overwrite(pod: &mut Value, lists: &[List], variables: &BTreeMap<String, String>) {
    let Some(sidecar) = pod::find_in_mut(pod, lists, pod::PROXY).filter(|_| !variables.is_empty()) else { return };
    if let Some(env) = sidecar.get_mut("env").and_then(Value::as_array_mut) {
        env.retain(|variable| !variables.contains_key(pod::name(variable)));
    }
    for (name, value) in variables {
        pod::push_env_sparse(sidecar, name, value);
    }
}
