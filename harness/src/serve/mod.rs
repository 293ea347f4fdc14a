//! The simulator as a real webhook over HTTP.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use conjector::go::base64;
use conjector::go::json::{self, Value};
use conjector::injector::webhook::{self, Answer, MAX_BODY, Process};
use conjector::scenario::Scenario;
use conjector::trace::Trace;
use tokio::net::TcpListener;

use crate::case::{Suite, context_of};
use crate::target::{CONTEXTS_PATH, header, percent_decode};

/// How long a client may take to send its request.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// What is served.
pub enum Served {
    /// One cluster: `/inject` and below.
    Cluster(Box<Scenario>),
    /// Every case of a suite below `/case/ID`.
    Suite(HashMap<String, Arc<Scenario>>),
}

impl Served {
    /// All cases of a suite that could be read.
    pub fn suite(suite: &Suite) -> Served {
        Served::Suite(suite.cases().map(|c| (c.id.clone(), c.scenario.clone())).collect())
    }

    /// The scenario that a path means, and the path of the webhook in it.
    fn find<'a>(&self, path: &'a str) -> Option<(&Scenario, &'a str)> {
        match self {
            Served::Cluster(scenario) => Some((scenario, path)),
            Served::Suite(cases) => {
                let rest = path.strip_prefix("/case/")?;
                let (id, path) = rest.find('/').map_or((rest, ""), |i| rest.split_at(i));
                Some((cases.get(&percent_decode(id)?)?, path))
            }
        }
    }
}

/// Serves until `stop` resolves; `ready` is told the address.
///
/// Errors: an address that cannot be listened on, errors of the network.
pub fn serve(
    served: Served,
    listen: SocketAddr,
    ready: impl FnOnce(SocketAddr) + Send,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await?;
        ready(listener.local_addr()?);
        let app = Router::new().fallback(handle).with_state(Arc::new(served));
        axum::serve(listener, app).with_graceful_shutdown(stop).await
    })
}

/// Resolves on Ctrl-C or SIGTERM.
pub async fn stopped() {
    let interrupt = async { _ = tokio::signal::ctrl_c().await };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return interrupt.await };
        tokio::select! {
            () = interrupt => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    interrupt.await
}

fn plain(status: u16, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert("content-type", axum::http::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

async fn handle(State(served): State<Arc<Served>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let read = tokio::time::timeout(BODY_TIMEOUT, axum::body::to_bytes(body, MAX_BODY)).await;
    let body = match read {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return plain(413, format!("the body is larger than {MAX_BODY} bytes\n")),
        Err(_) => return plain(408, "the request did not come in time\n"),
    };
    let path = parts.uri.path().to_owned();
    // The work is done by a thread that may block.
    let answered = tokio::task::spawn_blocking(move || answer(&served, &path, &parts.headers, &body)).await;
    answered.unwrap_or_else(|_| plain(500, "internal error\n"))
}

fn answer(served: &Served, path: &str, headers: &HeaderMap, body: &Bytes) -> Response<Body> {
    if let (Served::Cluster(scenario), CONTEXTS_PATH) = (served, path) {
        let members = [("contexts", Value::from(vec![context_of(scenario).as_str()]))];
        return json_response(&Value::Object(members.into_iter().collect()));
    }
    let Some((scenario, inner)) = served.find(path) else { return plain(404, "404 page not found\n") };
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let revision = text(header::REVISION).map_or_else(|| revision_for(scenario, inner), str::to_owned);
    let Some(injected) = scenario.injectors.get(&revision) else {
        return plain(404, format!("there is no injector of revision {revision:?}\n"));
    };
    let process = Process {
        release: injected.release,
        config: &injected.config,
        revision: &revision,
        cluster: &scenario.cluster,
        env: &scenario.env,
    };
    let wants_trace = text(header::TRACE).is_some();
    let mut trace = if wants_trace { Trace::new() } else { Trace::off() };
    let content_type = text("content-type").unwrap_or_default();
    let mut response = match webhook::answer(&process, inner, content_type, body, &mut trace) {
        Answer::Review(review) => json_response(&review),
        Answer::Http { status, body } => plain(status, body),
        Answer::Crash(message) if wants_trace => {
            let mut response = plain(500, message);
            response.headers_mut().insert(header::CRASH, axum::http::HeaderValue::from_static("1"));
            response
        }
        Answer::Crash(_) => dropped(),
    };
    if wants_trace {
        let steps = Value::Array(trace.steps().iter().map(|s| s.to_json()).collect());
        let encoded = base64::encode(json::to_string(&steps).as_bytes());
        if let Ok(value) = axum::http::HeaderValue::from_str(&encoded) {
            response.headers_mut().insert(header::TRACE, value);
        }
    }
    response
}

/// The revision that a path means where the client does not say: that of the webhook that calls it.
fn revision_for(scenario: &Scenario, path: &str) -> String {
    let called =
        scenario.webhooks.iter().find(|w| w.path() == path).and_then(|w| w.configuration_label("istio.io/rev"));
    let known = called.filter(|revision| scenario.injectors.contains_key(*revision));
    known.or_else(|| scenario.injectors.keys().next().map(String::as_str)).unwrap_or("default").to_owned()
}

fn json_response(value: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(json::to_string(value)));
    response.headers_mut().insert("content-type", axum::http::HeaderValue::from_static("application/json"));
    response
}

/// An answer that breaks off, as when the real injector crashes.
fn dropped() -> Response<Body> {
    let broken: Result<Bytes, std::io::Error> = Err(std::io::Error::other("the real injector crashes here"));
    Response::new(Body::from_stream(futures_util::stream::iter([broken])))
}
