//! The input of a simulation: a cluster with its webhooks and injectors, and one request.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::admission::{Http, Webhook};
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
    /// The release that the scenario is about; clusters in the middle of an upgrade have injectors of others too.
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
    /// Webhooks whose answers are given, instead of asking an injector.
    pub pipeline: Vec<Scripted>,
    /// Calls that go wrong; the first that concerns a call counts.
    pub faults: Vec<Fault>,
    /// The whole API server stands around the webhooks: defaults, plugins, validation ([`crate::apiserver`]). Without
    /// it objects stay as they are but for what webhooks change.
    pub api_server: bool,
    /// The request.
    pub request: Request,
}

impl Scenario {
    /// One request to a cluster that has neither webhooks nor injectors nor namespaces yet.
    pub fn new(id: impl Into<String>, release: &'static Release, request: Request) -> Scenario {
        Scenario {
            id: id.into(),
            release,
            webhooks: Arc::default(),
            injectors: BTreeMap::new(),
            cluster: Arc::default(),
            env: Arc::default(),
            pipeline: Vec::new(),
            faults: Vec::new(),
            api_server: false,
            request,
        }
    }
}

/// A call that goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The webhook, as WEBHOOK or CONFIGURATION/WEBHOOK; all injectors without one.
    pub webhook: Option<String>,
    /// Which calls, counted from 1; all of them when empty.
    pub calls: Vec<usize>,
    /// What goes wrong.
    pub kind: FaultKind,
}

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The Service does not exist; nothing listens behind a URL.
    Unreachable,
    /// Nothing listens at the address.
    Refused,
    /// Nothing is ready behind the Service (an API server that looks for endpoints).
    NoEndpoints,
    /// The Service has no such port.
    NoPort,
    /// The Service is headless.
    Headless,
    /// The host of the URL has no address.
    NoSuchHost,
    /// No way leads to the address.
    NoRoute,
    /// The address does not answer.
    DialTimeout,
    /// The connection is reset.
    Reset,
    /// TLS does not come about in time.
    HandshakeTimeout,
    /// The server speaks HTTP without TLS.
    PlainHttp,
    /// The server wants a client certificate.
    ClientCertificate,
    /// No answer in time.
    Timeout,
    /// The answer comes so much later.
    Slow(Duration),
    /// The certificate is signed by nobody who is trusted.
    Tls,
    /// The certificate names other hosts than the one that is called.
    WrongName(Vec<String>),
    /// The connection is dropped without an answer.
    Dropped,
    /// The connection ends within the answer.
    Truncated,
    /// The answer ends within the JSON.
    Malformed,
    /// An HTTP response of any kind.
    Http(Http),
}

/// A webhook whose answers are given.
#[derive(Clone, Debug, PartialEq)]
pub struct Scripted {
    /// The webhook, as CONFIGURATION/WEBHOOK.
    pub webhook: String,
    /// What it answers: the first call gets the first, the last one repeats.
    pub answers: Vec<ScriptedAnswer>,
}

/// One given answer.
#[derive(Clone, Debug, PartialEq)]
pub enum ScriptedAnswer {
    /// Allowed with a JSON Patch.
    Patch(Value),
    /// Allowed with the JSON Patch that a strategic merge patch comes to.
    Merge(Value),
    /// An AdmissionResponse; the uid of the request is put in where it has none.
    Response(Value),
    /// Any HTTP response.
    Http(Http),
}

/// One revision of an injector: its release and configuration.
#[derive(Clone, Debug)]
pub struct Injected {
    /// What runs.
    pub release: &'static Release,
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
