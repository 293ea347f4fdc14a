//! The kinds of objects whose pod templates are injected, as the Go structs that kube-inject reads them into.

#[rustfmt::skip]
mod table;

use crate::k8s::schema::{self, Type};
use table::*;

/// Kinds that a release reads, in groups.
pub(crate) type Kinds = [&'static [(&'static str, &'static Type)]];

const COMMON: &[(&str, &Type)] = &[
    ("DeploymentConfig", &OPENSHIFT_DEPLOYMENT_CONFIG),
    ("Job", &JOB),
    ("List", &LIST),
    ("Pod", &schema::POD),
    ("ReplicationController", &REPLICATION_CONTROLLER),
];
const APPS_V1: &[(&str, &Type)] = &[
    ("DaemonSet", &DAEMON_SET),
    ("Deployment", &DEPLOYMENT),
    ("ReplicaSet", &REPLICA_SET),
    ("StatefulSet", &STATEFUL_SET),
];
const EXTENSIONS: &[(&str, &Type)] = &[
    ("DaemonSet", &EXTENSIONS_DAEMON_SET),
    ("Deployment", &EXTENSIONS_DEPLOYMENT),
    ("ReplicaSet", &EXTENSIONS_REPLICA_SET),
    ("StatefulSet", &BETA_STATEFUL_SET),
];
const ALPHA: &[(&str, &Type)] = &[("CronJob", &ALPHA_CRON_JOB)];

/// Workloads of `extensions/v1beta1`, CronJobs of `batch/v2alpha1` (1.0, 1.1).
pub(crate) static EARLY: &Kinds = &[COMMON, EXTENSIONS, ALPHA];

/// Workloads of `apps/v1` (1.2 on).
pub(crate) static APPS: &Kinds = &[COMMON, APPS_V1, ALPHA];

/// CronJobs of `batch/v1` (1.11 on).
pub(crate) static BATCH: &Kinds = &[COMMON, APPS_V1, &[("CronJob", &CRON_JOB)]];
