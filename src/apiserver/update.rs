use super::kinds::metadata;
use super::{Handling, Verb, bad_request, body, pods};
use crate::admission::Refused;
use crate::go::json::{Object, Value};
use crate::k8s::schema;
use crate::k8s::validation;
use crate::patch::{json_patch, strategic_merge};
use crate::scenario::Request;

impl Handling<'_, '_> {
    /// PATCH of an object, server-side apply too.
    pub(super) fn patch(&mut self) -> Result<(), Refused> {
        let old = self.server.get(self.resource.kind, &self.asked.namespace, &self.asked.name).cloned();
        let Some(old) = old else {
            if self.asked.verb == Verb::Apply {
                return self.create();
            }
            return Err(self.not_found());
        };
        let patched = self.patched(&old)?;
        let object = match self.resource.kind {
            "Pod" => body::pod(patched).map_err(bad_request)?,
            _ => patched,
        };
        let request = self.request("UPDATE", &self.asked.name, object, old.clone(), self.options("UpdateOptions"));
        let mut object = self.mutate(&request)?;
        if self.resource.kind == "Pod" {
            pods::prepare_update(&mut object, &old, &self.asked.subresource);
            let errors = validation::pod_update(&object, &old, &self.asked.subresource);
            if !errors.is_empty() {
                return Err(Refused::invalid("", "Pod", metadata(&object, "name"), &errors));
            }
        }
        let request = Request { object, ..request };
        self.validate(&request)?;
        self.keep(request.object);
        Ok(())
    }

    /// The stored object with the client's patch.
    fn patched(&self, old: &Value) -> Result<Value, Refused> {
        let patch = &self.asked.body;
        if self.asked.verb == Verb::Apply {
            return strategic_merge::merge(old.clone(), patch.clone(), &schema::POD).map_err(bad_request);
        }
        match self.asked.content_type.as_str() {
            "application/json-patch+json" => json_patch::apply(old.clone(), patch).map_err(|e| Refused {
                ..Refused::new(
                    422,
                    "Invalid",
                    format!("the server rejected our request due to an error in our request: {e}"),
                    "refused",
                )
            }),
            "application/merge-patch+json" => {
                let mut whole = old.clone();
                merge(&mut whole, patch);
                Ok(whole)
            }
            _ => strategic_merge::merge(old.clone(), patch.clone(), &schema::POD).map_err(bad_request),
        }
    }
}

/// RFC 7386.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *target = patch.clone();
        return;
    };
    if target.as_object().is_none() {
        *target = Value::Object(Object::new());
    }
    for (key, value) in members {
        match (value, target.as_object_mut()) {
            (Value::Null, Some(own)) => _ = own.remove(key),
            (value, Some(own)) => merge(own.entry(key), value),
            _ => {}
        }
    }
}
