use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use conjector::go::base64;
use conjector::go::json::{self, Value};
use conjector::injector::webhook::Answer;
use conjector::simulate::{self, Call, Failure, Injector, Reply};
use conjector::trace::Trace;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use super::{CONTEXTS_PATH, header, percent_encode};
use crate::case::context_of;
use crate::replay::Record;

/// The largest answer that is read.
const MAX_ANSWER: u64 = 64 << 20;

/// How a URL is called.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// A file with the certificates of authorities to trust, PEM.
    pub ca_file: Option<PathBuf>,
    /// Any certificate is accepted.
    pub insecure: bool,
    /// The longest time for one call.
    pub timeout: Duration,
    /// More headers, each `NAME: VALUE`.
    pub headers: Vec<String>,
    /// The configurations that the target is known to run on (see `case::context_of`); without any, the target is
    /// asked.
    pub contexts: Option<Vec<String>>,
}

/// A webhook behind a URL.
pub struct Http {
    url: String,
    agent: ureq::Agent,
    headers: Vec<(String, String)>,
    contexts: Contexts,
}

/// Which cases the target can be asked about.
enum Contexts {
    /// All: the URL says which case is meant.
    ByPath,
    /// Those with one of these configurations.
    Known(Vec<String>),
    /// Nobody knows.
    Unknown,
}

impl Http {
    /// Prepares the target. `{id}` in the URL stands for the percent-encoded id of the case, `{path}` for the path of
    /// the called webhook; a URL with neither is called as it is.
    ///
    /// Errors: a certificate file that cannot be read, a header without a colon.
    pub fn new(url: &str, options: HttpOptions) -> Result<Http, String> {
        let mut tls = TlsConfig::builder().disable_verification(options.insecure);
        if let Some(file) = &options.ca_file {
            let pem = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
            let mut roots: Vec<Certificate<'static>> = Vec::new();
            for item in parse_pem(&pem) {
                match item {
                    Ok(PemItem::Certificate(certificate)) => roots.push(certificate),
                    Ok(_) => {}
                    Err(e) => return Err(format!("{}: {e}", file.display())),
                }
            }
            if roots.is_empty() {
                return Err(format!("{}: there is no certificate in it", file.display()));
            }
            tls = tls.root_certs(RootCerts::Specific(Arc::new(roots)));
        }
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(options.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections_per_host(256)
            .tls_config(tls.build())
            .user_agent("kube-apiserver-admission")
            .build()
            .new_agent();
        let mut headers = Vec::new();
        for text in &options.headers {
            let (name, value) = text.split_once(':').ok_or_else(|| format!("the header {text:?} has no colon"))?;
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
        let mut http = Http { url: url.to_owned(), agent, headers, contexts: Contexts::ByPath };
        if !url.contains("{id}") {
            http.contexts = match options.contexts {
                Some(known) => Contexts::Known(known),
                None => http.ask_contexts().map_or(Contexts::Unknown, Contexts::Known),
            };
        }
        Ok(http)
    }

    fn origin(&self) -> String {
        let after_scheme = self.url.find("://").map_or(0, |i| i + 3);
        let end = self.url[after_scheme..].find(['/', '{', '?']).map_or(self.url.len(), |i| after_scheme + i);
        self.url[..end].to_owned()
    }

    /// A conjector server tells what it runs on; others do not know the path.
    fn ask_contexts(&self) -> Option<Vec<String>> {
        let mut answer = self.agent.get(format!("{}{CONTEXTS_PATH}", self.origin())).call().ok()?;
        if answer.status() != 200 {
            return None;
        }
        let text = answer.body_mut().with_config().limit(1 << 20).read_to_string().ok()?;
        let contexts = json::parse(&text).ok()?;
        Some(contexts["contexts"].items().iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Checks that something answers at all.
    ///
    /// Errors: what stands in the way.
    pub fn probe(&self) -> Result<(), String> {
        match self.agent.get(self.origin()).call() {
            Ok(_) | Err(ureq::Error::BodyExceedsLimit(_)) => Ok(()),
            Err(e) => Err(format!("{} cannot be reached: {e}", self.origin())),
        }
    }

    fn url_for(&self, call: &Call<'_>) -> String {
        self.url.replace("{id}", &percent_encode(&call.scenario.id)).replace("{path}", call.path)
    }
}

impl Injector for Http {
    fn review(&self, call: &Call<'_>) -> Reply {
        let unknown = |message: &str| Failure::Context(message.to_owned()).into();
        match &self.contexts {
            Contexts::ByPath => {}
            Contexts::Known(known) if known.contains(&context_of(call.scenario)) => {}
            Contexts::Known(_) => return unknown("the target runs on another configuration than the case needs"),
            Contexts::Unknown => {
                return unknown("nothing is known of the target's configuration; tell it with --snapshot");
            }
        }
        let mut request = self
            .agent
            .post(self.url_for(call))
            .header("accept", "application/json, */*")
            .header("content-type", "application/json")
            .header(header::REVISION, call.revision)
            .header(header::TRACE, "1");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let body = json::to_string_unescaped(call.review);
        let mut answer = match request.send(body.as_bytes()) {
            Ok(answer) => answer,
            Err(error) => return failure(&error).into(),
        };
        let text = |v: &ureq::http::HeaderValue| v.to_str().map(str::to_owned).ok();
        let trace = answer.headers().get(header::TRACE).and_then(text).and_then(|t| read_trace(&t));
        let crashed = answer.headers().contains_key(header::CRASH);
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().filter_map(|(n, v)| Some((n.to_string(), text(v)?))).collect();
        let body = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        let answer = match body {
            Ok(body) if !crashed => simulate::Answer::Http(simulate::Http { status, headers, body, truncated: false }),
            // A connection that breaks off.
            _ => simulate::Answer::Failed(Failure::Closed),
        };
        Reply { answer, trace }
    }
}

/// Sends recorded bodies to a server, as they are.
pub struct Poster {
    base: String,
    agent: ureq::Agent,
}

impl Poster {
    /// Prepares the target; a record's path is appended to the URL, or put in the place of `{path}`.
    ///
    /// Errors: what is no http(s) URL.
    pub fn new(url: &str, timeout: Duration) -> Result<Poster, String> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(format!("the target {url:?} is neither inproc nor an http(s) URL"));
        }
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false);
        Ok(Poster { base: url.trim_end_matches('/').to_owned(), agent: config.build().new_agent() })
    }

    /// Posts a record. A connection that breaks off counts as a crash.
    ///
    /// Errors: a server that cannot be reached.
    pub fn post(&self, record: &Record) -> Result<Answer, String> {
        let url = match self.base.contains("{path}") {
            true => self.base.replace("{path}", &record.path),
            false => format!("{}{}", self.base, record.path),
        };
        let sent = self.agent.post(&url).content_type(&record.content_type).send(record.body.as_slice());
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(ureq::Error::Io(e)) if e.kind() != std::io::ErrorKind::ConnectionRefused => {
                return Ok(Answer::Crash(e.to_string()));
            }
            Err(e) => return Err(format!("Post {url:?}: {e}")),
        };
        let status = answer.status().as_u16();
        let bytes = match answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec() {
            Ok(bytes) => bytes,
            Err(e) => return Ok(Answer::Crash(e.to_string())),
        };
        match (status, json::parse(&bytes)) {
            (200, Ok(review)) => Ok(Answer::Review(review)),
            _ => Ok(Answer::Http { status, body: String::from_utf8_lossy(&bytes).into_owned() }),
        }
    }
}

/// The failure that an error of the client tells of.
fn failure(error: &ureq::Error) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::TimedOut,
        ureq::Error::Io(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => Failure::Closed,
        other => Failure::Other(other.to_string()),
    }
}

fn read_trace(text: &str) -> Option<Trace> {
    let bytes = base64::decode(text).ok()?;
    Trace::from_json(&json::parse(bytes).ok()?)
}
