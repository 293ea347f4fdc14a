//! The harness of conjector: reads scenario files, runs them against any injector, judges and reports.

#[cfg(feature = "cli")]
pub mod capture;
pub mod case;
#[cfg(feature = "cli")]
pub mod changes;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compare;
pub mod coverage;
#[cfg(feature = "cli")]
pub mod explain;
pub mod replay;
pub mod report;
pub mod run;
#[cfg(feature = "serve")]
pub mod serve;
pub mod snapshot;
mod suite;
pub mod target;
pub mod text;
#[cfg(feature = "cli")]
pub mod ui;
pub mod verdict;

pub use suite::Harness;
