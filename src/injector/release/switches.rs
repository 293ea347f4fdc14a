//! What releases differ in: one named switch for each difference.

use super::list_patch::ListPatch;
use super::manual::Manual;
use crate::go::yaml::Exponents;
use crate::injector::mesh::Dialect;
use crate::injector::mesh::merge::Layers;
use crate::injector::pod::List;
use crate::injector::preset::forms::Form;
use crate::injector::preset::lines::Line;
use crate::k8s::schema::Api;
use crate::patch::json_diff::Library;

/// Which half of the house answers.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    /// Additions and removals one by one, as a list of patch operations (1.0–1.8).
    ListPatch(&'static ListPatch),
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

/// How the workload of a pod is guessed from its controller. Each rule has those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owners {
    /// ReplicaSets with a hash label are Deployments; Jobs that end with a number of ten digits are CronJobs.
    TenDigits,
    /// Eight to ten digits.
    Dated,
    /// ReplicationControllers of a DeploymentConfig.
    DeploymentConfigs,
    /// Argo's Rollouts; CronJobs are `batch/v1`.
    Rollouts,
}

/// What becomes of the user and group of a sidecar that the user wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SidecarUser {
    /// They are kept.
    Kept,
    /// They go where the template's user is another than 1337 (1.20.1, 1.21, 1.22.0).
    Reset,
    /// The traffic setup follows them (1.23 on and some patch releases before).
    Followed,
}

/// How URL paths are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlForm {
    /// `/inject/KEY/VALUE/…` (1.8–1.9).
    Pairs,
    /// `/inject/:ENV:KEY=VALUE…` too (1.10–1.14).
    Env,
    /// `--slash--` in values too (1.15 on).
    Slashes,
}

/// What the injector does about OpenShift's user ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OpenShift {
    /// Nothing (until 1.19).
    Ignored,
    /// The proxy gets ids from the ranges of the namespace in the injector's own cluster (1.20–1.21).
    OwnCluster,
    /// … in the pod's cluster (1.22 on).
    PodCluster,
    /// A sidecar's user that equals the application's is reset (1.23.1 on).
    ResetsUser,
    /// … where init containers count as application too (1.27 on).
    ResetsUserOfAll,
}

/// Everything in which releases differ.
#[derive(Clone, Debug)]
pub struct Switches {
    /// Which engine answers.
    pub engine: Engine,

    /// What the charts of the release write into webhook configurations.
    pub webhooks: &'static Form,
    /// What they write into the injector's ConfigMaps.
    pub configuration: &'static Line,

    /// The API types that it is built with, which say what of a pod it knows.
    pub kubernetes: Api,
    /// Which texts are numbers in the YAML of templates and manifests: fewer until 1.3.
    pub yaml_exponents: Exponents,
    /// Reviews are decoded by json-iterator, which has texts of its own (until 1.12).
    pub iterates_reviews: bool,

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

    // Configuration and templates.
    /// Templates are parsed for each request, so that one that cannot be parsed fails the request (until 1.13); later,
    /// such a configuration is refused as a whole.
    pub parses_templates_late: bool,
    /// Istio's functions by name, in groups (see `functions.rs`).
    pub functions: &'static [&'static [&'static str]],
    /// Fields of the template data besides those that all releases have.
    pub template_fields: &'static [&'static [&'static str]],
    /// The mesh and proxy config.
    pub mesh: &'static Dialect,
    /// The mesh config that templates see has the pod's proxy config in it (until 1.12).
    pub merges_into_mesh: bool,
    /// How the webhook makes up the proxy config of a pod.
    pub proxy_config: Layers,
    /// The configured variant is the image type where nothing else names one (1.22 on).
    pub image_variant: bool,
    /// How a pod's workload is found.
    pub owners: Owners,
    /// Templates see the workload as the pod's metadata with another name (until 1.21), not as names alone.
    pub workload_meta: bool,
    /// Finding a DeploymentConfig takes the label that names it off the pod (1.12.1–1.19.8, 1.20.0–1.20.4, 1.21.0).
    pub takes_config_label: bool,
    /// Values that are null fail the request (1.23 on).
    pub refuses_null_values: bool,

    // Annotations.
    /// The annotations that are validated before anything else, in groups.
    pub validated_annotations: &'static [&'static [&'static str]],
    /// Errors of ports show what Go's parser made of them, not what was written (until 1.10).
    pub port_errors_show_number: bool,
    /// Address ranges are read by `net.ParseCIDR` (until 1.15), later by `netip.ParsePrefix`.
    pub old_cidr_parser: bool,

    // The merge.
    /// Errors come from the pod first and from the bare template second (until 1.18); later the other way round.
    pub merges_pod_first: bool,
    /// A rendered template becomes JSON before it is merged, with the errors of that (until 1.13).
    pub overlays_as_json: bool,
    /// Containers that the status annotation names keep the template's settings on re-injection (1.17 on).
    pub keeps_injected_containers: bool,
    /// What becomes of the user and group of a sidecar that the user wrote.
    pub sidecar_user: SidecarUser,
    /// Managed fields are taken off the pod before anything else.
    pub drops_managed_fields: bool,

    /// The library that compares the pods.
    pub json_diff: Library,
    /// The library with which patches are applied outside the API server takes a replacement for what is not there
    /// (1.3–1.5, 1.9–1.11).
    pub replaces_missing: bool,

    // Native sidecars.
    /// How native sidecars are detected.
    pub native_detection: NativeDetection,
    /// The lowest kubelet minor version that counts as able to run native sidecars.
    pub native_kubelet_minor: u32,
    /// The annotation `sidecar.istio.io/nativeSidecar` is heeded (1.24 on).
    pub reads_native_annotation: bool,
    /// The lists in which the sidecar is looked for: the init containers from 1.19 on.
    pub sidecar_lists: &'static [List],

    // The last changes.
    /// Variables of the URL path: how they are read.
    pub url: UrlForm,
    /// Scrape annotations count in any spelling, and `scrape: false` is respected (1.13 on).
    pub prometheus_spellings: bool,
    /// Mesh-wide holding of the application counts for the order (1.9.1 on).
    pub mesh_holds_application: bool,
    /// The handlers whose probes are rewritten.
    pub probed_handlers: &'static [&'static str],
    /// `REWRITE_TCP_PROBES=false` leaves TCP probes alone (1.12–1.18).
    pub tcp_probes_switch: bool,
    /// Probes of init containers are rewritten too (1.19 on).
    pub rewrites_init_probes: bool,
    /// Lifecycle handlers are rewritten too (1.25 on).
    pub rewrites_lifecycle: bool,
    /// On re-injection probers join those that are there (1.17 on).
    pub merges_probers: bool,
    /// On re-injection a missing prober environment variable is appended (1.27 on).
    pub appends_missing_probers: bool,
    /// The status annotation names the revision (1.11 on).
    pub status_revision: bool,

    // OpenShift.
    /// The proxy's ids come from the namespace's annotations (1.20 on).
    pub openshift: OpenShift,

    // kube-inject.
    /// What it reads, passes over and says.
    pub manual: &'static Manual,

    // HTTP.
    /// A body of another kind is refused (1.17 on), not taken for a review without a request.
    pub refuses_other_kinds: bool,
    /// Bodies beyond 6 MiB are refused (1.14 on and some patch releases before).
    pub limits_body: bool,
}
