//! One test a scenario: `cargo test --test suite -- shipping/`.

use std::process::ExitCode;

use conjector_harness::Harness;
use own_injector::LogShipper;

fn main() -> ExitCode {
    Harness::folder(concat!(env!("CARGO_MANIFEST_DIR"), "/suite"), LogShipper).main()
}
