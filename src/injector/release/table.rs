//! The releases, a row each.
//!
//! A line's switches are its predecessor's with the changed ones written over. A line has a row for its first release,
//! for each patch release that changed something, and for its newest one.
//!
//! Source: istio, source code of the releases.

use super::Release;
use super::list_patch;
use super::manual;
use super::switches::{Engine, InjectValues, NativeDetection, OpenShift, Owners, SidecarUser, Switches, UrlForm};
use crate::go::yaml::Exponents;
use crate::injector::mesh::dialect;
use crate::injector::mesh::merge::{Layers, Whole};
use crate::injector::pod::List;
use crate::injector::preset::{forms, lines};
use crate::k8s::schema::Api;
use crate::patch::json_diff::Library;

/// Annotations whose values are checked, in groups that came and went together.
const CHECKED: &[&str] = &[
    "prometheus.istio.io/merge-metrics",
    "proxy.istio.io/config",
    "readiness.status.sidecar.istio.io/failureThreshold",
    "readiness.status.sidecar.istio.io/initialDelaySeconds",
    "readiness.status.sidecar.istio.io/periodSeconds",
    "sidecar.istio.io/interceptionMode",
    "status.sidecar.istio.io/port",
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges",
    "traffic.sidecar.istio.io/excludeOutboundPorts",
    "traffic.sidecar.istio.io/includeInboundPorts",
    "traffic.sidecar.istio.io/includeOutboundIPRanges",
];
const CORE_DUMP: &[&str] = &["sidecar.istio.io/enableCoreDump"];
const QUANTITIES: &[&str] = &[
    "sidecar.istio.io/proxyCPU",
    "sidecar.istio.io/proxyCPULimit",
    "sidecar.istio.io/proxyMemory",
    "sidecar.istio.io/proxyMemoryLimit",
];
const INTERFACES: &[&str] = &[
    "istio.io/reroute-virtual-interfaces",
    "traffic.sidecar.istio.io/excludeInterfaces",
    "traffic.sidecar.istio.io/kubevirtInterfaces",
];

/// Istio's template functions, in groups that came and went together.
const FUNCTIONS: &[&str] = &[
    "annotation",
    "applicationPorts",
    "contains",
    "directory",
    "env",
    "excludeInboundPort",
    "fromJSON",
    "includeInboundPorts",
    "indent",
    "isset",
    "kubevirtInterfaces",
    "protoToJSON",
    "structToJSON",
    "toJSON",
    "toLower",
    "toYaml",
    "valueOrDefault",
];
const TO_JSON: &[&str] = &["toJson"];
const RENDER: &[&str] = &["render", "formatDuration-1s"];
const DURATION: &[&str] = &["formatDuration"];
const MULTUS_BY_NAME: &[&str] = &["appendMultusNetwork-unqualified"];
const MULTUS: &[&str] = &["appendMultusNetwork"];
const EXCLUDE_INTERFACES: &[&str] = &["excludeInterfaces"];
const MAPS: &[&str] = &["omit", "strdict", "toJsonMap"];
const MERGE_MAPS: &[&str] = &["mergeMaps"];
const OMIT_NIL: &[&str] = &["omitNil"];
const OTEL: &[&str] = &["otelResourceAttributes"];

/// Fields of the template data, in groups that came and went together.
const FIELDS: &[&str] =
    &["TypeMeta", "DeploymentMeta", "ObjectMeta", "Spec", "ProxyConfig", "MeshConfig", "Values", "Revision"];
const CONCURRENCY: &[&str] = &["EstimatedConcurrency"];
const IMAGE: &[&str] = &["ProxyImage"];
const IDS: &[&str] = &["ProxyUID", "ProxyGID"];
const COMPLIANCE: &[&str] = &["CompliancePolicy"];
const INBOUND: &[&str] = &["InboundTrafficPolicyMode"];
const NATIVE: &[&str] = &["NativeSidecars"];

const V1_0: Switches = Switches {
    kubernetes: Api::v1(10),
    yaml_exponents: Exponents::Signed,
    iterates_reviews: true,
    engine: Engine::ListPatch(&list_patch::V1_0),
    webhooks: &forms::V1_0,
    configuration: &lines::V1_0,
    reads_inject_label: false,
    inject_values: InjectValues::Loose,
    reads_pod_selectors: false,
    fills_namespace: false,
    ignored_namespaces: &["kube-system", "kube-public"],

    parses_templates_late: true,
    functions: &[FUNCTIONS, TO_JSON, RENDER, MULTUS_BY_NAME],
    template_fields: &[FIELDS],
    mesh: &dialect::V1_9,
    merges_into_mesh: true,
    proxy_config: Layers::Read,
    image_variant: false,
    owners: Owners::TenDigits,
    workload_meta: true,
    takes_config_label: false,
    refuses_null_values: false,

    validated_annotations: &[CHECKED, CORE_DUMP],
    port_errors_show_number: true,
    old_cidr_parser: true,

    merges_pod_first: true,
    overlays_as_json: true,
    keeps_injected_containers: false,
    sidecar_user: SidecarUser::Kept,
    drops_managed_fields: false,
    json_diff: Library::Edits,
    replaces_missing: false,

    native_detection: NativeDetection::Never,
    native_kubelet_minor: 33,
    reads_native_annotation: false,
    sidecar_lists: &[List::Containers],

    url: UrlForm::Pairs,
    prometheus_spellings: false,
    mesh_holds_application: false,
    probed_handlers: &["httpGet"],
    tcp_probes_switch: false,
    rewrites_init_probes: false,
    rewrites_lifecycle: false,
    merges_probers: false,
    appends_missing_probers: false,
    status_revision: false,

    openshift: OpenShift::Ignored,

    manual: &manual::V1_0,

    refuses_other_kinds: false,
    limits_body: false,
};
const V1_1: Switches = Switches {
    configuration: &lines::V1_1,
    engine: Engine::ListPatch(&list_patch::V1_1),
    kubernetes: Api::v1(11),
    reads_pod_selectors: true,
    fills_namespace: true,
    ..V1_0
};
const V1_2: Switches = Switches {
    configuration: &lines::V1_2,
    engine: Engine::ListPatch(&list_patch::V1_2),
    kubernetes: Api::v1(13),
    webhooks: &forms::V1_2,
    manual: &manual::V1_2,
    ..V1_1
};
const V1_3: Switches = Switches {
    configuration: &lines::V1_3,
    engine: Engine::ListPatch(&list_patch::V1_3),
    replaces_missing: true,
    manual: &manual::V1_3,
    ..V1_2
};
const V1_4: Switches = Switches {
    configuration: &lines::V1_4,
    engine: Engine::ListPatch(&list_patch::V1_4),
    kubernetes: Api::v1(16),
    yaml_exponents: Exponents::Any,
    ..V1_3
};
const V1_5: Switches = Switches {
    configuration: &lines::V1_5,
    engine: Engine::ListPatch(&list_patch::V1_5),
    kubernetes: Api::v1(17),
    webhooks: &forms::V1_5,
    ..V1_4
};
const V1_6_0: Switches = Switches {
    replaces_missing: false,
    configuration: &lines::V1_6,
    engine: Engine::ListPatch(&list_patch::V1_6_0),
    kubernetes: Api::v1(18),
    webhooks: &forms::V1_6,
    ..V1_5
};
const V1_6_1: Switches = Switches { engine: Engine::ListPatch(&list_patch::V1_6_1), ..V1_6_0 };
const V1_6_3: Switches = Switches { engine: Engine::ListPatch(&list_patch::V1_6_3), ..V1_6_1 };
const V1_6_10: Switches = Switches { engine: Engine::ListPatch(&list_patch::V1_6_10), ..V1_6_3 };
const V1_7_0: Switches = Switches {
    configuration: &lines::V1_7,
    engine: Engine::ListPatch(&list_patch::V1_7_0),
    webhooks: &forms::V1_7,
    manual: &manual::V1_7,
    ..V1_6_10
};
const V1_7_1: Switches = Switches { engine: Engine::ListPatch(&list_patch::V1_7_1), ..V1_7_0 };
const V1_7_2: Switches = Switches { engine: Engine::ListPatch(&list_patch::V1_7_2), ..V1_7_1 };
const V1_8: Switches = Switches {
    configuration: &lines::V1_8,
    engine: Engine::ListPatch(&list_patch::V1_8),
    kubernetes: Api::v1(19),
    webhooks: &forms::V1_8,
    manual: &manual::V1_8,
    ..V1_7_2
};

const V1_9_0: Switches = Switches {
    replaces_missing: true,
    mesh: &dialect::V1_9_0,
    configuration: &lines::V1_9,
    kubernetes: Api::v1(20),
    webhooks: &forms::V1_9,
    engine: Engine::Overlay,
    ignored_namespaces: &["kube-system", "kube-public", "kube-node-lease", "local-path-storage"],
    manual: &manual::V1_9,
    ..V1_8
};
const V1_9_1: Switches = Switches { mesh: &dialect::V1_9, mesh_holds_application: true, ..V1_9_0 };

const V1_10_0: Switches = Switches {
    configuration: &lines::V1_10,
    webhooks: &forms::V1_10,
    mesh: &dialect::V1_10,
    url: UrlForm::Env,
    manual: &manual::V1_10,
    ..V1_9_1
};
const V1_10_1: Switches = Switches { template_fields: &[FIELDS, CONCURRENCY], ..V1_10_0 };
const V1_10_3: Switches = Switches { mesh: &dialect::V1_10_3, ..V1_10_1 };
const V1_10_5: Switches = Switches { drops_managed_fields: true, ..V1_10_3 };
const V1_10_6: Switches = Switches { owners: Owners::Dated, ..V1_10_5 };

const V1_11_0: Switches = Switches {
    configuration: &lines::V1_11,
    kubernetes: Api::v1(21),
    webhooks: &forms::V1_11,
    mesh: &dialect::V1_11,
    port_errors_show_number: false,
    status_revision: true,
    manual: &manual::V1_11,
    ..V1_10_3
};
const V1_11_2: Switches = Switches { drops_managed_fields: true, ..V1_11_0 };
const V1_11_5: Switches = Switches { owners: Owners::Dated, ..V1_11_2 };
const V1_11_8: Switches = Switches { limits_body: true, ..V1_11_5 };

const V1_12_0: Switches = Switches {
    configuration: &lines::V1_12,
    kubernetes: Api::v1(22),
    mesh: &dialect::V1_12_0,
    reads_inject_label: true,
    replaces_missing: false,
    probed_handlers: &["httpGet", "tcpSocket"],
    tcp_probes_switch: true,
    manual: &manual::V1_12,
    ..V1_11_2
};
const V1_12_1: Switches =
    Switches { mesh: &dialect::V1_12, owners: Owners::DeploymentConfigs, takes_config_label: true, ..V1_12_0 };
const V1_12_5: Switches = Switches { limits_body: true, ..V1_12_1 };

const V1_13_0: Switches = Switches {
    iterates_reviews: false,
    configuration: &lines::V1_13,
    kubernetes: Api::v1(23),
    webhooks: &forms::V1_13,
    mesh: &dialect::V1_13,
    template_fields: &[FIELDS, CONCURRENCY, IMAGE],
    merges_into_mesh: false,
    proxy_config: Layers::Merged(Whole::None),
    prometheus_spellings: true,
    probed_handlers: &["httpGet", "tcpSocket", "grpc"],
    manual: &manual::V1_13,
    ..V1_12_1
};
const V1_13_2: Switches = Switches { limits_body: true, ..V1_13_0 };
const V1_13_9: Switches = Switches { kubernetes: Api::v1(24), ..V1_13_2 };

const V1_14_0: Switches = Switches {
    configuration: &lines::V1_14,
    mesh: &dialect::V1_14,
    parses_templates_late: false,
    functions: &[FUNCTIONS, TO_JSON, DURATION, MULTUS_BY_NAME],
    overlays_as_json: false,
    ..V1_13_2
};
const V1_14_2: Switches = Switches { proxy_config: Layers::Merged(Whole::Image), ..V1_14_0 };
const V1_14_5: Switches = Switches { proxy_config: Layers::Merged(Whole::Durations), ..V1_14_2 };
const V1_14_6: Switches = Switches { kubernetes: Api::v1(24), ..V1_14_5 };

const V1_15_0: Switches = Switches {
    proxy_config: Layers::Merged(Whole::Image),
    configuration: &lines::V1_15,
    mesh: &dialect::V1_15,
    functions: &[FUNCTIONS, TO_JSON, DURATION, MULTUS_BY_NAME, EXCLUDE_INTERFACES],
    url: UrlForm::Slashes,
    ..V1_14_6
};
const V1_15_1: Switches = Switches { proxy_config: Layers::Merged(Whole::Durations), ..V1_15_0 };

const V1_16_0: Switches = Switches {
    configuration: &lines::V1_16,
    kubernetes: Api::v1(25),
    webhooks: &forms::V1_16,
    mesh: &dialect::V1_16,
    old_cidr_parser: false,
    ..V1_15_1
};
const V1_16_4: Switches = Switches { proxy_config: Layers::Printed, ..V1_16_0 };

const V1_17_0: Switches = Switches {
    configuration: &lines::V1_17,
    kubernetes: Api::v1(26),
    mesh: &dialect::V1_17,
    keeps_injected_containers: true,
    merges_probers: true,
    refuses_other_kinds: true,
    manual: &manual::V1_17,
    ..V1_16_0
};
const V1_17_2: Switches = Switches { proxy_config: Layers::Printed, ..V1_17_0 };

const V1_18: Switches = Switches {
    configuration: &lines::V1_18,
    kubernetes: Api::v1(27),
    mesh: &dialect::V1_18,
    functions: &[FUNCTIONS, TO_JSON, DURATION, MULTUS_BY_NAME, EXCLUDE_INTERFACES, MAPS],
    template_fields: &[FIELDS, IMAGE],
    ..V1_17_2
};

const V1_19_0: Switches = Switches {
    configuration: &lines::V1_19,
    kubernetes: Api::v1(28),
    webhooks: &forms::V1_19,
    mesh: &dialect::V1_19,
    functions: &[FUNCTIONS, DURATION, MULTUS_BY_NAME, EXCLUDE_INTERFACES, MAPS],
    merges_pod_first: false,
    json_diff: Library::Floats,
    native_detection: NativeDetection::Variable,
    sidecar_lists: &List::BOTH,
    tcp_probes_switch: false,
    rewrites_init_probes: true,
    ..V1_18
};
const V1_19_1: Switches = Switches { mesh: &dialect::V1_19_1, ..V1_19_0 };
const V1_19_8: Switches = Switches { template_fields: &[FIELDS, IMAGE, COMPLIANCE], ..V1_19_1 };
const V1_19_9: Switches = Switches { takes_config_label: false, ..V1_19_8 };

const V1_20_0: Switches = Switches {
    configuration: &lines::V1_20,
    mesh: &dialect::V1_20,
    manual: &manual::V1_20,
    template_fields: &[FIELDS, IMAGE, IDS],
    openshift: OpenShift::OwnCluster,
    ..V1_19_1
};
const V1_20_1: Switches = Switches { sidecar_user: SidecarUser::Reset, ..V1_20_0 };
const V1_20_4: Switches = Switches { template_fields: &[FIELDS, IMAGE, IDS, COMPLIANCE], ..V1_20_1 };
const V1_20_5: Switches = Switches { takes_config_label: false, ..V1_20_4 };
const V1_20_7: Switches = Switches { sidecar_user: SidecarUser::Followed, ..V1_20_5 };

const V1_21_0: Switches = Switches {
    configuration: &lines::V1_21,
    kubernetes: Api::v1(29),
    mesh: &dialect::V1_21,
    functions: &[FUNCTIONS, DURATION, MULTUS_BY_NAME, EXCLUDE_INTERFACES, MAPS, MERGE_MAPS],
    manual: &manual::V1_21,
    ..V1_20_4
};
const V1_21_1: Switches = Switches { takes_config_label: false, ..V1_21_0 };
const V1_21_3: Switches = Switches { sidecar_user: SidecarUser::Followed, ..V1_21_1 };

const V1_22_0: Switches = Switches {
    configuration: &lines::V1_22,
    kubernetes: Api::v1(30),
    mesh: &dialect::V1_22,
    template_fields: &[FIELDS, IMAGE, IDS, COMPLIANCE, INBOUND],
    image_variant: true,
    owners: Owners::Rollouts,
    workload_meta: false,
    openshift: OpenShift::PodCluster,
    ..V1_21_1
};
const V1_22_1: Switches = Switches { sidecar_user: SidecarUser::Followed, ..V1_22_0 };

const V1_23_0: Switches = Switches {
    webhooks: &forms::V1_23,
    configuration: &lines::V1_23,
    mesh: &dialect::V1_23,
    refuses_null_values: true,
    ..V1_22_1
};
const V1_23_1: Switches = Switches { openshift: OpenShift::ResetsUser, ..V1_23_0 };
const V1_23_6: Switches =
    Switches { functions: &[FUNCTIONS, DURATION, MULTUS, EXCLUDE_INTERFACES, MAPS, MERGE_MAPS], ..V1_23_1 };

const V1_24_0: Switches = Switches {
    configuration: &lines::V1_24,
    kubernetes: Api::v1(31),
    mesh: &dialect::V1_24,
    reads_native_annotation: true,
    ..V1_23_1
};
const V1_24_4: Switches = Switches { functions: V1_23_6.functions, ..V1_24_0 };

const V1_25_0: Switches = Switches {
    configuration: &lines::V1_25,
    kubernetes: Api::v1(32),
    mesh: &dialect::V1_25,
    validated_annotations: &[CHECKED],
    rewrites_lifecycle: true,
    ..V1_24_0
};
const V1_25_1: Switches = Switches { functions: V1_23_6.functions, ..V1_25_0 };

const V1_26_0: Switches =
    Switches { webhooks: &forms::V1_26, mesh: &dialect::V1_26, json_diff: Library::Exact, ..V1_25_1 };
const V1_26_4: Switches = Switches { kubernetes: Api::v1(33), ..V1_26_0 };

const V1_27_0: Switches = Switches {
    configuration: &lines::V1_27,
    mesh: &dialect::V1_27,
    inject_values: InjectValues::Strict,
    template_fields: &[FIELDS, NATIVE, IMAGE, IDS, INBOUND, COMPLIANCE],
    native_detection: NativeDetection::Kubelets,
    appends_missing_probers: true,
    openshift: OpenShift::ResetsUserOfAll,
    ..V1_26_4
};
const V1_27_6: Switches = Switches { validated_annotations: &[CHECKED, QUANTITIES], ..V1_27_0 };

const V1_28_0: Switches =
    Switches { configuration: &lines::V1_28, kubernetes: Api::v1(34), mesh: &dialect::V1_28, ..V1_27_0 };
const V1_28_4: Switches = Switches { validated_annotations: V1_27_6.validated_annotations, ..V1_28_0 };
const V1_28_6: Switches =
    Switches { functions: &[FUNCTIONS, DURATION, MULTUS, EXCLUDE_INTERFACES, MAPS, MERGE_MAPS, OMIT_NIL], ..V1_28_4 };

const V1_29_0: Switches =
    Switches { configuration: &lines::V1_29, kubernetes: Api::v1(35), mesh: &dialect::V1_29, ..V1_28_4 };
const V1_29_1: Switches = Switches { functions: V1_28_6.functions, ..V1_29_0 };

const V1_30: Switches = Switches {
    configuration: &lines::V1_30,
    mesh: &dialect::V1_30,
    functions: &[FUNCTIONS, DURATION, MULTUS, EXCLUDE_INTERFACES, MAPS, MERGE_MAPS, OMIT_NIL, OTEL],
    validated_annotations: &[CHECKED, QUANTITIES, INTERFACES],
    ..V1_29_1
};

/// All releases, oldest first.
#[rustfmt::skip]
pub(super) static RELEASES: &[Release] = &[
    Release::new("1.0.0", V1_0), Release::new("1.0.9", V1_0),
    Release::new("1.1.0", V1_1), Release::new("1.1.17", V1_1),
    Release::new("1.2.0", V1_2), Release::new("1.2.10", V1_2),
    Release::new("1.3.0", V1_3), Release::new("1.3.8", V1_3),
    Release::new("1.4.0", V1_4), Release::new("1.4.10", V1_4),
    Release::new("1.5.0", V1_5), Release::new("1.5.10", V1_5),
    Release::new("1.6.0", V1_6_0), Release::new("1.6.1", V1_6_1), Release::new("1.6.3", V1_6_3), Release::new("1.6.10", V1_6_10), Release::new("1.6.14", V1_6_10),
    Release::new("1.7.0", V1_7_0), Release::new("1.7.1", V1_7_1), Release::new("1.7.2", V1_7_2), Release::new("1.7.8", V1_7_2),
    Release::new("1.8.0", V1_8), Release::new("1.8.6", V1_8),
    Release::new("1.9.0", V1_9_0), Release::new("1.9.1", V1_9_1), Release::new("1.9.9", V1_9_1),
    Release::new("1.10.0", V1_10_0), Release::new("1.10.1", V1_10_1), Release::new("1.10.3", V1_10_3), Release::new("1.10.5", V1_10_5), Release::new("1.10.6", V1_10_6),
    Release::new("1.11.0", V1_11_0), Release::new("1.11.2", V1_11_2), Release::new("1.11.5", V1_11_5), Release::new("1.11.8", V1_11_8),
    Release::new("1.12.0", V1_12_0), Release::new("1.12.1", V1_12_1), Release::new("1.12.5", V1_12_5), Release::new("1.12.9", V1_12_5),
    Release::new("1.13.0", V1_13_0), Release::new("1.13.2", V1_13_2), Release::new("1.13.9", V1_13_9),
    Release::new("1.14.0", V1_14_0), Release::new("1.14.2", V1_14_2), Release::new("1.14.5", V1_14_5), Release::new("1.14.6", V1_14_6),
    Release::new("1.15.0", V1_15_0), Release::new("1.15.1", V1_15_1), Release::new("1.15.7", V1_15_1),
    Release::new("1.16.0", V1_16_0), Release::new("1.16.4", V1_16_4), Release::new("1.16.7", V1_16_4),
    Release::new("1.17.0", V1_17_0), Release::new("1.17.2", V1_17_2), Release::new("1.17.8", V1_17_2),
    Release::new("1.18.0", V1_18), Release::new("1.18.7", V1_18),
    Release::new("1.19.0", V1_19_0), Release::new("1.19.1", V1_19_1), Release::new("1.19.8", V1_19_8), Release::new("1.19.9", V1_19_9), Release::new("1.19.10", V1_19_9),
    Release::new("1.20.0", V1_20_0), Release::new("1.20.1", V1_20_1), Release::new("1.20.4", V1_20_4), Release::new("1.20.5", V1_20_5), Release::new("1.20.7", V1_20_7), Release::new("1.20.8", V1_20_7),
    Release::new("1.21.0", V1_21_0), Release::new("1.21.1", V1_21_1), Release::new("1.21.3", V1_21_3), Release::new("1.21.6", V1_21_3),
    Release::new("1.22.0", V1_22_0), Release::new("1.22.1", V1_22_1), Release::new("1.22.8", V1_22_1),
    Release::new("1.23.0", V1_23_0), Release::new("1.23.1", V1_23_1), Release::new("1.23.6", V1_23_6),
    Release::new("1.24.0", V1_24_0), Release::new("1.24.4", V1_24_4), Release::new("1.24.6", V1_24_4),
    Release::new("1.25.0", V1_25_0), Release::new("1.25.1", V1_25_1), Release::new("1.25.5", V1_25_1),
    Release::new("1.26.0", V1_26_0), Release::new("1.26.4", V1_26_4), Release::new("1.26.8", V1_26_4),
    Release::new("1.27.0", V1_27_0), Release::new("1.27.6", V1_27_6), Release::new("1.27.9", V1_27_6),
    Release::new("1.28.0", V1_28_0), Release::new("1.28.4", V1_28_4), Release::new("1.28.6", V1_28_6), Release::new("1.28.10", V1_28_6),
    Release::new("1.29.0", V1_29_0), Release::new("1.29.1", V1_29_1), Release::new("1.29.6", V1_29_1),
    Release::new("1.30.0", V1_30), Release::new("1.30.3", V1_30),
];
