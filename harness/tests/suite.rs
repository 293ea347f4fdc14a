//! The built-in suite against the built-in simulator, one test a case.

use std::process::ExitCode;

use conjector::simulate::Simulator;
use conjector_harness::Harness;

fn main() -> ExitCode {
    Harness::builtin(Simulator).main()
}
