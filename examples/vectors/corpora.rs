//! The corpora of vectors and the functions that answer their inputs. Also compiled into the test `corpora`.

mod admission_chain;
mod admission_match;
mod apiserver_e2e;
mod e2e;
mod gotemplate;
mod goyaml;
mod istio_e2e;
mod labels;
mod meshconfig;
mod patches;
mod pod_defaults;
mod pod_roundtrip;
mod pod_security;
mod pod_validation;
mod quantity;

use conjector::go::json::Value;

/// A corpus name and the function that answers one of its inputs: (category, input) to answer.
pub type Answer = fn(&str, &Value) -> Value;

/// One line a corpus.
pub const CORPORA: &[(&str, Answer)] = &[
    ("admission-chain", admission_chain::answer),
    ("admission-match", admission_match::answer),
    ("apiserver-e2e", apiserver_e2e::answer),
    ("gotemplate", gotemplate::answer),
    ("goyaml", goyaml::answer),
    ("istio-e2e", istio_e2e::answer),
    ("jsondiff", patches::json_diff),
    ("jsonpatch", patches::json_patch),
    ("labels", labels::answer),
    ("meshconfig", meshconfig::answer),
    ("pod-defaults", pod_defaults::answer),
    ("pod-roundtrip", pod_roundtrip::answer),
    ("pod-security", pod_security::answer),
    ("pod-validation", pod_validation::answer),
    ("quantity", quantity::answer),
    ("strategic-merge", patches::strategic_merge),
];
