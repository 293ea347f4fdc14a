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

/// Where a request goes.
#[derive(Clone)]
struct Place {
    scheme: String,
    host: String,
    /// Decoded; empty stands for `/`.
    path: String,
    query: String,
}

impl Place {
    /// An error of Go's HTTP client, which names the place by its URL.
    fn error(&self, cause: &str) -> CallError {
        let Place { scheme, host, path, query } = self;
        let path = Url { path: path.clone(), ..Url::default() }.to_string();
        let mark = if query.is_empty() { "" } else { "?" };
        post_error(&format!("{scheme}://{host}{path}{mark}{query}"), cause)
    }

    /// The place that a relative or absolute URL means here.
    fn resolve(&self, next: Url) -> Place {
        let scheme = if next.scheme.is_empty() { self.scheme.clone() } else { next.scheme };
        if !next.host.is_empty() {
            return Place { scheme, host: next.host, path: next.path, query: next.raw_query };
        }
        let path = match next.path.as_str() {
            "" => self.path.clone(),
            path if path.starts_with('/') => path.to_owned(),
            path => clean(&format!("{}/{path}", self.path.rsplit_once('/').map_or("", |(folder, _)| folder))),
        };
        Place { scheme, host: self.host.clone(), path, query: next.raw_query }
    }
}

/// An error of Go's HTTP client.
fn post_error(url: &str, cause: &str) -> CallError {
    CallError::calling(format!("Post {}: {cause}", quote(url)))
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
    // The whole seconds that are left, rounded up, are told to the webhook.
    let place = Place { query: format!("timeout={}s", given.as_millis().div_ceil(1000)), ..target };
    let mut call = Ongoing { webhook, given, used: Duration::ZERO, network, trace };
    let answered = call.post(&place, review);
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
fn target(webhook: &Webhook) -> Result<Place, String> {
    let client = webhook.field("clientConfig");
    let service = &client["service"];
    if !service.is_null() {
        let text = |key: &str| service[key].as_str().unwrap_or_default();
        let port = service["port"].as_i64().unwrap_or(443);
        let host = format!("{}.{}.svc:{port}", text("name"), text("namespace"));
        return Ok(Place { scheme: "https".into(), host, path: clean(text("path")), query: String::new() });
    }
    match client["url"].as_str() {
        None | Some("") => Err("webhook configuration must have either service or URL".into()),
        Some(url) => {
            let url = Url::parse(url).map_err(|e| format!("Unparsable URL: {e}"))?;
            Ok(Place { scheme: url.scheme, host: url.host, path: clean(&url.path), query: String::new() })
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
    fn post(&mut self, place: &Place, review: &Value) -> Result<Answer, CallError> {
        for attempt in 0.. {
            let answer = self.follow(place, review)?;
            let Answer::Http(http) = &answer else { return Ok(answer) };
            let Some(wait) = retry_after(http).filter(|_| attempt < MAX_RETRIES) else { return Ok(answer) };
            self.spend(wait, place)?;
        }
        Err(place.error(&Failure::TimedOut.text()))
    }

    /// Lets time pass.
    fn spend(&mut self, time: Duration, place: &Place) -> Result<(), CallError> {
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
        Err(place.error(&text))
    }

    /// Sends a request and follows redirects.
    fn follow(&mut self, first: &Place, review: &Value) -> Result<Answer, CallError> {
        let (mut method, mut body) = ("POST", review);
        let mut redirected: Option<Place> = None;
        for redirects in 1.. {
            let place = redirected.as_ref().unwrap_or(first);
            let Place { scheme, host, path, query } = place;
            if !matches!(scheme.as_str(), "http" | "https") {
                return Err(place.error(&format!("unsupported protocol scheme {}", quote(scheme))));
            }
            let path = if path.is_empty() { "/" } else { path };
            let timeout = self.given.saturating_sub(self.used);
            let sent = Sent { webhook: self.webhook, method, scheme, host, path, query, review: body, timeout };
            let exchange = (self.network)(&sent, self.trace);
            match &exchange.answer {
                Answer::Failed(Failure::Context(message)) => return Err(CallError::fatal(message.clone())),
                Answer::Failed(failure) => {
                    if *failure == Failure::TimedOut {
                        self.spend(timeout, place)?;
                    }
                    self.spend(exchange.took, place)?;
                    return Err(place.error(&failure.text()));
                }
                _ => self.spend(exchange.took, place)?,
            }
            let location = match &exchange.answer {
                Answer::Http(http) if matches!(http.status, 301 | 302 | 303 | 307 | 308) => http.header("Location"),
                _ => "",
            };
            if location.is_empty() {
                return Ok(exchange.answer);
            }
            if redirects == MAX_REDIRECTS {
                return Err(post_error(location, &format!("stopped after {MAX_REDIRECTS} redirects")));
            }
            if let Answer::Http(Http { status: 301..=303, .. }) = exchange.answer {
                (method, body) = ("GET", &Value::Null);
            }
            let next = Url::parse(location)
                .map_err(|e| place.error(&format!("failed to parse Location header {}: {e}", quote(location))))?;
            redirected = Some(place.resolve(next));
        }
        Err(first.error(&Failure::TimedOut.text()))
    }
}

/// How long to wait before the same is asked again, where the response says so.
fn retry_after(http: &Http) -> Option<Duration> {
    if http.status != 429 && http.status < 500 {
        return None;
    }
    let seconds: i64 = http.header("Retry-After").parse().ok()?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}
