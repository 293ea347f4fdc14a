//! What templates see.

use std::cell::Cell;
use std::rc::Rc;

use super::{Injection, functions};
use crate::go::json;
use crate::go::template::{Host, Object, Options, Template, Value};
use crate::injector::mesh::legacy::LegacyMesh;
use crate::injector::typed::TYPE_META;
use crate::k8s::schema;
use crate::k8s::view;

/// How deep `render` may be nested; the real one ends its process far below.
pub const MAX_RENDER_DEPTH: usize = 32;

/// The data of one injection.
pub(super) struct TemplateData<'a> {
    pub(super) injection: &'a Injection<'a>,
    /// The mesh config, with the pod's own proxy config in it.
    pub(super) mesh: &'a LegacyMesh,
    pub(super) values: &'a json::Value,
}

impl<'a> TemplateData<'a> {
    /// Renders the template.
    ///
    /// Errors: Go's text.
    pub(super) fn render(&'a self, template: &'a Template) -> Result<String, String> {
        let root = Value::Object(Rc::new(Root(self)));
        let host = Surroundings { data: self, depth: Cell::new(0) };
        template.render(&root, &host).map_err(|e| e.to_string())
    }
}

/// What functions ask: the environment, and what depends on the data.
struct Surroundings<'d> {
    data: &'d TemplateData<'d>,
    depth: Cell<usize>,
}

impl Host for Surroundings<'_> {
    fn env(&self, name: &str) -> Option<String> {
        self.data.injection.process.env.get(name).cloned()
    }

    fn ask(&self, question: &str, about: &Value<'_>) -> Option<String> {
        match (question, about) {
            ("render", text) => self.render(text.as_str()?),
            ("protoToJSON", Value::Object(message)) if message.type_name() == "*v1alpha1.ProxyConfig" => {
                Some(json::to_string(&self.data.mesh.without_defaults(&message.proto_json()?)))
            }
            _ => None,
        }
    }
}

impl Surroundings<'_> {
    /// A text as a template with the same data; `None` for any error.
    fn render(&self, text: &str) -> Option<String> {
        let rules = self.data.injection.rules;
        if self.depth.get() >= MAX_RENDER_DEPTH {
            return None;
        }
        let options = Options { delims: rules.delimiters, ..Options::default() };
        let template = Template::parse_with("inject", text, &functions::of(rules), &options).ok()?;
        self.depth.set(self.depth.get() + 1);
        let rendered = template.render(&Value::Object(Rc::new(Root(self.data))), self);
        self.depth.set(self.depth.get() - 1);
        rendered.ok()
    }
}

struct Root<'d>(&'d TemplateData<'d>);

impl<'d> Object<'d> for Root<'d> {
    fn type_name(&self) -> &str {
        "*inject.SidecarTemplateData"
    }

    fn field(&self, name: &str) -> Option<Value<'d>> {
        let TemplateData { injection, mesh, values } = *self.0;
        let Injection { pod, api, workload, rules, .. } = *injection;
        if !rules.data.contains(&name) {
            return None;
        }
        Some(match name {
            "TypeMeta" => view::pointer(&TYPE_META, &workload.ty, api),
            "DeploymentMeta" => view::pointer(&schema::OBJECT_META, &workload.meta, api),
            "ObjectMeta" => view::pointer(&schema::OBJECT_META, &pod["metadata"], api),
            "Spec" => view::pointer(&schema::POD_SPEC, &pod["spec"], api),
            "ProxyConfig" => mesh.proxy_view(),
            "MeshConfig" => mesh.view(),
            "Values" => Value::json_map(values),
            _ => return None,
        })
    }

    fn fields(&self) -> Vec<(&str, Value<'d>)> {
        let names = self.0.injection.rules.data.iter();
        names.filter_map(|name| Some((*name, self.field(name)?))).collect()
    }

    fn to_json(&self) -> json::Value {
        json::Value::Object(self.fields().into_iter().map(|(name, value)| (name, value.to_json())).collect())
    }
}
