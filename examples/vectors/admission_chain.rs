//! Corpus admission-chain: the chain of mutating webhooks against a scripted HTTPS server.

use std::time::Duration;

use conjector::admission::plugins::Plugin;
use conjector::admission::{self, Admission, Answer, ApiServer, Chain, Exchange, Failure, Http, Sent};
use conjector::go::base64;
use conjector::go::json::{self, Object, Value};
use conjector::k8s::Cluster;
use conjector::trace::Trace;

/// How long a request takes at most where nothing is said.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The names in the certificate of the server.
const NAMES: [&str; 6] = [
    "a.hooks.svc",
    "b.hooks.svc",
    "istiod.istio-system.svc",
    "refused.hooks.svc",
    "missing.hooks.svc",
    "noport.hooks.svc",
];
/// The right authority.
const CA: &str = "Q0E=";
/// Another one.
const OTHER_CA: &str = "T1RIRVI=";
/// What a readable bundle looks like.
const PEM: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

pub fn answer(_: &str, input: &Value) -> Value {
    let mut cluster = Cluster::default();
    for namespace in input["namespaces"].items() {
        let name = namespace["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        cluster.namespaces.insert(name, namespace.clone());
    }
    if let Some(accounts) = input["serviceAccounts"].as_array() {
        cluster.objects = accounts.iter().cloned().collect();
    }
    let request = super::admission_match::request(&input["request"]);
    let configurations: Vec<Value> = input["configs"].items().iter().map(stored).collect();
    let webhooks = admission::webhooks(&configurations);
    let timeout = input["requestTimeoutMs"].as_i64().and_then(|ms| u64::try_from(ms).ok());
    let builtins = input["builtins"].items();
    let runs = |plugin: &Plugin| builtins.iter().any(|name| name.as_str() == Some(plugin.name));
    let chain = Chain {
        webhooks: &webhooks,
        request: &request,
        cluster: &cluster,
        seed: "",
        server: &ApiServer { cluster: &cluster, runs: &runs, suffix: "XXXXX" },
        timeout: timeout.map_or(REQUEST_TIMEOUT, Duration::from_millis),
    };
    let mut script = Script { input, calls: Vec::new() };
    let admission = match admission::run(&chain, &mut |sent, _| script.exchange(sent), &mut Trace::off()) {
        Ok(admission) => admission,
        Err(error) => {
            return Value::Object([("kind", "internal"), ("error", error.as_str())].into_iter().collect());
        }
    };
    expected(&admission, script.calls)
}

/// A configuration with a timeout (the recorded plugin takes that of the request where there is none) and bundles that
/// can be read.
fn stored(configuration: &Value) -> Value {
    let mut configuration = configuration.clone();
    for webhook in configuration.entry("webhooks").as_array_mut().into_iter().flatten() {
        if webhook["timeoutSeconds"].is_null() {
            *webhook.entry("timeoutSeconds") = 30i64.into();
        }
        let bundle = webhook.entry("clientConfig").entry("caBundle");
        if let Some(text @ (CA | OTHER_CA)) = bundle.as_str() {
            *bundle = base64::encode(format!("{PEM}{text}").as_bytes()).into();
        }
    }
    configuration
}

/// The scripted server, and what it was sent.
struct Script<'a> {
    input: &'a Value,
    calls: Vec<Value>,
}

impl Script<'_> {
    fn exchange(&mut self, sent: &Sent<'_>) -> Exchange {
        if let Err(failure) = self.connect(sent) {
            return Answer::Failed(failure).into();
        }
        let number = self.calls.iter().filter(|c| c["path"].as_str() == Some(sent.path)).count();
        self.calls.push(seen(sent));
        let answers = self.input["responses"].get(sent.path).map(Value::items).unwrap_or_default();
        let Some(answer) = answers.get(number).or(answers.last()) else {
            return Answer::Http(Http::new(404, "text/plain; charset=utf-8", "404 page not found\n")).into();
        };
        let took = Duration::from_millis(answer["delayMs"].as_i64().unwrap_or(0).unsigned_abs());
        Exchange { answer: respond(answer, sent), took }
    }

    /// Errors: why there is no connection.
    fn connect(&self, sent: &Sent<'_>) -> Result<(), Failure> {
        let refused = || Failure::Refused("REFUSED_ADDR".into());
        let (host, port) = sent.host.rsplit_once(':').unwrap_or((sent.host, ""));
        if let Some(service) = host.strip_suffix(".svc") {
            let (name, namespace) = service.split_once('.').unwrap_or((service, ""));
            match self.input["services"].get(&format!("{namespace}/{name}")).and_then(Value::as_str) {
                None => return Err(Failure::NoService(name.to_owned())),
                Some("NOPORT") => return Err(Failure::NoServicePort(name.to_owned(), port.parse().unwrap_or(0))),
                Some("REFUSED_ADDR") => return Err(refused()),
                Some(_) => {}
            }
        } else if sent.host == "REFUSED_ADDR" {
            return Err(refused());
        }
        // Go looks at the name first.
        if host.ends_with(".svc") && !NAMES.contains(&host) {
            return Err(Failure::WrongName(NAMES.map(str::to_owned).into(), host.to_owned()));
        }
        if bundle(sent).is_none_or(|text| text.ends_with(OTHER_CA)) {
            return Err(Failure::UnknownAuthority);
        }
        Ok(())
    }
}

/// The authorities that the webhook trusts.
fn bundle(sent: &Sent<'_>) -> Option<String> {
    let bytes = base64::decode(sent.webhook.ca_bundle()).ok()?;
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

fn seen(sent: &Sent<'_>) -> Value {
    let mut call = Object::new();
    call.insert("method", sent.method);
    call.insert("path", sent.path);
    call.insert("query", sent.query);
    call.insert("host", sent.host);
    call.insert("contentType", if sent.review.is_null() { "" } else { "application/json" });
    call.insert("accept", "application/json, */*");
    call.insert("userAgent", "kube-apiserver-admission");
    if !sent.review.is_null() {
        let mut review = sent.review.clone();
        *review.entry("request").entry("uid") = "$UID".into();
        call.insert("review", review);
    }
    Value::Object(call)
}

fn respond(answer: &Value, sent: &Sent<'_>) -> Answer {
    let uid = sent.review["request"]["uid"].as_str().unwrap_or_default();
    let mut body = answer["body"].as_str().unwrap_or_default().replace("$UID", uid);
    body.push_str(&" ".repeat(answer["bodyPad"].as_i64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0)));
    let action = answer["action"].as_str();
    if action == Some("close") {
        return Answer::Failed(Failure::Closed);
    }
    let headers = answer["headers"].as_object().into_iter().flat_map(Object::iter);
    let mut headers: Vec<(String, String)> =
        headers.map(|(k, v)| (k.to_string(), v.as_str().unwrap_or_default().to_owned())).collect();
    if !body.is_empty() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("Content-Type".into(), "text/plain; charset=utf-8".into()));
    }
    let status = answer["status"].as_i64().and_then(|s| u16::try_from(s).ok()).unwrap_or(200);
    Answer::Http(Http { status, headers, body: body.into_bytes(), truncated: action == Some("truncate") })
}

fn expected(admission: &Admission<'_>, calls: Vec<Value>) -> Value {
    let mut answer = Object::new();
    match &admission.refused {
        None => {
            answer.insert("kind", "allowed");
            answer.insert("object", masked(&admission.object));
        }
        Some(refused) => {
            answer.insert("kind", "denied");
            answer.insert("status", refused.to_status());
        }
    }
    answer.insert("calls", masked(&Value::Array(calls)));
    answer.insert("reinvoked", admission.reinvoked);
    let headers = admission.warnings.texts().iter().map(|text| admission::warning_header(text).into());
    answer.insert("warningHeaders", Value::Array(headers.collect()));
    answer.insert("auditAnnotations", admission.audit().into_iter().collect::<Object>());
    let uids: Vec<&str> = admission.attempts.iter().filter_map(|a| a.uid.as_deref()).collect();
    let mut text = Value::Object(answer).to_string();
    for uid in uids {
        text = text.replace(uid, "$UID");
    }
    json::parse(text).unwrap_or_default()
}

/// Random suffixes as the corpus shows them.
fn masked(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix("kube-api-access-") {
            Some(suffix) if suffix.len() == 5 => "kube-api-access-XXXXX".into(),
            _ => value.clone(),
        },
        Value::Array(items) => Value::Array(items.iter().map(masked).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(k, v)| (k.clone(), masked(v))).collect::<Object>())
        }
        other => other.clone(),
    }
}
