//! The kinds of objects whose pod templates are injected, as the Go structs that kube-inject reads them into.

use crate::k8s::schema::{self, Field, Kind, Type};

const fn must(json: &'static str, kind: Kind, go_type: &'static str) -> Field {
    Field { json, kind, go_type, ..Field::DEFAULT }
}

/// Left out when empty; structs never are.
const fn may(json: &'static str, kind: Kind, go_type: &'static str) -> Field {
    Field { omit: true, ..must(json, kind, go_type) }
}

const fn pointer(json: &'static str, kind: Kind, go_type: &'static str) -> Field {
    Field { pointer: true, ..may(json, kind, go_type) }
}

const KIND: Field = Field { embedded: "TypeMeta", ..may("kind", Kind::Str, "string") };
const API_VERSION: Field = Field { embedded: "TypeMeta", ..may("apiVersion", Kind::Str, "string") };
const METADATA: Field = may("metadata", Kind::Struct(&schema::OBJECT_META), "v1.ObjectMeta");

static POD_TEMPLATE: Type = Type::new(
    "v1.PodTemplateSpec",
    "*v1.PodTemplateSpec",
    &[METADATA, may("spec", Kind::Struct(&schema::POD_SPEC), "v1.PodSpec")],
);
const TEMPLATE: Field = may("template", Kind::Struct(&POD_TEMPLATE), "v1.PodTemplateSpec");
const NEEDED_TEMPLATE: Field = must("template", Kind::Struct(&POD_TEMPLATE), "v1.PodTemplateSpec");
const TEMPLATE_POINTER: Field = pointer("template", Kind::Struct(&POD_TEMPLATE), "v1.PodTemplateSpec");

const SELECTOR: Field = pointer("selector", Kind::Struct(&schema::LABEL_SELECTOR), "v1.LabelSelector");
const NEEDED_SELECTOR: Field = Field { omit: false, ..SELECTOR };
const SELECTOR_MAP: Field = may("selector", Kind::Map(&Kind::Str), "map[string]string");

const REPLICAS: Field = pointer("replicas", Kind::Int32, "int32");
const MIN_READY: Field = may("minReadySeconds", Kind::Int32, "int32");
const HISTORY: Field = pointer("revisionHistoryLimit", Kind::Int32, "int32");
const PAUSED: Field = may("paused", Kind::Bool, "bool");
const DEADLINE: Field = pointer("progressDeadlineSeconds", Kind::Int32, "int32");

const GENERATION: Field = may("observedGeneration", Kind::Int64, "int64");
const CONDITIONS: Field = may("conditions", Kind::List(&Kind::Raw), "[]v1.Condition");
const COLLISIONS: Field = pointer("collisionCount", Kind::Int32, "int32");

const fn count(json: &'static str) -> Field {
    may(json, Kind::Int32, "int32")
}

const fn shown_count(json: &'static str) -> Field {
    must(json, Kind::Int32, "int32")
}

static ROLLING: Type = Type::new(
    "v1.RollingUpdateDeployment",
    "*v1.RollingUpdateDeployment",
    &[
        pointer("partition", Kind::Int32, "int32"),
        pointer("maxUnavailable", Kind::IntOrString, "intstr.IntOrString"),
        pointer("maxSurge", Kind::IntOrString, "intstr.IntOrString"),
    ],
);
static STRATEGY: Type = Type::new(
    "v1.DeploymentStrategy",
    "*v1.DeploymentStrategy",
    &[
        may("type", Kind::Str, "v1.DeploymentStrategyType"),
        pointer("rollingUpdate", Kind::Struct(&ROLLING), "v1.RollingUpdateDeployment"),
    ],
);
const DEPLOYMENT_STRATEGY: Field = may("strategy", Kind::Struct(&STRATEGY), "v1.DeploymentStrategy");
const UPDATE_STRATEGY: Field = may("updateStrategy", Kind::Struct(&STRATEGY), "v1.DaemonSetUpdateStrategy");

static DEPLOYMENT_STATUS: Type = Type::new(
    "v1.DeploymentStatus",
    "*v1.DeploymentStatus",
    &[
        GENERATION,
        count("replicas"),
        count("updatedReplicas"),
        count("readyReplicas"),
        count("availableReplicas"),
        count("unavailableReplicas"),
        CONDITIONS,
        COLLISIONS,
    ],
);
static DAEMON_SET_STATUS: Type = Type::new(
    "v1.DaemonSetStatus",
    "*v1.DaemonSetStatus",
    &[
        shown_count("currentNumberScheduled"),
        shown_count("numberMisscheduled"),
        shown_count("desiredNumberScheduled"),
        shown_count("numberReady"),
        GENERATION,
        count("updatedNumberScheduled"),
        count("numberAvailable"),
        count("numberUnavailable"),
        COLLISIONS,
        CONDITIONS,
    ],
);
static REPLICA_STATUS: Type = Type::new(
    "v1.ReplicaSetStatus",
    "*v1.ReplicaSetStatus",
    &[
        shown_count("replicas"),
        count("fullyLabeledReplicas"),
        count("readyReplicas"),
        count("availableReplicas"),
        GENERATION,
        CONDITIONS,
    ],
);
static STATEFUL_SET_STATUS: Type = Type::new(
    "v1.StatefulSetStatus",
    "*v1.StatefulSetStatus",
    &[
        GENERATION,
        shown_count("replicas"),
        count("readyReplicas"),
        count("currentReplicas"),
        count("updatedReplicas"),
        may("currentRevision", Kind::Str, "string"),
        may("updateRevision", Kind::Str, "string"),
        COLLISIONS,
        CONDITIONS,
    ],
);
static JOB_STATUS: Type = Type::new(
    "v1.JobStatus",
    "*v1.JobStatus",
    &[
        CONDITIONS,
        pointer("startTime", Kind::Time, "v1.Time"),
        pointer("completionTime", Kind::Time, "v1.Time"),
        count("active"),
        count("succeeded"),
        count("failed"),
    ],
);
static CRON_JOB_STATUS: Type = Type::new(
    "v2alpha1.CronJobStatus",
    "*v2alpha1.CronJobStatus",
    &[
        may("active", Kind::List(&Kind::Raw), "[]v1.ObjectReference"),
        pointer("lastScheduleTime", Kind::Time, "v1.Time"),
    ],
);

static DEPLOYMENT_SPEC: Type = Type::new(
    "v1.DeploymentSpec",
    "*v1.DeploymentSpec",
    &[REPLICAS, NEEDED_SELECTOR, NEEDED_TEMPLATE, DEPLOYMENT_STRATEGY, MIN_READY, HISTORY, PAUSED, DEADLINE],
);
static EXTENSIONS_DEPLOYMENT_SPEC: Type = Type::new(
    "v1beta1.DeploymentSpec",
    "*v1beta1.DeploymentSpec",
    &[
        REPLICAS,
        SELECTOR,
        NEEDED_TEMPLATE,
        DEPLOYMENT_STRATEGY,
        MIN_READY,
        HISTORY,
        PAUSED,
        pointer("rollbackTo", Kind::Raw, "v1beta1.RollbackConfig"),
        DEADLINE,
    ],
);
static DAEMON_SET_SPEC: Type = Type::new(
    "v1.DaemonSetSpec",
    "*v1.DaemonSetSpec",
    &[NEEDED_SELECTOR, NEEDED_TEMPLATE, UPDATE_STRATEGY, MIN_READY, HISTORY],
);
static EXTENSIONS_DAEMON_SET_SPEC: Type = Type::new(
    "v1beta1.DaemonSetSpec",
    "*v1beta1.DaemonSetSpec",
    &[SELECTOR, NEEDED_TEMPLATE, UPDATE_STRATEGY, MIN_READY, may("templateGeneration", Kind::Int64, "int64"), HISTORY],
);
static REPLICA_SET_SPEC: Type =
    Type::new("v1.ReplicaSetSpec", "*v1.ReplicaSetSpec", &[REPLICAS, MIN_READY, NEEDED_SELECTOR, TEMPLATE]);
static EXTENSIONS_REPLICA_SET_SPEC: Type =
    Type::new("v1beta1.ReplicaSetSpec", "*v1beta1.ReplicaSetSpec", &[REPLICAS, MIN_READY, SELECTOR, TEMPLATE]);

static CLAIM: Type = Type::new(
    "v1.PersistentVolumeClaim",
    "*v1.PersistentVolumeClaim",
    &[
        KIND,
        API_VERSION,
        METADATA,
        may("spec", Kind::Struct(&schema::PERSISTENT_VOLUME_CLAIM_SPEC), "v1.PersistentVolumeClaimSpec"),
        may("status", Kind::Struct(&CLAIM_STATUS), "v1.PersistentVolumeClaimStatus"),
    ],
);
static CLAIM_STATUS: Type = Type::new(
    "v1.PersistentVolumeClaimStatus",
    "*v1.PersistentVolumeClaimStatus",
    &[
        may("phase", Kind::Str, "v1.PersistentVolumeClaimPhase"),
        may("accessModes", Kind::List(&Kind::Str), "[]v1.PersistentVolumeAccessMode"),
        may("capacity", Kind::Map(&Kind::Quantity), "v1.ResourceList"),
        CONDITIONS,
    ],
);
const CLAIM_LIST: Kind = Kind::List(&Kind::Struct(&CLAIM));
const CLAIMS: Field = may("volumeClaimTemplates", CLAIM_LIST, "[]v1.PersistentVolumeClaim");
const SERVICE: Field = must("serviceName", Kind::Str, "string");
const POD_MANAGEMENT: Field = may("podManagementPolicy", Kind::Str, "v1.PodManagementPolicyType");
static STATEFUL_SET_SPEC: Type = Type::new(
    "v1.StatefulSetSpec",
    "*v1.StatefulSetSpec",
    &[REPLICAS, NEEDED_SELECTOR, NEEDED_TEMPLATE, CLAIMS, SERVICE, POD_MANAGEMENT, UPDATE_STRATEGY, HISTORY],
);
static BETA_STATEFUL_SET_SPEC: Type = Type::new(
    "v1beta1.StatefulSetSpec",
    "*v1beta1.StatefulSetSpec",
    &[REPLICAS, SELECTOR, NEEDED_TEMPLATE, CLAIMS, SERVICE, POD_MANAGEMENT, UPDATE_STRATEGY, HISTORY],
);

static CONTROLLER_SPEC: Type = Type::new(
    "v1.ReplicationControllerSpec",
    "*v1.ReplicationControllerSpec",
    &[REPLICAS, MIN_READY, SELECTOR_MAP, TEMPLATE_POINTER],
);

static JOB_SPEC: Type = Type::new(
    "v1.JobSpec",
    "*v1.JobSpec",
    &[
        pointer("parallelism", Kind::Int32, "int32"),
        pointer("completions", Kind::Int32, "int32"),
        pointer("activeDeadlineSeconds", Kind::Int64, "int64"),
        pointer("backoffLimit", Kind::Int32, "int32"),
        SELECTOR,
        pointer("manualSelector", Kind::Bool, "bool"),
        NEEDED_TEMPLATE,
        Field { since: 12, ..pointer("ttlSecondsAfterFinished", Kind::Int32, "int32") },
    ],
);
static JOB_TEMPLATE: Type = Type::new(
    "v2alpha1.JobTemplateSpec",
    "*v2alpha1.JobTemplateSpec",
    &[METADATA, may("spec", Kind::Struct(&JOB_SPEC), "v1.JobSpec")],
);
static CRON_JOB_SPEC: Type = Type::new(
    "v2alpha1.CronJobSpec",
    "*v2alpha1.CronJobSpec",
    &[
        must("schedule", Kind::Str, "string"),
        pointer("startingDeadlineSeconds", Kind::Int64, "int64"),
        may("concurrencyPolicy", Kind::Str, "v2alpha1.ConcurrencyPolicy"),
        pointer("suspend", Kind::Bool, "bool"),
        must("jobTemplate", Kind::Struct(&JOB_TEMPLATE), "v2alpha1.JobTemplateSpec"),
        pointer("successfulJobsHistoryLimit", Kind::Int32, "int32"),
        pointer("failedJobsHistoryLimit", Kind::Int32, "int32"),
    ],
);

static OPENSHIFT_STRATEGY: Type = Type::new(
    "v1.DeploymentStrategy",
    "*v1.DeploymentStrategy",
    &[
        may("type", Kind::Str, "v1.DeploymentStrategyType"),
        pointer("customParams", Kind::Raw, "v1.CustomDeploymentStrategyParams"),
        pointer("recreateParams", Kind::Raw, "v1.RecreateDeploymentStrategyParams"),
        pointer("rollingParams", Kind::Raw, "v1.RollingDeploymentStrategyParams"),
        may("resources", Kind::Struct(&schema::RESOURCE_REQUIREMENTS), "v1.ResourceRequirements"),
        may("labels", Kind::Map(&Kind::Str), "map[string]string"),
        may("annotations", Kind::Map(&Kind::Str), "map[string]string"),
        pointer("activeDeadlineSeconds", Kind::Int64, "int64"),
    ],
);
static OPENSHIFT_SPEC: Type = Type::new(
    "v1.DeploymentConfigSpec",
    "*v1.DeploymentConfigSpec",
    &[
        must("strategy", Kind::Struct(&OPENSHIFT_STRATEGY), "v1.DeploymentStrategy"),
        MIN_READY,
        must("triggers", Kind::List(&Kind::Raw), "v1.DeploymentTriggerPolicies"),
        shown_count("replicas"),
        HISTORY,
        must("test", Kind::Bool, "bool"),
        PAUSED,
        SELECTOR_MAP,
        TEMPLATE_POINTER,
    ],
);
static OPENSHIFT_STATUS: Type = Type::new(
    "v1.DeploymentConfigStatus",
    "*v1.DeploymentConfigStatus",
    &[
        must("latestVersion", Kind::Int64, "int64"),
        must("observedGeneration", Kind::Int64, "int64"),
        shown_count("replicas"),
        shown_count("updatedReplicas"),
        shown_count("availableReplicas"),
        shown_count("unavailableReplicas"),
        pointer("details", Kind::Raw, "v1.DeploymentDetails"),
        CONDITIONS,
        count("readyReplicas"),
    ],
);

/// An object of a kind: its metadata, spec and status.
const fn object(spec: &'static Type, status: &'static Type) -> [Field; 5] {
    [
        KIND,
        API_VERSION,
        METADATA,
        may("spec", Kind::Struct(spec), spec.name),
        may("status", Kind::Struct(status), status.name),
    ]
}

macro_rules! kinds {
    ($($name:ident = $go:literal, $spec:ident, $status:ident;)*) => {
        $(static $name: Type = Type::new($go, concat!("*", $go), &{
            const FIELDS: [Field; 5] = object(&$spec, &$status);
            FIELDS
        });)*
    };
}

kinds! {
    DEPLOYMENT = "v1.Deployment", DEPLOYMENT_SPEC, DEPLOYMENT_STATUS;
    DAEMON_SET = "v1.DaemonSet", DAEMON_SET_SPEC, DAEMON_SET_STATUS;
    REPLICA_SET = "v1.ReplicaSet", REPLICA_SET_SPEC, REPLICA_STATUS;
    STATEFUL_SET = "v1.StatefulSet", STATEFUL_SET_SPEC, STATEFUL_SET_STATUS;
    EXTENSIONS_DEPLOYMENT = "v1beta1.Deployment", EXTENSIONS_DEPLOYMENT_SPEC, DEPLOYMENT_STATUS;
    EXTENSIONS_DAEMON_SET = "v1beta1.DaemonSet", EXTENSIONS_DAEMON_SET_SPEC, DAEMON_SET_STATUS;
    EXTENSIONS_REPLICA_SET = "v1beta1.ReplicaSet", EXTENSIONS_REPLICA_SET_SPEC, REPLICA_STATUS;
    BETA_STATEFUL_SET = "v1beta1.StatefulSet", BETA_STATEFUL_SET_SPEC, STATEFUL_SET_STATUS;
    CONTROLLER = "v1.ReplicationController", CONTROLLER_SPEC, REPLICA_STATUS;
    JOB = "v1.Job", JOB_SPEC, JOB_STATUS;
    CRON_JOB = "v2alpha1.CronJob", CRON_JOB_SPEC, CRON_JOB_STATUS;
    DEPLOYMENT_CONFIG = "v1.DeploymentConfig", OPENSHIFT_SPEC, OPENSHIFT_STATUS;
}

static LIST_META: Type = Type::new(
    "v1.ListMeta",
    "*v1.ListMeta",
    &[
        may("selfLink", Kind::Str, "string"),
        may("resourceVersion", Kind::Str, "string"),
        may("continue", Kind::Str, "string"),
    ],
);
static LIST: Type = Type::new(
    "v1.List",
    "*v1.List",
    &[
        KIND,
        API_VERSION,
        may("metadata", Kind::Struct(&LIST_META), "v1.ListMeta"),
        must("items", Kind::List(&Kind::Raw), "[]runtime.RawExtension"),
    ],
);

const COMMON: &[(&str, &Type)] = &[
    ("CronJob", &CRON_JOB),
    ("DeploymentConfig", &DEPLOYMENT_CONFIG),
    ("Job", &JOB),
    ("List", &LIST),
    ("Pod", &schema::POD),
    ("ReplicationController", &CONTROLLER),
];

/// Kinds that a release reads, in groups.
pub(crate) type Kinds = [&'static [(&'static str, &'static Type)]];

/// Workloads of `extensions/v1beta1` (1.0, 1.1).
pub(crate) static EARLY: &Kinds = &[
    COMMON,
    &[
        ("DaemonSet", &EXTENSIONS_DAEMON_SET),
        ("Deployment", &EXTENSIONS_DEPLOYMENT),
        ("ReplicaSet", &EXTENSIONS_REPLICA_SET),
        ("StatefulSet", &BETA_STATEFUL_SET),
    ],
];

/// Workloads of `apps/v1` (1.2 on).
pub(crate) static APPS: &Kinds = &[
    COMMON,
    &[
        ("DaemonSet", &DAEMON_SET),
        ("Deployment", &DEPLOYMENT),
        ("ReplicaSet", &REPLICA_SET),
        ("StatefulSet", &STATEFUL_SET),
    ],
];
