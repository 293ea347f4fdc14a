//! Merging ends, and merging nothing changes nothing. An input is a document, a line `%%%`, a patch.

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
    let unchanged = merge(original.clone(), json::Value::object(), &schema::POD);
    assert_eq!(Ok(json::to_string_sorted(&original)), unchanged.map(|v| json::to_string_sorted(&v)));
}

conjector_fuzz::target!(run);
