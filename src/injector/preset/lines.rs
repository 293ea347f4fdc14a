//! The configurations of installs without settings, a row a line of releases. Which row a release takes is a switch
//! (`configuration` in `release/switches.rs`).
//!
//! The texts below `lines/` are written for this project; what they inject is what the charts of these releases do.

use super::{object, strings};
use crate::go::json::{Object, Value};

/// What a default install of some releases writes into the injector's ConfigMaps.
#[derive(Debug)]
pub struct Line {
    /// The templates of the key `config`.
    pub(super) templates: Templates,
    /// The key `values`; empty where the charts have put the values into the template (1.0 and 1.1).
    pub(super) values: &'static str,
    /// The mesh config; what it doesn't say is the injector's own default.
    pub(super) mesh: &'static str,
}

/// The templates as the engines read them.
#[derive(Debug)]
pub(super) enum Templates {
    /// The one `template` of 1.0 to 1.8.
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
    pub(super) fn config(&self, release: &str) -> Value {
        let policy = ("policy", Value::from("enabled"));
        match self.templates {
            Templates::One(text) => object([policy, ("template", tagged(text, release).into())]),
            Templates::Named(texts) => {
                let templates: Object = texts.iter().map(|(name, text)| (*name, tagged(text, release))).collect();
                let default: Vec<_> = texts.iter().take(1).map(|(name, _)| *name).collect();
                let templates = ("templates", Value::Object(templates));
                object([policy, ("defaultTemplates", strings(&default)), templates])
            }
        }
    }
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

/// 1.0: the charts fill in the values, what is left is in `[[ ]]`.
pub static V1_0: Line =
    Line { templates: Templates::One(text!("1.0", "template")), values: "", mesh: text!("1.0", "mesh") };

/// 1.1
pub static V1_1: Line =
    Line { templates: Templates::One(text!("1.1", "template")), values: "", mesh: text!("1.1", "mesh") };

/// 1.2 to 1.5: `{{ }}`, and values of their own.
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
