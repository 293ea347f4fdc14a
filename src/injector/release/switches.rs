//! What releases differ in: one named switch for each difference.

use crate::injector::preset::forms::Form;
use crate::k8s::schema::Api;

/// Which half of the house answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Additions and removals one by one, as a list of patch operations (1.0–1.8).
    ListPatch,
    /// Templates are merged onto the pod, the patch is the difference (1.9 on).
    Overlay,
}

/// Which values of `sidecar.istio.io/inject` say yes or no. An empty value says nothing in any release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectValues {
    /// `y`, `yes`, `true`, `on` in any case say yes, anything else no (until 1.26).
    Loose,
    /// Only `true` and `false` (1.27 on); anything else warns and counts as not given.
    Strict,
}

/// How the injector finds out whether the cluster runs native sidecars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeDetection {
    /// There are none (until 1.18).
    Never,
    /// `ENABLE_NATIVE_SIDECARS` is a boolean, false when not set (1.19–1.26).
    Variable,
    /// `ENABLE_NATIVE_SIDECARS` is `true`, `false` or `auto`; `auto` asks the kubelet versions (1.27 on).
    Kubelets,
}

/// Everything in which releases differ.
#[derive(Clone, Debug)]
pub struct Switches {
    /// Which engine answers.
    pub engine: Engine,

    /// What the charts of the release write into webhook configurations.
    pub webhooks: &'static Form,

    /// The API types that it is built with, which say what of a pod it knows.
    pub kubernetes: Api,

    // The decision.
    /// The pod label `sidecar.istio.io/inject` is read, before the annotation (1.12 on).
    pub reads_inject_label: bool,
    /// Spelling of the inject value.
    pub inject_values: InjectValues,
    /// The never and always selectors exist (1.1 on).
    pub reads_pod_selectors: bool,
    /// A pod without a namespace gets that of the request (1.1 on).
    pub fills_namespace: bool,
    /// Namespaces in which nothing is injected.
    pub ignored_namespaces: &'static [&'static str],

    /// The annotations that are validated before anything else, in groups.
    pub validated_annotations: &'static [&'static [&'static str]],
    /// How native sidecars are detected.
    pub native_detection: NativeDetection,
    /// The lowest kubelet minor version that counts as able to run native sidecars.
    pub native_kubelet_minor: u32,
    /// Probes of init containers are rewritten too (1.19 on).
    pub rewrites_init_probes: bool,
    /// Lifecycle handlers are rewritten too (1.25 on).
    pub rewrites_lifecycle: bool,
    /// On re-injection a missing prober environment variable is appended (1.27 on).
    pub appends_missing_probers: bool,
    /// The app-side UID on OpenShift that equals the sidecar's is reset (1.24 on), in init containers too (1.27 on).
    pub resets_openshift_uid: bool,
}
