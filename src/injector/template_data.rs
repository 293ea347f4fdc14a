//! What templates see: `.ObjectMeta`, `.Spec`, `.Values` and their neighbours.

use std::rc::Rc;

use crate::go::json;
use crate::go::template::{Host, Int, Object, Template, Value};
use crate::injector::mesh::{self, MeshConfig};
use crate::injector::overlay::Injection;
use crate::injector::{functions, image, openshift, pod};
use crate::k8s::quantity::Quantity;
use crate::k8s::{schema, view};

/// The data of one injection, made once for all its templates.
pub(super) struct TemplateData<'a> {
    injection: &'a Injection<'a>,
    pod: &'a json::Value,
    proxy_image: String,
    proxy_ids: (i64, i64),
    /// The mesh config with the pod's proxy config in it, in releases in which templates see that.
    mesh: Option<MeshConfig>,
}

impl<'a> TemplateData<'a> {
    /// `pod` is the incoming pod without what an earlier injection brought.
    pub(super) fn new(injection: &'a Injection<'a>, pod: &'a json::Value) -> TemplateData<'a> {
        let switches = &injection.release.switches;
        let config = injection.config;
        let annotations = &pod["metadata"]["annotations"];
        let proxy_image = image::proxy_image(
            &config.values,
            injection.proxy_config.image_type(),
            annotations,
            switches.image_variant,
        );
        TemplateData {
            injection,
            pod,
            mesh: switches.merges_into_mesh.then(|| injection.mesh.with_default_config(injection.proxy_config)),
            proxy_image,
            proxy_ids: openshift::proxy_ids(injection.namespace),
        }
    }

    /// Renders a template.
    ///
    /// Errors: Go's text.
    pub(super) fn render(&self, template: &Template) -> Result<String, String> {
        let root = Value::Object(Rc::new(Root(self)));
        template.render(&root, &Environment(self)).map_err(|e| e.to_string())
    }
}

/// The injector's process: its environment, and what templates ask it.
struct Environment<'a>(&'a TemplateData<'a>);

impl Host for Environment<'_> {
    fn env(&self, name: &str) -> Option<String> {
        self.0.injection.env.get(name).cloned()
    }

    fn ask(&self, question: &str, about: &Value<'_>) -> Option<String> {
        match (question, about) {
            ("protoToJSON", Value::Object(message)) if message.type_name() == "*v1alpha1.ProxyConfig" => {
                let dialect = self.0.injection.release.switches.mesh;
                Some(json::to_string(&mesh::without_defaults(&message.proto_json()?, dialect)))
            }
            // A template in a template; what fails in it leaves nothing.
            ("render", text) => {
                let functions = functions::of(self.0.injection.release);
                let template = Template::parse("inject", text.as_str()?, &functions).ok()?;
                self.0.render(&template).ok()
            }
            _ => None,
        }
    }
}

struct Root<'d>(&'d TemplateData<'d>);

impl<'d> Object<'d> for Root<'d> {
    fn type_name(&self) -> &str {
        "*inject.SidecarTemplateData"
    }

    fn field(&self, name: &str) -> Option<Value<'d>> {
        let data = self.0;
        let injection = data.injection;
        if !injection.release.switches.template_fields.iter().any(|group| group.contains(&name)) {
            return None;
        }
        let workload = injection.workload;
        Some(match name {
            "TypeMeta" => pair(
                "v1.TypeMeta",
                [("Kind", &workload.kind), ("APIVersion", &workload.api_version)],
                ["kind", "apiVersion"],
            ),
            "DeploymentMeta" if !workload.meta.is_null() => view::structure(&schema::OBJECT_META, &workload.meta),
            "DeploymentMeta" => pair(
                "types.NamespacedName",
                [("Namespace", &workload.namespace), ("Name", &workload.name)],
                ["Namespace", "Name"],
            ),
            "ObjectMeta" => view::structure(&schema::OBJECT_META, &data.pod["metadata"]),
            "Spec" => view::structure(&schema::POD_SPEC, &data.pod["spec"]),
            "ProxyConfig" => injection.proxy_config.view(),
            "MeshConfig" => data.mesh.as_ref().unwrap_or(injection.mesh).view(),
            "Values" => Value::json(&injection.config.values_tree),
            "Revision" => Value::borrowed(injection.revision),
            "EstimatedConcurrency" => Value::Int(concurrency(injection), Int::Int),
            "NativeSidecars" => Value::Bool(injection.native),
            "ProxyImage" => Value::borrowed(&data.proxy_image),
            "ProxyUID" => Value::Int(data.proxy_ids.0, Int::Int64),
            "ProxyGID" => Value::Int(data.proxy_ids.1, Int::Int64),
            "InboundTrafficPolicyMode" => Value::borrowed(injection.mesh.inbound_traffic_policy_mode()),
            "CompliancePolicy" => Value::borrowed(injection.env.get("COMPLIANCE_POLICY").map_or("", String::as_str)),
            _ => return None,
        })
    }

    fn fields(&self) -> Vec<(&str, Value<'d>)> {
        let names = self.0.injection.release.switches.template_fields.iter().flat_map(|group| group.iter());
        names.filter_map(|name| Some((*name, self.field(name)?))).collect()
    }

    fn to_json(&self) -> json::Value {
        json::Value::Object(self.fields().into_iter().map(|(name, value)| (name, value.to_json())).collect())
    }
}

/// How many threads the proxy will run: what its config says, 2 when it says nothing, as many as its CPUs for 0.
///
/// Source: istio 1.10.1–1.17.
fn concurrency(injection: &Injection<'_>) -> i64 {
    const DEFAULT: i64 = 2;
    let Some(configured) = injection.proxy_config.to_json()["concurrency"].as_i64() else { return DEFAULT };
    if configured > 0 {
        return configured;
    }
    let annotation = |key| pod::annotation(injection.pod, key);
    let annotated = annotation("sidecar.istio.io/proxyCPULimit").or_else(|| annotation("sidecar.istio.io/proxyCPU"));
    if let Some(cpu) = annotated {
        return threads(cpu).unwrap_or(DEFAULT);
    }
    let resources = &injection.config.values_tree["global"]["proxy"]["resources"];
    let configured = |list: &str| resources[list]["cpu"].as_str().and_then(threads);
    configured("limits").or_else(|| configured("requests")).unwrap_or(DEFAULT)
}

/// CPUs as threads, rounded up.
fn threads(cpu: &str) -> Option<i64> {
    let milli = Quantity::parse(cpu).ok()?.scaled_value(-3);
    Some((milli as f64 / 1000.0).ceil() as i64)
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
