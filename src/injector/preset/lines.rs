//! The configurations of installs without settings, a row a line of releases. Which row a release takes is a switch
//! (`configuration` in `release/switches.rs`).
//!
//! The texts below `lines/` are written for this project; what they inject is what the charts of these releases do.

use super::{Install, object, strings};
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

/// In a text: the namespace in which Istio is installed.
const NAMESPACE: &str = "@NAMESPACE@";

/// In a text: the revision, where it has a name.
const REVISION: &str = "@REVISION@";

/// In a text: the service of the revision's istiod.
const ISTIOD: &str = "@ISTIOD@";

/// A text as an install of a release writes it.
pub(super) fn filled(text: &str, install: &Install, release: &str) -> String {
    let (revision, istiod) = match install.is_named() {
        true => (install.revision.as_str(), format!("istiod-{}", install.revision)),
        false => ("", "istiod".to_owned()),
    };
    text.replace(RELEASE, release)
        .replace(NAMESPACE, &install.namespace)
        .replace(REVISION, revision)
        .replace(ISTIOD, &istiod)
}

impl Line {
    /// The key `config` of an install with these values, as a tree.
    ///
    /// Errors: values that cannot be filled into the charts' template, with Go's text.
    pub(super) fn config(&self, values: &str) -> Result<Value, String> {
        let policy = ("policy", Value::from("enabled"));
        Ok(match self.templates {
            Templates::Chart(text) => object([policy, ("template", fill_in(text, values)?.into())]),
            Templates::One(text) => object([policy, ("template", text.into())]),
            Templates::Named(texts) => {
                let templates: Object = texts.iter().map(|(name, text)| (*name, *text)).collect();
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

/// A template of files that follow each other: what a release tells its templates, what they decide first, what is
/// injected.
macro_rules! template {
    ($($line:literal $file:literal),+) => {
        concat!($(text!($line, $file)),+)
    };
}

/// The templates of a line, on the facts of a release.
macro_rules! templates {
    ($line:literal on $($facts:literal $file:literal),*) => {
        Templates::Named(&[
            ("sidecar", template!($($facts $file,)* $line "head", $line "sidecar")),
            ("gateway", template!($($facts $file,)* $line "head", $line "gateway")),
            ("grpc-agent", template!($($facts $file,)* $line "head", $line "grpc-agent")),
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

/// 1.3
pub static V1_3: Line = Line {
    templates: Templates::One(template!("1.3" "facts", "1.3" "template")),
    values: text!("1.3", "values"),
    mesh: text!("1.3", "mesh"),
};

/// 1.4: as before; one image for both containers.
pub static V1_4: Line = Line {
    templates: Templates::One(template!("1.4" "facts", "1.3" "template")),
    values: text!("1.4", "values"),
    ..V1_3
};

/// 1.5: istiod's first chart.
pub static V1_5: Line = Line {
    templates: Templates::One(text!("1.5", "template")),
    values: text!("1.5", "values"),
    mesh: text!("1.5", "mesh"),
};

/// 1.6: istiod's charts.
pub static V1_6: Line = Line {
    templates: Templates::One(template!("1.6" "facts", "1.6" "template")),
    values: text!("1.6", "values"),
    mesh: text!("1.6", "mesh"),
};

/// 1.7: as before, with merged metrics.
pub static V1_7: Line = Line {
    templates: Templates::One(template!("1.7" "facts", "1.6" "template")),
    values: text!("1.7", "values"),
    mesh: text!("1.7", "mesh"),
};

/// 1.8
pub static V1_8: Line = Line {
    templates: Templates::One(text!("1.8", "template")),
    values: text!("1.8", "values"),
    mesh: text!("1.8", "mesh"),
};

/// 1.9: templates by name.
pub static V1_9: Line = Line {
    templates: Templates::Named(&[
        ("sidecar", template!("1.9" "facts", "1.9" "head", "1.9" "sidecar")),
        ("gateway", template!("1.9" "facts", "1.9" "head", "1.9" "gateway")),
    ]),
    values: text!("1.9", "values"),
    mesh: text!("1.9", "mesh"),
};

/// 1.10: as before, but for the pull policy; kubectl is pointed at the application.
pub static V1_10: Line = Line {
    templates: Templates::Named(&[
        ("sidecar", template!("1.10" "facts", "1.9" "head", "1.9" "sidecar")),
        ("gateway", template!("1.10" "facts", "1.9" "head", "1.9" "gateway")),
    ]),
    ..V1_9
};

/// 1.11: the revision is no label any more; agents for workloads that speak xDS themselves.
pub static V1_11: Line = Line { templates: templates!("1.12" on "1.11" "facts"), ..V1_12 };

/// 1.12: as before; the agent's bootstrap lies elsewhere.
pub static V1_12: Line = Line {
    templates: templates!("1.12" on "1.12" "facts"),
    values: text!("1.12", "values"),
    mesh: text!("1.12", "mesh"),
};

/// 1.13: as before, with types of images; agents name their workload.
pub static V1_13: Line = Line { templates: templates!("1.12" on "1.13" "facts"), ..V1_12 };

/// 1.14: sockets for workloads; kubectl is pointed at the first of several containers too.
pub static V1_14: Line = Line { templates: templates!("1.20" on "1.14" "facts"), ..V1_12 };

/// 1.15: sockets for credentials, and no group for the pod's files.
pub static V1_15: Line = Line { templates: templates!("1.20" on "1.15" "facts"), ..V1_12 };

/// 1.16: as before, with the authority of the cluster.
pub static V1_16: Line = Line { templates: templates!("1.20" on "1.16" "facts"), ..V1_12 };

/// 1.17: as before; the proxy knows its node.
pub static V1_17: Line = Line { templates: templates!("1.20" on "1.17" "facts"), ..V1_12 };

/// 1.18: the limit of its CPU as a variable, the revision as an annotation.
pub static V1_18: Line = Line { templates: templates!("1.20" on "1.18" "facts"), mesh: text!("1.20", "mesh"), ..V1_12 };

/// 1.19: native sidecars, where the injector is told to.
pub static V1_19: Line = Line {
    templates: templates!("1.20" on "1.19" "facts"),
    values: text!("1.19", "values"),
    mesh: text!("1.20", "mesh"),
};

/// 1.20: the proxy's ids are the injector's to say; it is asked whether it has started.
pub static V1_20: Line = Line {
    templates: templates!("1.20" on "1.20" "facts"),
    values: text!("1.20", "values"),
    mesh: text!("1.20", "mesh"),
};

/// 1.21: as before; a native sidecar drains at its end, and long names are cut.
pub static V1_21: Line = Line { templates: templates!("1.20" on "1.21" "facts"), ..V1_20 };

/// 1.22: third-party tokens only, no tracer.
pub static V1_22: Line = Line {
    templates: templates!("1.20" on "1.22" "facts"),
    values: text!("1.22", "values"),
    mesh: text!("1.24", "mesh"),
};

/// 1.23: as before; gateways keep annotations of the pod.
pub static V1_23: Line = Line { templates: templates!("1.20" on "1.23" "facts"), ..V1_22 };

/// 1.24: native sidecars by annotation; no core dumps any more.
pub static V1_24: Line =
    Line { templates: templates!("1.24" on), values: text!("1.24", "values"), mesh: text!("1.24", "mesh") };

/// 1.25 and 1.26: sidecars as 1.27 has them, but for what they are told.
pub static V1_25: Line = Line {
    templates: Templates::Named(&[
        ("sidecar", template!("1.25" "facts", "1.27" "head", "1.27" "sidecar")),
        ("gateway", template!("1.24" "head", "1.24" "gateway")),
        ("grpc-agent", template!("1.24" "head", "1.24" "grpc-agent")),
    ]),
    ..V1_24
};

/// 1.27: native sidecars where the nodes can run them.
pub static V1_27: Line = Line {
    templates: templates!("1.27" on "1.27" "facts"),
    values: text!("1.27", "values"),
    mesh: text!("1.27", "mesh"),
};

/// 1.28: as before, with seccomp profiles.
pub static V1_28: Line = Line { templates: templates!("1.27" on "1.28" "facts"), ..V1_27 };

/// 1.29: as before; limits are counted in whole units.
pub static V1_29: Line = Line { templates: templates!("1.27" on "1.29" "facts"), ..V1_27 };

/// 1.30 on: attributes for OpenTelemetry.
pub static V1_30: Line =
    Line { templates: templates!("1.30" on), values: text!("1.30", "values"), mesh: text!("1.30", "mesh") };
