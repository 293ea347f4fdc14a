use super::kinds::{metadata, set_metadata};
use super::{Handling, Verb, bad_request, ownership, pods};
use crate::admission::{self, Refused};
use crate::go::json::{Object, Value};
use crate::go::strconv::quote;
use crate::k8s::{prepare, schema, validation};
use crate::scenario::Request;

/// The name of a client that does not give one.
const DEFAULT_MANAGER: &str = "unknown";

impl Handling<'_, '_> {
    /// POST of an object or to a subresource.
    pub(super) fn create(&mut self) -> Result<(), Refused> {
        self.answered.code = 201;
        let mut object = self.read(self.asked.body.clone())?;
        self.settle_namespace(&mut object)?;
        wipe(&mut object);
        if self.asked.subresource.is_empty() {
            let operation = if self.asked.verb == Verb::Apply { "Apply" } else { "Update" };
            let manager = self.asked.query.get("fieldManager").map_or(DEFAULT_MANAGER, String::as_str);
            ownership::claim(&mut object, manager, operation, &self.server.made_up.time);
        }
        let name = match self.asked.name.as_str() {
            "" => metadata(&object, "name").to_owned(),
            name => name.to_owned(),
        };
        let request = self.request("CREATE", &name, object, Value::Null, self.options("CreateOptions"));
        let mut object = self.mutate(&request)?;
        if let Some(warning) = ownership::check(&mut object, &request.object) {
            self.warnings.add(&warning);
        }
        if !self.asked.subresource.is_empty() {
            let request = Request { object, ..request };
            return self.create_subresource(request);
        }
        self.create_object(request, object)
    }

    /// What comes behind the mutating side.
    pub(super) fn create_object(&mut self, request: Request, mut object: Value) -> Result<(), Refused> {
        if metadata(&object, "name").is_empty() {
            let base = metadata(&object, "generateName");
            if !base.is_empty() {
                let name = prepare::generated_name(base, &self.server.made_up.suffix);
                set_metadata(&mut object, "name", name.into());
            }
        }
        if !self.asked.namespace.is_empty() && metadata(&object, "namespace") != self.asked.namespace {
            let own = metadata(&object, "namespace");
            if own.is_empty() {
                set_metadata(&mut object, "namespace", self.asked.namespace.as_str().into());
            } else {
                let text = "the namespace of the provided object does not match the namespace sent on the request";
                return Err(bad_request(text));
            }
        }
        let made_up = self.server.made_up.clone();
        set_metadata(&mut object, "uid", made_up.uid.into());
        set_metadata(&mut object, "creationTimestamp", made_up.time.into());
        if self.resource.has_generation {
            set_metadata(&mut object, "generation", 1i64.into());
        }
        for text in pods::prepare(&mut object, &self.server.made_up.time) {
            self.warnings.add(&text);
        }
        let name = metadata(&object, "name").to_owned();
        if self.resource.kind == "MutatingWebhookConfiguration" {
            admission::defaults(&mut object);
            admission::validate_configuration(&object)?;
        }
        if object["kind"].as_str() == Some("Pod") {
            let errors = validation::pod(&object);
            if !errors.is_empty() {
                return Err(Refused::invalid("", "Pod", &name, &errors));
            }
            validation::warnings(&object).iter().for_each(|text| self.warnings.add(text));
        }
        let request = Request { name: name.clone(), object, ..request };
        self.validate(&request)?;
        let Request { object, .. } = request;
        if !metadata(&object, "resourceVersion").is_empty() {
            return Err(Refused::new(
                500,
                "",
                "resourceVersion should not be set on objects to be created",
                "bad-request",
            ));
        }
        if self.server.get(self.resource.kind, &self.asked.namespace, &name).is_some() {
            let (group, resource) = (&self.asked.resource.group, &self.asked.resource.name);
            let message = format!("{resource} {} already exists", quote(&name));
            return Err(Refused::about(409, "AlreadyExists", message, &name, group, resource, "bad-request"));
        }
        self.keep(object);
        Ok(())
    }

    /// Binding and eviction.
    fn create_subresource(&mut self, request: Request) -> Result<(), Refused> {
        self.validate(&request)?;
        let (namespace, name) = (&self.asked.namespace, &self.asked.name);
        let Some(mut pod) = self.server.get("Pod", namespace, name).cloned() else { return Err(self.not_found()) };
        let status = [("kind", "Status"), ("apiVersion", "v1"), ("status", "Success")];
        let status = Value::Object(status.into_iter().collect());
        if self.asked.subresource == "eviction" {
            if !self.is_dry_run() {
                self.server.cluster.objects.remove("Pod", namespace, name);
            }
        } else {
            if let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) {
                schema::POD_SPEC.set(spec, "nodeName", request.object["target"]["name"].clone());
            }
            let mut condition = Object::new();
            condition.push("type", "PodScheduled");
            condition.push("status", "True");
            condition.push("lastProbeTime", Value::Null);
            condition.push("lastTransitionTime", self.server.made_up.time.as_str());
            if let Some(status) = pod.get_mut("status").and_then(Value::as_object_mut) {
                schema::POD_STATUS.set(status, "conditions", vec![Value::Object(condition)]);
            }
            self.keep(pod);
        }
        self.answered.body = status;
        Ok(())
    }
}

/// Takes away what only the server sets.
fn wipe(object: &mut Value) {
    if let Some(members) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for key in ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
            members.remove(key);
        }
    }
}
