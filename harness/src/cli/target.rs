//! Which injector a command is about.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use conjector::simulate::Simulator;

use crate::cli::Exit;
use crate::run::{CASE_LIMIT, Target};
use crate::target::{Http, HttpOptions};

/// The arguments that name the injector.
#[derive(Debug, clap::Args)]
pub(super) struct TargetArgs {
    /// `inproc` for the built-in simulator, or a URL; `{id}` and `{path}` in it are filled in.
    #[arg(long, default_value = "inproc", value_name = "TARGET")]
    target: String,
    /// A file with the certificates of authorities to trust (PEM).
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Accepts any certificate.
    #[arg(long)]
    insecure: bool,
    /// The longest time for one call, such as `5s` or `500ms`.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    timeout: Duration,
    /// A header to send with every call, as `NAME: VALUE`.
    #[arg(long, value_name = "HEADER")]
    header: Vec<String>,
    /// What the target runs on, as `kubectl get … -o yaml` prints it: cases with just this configuration are asked.
    #[arg(long, value_name = "DUMP")]
    snapshot: Option<PathBuf>,
}

fn duration(text: &str) -> Result<Duration, String> {
    let nanos = conjector::go::duration::parse(text)?;
    u64::try_from(nanos)
        .ok()
        .filter(|n| *n > 0)
        .map(Duration::from_nanos)
        .ok_or_else(|| "it must be more than nothing".into())
}

/// An injector with what it is called.
pub(super) struct Opened {
    pub(super) name: String,
    pub(super) target: Target,
}

impl TargetArgs {
    /// Opens the target.
    pub(super) fn open(&self) -> Result<Opened, (Exit, String)> {
        let name = self.target.clone();
        if name == "inproc" {
            return Ok(Opened { name, target: Target { injector: Arc::new(Simulator), limit: Some(CASE_LIMIT) } });
        }
        if !name.starts_with("http://") && !name.starts_with("https://") {
            return Err((Exit::Usage, format!("the target {name:?} is neither inproc nor an http(s) URL")));
        }
        let context = match &self.snapshot {
            Some(file) => {
                let snapshot = crate::snapshot::read(file, None).map_err(|e| (Exit::Usage, e))?;
                Some(snapshot.contexts())
            }
            None => None,
        };
        let options = HttpOptions {
            ca_file: self.ca_file.clone(),
            insecure: self.insecure,
            timeout: self.timeout,
            headers: self.header.clone(),
            contexts: context,
        };
        let http = Http::new(&name, options).map_err(|e| (Exit::Usage, e))?;
        http.probe().map_err(|e| (Exit::Unreachable, e))?;
        // Every call has its own limit.
        Ok(Opened { name, target: Target { injector: Arc::new(http), limit: None } })
    }

    /// The arguments as words of a command.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.target != "inproc" {
            words.push(format!("--target '{}'", self.target));
            words.extend(self.ca_file.iter().map(|f| format!("--ca-file {}", f.display())));
            words.extend(self.insecure.then(|| "--insecure".to_owned()));
            // Values of headers are often secret, and reports are kept.
            let name = |header: &str| header.split(':').next().unwrap_or_default().to_owned();
            words.extend(self.header.iter().map(|h| format!("--header '{}: …'", name(h))));
            words.extend(self.snapshot.iter().map(|f| format!("--snapshot {}", f.display())));
        }
        words
    }
}
