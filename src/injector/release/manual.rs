//! What the kube-inject of releases differs in besides how it injects: what it reads, what it passes over, what it says.

use crate::injector::manual::kinds::{self, Kinds};

/// The objects that are passed over since they have a sidecar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassesOver {
    /// None: what is injected is injected again (1.0, 1.1, 1.17 on).
    None,
    /// Those with a container of its name among several (1.2–1.8).
    Sidecar,
    /// The same, if they have the status annotation too (1.9–1.16).
    SidecarWithStatus,
}

/// How the tool says that it passes over an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notices {
    /// `Skipping injection because "NAME" has …` (until 1.7).
    Plain,
    /// With an arrow before it (1.8–1.12).
    Marked,
    /// With an arrow, the kind and the namespace (1.13 on).
    Named,
}

/// The library that reads the documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YamlLibrary {
    /// github.com/ghodss/yaml (until 1.11).
    Ghodss,
    /// sigs.k8s.io/yaml (1.12 on), which says more where JSON does not fit.
    Sigs,
    /// The same from 1.4 on (1.20 on), which says less where JSON is no YAML.
    LaterSigs,
}

/// What separates documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separators {
    /// A line of `---` and blanks (until 1.11).
    Bare,
    /// The same, perhaps with a comment; any other line that starts with `---` is an error (1.12 on).
    Commented,
}

/// What the kube-inject of a release does.
#[derive(Clone, Copy, Debug)]
pub struct Manual {
    /// The kinds of objects that it reads.
    pub kinds: &'static Kinds,
    /// What reads them.
    pub yaml: YamlLibrary,
    /// What separates documents.
    pub separators: Separators,
    /// Long lines are folded: not by the go-yaml of 1.7 to 1.9.
    pub folds_lines: bool,
    /// An object without a template is an error, not a crash (1.3 on).
    pub checks_template: bool,
    /// An object whose template has no name is called by its own in messages (1.3 on).
    pub names_workload: bool,
    /// What is passed over.
    pub passes_over: PassesOver,
    /// How that is said.
    pub notices: Notices,
    /// The workload of a pod is guessed from its owner as the webhook does (1.21 on).
    pub guesses_owner: bool,
    /// The pod's proxy config becomes part of the mesh config before anything else, so that its status port counts, and
    /// one that cannot be read fails even what is not injected (1.13 on).
    pub merges_proxy_config_first: bool,
}

pub(super) static V1_0: Manual = M1_0;
const M1_0: Manual = Manual {
    kinds: kinds::EARLY,
    yaml: YamlLibrary::Ghodss,
    separators: Separators::Bare,
    folds_lines: true,
    checks_template: false,
    names_workload: false,
    passes_over: PassesOver::None,
    notices: Notices::Plain,
    guesses_owner: false,
    merges_proxy_config_first: false,
};
pub(super) static V1_2: Manual = M1_2;
const M1_2: Manual = Manual { kinds: kinds::APPS, passes_over: PassesOver::Sidecar, ..M1_0 };
pub(super) static V1_3: Manual = M1_3;
const M1_3: Manual = Manual { checks_template: true, names_workload: true, ..M1_2 };
pub(super) static V1_7: Manual = M1_7;
const M1_7: Manual = Manual { folds_lines: false, ..M1_3 };
pub(super) static V1_8: Manual = M1_8;
const M1_8: Manual = Manual { notices: Notices::Marked, ..M1_7 };
pub(super) static V1_9: Manual = M1_9;
const M1_9: Manual = Manual { passes_over: PassesOver::SidecarWithStatus, ..M1_8 };
pub(super) static V1_10: Manual = M1_10;
const M1_10: Manual = Manual { folds_lines: true, ..M1_9 };
pub(super) static V1_11: Manual = M1_11;
const M1_11: Manual = Manual { kinds: kinds::BATCH, ..M1_10 };
pub(super) static V1_12: Manual = M1_12;
const M1_12: Manual = Manual { yaml: YamlLibrary::Sigs, separators: Separators::Commented, ..M1_11 };
pub(super) static V1_13: Manual = M1_13;
const M1_13: Manual = Manual { notices: Notices::Named, merges_proxy_config_first: true, ..M1_12 };
pub(super) static V1_17: Manual = M1_17;
const M1_17: Manual = Manual { passes_over: PassesOver::None, ..M1_13 };
pub(super) static V1_20: Manual = M1_20;
const M1_20: Manual = Manual { yaml: YamlLibrary::LaterSigs, ..M1_17 };
pub(super) static V1_21: Manual = Manual { guesses_owner: true, ..M1_20 };
