use super::Handling;
use crate::admission::Refused;
use crate::go::json::{Object, Value};

impl Handling<'_, '_> {
    /// DELETE of one object, or of all in the namespace.
    pub(super) fn delete(&mut self) -> Result<(), Refused> {
        let (kind, namespace) = (self.resource.kind, self.asked.namespace.clone());
        let names: Vec<String> = match self.asked.name.as_str() {
            "" => {
                let objects = self.server.cluster.objects.list(kind, &namespace);
                objects.filter_map(|o| o["metadata"]["name"].as_str().map(str::to_owned)).collect()
            }
            name => vec![name.to_owned()],
        };
        let mut options = self.options("DeleteOptions");
        if kind == "Pod"
            && !self.asked.name.is_empty()
            && let Some(members) = options.as_object_mut()
        {
            // Pods that run nowhere go at once.
            members.push("gracePeriodSeconds", 0i64);
        }
        for name in names {
            let Some(old) = self.server.get(kind, &namespace, &name).cloned() else { return Err(self.not_found()) };
            // Of a collection, webhooks are told no names.
            let request = self.request("DELETE", &self.asked.name, Value::Null, old.clone(), options.clone());
            self.mutate(&request)?;
            self.validate(&request)?;
            if !self.is_dry_run() {
                self.server.cluster.objects.remove(kind, &namespace, &name);
            }
            self.answered.body = old;
        }
        if self.asked.name.is_empty() {
            self.answered.body = Value::Object([("kind", format!("{kind}List"))].into_iter().collect::<Object>());
        }
        Ok(())
    }
}
