//! The configurations of installs without settings, a row a line of releases. Which row a release takes is a switch
//! (`configuration` in `release/switches.rs`).
//!
//! The texts below `lines/` are written for this project; what they inject is what the charts of these releases do.

use super::{object, strings};
use crate::go::json::{Object, Value};
use crate::go::template::{self, Functions, NoHost, Template, sprig};
use crate::go::yaml;

/// What a default install of some releases writes into the injector's ConfigMaps.
#[derive(Debug)]
pub struct Line {
    /// The templates of the key `config`.
    pub(super) templates: Templates,
    /// The values of the charts: the key `values`, but for 1.0 and 1.1.
    pub(super) values: &'static str,
    /// The mesh config; what it doesn't say is the injector's own default.
    pub(super) mesh: &'static str,
}

/// The templates as the engines read them.
#[derive(Debug)]
pub(super) enum Templates {
    /// The one `template` of 1.0 and 1.1 as the charts have it: they fill in the values in `{{ }}`, and keep no key
    /// `values`; what is in `[[ ]]` is left to the injector.
    Chart(&'static str),
    /// The one `template` of 1.2 to 1.8.
    One(&'static str),
    /// `templates` by name, of which the first is the default (1.9 on).
    Named(&'static [(&'static str, &'static str)]),
}

/// In a text: the name of the release, as the tag of its images.
const RELEASE: &str = "@RELEASE@";

/// A text with the release's own images.
pub(super) fn tagged(text: &str, release: &str) -> String {
    text.replace(RELEASE, release)
}

impl Line {
    /// The key `config` as a tree, for the release called `release`.
    ///
    /// Errors: values that cannot be filled into the charts' template, with Go's text.
    pub(super) fn config(&self, release: &str, values: &str) -> Result<Value, String> {
        let policy = ("policy", Value::from("enabled"));
        Ok(match self.templates {
            Templates::Chart(text) => object([policy, ("template", fill_in(text, values)?.into())]),
            Templates::One(text) => object([policy, ("template", tagged(text, release).into())]),
            Templates::Named(texts) => {
                let templates: Object = texts.iter().map(|(name, text)| (*name, tagged(text, release))).collect();
                let default: Vec<_> = texts.iter().take(1).map(|(name, _)| *name).collect();
                let templates = ("templates", Value::Object(templates));
                object([policy, ("defaultTemplates", strings(&default)), templates])
            }
        })
    }

    /// True when the ConfigMap has the key `values`.
    pub(super) fn keeps_values(&self) -> bool {
        !matches!(self.templates, Templates::Chart(_))
    }
}

/// A text with the values filled in as Helm does it.
fn fill_in(text: &str, values: &str) -> Result<String, String> {
    let values = yaml::to_json(values).map_err(|e| e.to_string())?;
    let mut functions = Functions::builtin();
    sprig::register(&mut functions);
    let template = Template::parse("template", text, &functions).map_err(|e| e.to_string())?;
    let data = object([("Values", values)]);
    template.render(&template::Value::json(&data), &NoHost).map_err(|e| e.to_string())
}

/// The text of a line's file.
macro_rules! text {
    ($line:literal, $file:literal) => {
        include_str!(concat!("lines/", $line, "/", $file, ".yaml"))
    };
}

/// The three templates that are injected into pods, each a file of the line.
macro_rules! templates {
    ($line:literal) => {
        Templates::Named(&[
            ("sidecar", text!($line, "sidecar")),
            ("gateway", text!($line, "gateway")),
            ("grpc-agent", text!($line, "grpc-agent")),
        ])
    };
}

/// 1.0
pub static V1_0: Line = Line {
    templates: Templates::Chart(text!("1.0", "template")),
    values: text!("1.0", "values"),
    mesh: text!("1.0", "mesh"),
};

/// 1.1
pub static V1_1: Line = Line {
    templates: Templates::Chart(text!("1.1", "template")),
    values: text!("1.1", "values"),
    mesh: text!("1.1", "mesh"),
};

/// 1.2: values that the injector reads.
pub static V1_2: Line = Line {
    templates: Templates::One(text!("1.2", "template")),
    values: text!("1.2", "values"),
    mesh: text!("1.2", "mesh"),
};

/// 1.3 to 1.5
pub static V1_3: Line = Line {
    templates: Templates::One(text!("1.3", "template")),
    values: text!("1.3", "values"),
    mesh: text!("1.3", "mesh"),
};

/// 1.6 to 1.8: istiod's charts.
pub static V1_6: Line = Line {
    templates: Templates::One(text!("1.6", "template")),
    values: text!("1.6", "values"),
    mesh: text!("1.6", "mesh"),
};

/// 1.9 to 1.11: templates by name.
pub static V1_9: Line =
    Line { templates: templates!("1.9"), values: text!("1.9", "values"), mesh: text!("1.9", "mesh") };

/// 1.12 to 1.19
pub static V1_12: Line =
    Line { templates: templates!("1.12"), values: text!("1.12", "values"), mesh: text!("1.12", "mesh") };

/// 1.20 to 1.26
pub static V1_20: Line =
    Line { templates: templates!("1.20"), values: text!("1.20", "values"), mesh: text!("1.20", "mesh") };

/// 1.27 to 1.29
pub static V1_27: Line =
    Line { templates: templates!("1.27"), values: text!("1.27", "values"), mesh: text!("1.27", "mesh") };

/// 1.30 on
pub static V1_30: Line =
    Line { templates: templates!("1.30"), values: text!("1.30", "values"), mesh: text!("1.30", "mesh") };
