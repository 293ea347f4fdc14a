//! A pod that was decoded and printed decodes to itself.

#![no_main]

use conjector::go::json::{self, ParseOptions};
use conjector::k8s::{decode, schema};

fn run(text: &str) {
    let Ok(value) = json::parse_with(text, ParseOptions { keep_duplicates: true }) else { return };
    let Ok(pod) = decode::decode(value, &schema::POD) else { return };
    let printed = json::to_string(&pod);
    let again = json::parse(&printed).map_err(|e| e.to_string());
    let again = again.and_then(|v| decode::decode(v, &schema::POD).map_err(|e| e.to_string()));
    assert_eq!(Ok(printed), again.map(|pod| json::to_string(&pod)));
}

conjector_fuzz::target!(run);
