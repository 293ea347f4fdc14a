//! The workload behind a pod, as these releases guess it.

use super::NIL_POINTER;
use crate::go::json::{Object, Value};
use crate::go::strconv;
use crate::injector::pod;
use crate::injector::release::OwnerLookup;
use crate::k8s::schema;

/// What templates see as `.DeploymentMeta` and `.TypeMeta`.
#[derive(Debug)]
pub(super) struct Workload {
    /// The pod's metadata with the workload's name.
    pub(super) meta: Value,
    /// `kind` and `apiVersion`
    pub(super) ty: Value,
}

impl Workload {
    /// The workload's name.
    pub(super) fn name(&self) -> &str {
        self.meta["name"].as_str().unwrap_or_default()
    }
}

/// Finds the workload. `namespace` is that of the request, which early releases take over whatever the pod says.
///
/// Errors: the real handler crashes on an owner that does not say whether it is the controller (until 1.7).
pub(super) fn workload(pod: &Value, namespace: &str, lookup: OwnerLookup) -> Result<Workload, &'static str> {
    let mut meta = pod["metadata"].clone();
    let mut ty: Object = [("kind", "Pod"), ("apiVersion", "v1")].into_iter().collect();
    let guarded = lookup == OwnerLookup::Guarded;
    if lookup == OwnerLookup::Never {
        return Ok(Workload { meta, ty: Value::Object(ty) });
    }
    if !guarded {
        set(&mut meta, "namespace", namespace);
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if !text(&pod["metadata"]["generateName"]).is_empty()
        && let Some(owner) = controller(pod["metadata"]["ownerReferences"].items(), guarded)?
    {
        let (name, kind, api_version) = (text(&owner["name"]), text(&owner["kind"]), text(&owner["apiVersion"]));
        let hash = pod::label(pod, "pod-template-hash").unwrap_or_default();
        let cron_jobs = lookup != OwnerLookup::Deployments;
        let (name, kind, api_version) = match kind.as_str() {
            "ReplicaSet" if name.ends_with(hash) && !(guarded && hash.is_empty()) => {
                let name = name.strip_suffix(&format!("-{hash}")).unwrap_or(&name).to_owned();
                (name, "Deployment".to_owned(), api_version)
            }
            "Job" if cron_jobs => match without_timestamp(&name) {
                Some(name) => (name.to_owned(), "CronJob".to_owned(), "batch/v1beta1".to_owned()),
                None => (name, kind, api_version),
            },
            _ => (name, kind, api_version),
        };
        set(
            &mut meta,
            "name",
            if name.is_empty() { pod["metadata"]["name"].as_str().unwrap_or_default() } else { &name },
        );
        ty = [("kind", kind), ("apiVersion", api_version)].into_iter().filter(|(_, text)| !text.is_empty()).collect();
    }
    Ok(Workload { meta, ty: Value::Object(ty) })
}

/// Sets a member of metadata; Go leaves out what is empty.
fn set(meta: &mut Value, key: &'static str, text: &str) {
    if let Value::Object(members) = meta {
        members.remove(key);
        if !text.is_empty() {
            schema::OBJECT_META.set(members, key, text);
        }
    }
}

fn controller(owners: &[Value], guarded: bool) -> Result<Option<&Value>, &'static str> {
    for owner in owners {
        match owner["controller"].as_bool() {
            Some(true) => return Ok(Some(owner)),
            Some(false) => {}
            None if guarded => {}
            None => return Err(NIL_POINTER),
        }
    }
    Ok(None)
}

/// The name of a CronJob from that of its Job: a dash and ten characters that Go reads as a number.
fn without_timestamp(job: &str) -> Option<&str> {
    if job.len() <= 11 {
        return None;
    }
    let (name, number) = job.split_at_checked(job.len() - 10)?;
    strconv::atoi(number).ok()?;
    name.strip_suffix('-')
}
