//! Merging ends, and merging nothing twice is as merging it once. An input is a document, a line `%%%`, a patch.

#![no_main]

use conjector::go::json;
use conjector::k8s::schema;
use conjector::patch::strategic_merge::merge;

fn run(text: &str) {
    let Some((original, patch)) = conjector_fuzz::halves(text) else { return };
    let (Ok(original), Ok(patch)) = (json::parse(original), json::parse(patch)) else { return };
    if original.as_object().is_none() {
        return;
    }
    let _ = merge(original.clone(), patch, &schema::POD);
    // The first time, numbers take the form that Go gives them.
    let nothing = |document| merge(document, json::Value::object(), &schema::POD);
    let Ok(once) = nothing(original) else { return };
    assert_eq!(Ok(json::to_string_sorted(&once)), nothing(once.clone()).map(|v| json::to_string_sorted(&v)));
}

conjector_fuzz::target!(run);
