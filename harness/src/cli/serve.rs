use std::net::SocketAddr;
use std::path::PathBuf;

use conjector::go::json::Value;
use conjector::injector::release::Release;
use conjector::scenario::Request;

use crate::case::{Files, Suite};
use crate::cli::Exit;
use crate::serve::{self, Served};
use crate::snapshot::{self, Snapshot};
use crate::ui;

/// Serves the simulator as a webhook over HTTP.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  conjector serve --snapshot dump.yaml --listen 127.0.0.1:8080
  conjector serve --suite --listen 127.0.0.1:0
  conjector test --target 'http://127.0.0.1:8080/case/{id}{path}'")]
pub(super) struct Args {
    /// What kubectl prints of a cluster: its injectors are simulated.
    #[arg(long, value_name = "DUMP", conflicts_with = "suite")]
    snapshot: Option<PathBuf>,
    /// Serves every case of the suite below `/case/ID`, each with its own configuration.
    #[arg(long)]
    suite: bool,
    /// The folder of the suite; the built-in one without it.
    #[arg(long, value_name = "DIR", requires = "suite")]
    suite_dir: Option<PathBuf>,
    /// The address to listen on; port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The release to simulate; without it, that of the snapshot.
    #[arg(long, value_parser = ui::release)]
    release: Option<&'static Release>,
}

pub(super) fn run(args: &Args) -> Exit {
    let served = match served(args) {
        Ok(served) => served,
        Err(error) => return ui::fail(Exit::Usage, &error),
    };
    let ready = |address: SocketAddr| ui::print(&format!("listening on http://{address}"));
    match serve::serve(served, args.listen, ready, serve::stopped()) {
        Ok(()) => Exit::Passed,
        Err(error) => ui::fail(Exit::Usage, &format_args!("{}: {error}", args.listen)),
    }
}

fn served(args: &Args) -> Result<Served, String> {
    if args.suite {
        let files = match &args.suite_dir {
            Some(folder) => Files::read(folder).map_err(|e| e.to_string())?,
            None => Files::embedded(conjector::suite::FILES),
        };
        let suite = Suite::load(files);
        for error in suite.entries.iter().filter_map(|e| e.as_ref().err()) {
            ui::warn(&format_args!("warning: {error}"));
        }
        return Ok(Served::suite(&suite));
    }
    let snapshot = match &args.snapshot {
        Some(file) => snapshot::read(file, args.release)?,
        None => Snapshot::builtin(args.release)?,
    };
    for note in &snapshot.notes {
        ui::warn(&format_args!("note: {note}"));
    }
    Ok(Served::Cluster(Box::new(snapshot.scenario("", Request::create_pod("", Value::Null)))))
}
