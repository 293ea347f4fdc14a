//! The harness of conjector: reads scenario files, runs them against any injector, judges and reports.

pub mod cli;
pub mod replay;
pub mod ui;
