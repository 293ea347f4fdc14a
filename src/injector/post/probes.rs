//! Probe rewriting: the kubelet asks the agent, and the agent asks the application as the pod's author wrote it.

use std::collections::BTreeMap;

use crate::go::json::{self, Object, Value};
use crate::injector::pod::{self, List};
use crate::injector::release::Switches;
use crate::k8s::schema::Api;

const REWRITE_ANNOTATION: &str = "sidecar.istio.io/rewriteAppHTTPProbers";
const PORT_ANNOTATION: &str = "status.sidecar.istio.io/port";
const VARIABLE: &str = "ISTIO_KUBE_APP_PROBERS";

/// What of a container is rewritten: where the handler is, and the agent's path for it.
struct Hook {
    /// The member of the container, or of its `lifecycle`.
    key: &'static str,
    lifecycle: bool,
    prefix: &'static str,
    suffix: &'static str,
}

const HOOKS: &[Hook] = &[
    Hook { key: "readinessProbe", lifecycle: false, prefix: "/app-health/", suffix: "/readyz" },
    Hook { key: "livenessProbe", lifecycle: false, prefix: "/app-health/", suffix: "/livez" },
    Hook { key: "startupProbe", lifecycle: false, prefix: "/app-health/", suffix: "/startupz" },
    Hook { key: "preStop", lifecycle: true, prefix: "/app-lifecycle/", suffix: "/prestopz" },
    Hook { key: "postStart", lifecycle: true, prefix: "/app-lifecycle/", suffix: "/poststartz" },
];

/// The rules of a release and its environment.
pub(super) struct Rules<'a> {
    pub(super) switches: &'a Switches,
    /// TCP probes are taken over, where the release knows how.
    pub(super) tcp: bool,
}

impl Hook {
    fn path(&self, container: &Value) -> String {
        format!("{}{}{}", self.prefix, pod::name(container), self.suffix)
    }

    fn get<'a>(&self, container: &'a Value) -> &'a Value {
        if self.lifecycle { &container["lifecycle"][self.key] } else { &container[self.key] }
    }

    fn get_mut<'a>(&self, container: &'a mut Value) -> Option<&'a mut Value> {
        if self.lifecycle { container.get_mut("lifecycle")?.get_mut(self.key) } else { container.get_mut(self.key) }
    }

    /// The handler that is taken over, if there is one.
    fn handler(&self, container: &Value, rules: &Rules<'_>) -> Option<&'static str> {
        let taken = |h: &&str| match *h {
            "tcpSocket" => rules.tcp,
            "grpc" => !self.lifecycle,
            _ => true,
        };
        let handlers = rules.switches.probed_handlers.iter().copied();
        handlers.filter(taken).find(|h| !self.get(container)[*h].is_null())
    }
}

fn hooks(switches: &Switches) -> impl Iterator<Item = &'static Hook> {
    HOOKS.iter().filter(|h| !h.lifecycle || switches.rewrites_lifecycle)
}

/// Whether to rewrite at all: the pod's annotation where it is a boolean, else the configured default; never without a
/// sidecar.
pub(super) fn wanted(pod: &Value, default: bool, switches: &Switches) -> bool {
    pod::find_in(pod, switches.sidecar_lists, pod::PROXY).is_some()
        && pod::annotation(pod, REWRITE_ANNOTATION).and_then(pod::parse_bool).unwrap_or(default)
}

/// Hands the probes to the sidecar in an environment variable and points the originals at the agent.
pub(super) fn rewrite(pod: &mut Value, agent_port: i64, rules: &Rules<'_>) {
    let switches = rules.switches;
    let lists: &[List] =
        if switches.rewrites_init_probes { &[List::InitContainers, List::Containers] } else { &[List::Containers] };
    let probers = collect(pod, lists, agent_port, rules);
    if !probers.is_empty() {
        let again = switches.merges_probers && pod::annotation(pod, pod::STATUS_ANNOTATION).is_some();
        if let Some(sidecar) = pod::find_in_mut(pod, switches.sidecar_lists, pod::PROXY) {
            hand_over(sidecar, probers, again, switches);
        }
    }
    // Go's Atoi gives 0 for text that is no number; the annotation was validated as a port, blanks allowed.
    let port = pod::annotation(pod, PORT_ANNOTATION).map_or(agent_port, |p| p.parse().unwrap_or(0));
    for list in lists {
        if pod::containers(pod, *list).is_empty() {
            continue;
        }
        for container in pod::containers_mut(pod, *list).iter_mut().filter(|c| pod::name(c) != pod::PROXY) {
            hooks(switches).for_each(|hook| redirect(container, hook, port, rules));
        }
    }
}

/// All application probes by the agent's path, with named ports resolved. Probes that already point at the agent, and
/// those whose named port the container does not have, are left out.
fn collect(pod: &Value, lists: &[List], agent_port: i64, rules: &Rules<'_>) -> BTreeMap<String, Value> {
    let mut probers = BTreeMap::new();
    for container in lists.iter().flat_map(|list| pod::containers(pod, *list)).filter(|c| pod::name(c) != pod::PROXY) {
        for hook in hooks(rules.switches) {
            let Some(handler) = hook.handler(container, rules) else { continue };
            let probe = hook.get(container);
            let mut action = probe[handler].clone();
            if handler != "grpc" {
                match &action["port"] {
                    Value::String(name) => match named_port(container, name) {
                        Some(port) => *action.entry("port") = port.clone(),
                        None => continue,
                    },
                    port if port.as_i64() == Some(agent_port) => continue,
                    _ => {}
                }
            }
            let mut prober: Object = [(handler, action)].into_iter().collect();
            if let Some(timeout) = probe.get("timeoutSeconds").filter(|_| !hook.lifecycle) {
                prober.push("timeoutSeconds", timeout.clone());
            }
            probers.insert(hook.path(container), Value::Object(prober));
        }
    }
    probers
}

/// The number of a container's port by its name; of several the last.
fn named_port<'a>(container: &'a Value, name: &str) -> Option<&'a Value> {
    let named = |p: &&Value| p["name"].as_str().is_some_and(|n| n == name && !n.is_empty());
    container["ports"].items().iter().rfind(named).map(|p| &p["containerPort"])
}

/// Puts the probers into the sidecar's environment. On re-injection they join the ones already there, which win.
fn hand_over(sidecar: &mut Value, mut probers: BTreeMap<String, Value>, again: bool, switches: &Switches) {
    let to_text = |probers: BTreeMap<String, Value>| json::to_string(&Value::Object(probers.into_iter().collect()));
    if again {
        let env = sidecar.get_mut("env").and_then(Value::as_array_mut);
        if let Some(variable) = env.and_then(|env| env.iter_mut().find(|v| pod::name(v) == VARIABLE)) {
            let Some(existing) = read_probers(variable["value"].as_str().unwrap_or_default(), switches.kubernetes)
            else {
                return;
            };
            probers.extend(existing);
            let merged = [("name", Value::from(VARIABLE)), ("value", Value::from(to_text(probers)))];
            *variable = Value::Object(merged.into_iter().collect());
            return;
        }
        if !switches.appends_missing_probers {
            return;
        }
    }
    pod::push_env(sidecar, VARIABLE, to_text(probers));
}

/// The probers of an earlier injection; `None` where the text is not what the injector writes.
fn read_probers(text: &str, api: Api) -> Option<BTreeMap<String, Value>> {
    use crate::k8s::{decode, schema};
    let Value::Object(probers) = json::parse(text).ok()? else { return None };
    probers
        .into_iter()
        .map(|(path, prober)| {
            let Value::Object(mut prober) = prober else {
                return prober.is_null().then_some((path.to_string(), Value::Null));
            };
            let mut read = Object::new();
            for (handler, ty) in [
                ("httpGet", &schema::HTTP_GET_ACTION),
                ("tcpSocket", &schema::TCP_SOCKET_ACTION),
                ("grpc", &schema::GRPC_ACTION),
            ] {
                if let Some(action) = prober.remove(handler).filter(|a| !a.is_null()) {
                    read.push(handler, decode::decode_as(action, ty, api).ok()?);
                }
            }
            match prober.remove("timeoutSeconds") {
                None | Some(Value::Null) => {}
                Some(timeout) => match timeout.as_i64().and_then(|n| i32::try_from(n).ok())? {
                    0 => {}
                    n => read.push("timeoutSeconds", n),
                },
            }
            Some((path.to_string(), Value::Object(read)))
        })
        .collect()
}

/// Makes one probe an HTTP request to the agent. What kind it was, the agent knows.
fn redirect(container: &mut Value, hook: &Hook, port: i64, rules: &Rules<'_>) {
    let Some(handler) = hook.handler(container, rules) else { return };
    let path = hook.path(container);
    let Some(Value::Object(probe)) = hook.get_mut(container) else { return };
    if handler != "httpGet" {
        probe.remove(handler);
        probe.insert("httpGet", Object::new());
    }
    let action = probe.entry("httpGet");
    *action.entry("path") = path.into();
    // The port is a 32-bit number in Go.
    *action.entry("port") = Value::from(port as i32);
    if action["scheme"].as_str() == Some("HTTPS") {
        *action.entry("scheme") = "HTTP".into();
    }
}
