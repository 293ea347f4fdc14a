//! What templates see: `.ObjectMeta`, `.Spec`, `.Values` and their neighbours.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::go::json;
use crate::go::template::{Host, Int, Object, Template, Value};
use crate::injector::overlay::Injection;
use crate::injector::owner::{self, Workload};
use crate::injector::{image, openshift};
use crate::k8s::{schema, view};

/// The data of one injection, made once for all its templates.
pub(super) struct TemplateData<'a> {
    injection: &'a Injection<'a>,
    pod: &'a json::Value,
    workload: Workload,
    proxy_image: String,
    proxy_ids: (i64, i64),
}

impl<'a> TemplateData<'a> {
    /// `pod` is the incoming pod without what an earlier injection brought.
    pub(super) fn new(injection: &'a Injection<'a>, pod: &'a json::Value) -> TemplateData<'a> {
        let annotations = &pod["metadata"]["annotations"];
        let proxy_image =
            image::proxy_image(&injection.config.values, injection.proxy_config.image_type(), annotations);
        TemplateData {
            injection,
            pod,
            workload: owner::workload(injection.pod),
            proxy_image,
            proxy_ids: openshift::proxy_ids(injection.namespace),
        }
    }

    /// Renders a template.
    ///
    /// Errors: Go's text.
    pub(super) fn render(&'a self, template: &'a Template) -> Result<String, String> {
        let root = Value::Object(Rc::new(Root(self)));
        template.render(&root, &Environment(self.injection.env)).map_err(|e| e.to_string())
    }
}

/// The environment of the injector's process.
struct Environment<'a>(&'a BTreeMap<String, String>);

impl Host for Environment<'_> {
    fn env(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }
}

struct Root<'d>(&'d TemplateData<'d>);

/// The fields in Go's order.
const FIELDS: &[&str] = &[
    "TypeMeta",
    "DeploymentMeta",
    "ObjectMeta",
    "Spec",
    "ProxyConfig",
    "MeshConfig",
    "Values",
    "Revision",
    "NativeSidecars",
    "ProxyImage",
    "ProxyUID",
    "ProxyGID",
    "InboundTrafficPolicyMode",
    "CompliancePolicy",
];

impl<'d> Object<'d> for Root<'d> {
    fn type_name(&self) -> &str {
        "*inject.SidecarTemplateData"
    }

    fn field(&self, name: &str) -> Option<Value<'d>> {
        let data = self.0;
        let injection = data.injection;
        let workload = &data.workload;
        Some(match name {
            "TypeMeta" => pair(
                "v1.TypeMeta",
                [("Kind", &workload.kind), ("APIVersion", &workload.api_version)],
                ["kind", "apiVersion"],
            ),
            "DeploymentMeta" => pair(
                "types.NamespacedName",
                [("Namespace", &workload.namespace), ("Name", &workload.name)],
                ["Namespace", "Name"],
            ),
            "ObjectMeta" => view::structure(&schema::OBJECT_META, &data.pod["metadata"]),
            "Spec" => view::structure(&schema::POD_SPEC, &data.pod["spec"]),
            "ProxyConfig" => injection.proxy_config.view(),
            "MeshConfig" => injection.config.mesh().view(),
            "Values" => Value::json(&injection.config.values_tree),
            "Revision" => Value::borrowed(injection.revision),
            "NativeSidecars" => Value::Bool(injection.native),
            "ProxyImage" => Value::borrowed(&data.proxy_image),
            "ProxyUID" => Value::Int(data.proxy_ids.0, Int::Int64),
            "ProxyGID" => Value::Int(data.proxy_ids.1, Int::Int64),
            "InboundTrafficPolicyMode" => Value::borrowed(injection.config.mesh().inbound_traffic_policy_mode()),
            "CompliancePolicy" => Value::borrowed(injection.env.get("COMPLIANCE_POLICY").map_or("", String::as_str)),
            _ => return None,
        })
    }

    fn fields(&self) -> Vec<(&str, Value<'d>)> {
        FIELDS.iter().filter_map(|name| Some((*name, self.field(name)?))).collect()
    }

    fn to_json(&self) -> json::Value {
        json::Value::Object(self.fields().into_iter().map(|(name, value)| (name, value.to_json())).collect())
    }
}

/// A struct of two strings.
struct Pair<'d> {
    ty: &'static str,
    fields: [(&'static str, &'d str); 2],
    json: [&'static str; 2],
}

fn pair<'d>(ty: &'static str, fields: [(&'static str, &'d String); 2], json: [&'static str; 2]) -> Value<'d> {
    Value::Object(Rc::new(Pair { ty, fields: fields.map(|(name, text)| (name, text.as_str())), json }))
}

impl<'d> Object<'d> for Pair<'d> {
    fn type_name(&self) -> &str {
        self.ty
    }

    fn field(&self, name: &str) -> Option<Value<'d>> {
        self.fields.iter().find(|(n, _)| *n == name).map(|(_, text)| Value::borrowed(text))
    }

    fn call(&self, name: &str, _: &[Value<'d>]) -> Option<Result<Value<'d>, String>> {
        (name == "String").then(|| self.text()).flatten().map(|text| Ok(Value::string(text)))
    }

    fn text(&self) -> Option<String> {
        (self.ty == "types.NamespacedName").then(|| format!("{}/{}", self.fields[0].1, self.fields[1].1))
    }

    fn fields(&self) -> Vec<(&str, Value<'d>)> {
        self.fields.iter().map(|(name, text)| (*name, Value::borrowed(text))).collect()
    }

    fn to_json(&self) -> json::Value {
        let empty_left_out = self.ty == "v1.TypeMeta";
        let members = self.json.iter().zip(&self.fields).filter(|(_, (_, text))| !(empty_left_out && text.is_empty()));
        json::Value::Object(members.map(|(key, (_, text))| (*key, *text)).collect())
    }
}
