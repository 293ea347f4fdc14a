//! The API server's HTTP client for webhooks: where a call goes, redirects, repeated calls, errors.
//!
//! Source: kube-apiserver 1.36 and client-go 0.36.

use std::time::Duration;

use super::chain::CallError;
use super::response;
use super::transport::{Answer, Failure, Http, Network, Sent};
use super::webhook::Webhook;
use crate::go::base64;
use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::go::url::Url;
use crate::trace::Trace;

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 10;
/// How often a call is made again when the server says when.
const MAX_RETRIES: usize = 10;
/// The longest time of a call, whatever the webhook allows.
const MAX_CALL: Duration = Duration::from_secs(30);

/// The time of one request to the API server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) elapsed: Duration,
    /// How long the client waits for the whole request.
    pub(super) budget: Duration,
}

impl Clock {
    /// True when no time is left.
    pub(super) fn is_over(&self) -> bool {
        self.elapsed >= self.budget
    }
}

/// Where a webhook's calls go.
struct Target {
    scheme: String,
    host: String,
    path: String,
}

/// Calls a webhook.
///
/// Returns its AdmissionReview as decoded. Errors: everything that failurePolicy decides about.
pub(super) fn call(
    webhook: &Webhook,
    review: &Value,
    clock: &mut Clock,
    network: &mut Network<'_>,
    trace: &mut Trace,
) -> Result<Value, CallError> {
    let no_client = |message: String| CallError::plain(format!("could not get REST client: {message}"));
    let target = target(webhook)
        .map_err(|reason| no_client(format!("failed calling webhook {}: {reason}", quote(webhook.name()))))?;
    check_authorities(webhook).map_err(no_client)?;
    let left = clock.budget.saturating_sub(clock.elapsed);
    let given = webhook.timeout().min(left);
    let mut call = Ongoing { webhook, given, used: Duration::ZERO, network, trace };
    let answered = call.post(&target, review);
    clock.elapsed += call.used.min(given);
    let sent = review["apiVersion"].as_str().unwrap_or_default();
    match answered? {
        Answer::Review(answer) => response::decode(answer, sent),
        Answer::Http(http) => response::decode_http(&http, sent),
        // Failures have become errors already.
        Answer::Failed(failure) => Err(CallError::calling(failure.text())),
    }
}

/// Errors: why there is no place to call.
fn target(webhook: &Webhook) -> Result<Target, String> {
    let client = webhook.field("clientConfig");
    let service = &client["service"];
    if !service.is_null() {
        let text = |key: &str| service[key].as_str().unwrap_or_default();
        let port = service["port"].as_i64().unwrap_or(443);
        let host = format!("{}.{}.svc:{port}", text("name"), text("namespace"));
        return Ok(Target { scheme: "https".into(), host, path: clean(text("path")) });
    }
    match client["url"].as_str() {
        None | Some("") => Err("webhook configuration must have either service or URL".into()),
        Some(url) => {
            let url = Url::parse(url).map_err(|e| format!("Unparsable URL: {e}"))?;
            Ok(Target { scheme: url.scheme, host: url.host, path: clean(&url.path) })
        }
    }
}

/// Go's `path.Join("/", path)`, and nothing for nothing.
fn clean(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => _ = segments.pop(),
            segment => segments.push(segment),
        }
    }
    segments.iter().flat_map(|s| ["/", s]).collect()
}

/// Checks that the webhook's own authorities can be read.
fn check_authorities(webhook: &Webhook) -> Result<(), String> {
    // A bundle that is no base64 cannot have been stored.
    let Ok(pem) = base64::decode(webhook.ca_bundle()) else { return Ok(()) };
    let pem = String::from_utf8_lossy(&pem);
    match pem.is_empty() || pem.contains("-----BEGIN CERTIFICATE-----") && pem.contains("-----END CERTIFICATE-----") {
        true => Ok(()),
        false => Err("unable to load root certificates: unable to parse bytes as PEM block".into()),
    }
}

/// A call in progress.
struct Ongoing<'c, 'n> {
    webhook: &'c Webhook,
    /// The time for the call, all repetitions included.
    given: Duration,
    used: Duration,
    network: &'c mut Network<'n>,
    trace: &'c mut Trace,
}

impl Ongoing<'_, '_> {
    fn post(&mut self, target: &Target, review: &Value) -> Result<Answer, CallError> {
        // The whole seconds that are left, rounded up, are told to the webhook.
        let seconds = self.given.as_millis().div_ceil(1000);
        let query = format!("timeout={seconds}s");
        let url = format!("{}://{}{}?{query}", target.scheme, target.host, encode_path(&target.path));
        for attempt in 0.. {
            let answer = self.follow(target, &query, &url, review)?;
            let Answer::Http(http) = &answer else { return Ok(answer) };
            let Some(wait) = retry_after(http).filter(|_| attempt < MAX_RETRIES) else { return Ok(answer) };
            self.spend(wait, &url)?;
        }
        Err(CallError::calling(post_error(&url, &Failure::TimedOut.text())))
    }

    /// Lets time pass.
    fn spend(&mut self, time: Duration, url: &str) -> Result<(), CallError> {
        self.used += time;
        let limit = self.given.min(MAX_CALL);
        if self.used < limit {
            return Ok(());
        }
        self.used = limit;
        let mut text = Failure::TimedOut.text();
        if limit == MAX_CALL {
            text.push_str(" (Client.Timeout exceeded while awaiting headers)");
        }
        Err(CallError::calling(post_error(url, &text)))
    }

    /// Sends a request and follows redirects.
    fn follow(&mut self, target: &Target, query: &str, url: &str, review: &Value) -> Result<Answer, CallError> {
        let mut method = "POST";
        let mut body = review;
        let mut url = url.to_owned();
        let mut place = (target.scheme.clone(), target.host.clone(), target.path.clone(), query.to_owned());
        for redirects in 1.. {
            let (scheme, host, path, query) = &place;
            if !matches!(scheme.as_str(), "http" | "https") {
                let text = format!("unsupported protocol scheme {}", quote(scheme));
                return Err(CallError::calling(post_error(&url, &text)));
            }
            let path = if path.is_empty() { "/" } else { path };
            let timeout = self.given.saturating_sub(self.used);
            let sent = Sent { webhook: self.webhook, method, scheme, host, path, query, review: body, timeout };
            let exchange = (self.network)(&sent, self.trace);
            match &exchange.answer {
                Answer::Failed(Failure::Context(message)) => return Err(CallError::fatal(message.clone())),
                Answer::Failed(failure) => {
                    if *failure == Failure::TimedOut {
                        self.spend(timeout, &url)?;
                    }
                    self.spend(exchange.took, &url)?;
                    return Err(CallError::calling(post_error(&url, &failure.text())));
                }
                _ => self.spend(exchange.took, &url)?,
            }
            let location = match &exchange.answer {
                Answer::Http(http) if matches!(http.status, 301 | 302 | 303 | 307 | 308) => http.header("Location"),
                _ => "",
            };
            if location.is_empty() {
                return Ok(exchange.answer);
            }
            if redirects == MAX_REDIRECTS {
                let text = format!("stopped after {MAX_REDIRECTS} redirects");
                return Err(CallError::calling(post_error(location, &text)));
            }
            if let Answer::Http(Http { status: 301..=303, .. }) = exchange.answer {
                (method, body) = ("GET", &Value::Null);
            }
            let next = Url::parse(location).map_err(|e| {
                let text = format!("failed to parse Location header {}: {e}", quote(location));
                CallError::calling(post_error(&url, &text))
            })?;
            place = resolve(&place, next);
            let (scheme, host, path, query) = &place;
            let mark = if query.is_empty() { "" } else { "?" };
            url = format!("{scheme}://{host}{}{mark}{query}", encode_path(path));
        }
        Err(CallError::calling(post_error(&url, &Failure::TimedOut.text())))
    }
}

type Place = (String, String, String, String);

/// The place that a relative or absolute URL means.
fn resolve(base: &Place, next: Url) -> Place {
    let scheme = if next.scheme.is_empty() { base.0.clone() } else { next.scheme };
    if !next.host.is_empty() {
        return (scheme, next.host, next.path, next.raw_query);
    }
    let path = match next.path.as_str() {
        "" => base.2.clone(),
        path if path.starts_with('/') => path.to_owned(),
        path => clean(&format!("{}/{path}", base.2.rsplit_once('/').map_or("", |(folder, _)| folder))),
    };
    (scheme, base.1.clone(), path, next.raw_query)
}

/// How long to wait before the same is asked again, where the response says so.
fn retry_after(http: &Http) -> Option<Duration> {
    if http.status != 429 && http.status < 500 {
        return None;
    }
    let seconds: i64 = http.header("Retry-After").parse().ok()?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// An error of Go's HTTP client.
fn post_error(url: &str, cause: &str) -> String {
    format!("Post {}: {cause}", quote(url))
}

/// A decoded path as a URL shows it.
fn encode_path(path: &str) -> String {
    Url { path: path.to_owned(), ..Url::default() }.to_string()
}
