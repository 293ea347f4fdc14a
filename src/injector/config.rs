//! An injector's configuration: the texts of its ConfigMaps, read once.

mod error;
mod values;

pub use error::{ConfigError, ConfigPart};
pub use values::Values;

use std::collections::BTreeMap;

use crate::go::json::{Object, Value};
use crate::go::template::Template;
use crate::go::yaml;
use crate::injector::functions;
use crate::injector::list_patch;
use crate::injector::mesh::MeshConfig;
use crate::injector::release::{Engine, Release};
use crate::k8s::labels::Selector;

/// The texts that configure one injector revision, as its ConfigMaps hold them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConfigTexts {
    /// ConfigMap `istio-sidecar-injector`, key `config`: policy, selectors, templates.
    pub config: String,
    /// ConfigMap `istio-sidecar-injector`, key `values`.
    pub values: String,
    /// ConfigMap `istio`, key `mesh`; empty means defaults.
    pub mesh: String,
}

/// One entry of the never or always selectors.
#[derive(Debug)]
pub enum PodSelector {
    /// A selector.
    Valid(Selector),
    /// A selector that Kubernetes refuses, with its message.
    Invalid(String),
}

/// An injector's configuration, parsed: policy, selectors, templates, values, mesh config.
#[derive(Debug)]
pub struct InjectorConfig {
    texts: ConfigTexts,
    /// `policy`, as written: only `enabled` and `disabled` are legal.
    pub policy: String,
    /// `defaultTemplates`, `[sidecar]` when there are none.
    pub default_templates: Vec<String>,
    /// `aliases`: a name for several templates, expanded once.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// `templates` by name. In releases that parse them late one may be an error, with Go's text.
    pub templates: BTreeMap<String, Result<Template, String>>,
    /// `neverInjectSelector`
    pub never_inject: Vec<PodSelector>,
    /// `alwaysInjectSelector`
    pub always_inject: Vec<PodSelector>,
    /// `injectedAnnotations`
    pub injected_annotations: BTreeMap<String, String>,
    /// What the code itself reads of the values.
    pub values: Values,
    /// Why the values cannot be read, in releases in which that fails requests.
    pub values_error: Option<String>,
    /// The values as templates see them; null where the text holds none.
    pub values_tree: Value,
    mesh: MeshConfig,
    list_patch: Option<list_patch::config::Config>,
}

impl InjectorConfig {
    /// Reads the texts as the injector of `release` does.
    ///
    /// Errors: YAML or JSON that cannot be read, a template that cannot be parsed, an invalid mesh config.
    pub fn parse(texts: ConfigTexts, release: &Release) -> Result<InjectorConfig, ConfigError> {
        let at = |part| move |message: String| ConfigError { part, message };
        let failed = |e: String| ConfigError {
            part: ConfigPart::Config,
            message: format!("failed to unmarshal injection template: {e}"),
        };
        let config = yaml::to_json(&texts.config).map_err(|e| failed(format!("error converting YAML to JSON: {e}")))?;
        let fields = Fields::of(&config).map_err(failed)?;
        let selectors = |key| -> Vec<PodSelector> {
            let parse = |s: &Value| match Selector::parse(s) {
                Ok(selector) => PodSelector::Valid(selector),
                Err(e) => PodSelector::Invalid(e.to_string()),
            };
            fields.get(key).items().iter().map(parse).collect()
        };
        if let Engine::ListPatch(rules) = release.switches.engine {
            let template = fields.string("template").map_err(failed)?;
            let read = list_patch::config::Config::parse(rules, &template, &texts.values, &texts.mesh)?;
            return Ok(InjectorConfig {
                policy: fields.string("policy").map_err(failed)?,
                default_templates: Vec::new(),
                aliases: BTreeMap::new(),
                templates: BTreeMap::new(),
                never_inject: selectors("neverInjectSelector"),
                always_inject: selectors("alwaysInjectSelector"),
                injected_annotations: fields.string_map("injectedAnnotations").map_err(failed)?,
                values: Values::default(),
                values_error: None,
                values_tree: Value::Null,
                mesh: MeshConfig::parse("", release.switches.mesh).map_err(|e| at(ConfigPart::Mesh)(e.to_string()))?,
                list_patch: Some(read),
                texts,
            });
        }
        let late = release.switches.parses_templates_late;
        let (values_tree, values_error) = match read_values(&texts.values) {
            Ok(tree) => (tree, None),
            Err(e) if late => (Value::Null, Some(e)),
            Err(e) => return Err(at(ConfigPart::Values)(e)),
        };
        let functions = functions::of(release);
        let mut templates = BTreeMap::new();
        for (name, text) in fields.string_map("templates").map_err(failed)? {
            let template = match Template::parse("inject", &text, &functions) {
                Ok(template) => Ok(template),
                Err(e) if late => Err(e.to_string()),
                Err(e) => {
                    return Err(ConfigError { part: ConfigPart::Template, message: format!("template {name:?}: {e}") });
                }
            };
            templates.insert(name, template);
        }
        let mut default_templates = fields.strings("defaultTemplates").map_err(failed)?;
        if default_templates.is_empty() {
            default_templates.push("sidecar".into());
        }
        Ok(InjectorConfig {
            policy: fields.string("policy").map_err(failed)?,
            default_templates,
            aliases: fields.string_lists("aliases").map_err(failed)?,
            templates,
            never_inject: selectors("neverInjectSelector"),
            always_inject: selectors("alwaysInjectSelector"),
            injected_annotations: fields.string_map("injectedAnnotations").map_err(failed)?,
            values: Values::read(&values_tree),
            values_error,
            values_tree,
            mesh: MeshConfig::parse(&texts.mesh, release.switches.mesh)
                .map_err(|e| at(ConfigPart::Mesh)(e.to_string()))?,
            list_patch: None,
            texts,
        })
    }

    /// [`InjectorConfig::parse`] as kube-inject reads a file of its own: from 1.9 on, a text that is no configuration is the
    /// template `sidecar`.
    ///
    /// Errors: as [`InjectorConfig::parse`].
    pub fn parse_for_kube_inject(mut texts: ConfigTexts, release: &Release) -> Result<InjectorConfig, ConfigError> {
        if matches!(release.switches.engine, Engine::Overlay) && !is_config(&texts.config) {
            let template = Value::Object([("sidecar", texts.config)].into_iter().collect());
            texts.config = Value::Object([("templates", template)].into_iter().collect()).to_string();
        }
        InjectorConfig::parse(texts, release)
    }

    /// What the engine of the releases before 1.9 reads; `None` for later releases.
    pub(super) fn list_patch(&self) -> Option<&list_patch::config::Config> {
        self.list_patch.as_ref()
    }

    /// The texts that this was read from.
    pub fn texts(&self) -> &ConfigTexts {
        &self.texts
    }

    /// The mesh config.
    pub fn mesh(&self) -> &MeshConfig {
        &self.mesh
    }
}

/// True for a text that is meant as a configuration: it decodes as one, and is empty or has one of its members.
fn is_config(text: &str) -> bool {
    const MEMBERS: [&str; 7] = [
        "policy",
        "defaultTemplates",
        "templates",
        "aliases",
        "neverInjectSelector",
        "alwaysInjectSelector",
        "injectedAnnotations",
    ];
    let read = |tree: &Value| -> Result<bool, String> {
        let fields = Fields::of(tree)?;
        fields.string("policy")?;
        fields.strings("defaultTemplates")?;
        fields.string_lists("aliases")?;
        fields.string_map("injectedAnnotations")?;
        fields.string_map("templates")?;
        Ok(fields.0.is_none_or(Object::is_empty) || MEMBERS.iter().any(|key| !fields.get(key).is_null()))
    };
    yaml::to_json(text).is_ok_and(|tree| read(&tree).unwrap_or(false))
}

/// The values as a tree.
///
/// Errors: the injector's text.
fn read_values(text: &str) -> Result<Value, String> {
    let failed = |e: &dyn std::fmt::Display| format!("could not parse configuration values: {e}");
    let tree = yaml::to_json(text).map_err(|e| failed(&e))?;
    if !matches!(tree, Value::Null | Value::Object(_)) {
        return Err(failed(&format_args!("the values are no mapping but {}", tree.kind())));
    }
    Ok(tree)
}

/// The members of the `config` document, found as `encoding/json` finds them: exact name first, then ignoring case.
struct Fields<'a>(Option<&'a Object>);

impl<'a> Fields<'a> {
    fn of(config: &'a Value) -> Result<Fields<'a>, String> {
        match config {
            Value::Null => Ok(Fields(None)),
            Value::Object(members) => Ok(Fields(Some(members))),
            other => Err(mismatch(other, "value", "inject.Config")),
        }
    }

    fn get(&self, key: &str) -> &'a Value {
        static NULL: Value = Value::Null;
        let Some(members) = self.0 else { return &NULL };
        let ignoring_case = || members.iter().find(|(k, _)| k.eq_ignore_ascii_case(key)).map(|(_, v)| v);
        members.get(key).or_else(ignoring_case).unwrap_or(&NULL)
    }

    fn string(&self, key: &str) -> Result<String, String> {
        text(self.get(key))
            .ok_or_else(|| mismatch(self.get(key), &format!("struct field Config.{key}"), "inject.InjectionPolicy"))
    }

    fn strings(&self, key: &str) -> Result<Vec<String>, String> {
        list(self.get(key)).ok_or_else(|| mismatch(self.get(key), &format!("struct field Config.{key}"), "[]string"))
    }

    fn map<T>(&self, key: &str, ty: &str, read: fn(&Value) -> Option<T>) -> Result<BTreeMap<String, T>, String> {
        let wrong = |v: &Value| mismatch(v, &format!("struct field Config.{key}"), ty);
        match self.get(key) {
            Value::Null => Ok(BTreeMap::new()),
            Value::Object(members) => {
                members.iter().map(|(k, v)| Ok((k.to_string(), read(v).ok_or_else(|| wrong(v))?))).collect()
            }
            other => Err(wrong(other)),
        }
    }

    fn string_map(&self, key: &str) -> Result<BTreeMap<String, String>, String> {
        self.map(key, "string", text)
    }

    fn string_lists(&self, key: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
        self.map(key, "[]string", list)
    }
}

/// A scalar as text: where a string is wanted, YAML booleans and numbers are taken as they print.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(s) => Some(s.to_string()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn list(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::Array(items) => items.iter().map(text).collect(),
        _ => None,
    }
}

fn mismatch(value: &Value, place: &str, ty: &str) -> String {
    format!(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {} into Go {place} of type {ty}",
        value.kind()
    )
}
