//! All scenarios inside plain tests.

use std::time::Duration;

use conjector_harness::Harness;
use own_injector::LogShipper;

#[test]
fn the_suite_passes() {
    Harness::folder(concat!(env!("CARGO_MANIFEST_DIR"), "/suite"), LogShipper).limit(Duration::from_secs(5)).assert();
}

#[test]
#[should_panic(expected = "no case is selected")]
fn an_empty_selection_is_no_success() {
    Harness::folder(concat!(env!("CARGO_MANIFEST_DIR"), "/suite"), LogShipper).only(["no-such-folder/"]).assert();
}
