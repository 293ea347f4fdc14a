//! The quality of service class of a pod.

use super::resources::Resources;
use crate::go::json::Value;

const COMPUTE: [&str; 2] = ["cpu", "memory"];

/// `Guaranteed`, `Burstable` or `BestEffort`, from what the pod's containers, or the pod as a whole, ask for.
///
/// Source: kube-apiserver 1.36.
pub fn class(pod: &Value) -> &'static str {
    let (mut requests, mut limits) = (Resources::default(), Resources::default());
    let mut guaranteed = true;
    let read = |resources: &Value, member: &str| {
        let mut list = Resources::read(&resources[member]);
        list.0.retain(|name, quantity| COMPUTE.contains(&name.as_str()) && quantity.sign() > 0);
        list
    };
    let spec = &pod["spec"];
    if spec["resources"].as_object().is_some() {
        requests = read(&spec["resources"], "requests");
        limits = read(&spec["resources"], "limits");
        let says_limits = spec["resources"]["limits"].as_object().is_some_and(|list| !list.is_empty());
        guaranteed = !says_limits || limits.0.len() == COMPUTE.len();
    } else {
        for container in spec["containers"].items().iter().chain(spec["initContainers"].items()) {
            requests.add(&read(&container["resources"], "requests"));
            let own = read(&container["resources"], "limits");
            guaranteed &= own.0.len() == COMPUTE.len();
            limits.add(&own);
        }
    }
    if requests.0.is_empty() && limits.0.is_empty() {
        return "BestEffort";
    }
    let is_equal = |name: &str| limits.0.get(name).is_some_and(|limit| limit.compare(&requests.0[name]).is_eq());
    match guaranteed && requests.0.len() == limits.0.len() && requests.0.keys().all(|name| is_equal(name)) {
        true => "Guaranteed",
        false => "Burstable",
    }
}
