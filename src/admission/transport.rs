//! The seam between the API server and a webhook: what is sent, and what can come back, as data.

use std::time::Duration;

use super::webhook::Webhook;
use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::trace::Trace;

/// One HTTP request of the API server. A call may need several: redirects are followed, some answers are asked for
/// again.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The webhook that is called.
    pub webhook: &'a Webhook,
    /// `POST`, or `GET` behind some redirects.
    pub method: &'static str,
    /// `https` unless the configuration says otherwise.
    pub scheme: &'a str,
    /// Host and port, as in the `Host` header.
    pub host: &'a str,
    /// The decoded path, at least `/`.
    pub path: &'a str,
    /// What follows `?`.
    pub query: &'a str,
    /// The AdmissionReview, null where there is no body.
    pub review: &'a Value,
    /// How long the API server still waits.
    pub timeout: Duration,
}

/// What came of it, and how long it took.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What came back.
    pub answer: Answer,
    /// After how long. Where that is too long, the API server does not see the answer.
    pub took: Duration,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Status 200 with this AdmissionReview, which need not be well-formed.
    Review(Value),
    /// Any HTTP response.
    Http(Http),
    /// No response.
    Failed(Failure),
}

impl From<Answer> for Exchange {
    /// An answer that comes at once.
    fn from(answer: Answer) -> Exchange {
        Exchange { answer, took: Duration::ZERO }
    }
}

/// An HTTP response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The connection ended before the whole body was there.
    pub truncated: bool,
}

impl Http {
    /// A response with one header, `Content-Type`, where the type is not empty.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Http {
        let content_type = (!content_type.is_empty()).then(|| ("Content-Type".to_owned(), content_type.to_owned()));
        Http { status, headers: content_type.into_iter().collect(), body: body.into(), truncated: false }
    }

    /// The first header of that name, whatever its case; empty without one.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing listens at the address.
    Refused(String),
    /// No way leads to the address.
    NoRoute(String),
    /// The address does not answer.
    DialTimeout(String),
    /// The host has no address.
    NoSuchHost(String),
    /// No Service of that name exists.
    NoService(String),
    /// The Service has no such port.
    NoServicePort(String, i64),
    /// The Service has a cluster IP that cannot be called, such as `None`.
    ClusterIp(String),
    /// Services of that type cannot be called.
    ServiceType(String),
    /// Nothing is ready behind the Service.
    NoEndpoints(String),
    /// The connection was closed without an answer.
    Closed,
    /// The connection was reset.
    Reset,
    /// No answer within the time.
    TimedOut,
    /// TLS did not come about in time.
    HandshakeTimeout,
    /// The certificate is signed by nobody who is trusted.
    UnknownAuthority,
    /// The certificate names these hosts, but not the one that was called.
    WrongName(Vec<String>, String),
    /// The certificate is out of date: now, and since when.
    Expired(String, String),
    /// The server wants a client certificate.
    ClientCertificate,
    /// The server speaks HTTP without TLS.
    PlainHttp,
    /// The server speaks no TLS.
    NotTls,
    /// Something else, in these words.
    Other(String),
    /// The answerer cannot be asked about this situation: nothing can be said at all.
    Context(String),
}

impl Failure {
    /// The words of Go's HTTP client.
    pub fn text(&self) -> String {
        const VERIFY: &str = "tls: failed to verify certificate: x509:";
        match self {
            Failure::Refused(address) => format!("dial tcp {address}: connect: connection refused"),
            Failure::NoRoute(address) => format!("dial tcp {address}: connect: no route to host"),
            Failure::DialTimeout(address) => format!("dial tcp {address}: i/o timeout"),
            Failure::NoSuchHost(host) => format!("dial tcp: lookup {host}: no such host"),
            Failure::NoService(name) => format!("service {} not found", quote(name)),
            Failure::NoServicePort(name, port) => format!("no service port {port} found for service {}", quote(name)),
            Failure::ClusterIp(ip) => format!("cannot route to service with ClusterIP {}", quote(ip)),
            Failure::ServiceType(kind) => format!("unsupported service type {}", quote(kind)),
            Failure::NoEndpoints(name) => format!("no endpoints available for service {}", quote(name)),
            Failure::Closed => "EOF".into(),
            Failure::Reset => "read: connection reset by peer".into(),
            Failure::TimedOut => "context deadline exceeded".into(),
            Failure::HandshakeTimeout => "net/http: TLS handshake timeout".into(),
            Failure::UnknownAuthority => format!("{VERIFY} certificate signed by unknown authority"),
            Failure::WrongName(names, wanted) if names.is_empty() => {
                format!("{VERIFY} certificate is not valid for any names, but wanted to match {wanted}")
            }
            Failure::WrongName(names, wanted) => {
                format!("{VERIFY} certificate is valid for {}, not {wanted}", names.join(", "))
            }
            Failure::Expired(now, since) => {
                format!("{VERIFY} certificate has expired or is not yet valid: current time {now} is after {since}")
            }
            Failure::ClientCertificate => "remote error: tls: certificate required".into(),
            Failure::PlainHttp => "http: server gave HTTP response to HTTPS client".into(),
            Failure::NotTls => "tls: first record does not look like a TLS handshake".into(),
            Failure::Other(text) | Failure::Context(text) => text.clone(),
        }
    }
}

/// Answers HTTP requests: everything beyond the API server.
pub type Network<'n> = dyn FnMut(&Sent<'_>, &mut Trace) -> Exchange + 'n;
