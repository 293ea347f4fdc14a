//! The releases, a row each.
//!
//! A line's switches are its predecessor's with the changed ones written over. A line has a row for its first release,
//! for each patch release that changed something, and for its newest one.
//!
//! Source: istio, source code of the releases.

use super::Release;
use super::switches::{Engine, InjectValues, NativeDetection, Switches};
use crate::injector::preset::forms;
use crate::k8s::schema::Api;

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

const V1_0: Switches = Switches {
    kubernetes: Api::v1(10),
    engine: Engine::ListPatch,
    webhooks: &forms::V1_0,
    reads_inject_label: false,
    inject_values: InjectValues::Loose,
    reads_pod_selectors: false,
    fills_namespace: false,
    ignored_namespaces: &["kube-system", "kube-public"],
    validated_annotations: &[CHECKED, CORE_DUMP],
    native_detection: NativeDetection::Never,
    native_kubelet_minor: 33,
    rewrites_init_probes: false,
    rewrites_lifecycle: false,
    appends_missing_probers: false,
    resets_openshift_uid: false,
};
const V1_1: Switches = Switches { kubernetes: Api::v1(11), reads_pod_selectors: true, fills_namespace: true, ..V1_0 };
const V1_2: Switches = Switches { kubernetes: Api::v1(13), webhooks: &forms::V1_2, ..V1_1 };
const V1_3: Switches = Switches { ..V1_2 };
const V1_4: Switches = Switches { kubernetes: Api::v1(16), ..V1_3 };
const V1_5: Switches = Switches { kubernetes: Api::v1(17), webhooks: &forms::V1_5, ..V1_4 };
const V1_6_0: Switches = Switches { kubernetes: Api::v1(18), webhooks: &forms::V1_6, ..V1_5 };
const V1_6: Switches = Switches { ..V1_6_0 };
const V1_7: Switches = Switches { webhooks: &forms::V1_7, ..V1_6 };
const V1_8: Switches = Switches { kubernetes: Api::v1(19), webhooks: &forms::V1_8, ..V1_7 };
const V1_9_0: Switches = Switches {
    kubernetes: Api::v1(20),
    webhooks: &forms::V1_9,
    engine: Engine::Overlay,
    ignored_namespaces: &["kube-system", "kube-public", "kube-node-lease", "local-path-storage"],
    ..V1_8
};
const V1_9: Switches = Switches { ..V1_9_0 };
const V1_10_0: Switches = Switches { webhooks: &forms::V1_10, ..V1_9 };
const V1_10: Switches = Switches { ..V1_10_0 };
const V1_11_0: Switches = Switches { kubernetes: Api::v1(21), webhooks: &forms::V1_11, ..V1_10_0 };
const V1_11_2: Switches = Switches { ..V1_11_0 };
const V1_11: Switches = Switches { ..V1_11_2 };
const V1_12_0: Switches = Switches { kubernetes: Api::v1(22), reads_inject_label: true, ..V1_11_2 };
const V1_12: Switches = Switches { ..V1_12_0 };
const V1_13_0: Switches = Switches { kubernetes: Api::v1(23), webhooks: &forms::V1_13, ..V1_12_0 };
const V1_13: Switches = Switches { kubernetes: Api::v1(24), ..V1_13_0 };
const V1_14: Switches = Switches { kubernetes: Api::v1(24), ..V1_13 };
const V1_15: Switches = Switches { ..V1_14 };
const V1_16: Switches = Switches { kubernetes: Api::v1(25), webhooks: &forms::V1_16, ..V1_15 };
const V1_17: Switches = Switches { kubernetes: Api::v1(26), ..V1_16 };
const V1_18: Switches = Switches { kubernetes: Api::v1(27), ..V1_17 };
const V1_19: Switches = Switches {
    kubernetes: Api::v1(28),
    webhooks: &forms::V1_19,
    native_detection: NativeDetection::Variable,
    rewrites_init_probes: true,
    ..V1_18
};
const V1_20_0: Switches = Switches { ..V1_19 };
const V1_20: Switches = Switches { ..V1_20_0 };
const V1_21_0: Switches = Switches { kubernetes: Api::v1(29), ..V1_20_0 };
const V1_21: Switches = Switches { ..V1_21_0 };
const V1_22_0: Switches = Switches { kubernetes: Api::v1(30), ..V1_21_0 };
const V1_22: Switches = Switches { ..V1_22_0 };
const V1_23_0: Switches = Switches { webhooks: &forms::V1_23, ..V1_22 };
const V1_23: Switches = Switches { resets_openshift_uid: true, ..V1_23_0 };
const V1_24: Switches = Switches { kubernetes: Api::v1(31), ..V1_23 };
const V1_25: Switches =
    Switches { kubernetes: Api::v1(32), rewrites_lifecycle: true, validated_annotations: &[CHECKED], ..V1_24 };
const V1_26: Switches = Switches { kubernetes: Api::v1(33), webhooks: &forms::V1_26, ..V1_25 };
const V1_27_0: Switches = Switches {
    inject_values: InjectValues::Strict,
    native_detection: NativeDetection::Kubelets,
    appends_missing_probers: true,
    ..V1_26
};
const V1_27: Switches = Switches { validated_annotations: &[CHECKED, QUANTITIES], ..V1_27_0 };
const V1_28_0: Switches = Switches { kubernetes: Api::v1(34), ..V1_27_0 };
const V1_28_4: Switches = Switches { validated_annotations: &[CHECKED, QUANTITIES], ..V1_28_0 };
const V1_28: Switches = Switches { ..V1_28_4 };
const V1_29_0: Switches = Switches { kubernetes: Api::v1(35), ..V1_28_4 };
const V1_29: Switches = Switches { ..V1_29_0 };
const V1_30: Switches = Switches { validated_annotations: &[CHECKED, QUANTITIES, INTERFACES], ..V1_29 };

/// All releases, oldest first.
#[rustfmt::skip]
pub(super) static RELEASES: &[Release] = &[
    Release::new("1.0.0", V1_0), Release::new("1.0.9", V1_0),
    Release::new("1.1.0", V1_1), Release::new("1.1.17", V1_1),
    Release::new("1.2.0", V1_2), Release::new("1.2.10", V1_2),
    Release::new("1.3.0", V1_3), Release::new("1.3.8", V1_3),
    Release::new("1.4.0", V1_4), Release::new("1.4.10", V1_4),
    Release::new("1.5.0", V1_5), Release::new("1.5.10", V1_5),
    Release::new("1.6.0", V1_6_0), Release::new("1.6.14", V1_6),
    Release::new("1.7.0", V1_7), Release::new("1.7.8", V1_7),
    Release::new("1.8.0", V1_8), Release::new("1.8.6", V1_8),
    Release::new("1.9.0", V1_9_0), Release::new("1.9.1", V1_9), Release::new("1.9.9", V1_9),
    Release::new("1.10.0", V1_10_0), Release::new("1.10.5", V1_10), Release::new("1.10.6", V1_10),
    Release::new("1.11.0", V1_11_0), Release::new("1.11.2", V1_11_2), Release::new("1.11.8", V1_11),
    Release::new("1.12.0", V1_12_0), Release::new("1.12.5", V1_12), Release::new("1.12.9", V1_12),
    Release::new("1.13.0", V1_13_0), Release::new("1.13.2", V1_13), Release::new("1.13.9", V1_13),
    Release::new("1.14.0", V1_14), Release::new("1.14.6", V1_14),
    Release::new("1.15.0", V1_15), Release::new("1.15.7", V1_15),
    Release::new("1.16.0", V1_16), Release::new("1.16.7", V1_16),
    Release::new("1.17.0", V1_17), Release::new("1.17.8", V1_17),
    Release::new("1.18.0", V1_18), Release::new("1.18.7", V1_18),
    Release::new("1.19.0", V1_19), Release::new("1.19.10", V1_19),
    Release::new("1.20.0", V1_20_0), Release::new("1.20.7", V1_20), Release::new("1.20.8", V1_20),
    Release::new("1.21.0", V1_21_0), Release::new("1.21.3", V1_21), Release::new("1.21.6", V1_21),
    Release::new("1.22.0", V1_22_0), Release::new("1.22.1", V1_22), Release::new("1.22.8", V1_22),
    Release::new("1.23.0", V1_23_0), Release::new("1.23.1", V1_23), Release::new("1.23.6", V1_23),
    Release::new("1.24.0", V1_24), Release::new("1.24.6", V1_24),
    Release::new("1.25.0", V1_25), Release::new("1.25.5", V1_25),
    Release::new("1.26.0", V1_26), Release::new("1.26.8", V1_26),
    Release::new("1.27.0", V1_27_0), Release::new("1.27.6", V1_27), Release::new("1.27.9", V1_27),
    Release::new("1.28.0", V1_28_0), Release::new("1.28.4", V1_28_4), Release::new("1.28.6", V1_28), Release::new("1.28.10", V1_28),
    Release::new("1.29.0", V1_29_0), Release::new("1.29.1", V1_29), Release::new("1.29.6", V1_29),
    Release::new("1.30.0", V1_30), Release::new("1.30.3", V1_30),
];
