//! What the releases before 1.9 differ in: the switches of the list-patch engine, a row each.

use crate::injector::list_patch::spec;
use crate::k8s::schema::Type;

/// What the handler takes for a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reviews {
    /// Any JSON with a `request`, whatever kind and version it claims, its members in any case; answers have no type
    /// (1.0).
    Anything,
    /// `v1beta1` only; answers have no type (1.1–1.6).
    Beta,
    /// `v1` and `v1beta1`; answers have the type of the review (1.7 on).
    Both,
}

/// How the values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadsValues {
    /// There are none (1.0, 1.1).
    Never,
    /// As a map on each request (1.2).
    Map,
    /// The same, with words before an error (1.3–1.7).
    MapWithWords,
    /// As a message and as a map (1.8).
    Message,
}

/// When the pod gets the file system group of the sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FsGroup {
    /// Never (1.0).
    Never,
    /// With `enableSdsTokenMount` and `sdsUdsPath`; what the pod has is lost (1.1, 1.2).
    ReplacesWithSdsToken,
    /// With `sdsUdsPath`; what the pod has is lost (1.3).
    ReplacesWithSds,
    /// With `sdsUdsPath` (1.4–1.7).
    SetWithSds,
    /// Unless `ENABLE_LEGACY_FSGROUP_INJECTION` is false or tokens are first-party ones (1.8).
    SetByVariable,
}

/// How the workload behind a pod is guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerLookup {
    /// Not at all: `.DeploymentMeta` is the pod's own (1.0–1.2).
    Never,
    /// The controller, which must say so; a ReplicaSet is taken for a Deployment (1.3–1.6.9, 1.7.0, 1.7.1).
    Deployments,
    /// The same, and a Job with a number at its end is taken for a CronJob (1.6.10, 1.7.2 on).
    DeploymentsAndCronJobs,
    /// The same, but a ReplicaSet only with its hash, and a missing `controller` is no crash (1.8).
    Guarded,
}

/// What the URL path tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathVariables {
    /// Nothing; only `/inject` is served (1.0–1.6.0).
    None,
    /// Cluster and network by position (1.6.1–1.7).
    Positional,
    /// Keys and values (1.8).
    Pairs,
}

/// Where the agent's port for probes comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbePort {
    /// The argument `--statusPort` of the sidecar (1.1–1.5).
    Argument,
    /// The mesh config, or the pod's annotation (1.6 on).
    Mesh,
}

/// How probes are rewritten.
#[derive(Clone, Copy, Debug)]
pub struct ProbeRules {
    /// The pod's annotation is heeded (1.2 on).
    pub reads_annotation: bool,
    /// The kubelet asks by HTTP where the probe says HTTPS (1.2 on).
    pub lowers_scheme: bool,
    /// The whole probe is replaced, and the agent is told its timeout (1.5 on); else only `httpGet`.
    pub replaces_probe: bool,
    /// Startup probes too (1.7 on).
    pub startup: bool,
    /// These operations come first (1.7 patches, 1.8); else last.
    pub first: bool,
    /// The agent's variable is set even when there is nothing to tell (until 1.7).
    pub tells_nothing: bool,
    /// Where the port comes from.
    pub port: ProbePort,
}

/// A label that is added where the pod lacks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddedLabel {
    /// `istio.io/rev`
    Revision,
    /// `security.istio.io/tlsMode`
    TlsMode,
    /// `service.istio.io/canonical-name`
    CanonicalName,
    /// `service.istio.io/canonical-revision`
    CanonicalRevision,
    /// `topology.istio.io/network`
    Network,
}

/// When the sidecar goes before the pod's containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Never (until 1.6).
    Never,
    /// When the values say so (1.7).
    Values,
    /// When the values or the mesh config say so (1.8).
    ValuesOrMesh,
}

/// Everything in which the releases before 1.9 differ.
#[derive(Clone, Copy, Debug)]
pub struct ListPatch {
    /// What is taken for a review.
    pub reviews: Reviews,
    /// The decoder names the place of its table of types in errors (1.2 on).
    pub errors_name_scheme: bool,
    /// The release line whose mesh config it reads.
    pub mesh: &'static str,
    /// The delimiters of templates.
    pub delimiters: (&'static str, &'static str),
    /// A template that cannot be parsed crashes the handler (1.0).
    pub bad_template_crashes: bool,
    /// The fields of a template's data, in Go's order.
    pub data: &'static [&'static str],
    /// The functions of templates, in groups.
    pub functions: &'static [&'static [&'static str]],
    /// Templates have sprig's functions too (1.8).
    pub sprig: bool,
    /// How values are read.
    pub values: ReadsValues,
    /// What a template gives.
    pub spec: &'static Type,
    /// Errors of a template's YAML get words before them (1.3 on).
    pub words_before_yaml_errors: bool,
    /// Annotations that are checked, in groups.
    pub checked: &'static [&'static [&'static str]],
    /// Annotation errors read `injection failed. …` (1.0, 1.1).
    pub wordy_annotation_errors: bool,
    /// The only interception modes are REDIRECT and TPROXY (1.0).
    pub two_interception_modes: bool,
    /// The annotation with a proxy config of the pod's own (1.6 on).
    pub proxy_config_annotation: Option<&'static str>,
    /// What is injected gets the API server's defaults first (1.0).
    pub defaults_parts: bool,
    /// The sidecar's concurrency follows from its CPU (1.1 on).
    pub adds_concurrency: bool,
    /// The sidecar mounts the service account's token as the application does (1.1 on).
    pub shares_token: bool,
    /// File system group.
    pub fs_group: FsGroup,
    /// The pod's security context is always part of the patch (1.1 on).
    pub patches_security_context: bool,
    /// Owner lookup.
    pub owner: OwnerLookup,
    /// `injectedAnnotations` are read (1.4 on).
    pub injected_annotations: bool,
    /// Labels that are added.
    pub labels: &'static [AddedLabel],
    /// Probe rewriting (1.1 on).
    pub probes: Option<ProbeRules>,
    /// Metrics merge (1.6 on).
    pub merges_metrics: bool,
    /// URL path.
    pub path: PathVariables,
    /// `istio-validation` goes before the pod's init containers (1.6 on).
    pub validation_first: bool,
    /// The sidecar goes first.
    pub hold: Hold,

    // kube-inject, besides what [`super::Manual`] says.
    /// How the tool injects.
    pub kube_inject: KubeInject,
    /// The DNS config of the template replaces that of the pod, even where there is none (1.1–1.7).
    pub replaces_dns_config: bool,
    /// Image pull secrets are added (1.6.3 on).
    pub adds_pull_secrets_by_hand: bool,
    /// Scrape annotations are replaced (1.7 on).
    pub merges_metrics_by_hand: bool,
    /// The annotations that the template's `podRedirectAnnot` may set (1.3–1.7), in groups.
    pub redirectable: &'static [&'static [&'static str]],
}

/// How kube-inject injects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KubeInject {
    /// It appends what the template gives (until 1.7).
    InPlace,
    /// It applies the webhook's patch (1.8).
    Patch,
}

const CHECKED: &[&str] = &[
    "readiness.status.sidecar.istio.io/failureThreshold",
    "readiness.status.sidecar.istio.io/initialDelaySeconds",
    "readiness.status.sidecar.istio.io/periodSeconds",
    "sidecar.istio.io/interceptionMode",
    "status.sidecar.istio.io/port",
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges",
    "traffic.sidecar.istio.io/includeInboundPorts",
    "traffic.sidecar.istio.io/includeOutboundIPRanges",
];
const READINESS_PORTS: &[&str] = &["readiness.status.sidecar.istio.io/applicationPorts"];
const OUTBOUND_PORTS: &[&str] = &["traffic.sidecar.istio.io/excludeOutboundPorts"];
const CORE_DUMP: &[&str] = &["sidecar.istio.io/enableCoreDump"];
const MERGE_AND_PROXY: &[&str] = &["prometheus.istio.io/merge-metrics", "proxy.istio.io/config"];
const MERGE_AND_OLD_PROXY: &[&str] = &["prometheus.istio.io/merge-metrics", "istio.io/proxyConfig"];

/// Annotations that are known, whatever they say.
const UNCHECKED: &[&str] = &[
    "sidecar.istio.io/bootstrapOverride",
    "sidecar.istio.io/controlPlaneAuthPolicy",
    "sidecar.istio.io/discoveryAddress",
    "sidecar.istio.io/inject",
    "sidecar.istio.io/proxyCPU",
    "sidecar.istio.io/proxyImage",
    "sidecar.istio.io/proxyMemory",
    "sidecar.istio.io/rewriteAppHTTPProbers",
    "sidecar.istio.io/statsInclusionPrefixes",
    "sidecar.istio.io/statsInclusionRegexps",
    "sidecar.istio.io/statsInclusionSuffixes",
    "sidecar.istio.io/status",
    "sidecar.istio.io/userVolume",
    "sidecar.istio.io/userVolumeMount",
    "traffic.sidecar.istio.io/kubevirtInterfaces",
];
const NETWORKS: &[&str] = &["k8s.v1.cni.cncf.io/networks"];

const FUNCTIONS_1_0: &[&str] = &["formatDuration", "isset", "excludeInboundPort", "annotation", "toJson"];
/// UDP and SCTP ports count too.
const ALL_PORTS: &[&str] = &["includeInboundPorts (any protocol)", "applicationPorts (any protocol)"];
const TCP_PORTS: &[&str] = &["includeInboundPorts", "applicationPorts"];
const FUNCTIONS_1_1: &[&str] = &["kubevirtInterfaces", "toJSON", "fromJSON", "toYaml", "indent", "directory"];
const STRING_OR_DEFAULT: &[&str] = &["valueOrDefault (strings)"];
const FUNCTIONS_1_2: &[&str] = &["valueOrDefault", "contains", "render"];
const FUNCTIONS_1_3: &[&str] = &["structToJSON", "toLower"];
const PROTO_TO_JSON: &[&str] = &["protoToJSON (all fields)"];
const CLEAN_PROTO_TO_JSON: &[&str] = &["protoToJSON"];
const ENV: &[&str] = &["env"];
const MULTUS: &[&str] = &["appendMultusNetwork (plain)"];

const PROBES_1_1: ProbeRules = ProbeRules {
    reads_annotation: false,
    lowers_scheme: false,
    replaces_probe: false,
    startup: false,
    first: false,
    tells_nothing: true,
    port: ProbePort::Argument,
};
const PROBES_1_2: ProbeRules = ProbeRules { reads_annotation: true, lowers_scheme: true, ..PROBES_1_1 };
const PROBES_1_5: ProbeRules = ProbeRules { replaces_probe: true, ..PROBES_1_2 };
const PROBES_1_6: ProbeRules = ProbeRules { port: ProbePort::Mesh, ..PROBES_1_5 };
const PROBES_1_7_0: ProbeRules = ProbeRules { startup: true, ..PROBES_1_6 };
const PROBES_1_7: ProbeRules = ProbeRules { first: true, ..PROBES_1_7_0 };
const PROBES_1_8: ProbeRules = ProbeRules { tells_nothing: false, ..PROBES_1_7 };

pub(super) static V1_0: ListPatch = L1_0;
const L1_0: ListPatch = ListPatch {
    reviews: Reviews::Anything,
    errors_name_scheme: false,
    mesh: "1.0",
    delimiters: ("[[", "]]"),
    bad_template_crashes: true,
    data: &["ObjectMeta", "Spec", "ProxyConfig", "MeshConfig"],
    functions: &[FUNCTIONS_1_0, ALL_PORTS],
    sprig: false,
    values: ReadsValues::Never,
    spec: &spec::V1_0,
    words_before_yaml_errors: false,
    checked: &[CHECKED, READINESS_PORTS],
    wordy_annotation_errors: true,
    two_interception_modes: true,
    proxy_config_annotation: None,
    defaults_parts: true,
    adds_concurrency: false,
    shares_token: false,
    fs_group: FsGroup::Never,
    patches_security_context: false,
    owner: OwnerLookup::Never,
    injected_annotations: false,
    labels: &[],
    probes: None,
    merges_metrics: false,
    path: PathVariables::None,
    validation_first: false,
    hold: Hold::Never,
    kube_inject: KubeInject::InPlace,
    replaces_dns_config: false,
    adds_pull_secrets_by_hand: false,
    merges_metrics_by_hand: false,
    redirectable: &[],
};
pub(super) static V1_1: ListPatch = L1_1;
const L1_1: ListPatch = ListPatch {
    reviews: Reviews::Beta,
    mesh: "1.1",
    bad_template_crashes: false,
    data: &["DeploymentMeta", "ObjectMeta", "Spec", "ProxyConfig", "MeshConfig"],
    functions: &[FUNCTIONS_1_0, ALL_PORTS, FUNCTIONS_1_1, STRING_OR_DEFAULT],
    spec: &spec::V1_1,
    two_interception_modes: false,
    defaults_parts: false,
    adds_concurrency: true,
    shares_token: true,
    fs_group: FsGroup::ReplacesWithSdsToken,
    patches_security_context: true,
    probes: Some(PROBES_1_1),
    replaces_dns_config: true,
    ..L1_0
};
pub(super) static V1_2: ListPatch = L1_2;
const L1_2: ListPatch = ListPatch {
    errors_name_scheme: true,
    mesh: "1.2",
    delimiters: ("{{", "}}"),
    data: &["DeploymentMeta", "ObjectMeta", "Spec", "ProxyConfig", "MeshConfig", "Values"],
    functions: &[FUNCTIONS_1_0, ALL_PORTS, FUNCTIONS_1_1, FUNCTIONS_1_2],
    values: ReadsValues::Map,
    checked: &[CHECKED, READINESS_PORTS, OUTBOUND_PORTS],
    wordy_annotation_errors: false,
    probes: Some(PROBES_1_2),
    ..L1_1
};
pub(super) static V1_3: ListPatch = L1_3;
const L1_3: ListPatch = ListPatch {
    mesh: "1.3",
    data: &["TypeMeta", "DeploymentMeta", "ObjectMeta", "Spec", "ProxyConfig", "MeshConfig", "Values"],
    functions: &[FUNCTIONS_1_0, ALL_PORTS, FUNCTIONS_1_1, FUNCTIONS_1_2, FUNCTIONS_1_3],
    values: ReadsValues::MapWithWords,
    spec: &spec::V1_3,
    words_before_yaml_errors: true,
    fs_group: FsGroup::ReplacesWithSds,
    owner: OwnerLookup::Deployments,
    redirectable: &[CHECKED, READINESS_PORTS, OUTBOUND_PORTS, UNCHECKED],
    ..L1_2
};
pub(super) static V1_4: ListPatch = L1_4;
const L1_4: ListPatch = ListPatch {
    mesh: "1.4",
    functions: &[FUNCTIONS_1_0, TCP_PORTS, FUNCTIONS_1_1, FUNCTIONS_1_2, FUNCTIONS_1_3, PROTO_TO_JSON],
    fs_group: FsGroup::SetWithSds,
    injected_annotations: true,
    labels: &[AddedLabel::TlsMode],
    ..L1_3
};
pub(super) static V1_5: ListPatch = L1_5;
const L1_5: ListPatch = ListPatch {
    mesh: "1.5",
    functions: &[FUNCTIONS_1_0, TCP_PORTS, FUNCTIONS_1_1, FUNCTIONS_1_2, FUNCTIONS_1_3, PROTO_TO_JSON, ENV],
    checked: &[CHECKED, OUTBOUND_PORTS, CORE_DUMP],
    labels: &[AddedLabel::TlsMode, AddedLabel::CanonicalName, AddedLabel::CanonicalRevision],
    redirectable: &[CHECKED, OUTBOUND_PORTS, CORE_DUMP, UNCHECKED],
    probes: Some(PROBES_1_5),
    ..L1_4
};
pub(super) static V1_6_0: ListPatch = L1_6_0;
const L1_6_0: ListPatch = ListPatch {
    mesh: "1.6",
    functions: &[FUNCTIONS_1_0, TCP_PORTS, FUNCTIONS_1_1, FUNCTIONS_1_2, FUNCTIONS_1_3, CLEAN_PROTO_TO_JSON, ENV],
    checked: &[CHECKED, OUTBOUND_PORTS, CORE_DUMP, MERGE_AND_OLD_PROXY],
    redirectable: &[CHECKED, OUTBOUND_PORTS, CORE_DUMP, MERGE_AND_OLD_PROXY, UNCHECKED],
    proxy_config_annotation: Some("istio.io/proxyConfig"),
    labels: &[AddedLabel::Revision, AddedLabel::TlsMode, AddedLabel::CanonicalName, AddedLabel::CanonicalRevision],
    probes: Some(PROBES_1_6),
    merges_metrics: true,
    validation_first: true,
    ..L1_5
};
pub(super) static V1_6_1: ListPatch = L1_6_1;
const L1_6_1: ListPatch = ListPatch {
    checked: &[CHECKED, OUTBOUND_PORTS, CORE_DUMP, MERGE_AND_PROXY],
    redirectable: &[CHECKED, OUTBOUND_PORTS, CORE_DUMP, MERGE_AND_PROXY, UNCHECKED],
    proxy_config_annotation: Some("proxy.istio.io/config"),
    path: PathVariables::Positional,
    ..L1_6_0
};
pub(super) static V1_6_3: ListPatch = L1_6_3;
const L1_6_3: ListPatch = ListPatch {
    redirectable: &[CHECKED, OUTBOUND_PORTS, CORE_DUMP, MERGE_AND_PROXY, UNCHECKED, NETWORKS],
    adds_pull_secrets_by_hand: true,
    ..L1_6_1
};
pub(super) static V1_6_10: ListPatch = ListPatch { owner: OwnerLookup::DeploymentsAndCronJobs, ..L1_6_3 };
pub(super) static V1_7_0: ListPatch = L1_7_0;
const L1_7_0: ListPatch = ListPatch {
    reviews: Reviews::Both,
    mesh: "1.7",
    spec: &spec::V1_7,
    probes: Some(PROBES_1_7_0),
    hold: Hold::Values,
    merges_metrics_by_hand: true,
    ..L1_6_3
};
pub(super) static V1_7_1: ListPatch = L1_7_1;
const L1_7_1: ListPatch = ListPatch { probes: Some(PROBES_1_7), ..L1_7_0 };
pub(super) static V1_7_2: ListPatch = L1_7_2;
const L1_7_2: ListPatch = ListPatch { owner: OwnerLookup::DeploymentsAndCronJobs, ..L1_7_1 };
pub(super) static V1_8: ListPatch = ListPatch {
    mesh: "1.8",
    functions: &[
        FUNCTIONS_1_0,
        TCP_PORTS,
        FUNCTIONS_1_1,
        FUNCTIONS_1_2,
        FUNCTIONS_1_3,
        CLEAN_PROTO_TO_JSON,
        ENV,
        MULTUS,
    ],
    sprig: true,
    values: ReadsValues::Message,
    fs_group: FsGroup::SetByVariable,
    owner: OwnerLookup::Guarded,
    labels: &[
        AddedLabel::Revision,
        AddedLabel::TlsMode,
        AddedLabel::CanonicalName,
        AddedLabel::CanonicalRevision,
        AddedLabel::Network,
    ],
    probes: Some(PROBES_1_8),
    path: PathVariables::Pairs,
    hold: Hold::ValuesOrMesh,
    kube_inject: KubeInject::Patch,
    ..L1_7_2
};
