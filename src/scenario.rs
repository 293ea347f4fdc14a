//! The input of a simulation: a cluster with its webhooks and injectors, and one request.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::admission::Webhook;
use crate::go::json::Value;
use crate::injector::config::InjectorConfig;
use crate::injector::release::Release;
use crate::k8s::Cluster;
pub use crate::k8s::served::GroupVersion;

/// A whole situation: what a cluster looks like when one request arrives.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What the scenario is called: the id of a case, a file name. Targets may use it to find a case's context.
    pub id: String,
    /// The release of the injectors.
    pub release: &'static Release,
    /// The webhooks in the order in which they are asked, see [`crate::admission::webhooks`].
    pub webhooks: Arc<Vec<Webhook>>,
    /// The injectors by revision. A called webhook is served by the revision in its configuration's `istio.io/rev`
    /// label, or behind a service `istiod-REVISION` (else `default`).
    pub injectors: BTreeMap<String, Injected>,
    /// What else the cluster holds.
    pub cluster: Arc<Cluster>,
    /// Environment variables of the injector's process.
    pub env: Arc<BTreeMap<String, String>>,
    /// Calls that fail before any injector is asked.
    pub faults: Vec<Fault>,
    /// The request.
    pub request: Request,
}

/// A failing call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The name of the webhook; all of them without one.
    pub webhook: Option<String>,
    /// How the call fails.
    pub kind: CallFailureKind,
}

/// Kinds of failed calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFailureKind {
    /// No connection could be made.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The connection was made, but TLS failed.
    Tls,
    /// An HTTP status other than success.
    Http,
    /// The connection was dropped without an answer.
    Dropped,
    /// An answer that is no JSON object.
    Malformed,
    /// The target cannot be given this scenario's configuration: nothing can be said about it.
    Context,
}

impl CallFailureKind {
    /// The kinds that a scenario can ask for, by their names there.
    pub const FAULTS: &'static [(&'static str, CallFailureKind)] = &[
        ("unreachable", CallFailureKind::Unreachable),
        ("timeout", CallFailureKind::Timeout),
        ("tls", CallFailureKind::Tls),
        ("http-500", CallFailureKind::Http),
        ("dropped", CallFailureKind::Dropped),
        ("malformed", CallFailureKind::Malformed),
    ];
}

/// One revision of an injector: its configuration.
#[derive(Clone, Debug)]
pub struct Injected {
    /// What was read from its ConfigMaps.
    pub config: Arc<InjectorConfig>,
}

/// What the API server is asked to do.
#[derive(Clone, Debug)]
pub struct Request {
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    pub operation: String,
    /// The kind of the object.
    pub kind: GroupVersion,
    /// The resource.
    pub resource: GroupVersion,
    /// The subresource, empty for the object itself.
    pub subresource: String,
    /// The name in the request; empty when the server is to make one from generateName.
    pub name: String,
    /// The namespace in the request; empty for cluster-scoped objects.
    pub namespace: String,
    /// The object, or null.
    pub object: Value,
    /// The stored object, or null.
    pub old_object: Value,
    /// The operation's options (`CreateOptions` …), or null.
    pub options: Value,
    /// `dryRun=All`.
    pub dry_run: bool,
    /// Who asks: username, uid, groups, extra.
    pub user_info: Value,
}

impl Request {
    /// The creation of a pod, the request that injection is about. The pod should be in the form in which the API
    /// server sends it.
    pub fn create_pod(namespace: &str, pod: Value) -> Request {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        Request {
            operation: "CREATE".into(),
            kind: GroupVersion { group: String::new(), version: "v1".into(), name: "Pod".into() },
            resource: GroupVersion { group: String::new(), version: "v1".into(), name: "pods".into() },
            subresource: String::new(),
            name,
            namespace: namespace.to_owned(),
            object: pod,
            old_object: Value::Null,
            options: Value::Object([("kind", "CreateOptions"), ("apiVersion", "meta.k8s.io/v1")].into_iter().collect()),
            dry_run: false,
            user_info: Value::Object([("username", "kubernetes-admin")].into_iter().collect()),
        }
    }
}
