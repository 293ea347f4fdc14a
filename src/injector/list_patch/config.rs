//! The configuration as these releases read it: one template, values, mesh config.

use crate::go::json::Value;
use crate::go::template::{Options, Template};
use crate::go::yaml;
use crate::injector::config::{ConfigError, ConfigPart};
use crate::injector::mesh::legacy::LegacyMesh;
use crate::injector::release::{Hold, ListPatch, ReadsValues};

use super::functions;

/// What the list-patch engine reads of a configuration.
#[derive(Debug)]
pub struct Config {
    /// The template, or why it cannot be parsed (each request fails then).
    pub(super) template: Result<Template, String>,
    /// The template's hash, for the status annotation.
    pub(super) version: String,
    /// The values as templates see them, or why they cannot be read (each request fails then).
    pub(super) values: Result<Value, String>,
    /// The mesh config.
    pub(super) mesh: LegacyMesh,
}

impl Config {
    /// Reads template, values and mesh config as a release does.
    ///
    /// Errors: a mesh config that cannot be read; anything else shows on a request.
    pub(in crate::injector) fn parse(
        rules: &ListPatch,
        template: &str,
        values: &str,
        mesh: &str,
    ) -> Result<Config, ConfigError> {
        let mesh =
            LegacyMesh::parse(mesh, rules.mesh).map_err(|message| ConfigError { part: ConfigPart::Mesh, message })?;
        let options = Options { delims: rules.delimiters, ..Options::default() };
        Ok(Config {
            template: Template::parse_with("inject", template, &functions::of(rules), &options)
                .map_err(|e| e.to_string()),
            version: super::version::of(template),
            values: read_values(values, rules.values),
            mesh,
        })
    }

    /// True when the template can be parsed.
    #[cfg(test)]
    pub(in crate::injector) fn parses(&self) -> bool {
        self.template.is_ok()
    }

    /// True when the sidecar goes before the pod's containers.
    pub(super) fn hold(&self, rules: &ListPatch, mesh: &LegacyMesh) -> bool {
        const SETTING: &str = "holdApplicationUntilProxyStarts";
        let by_values =
            || self.values.as_ref().is_ok_and(|values| values["global"]["proxy"][SETTING].as_bool() == Some(true));
        match rules.hold {
            Hold::Never => false,
            Hold::Values => by_values(),
            Hold::ValuesOrMesh => mesh.proxy_setting(SETTING).as_bool() == Some(true) || by_values(),
        }
    }
}

fn read_values(text: &str, how: ReadsValues) -> Result<Value, String> {
    let words = |e: String| match how {
        ReadsValues::Map => e,
        _ => format!("could not parse configuration values: {e}"),
    };
    let (before_yaml, before_json, go_type) = match how {
        ReadsValues::Never => return Ok(Value::Null),
        ReadsValues::Message => ("", "", "map[string]json.RawMessage"),
        _ => ("error converting YAML to JSON: ", "error unmarshaling JSON: ", "map[string]interface {}"),
    };
    match yaml::to_json(text) {
        Err(e) => Err(words(format!("{before_yaml}{e}"))),
        Ok(values @ (Value::Object(_) | Value::Null)) => Ok(values),
        Ok(other) => {
            let kind = other.kind();
            Err(words(format!("{before_json}json: cannot unmarshal {kind} into Go value of type {go_type}")))
        }
    }
}
