use crate::go::json::Value;
use crate::injector::list_patch::NIL_POINTER;
use crate::injector::mesh::ProxyConfig;
use crate::injector::openshift;
use crate::injector::pod::{self, List};

/// Keeps the iptables setup in step with a sidecar whose user or group the pod's author chose: traffic of that user
/// must not be redirected. Under TPROXY the sidecar's user stays root.
///
/// Errors: how the real injector crashes where the pod's sidecar has no user (as the first of two may), or where `-u`
/// is the last argument.
///
/// Source: istio 1.20.7, 1.21.3, 1.22.1, 1.23 on.
pub(super) fn align(pod: &mut Value, original: &Value, proxy_config: &ProxyConfig) -> Result<(), String> {
    let Some(own) = pod::find_in(original, &List::BOTH, pod::PROXY) else { return Ok(()) };
    let id = |key: &str| own["securityContext"][key].as_i64();
    let (user, group) = (id("runAsUser"), id("runAsGroup"));
    if user.is_none() && group.is_none() {
        return Ok(());
    }
    let setup = [pod::INIT, pod::VALIDATION]
        .into_iter()
        .find(|name| pod::find(pod::containers(pod, List::InitContainers), name).is_some());
    let Some(setup) = setup else { return Ok(()) };

    let tproxy = proxy_config.interception_mode() == "TPROXY"
        || pod::annotation(pod, "sidecar.istio.io/interceptionMode") == Some("TPROXY");
    if tproxy && user.is_some() {
        let Some(sidecar) = pod::find_in_mut(pod, &List::BOTH, pod::PROXY) else { return Ok(()) };
        let user = sidecar.get_mut("securityContext").and_then(|context| context.get_mut("runAsUser"));
        *user.ok_or(NIL_POINTER)? = 0i64.into();
    }
    let Some(container) = pod::containers_mut(pod, List::InitContainers).iter_mut().find(|c| pod::name(c) == setup)
    else {
        return Ok(());
    };
    if !tproxy && setup == pod::VALIDATION {
        for (key, id) in [("runAsUser", user), ("runAsGroup", group)] {
            if let Some(id) = id {
                *container.entry("securityContext").entry(key) = id.into();
            }
        }
    }
    // iptables cannot exempt root.
    let Some(user) = user.filter(|user| *user != 0) else { return Ok(()) };
    if let Some(args) = container.get_mut("args").and_then(Value::as_array_mut)
        && let Some(flag) = args.iter().position(|a| a.as_str() == Some("-u"))
    {
        let (at, length) = (flag + 1, args.len());
        let value = args.get_mut(at);
        *value.ok_or_else(|| format!("runtime error: index out of range [{at}] with length {length}"))? =
            user.to_string().into();
    }
    Ok(())
}

/// Takes user and group off a user's container where the template's has a user other than the usual one, as on OpenShift,
/// which gives all containers of a pod the same user.
///
/// Source: istio 1.20.1–1.20.6, 1.21.0–1.21.2, 1.22.0.
pub(super) fn reset(own: &mut Value, template: &Value) {
    let user = template["securityContext"]["runAsUser"].as_i64();
    if user.is_some_and(|user| user != openshift::DEFAULT_ID)
        && let Some(Value::Object(context)) = own.get_mut("securityContext")
    {
        context.remove("runAsUser");
        context.remove("runAsGroup");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::go::json;
    use crate::injector::mesh::{MeshConfig, dialect};

    #[test]
    fn what_is_no_user_or_no_argument_crashes() {
        let mesh = MeshConfig::parse("{}", &dialect::V1_30).unwrap();
        let pod = |annotations: &str, sidecar: &str, args: &str| {
            let text = format!(
                r#"{{"metadata": {{"annotations": {annotations}}}, "spec": {{"initContainers": [
                    {{"name": "istio-init", "args": {args}}}], "containers": [{{"name": "istio-proxy"{sidecar}}}]}}}}"#
            );
            json::parse(&text).unwrap()
        };
        let original = pod("{}", r#", "securityContext": {"runAsUser": 5}"#, "[]");
        let aligned = |mut merged: Value| align(&mut merged, &original, mesh.default_config()).map(|()| merged);

        let tproxy = r#"{"sidecar.istio.io/interceptionMode": "TPROXY"}"#;
        assert_eq!(aligned(pod(tproxy, "", "[]")), Err(NIL_POINTER.to_owned()));
        let index = "runtime error: index out of range [1] with length 1";
        assert_eq!(aligned(pod("{}", "", r#"["-u"]"#)), Err(index.to_owned()));
        let aligned = aligned(pod("{}", "", r#"["-u", "1337"]"#)).unwrap();
        assert_eq!(aligned["spec"]["initContainers"][0]["args"][1].as_str(), Some("5"));
    }
}
