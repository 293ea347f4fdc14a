//! Applying ends, and the difference of two documents leads from one to the other. An input is a document, a line `%%%`,
//! a patch, which also serves as the other document.

#![no_main]

use conjector::go::json;
use conjector::patch::{json_diff, json_patch};

fn run(text: &str) {
    let Some((document, patch)) = conjector_fuzz::halves(text) else { return };
    let (Ok(document), Ok(patch)) = (json::parse(document), json::parse(patch)) else { return };
    let _ = json_patch::apply(document.clone(), &patch);
    if let Ok(changed) = json_patch::apply_strict(document.clone(), &patch) {
        leads(&document, &changed);
    }
    leads(&document, &patch);
}

fn leads(from: &json::Value, to: &json::Value) {
    // Documents of different kinds have no paths between them.
    if from.as_object().is_none() || to.as_object().is_none() {
        return;
    }
    let difference = json_diff::diff(from, to);
    let reached = json_patch::apply(from.clone(), &difference).map(|v| json::to_string_sorted(&v));
    assert_eq!(Ok(json::to_string_sorted(to)), reached, "{}", json::to_string(&difference));
}

conjector_fuzz::target!(run);
