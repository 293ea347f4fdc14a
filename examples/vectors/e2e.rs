//! What the corpora apiserver-e2e and istio-e2e have in common: the server, its objects, scripted webhooks, answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use conjector::admission::{self, Answer, Exchange, Failure, Http, Route, Sent};
use conjector::apiserver::{Answered, Asked, MadeUp, Server, Verb};
use conjector::go::base64;
use conjector::go::json::{self, Object, Value};
use conjector::k8s::Cluster;
use conjector::k8s::served::GroupVersion;
use conjector::trace::Trace;

/// What the server makes up here; answers show placeholders instead.
const UID: &str = "00000000-0000-4000-8000-000000000001";
const TIME: &str = "2001-01-01T00:00:00Z";
const VERSION: &str = "1";
const SUFFIX: &str = "xxxxx";

/// What a readable bundle of authorities looks like.
const PEM: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
const CA: &str = "<ca>";
const OTHER_CA: &str = "<other-ca>";

/// The folder of corpora.
pub fn corpora() -> PathBuf {
    let root = std::env::var_os("CONJECTOR_CORPUS").filter(|v| !v.is_empty());
    root.map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), Into::into)
}

/// The objects that were made before all scenarios.
pub fn cluster_objects(corpus: &str) -> Value {
    let text = std::fs::read(corpora().join(corpus).join("cluster.json")).ok();
    text.and_then(|text| json::parse(text).ok()).unwrap_or_default()
}

/// A server that holds the objects of a scenario.
pub fn server(before: &Value, input: &Value) -> Result<Server, String> {
    let made_up =
        MadeUp { suffix: SUFFIX.into(), uid: UID.into(), time: TIME.into(), resource_version: VERSION.into() };
    let mut server = Server {
        cluster: Cluster::default(),
        mutating: Arc::default(),
        validating: Arc::default(),
        seed: String::new(),
        made_up,
    };
    for name in ["default", "kube-system", "kube-public", "kube-node-lease"] {
        add(&mut server, &of("v1", "Namespace", name))?;
    }
    for (name, value) in [("system-cluster-critical", 2_000_000_000i64), ("system-node-critical", 2_000_001_000)] {
        let mut class = of("scheduling.k8s.io/v1", "PriorityClass", name);
        *class.entry("value") = value.into();
        add(&mut server, &class)?;
    }
    let objects = before.items().iter().chain(input["namespaces"].items()).chain(input["objects"].items());
    objects.into_iter().try_for_each(|object| add(&mut server, object))?;
    let of_kind = |kind: &str| -> Vec<Value> {
        let all = input["configurations"].items().iter();
        all.filter(|c| c["kind"].as_str() == Some(kind)).map(stored).collect()
    };
    server.mutating = Arc::new(admission::webhooks(&of_kind("MutatingWebhookConfiguration")));
    server.validating = Arc::new(admission::webhooks(&of_kind("ValidatingWebhookConfiguration")));
    Ok(server)
}

fn of(version: &str, kind: &str, name: &str) -> Value {
    let mut object = Object::new();
    object.insert("apiVersion", version);
    object.insert("kind", kind);
    object.insert("metadata", [("name", name)].into_iter().collect::<Object>());
    Value::Object(object)
}

/// Creates pods through the server; everything else is just there.
fn add(server: &mut Server, object: &Value) -> Result<(), String> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    match object["kind"].as_str() {
        Some("Namespace") => {
            let mut namespace = object.clone();
            let labels = namespace.entry("metadata").entry("labels");
            *labels.entry("kubernetes.io/metadata.name") = name.as_str().into();
            server.cluster.namespaces.insert(name, namespace);
            Ok(())
        }
        Some("Pod") => {
            let asked = Asked {
                verb: Verb::Create,
                resource: GroupVersion::new("", "v1", "pods"),
                subresource: String::new(),
                namespace: object["metadata"]["namespace"].as_str().unwrap_or_default().to_owned(),
                name: String::new(),
                query: BTreeMap::new(),
                content_type: String::new(),
                body: object.clone(),
                user_info: Value::Null,
            };
            let nobody = &mut |_: &Sent<'_>, _: &mut Trace| Answer::Failed(Failure::Closed).into();
            server.handle(&asked, nobody, &mut Trace::off()).map(drop)
        }
        _ => {
            server.cluster.objects.add(object.clone());
            Ok(())
        }
    }
}

/// A configuration as it is stored, with bundles that can be read.
fn stored(configuration: &Value) -> Value {
    let mut configuration = configuration.clone();
    admission::defaults(&mut configuration);
    for webhook in configuration.entry("webhooks").as_array_mut().into_iter().flatten() {
        let client = webhook.entry("clientConfig");
        if let Some(text @ (CA | OTHER_CA)) = client["caBundle"].as_str() {
            *client.entry("caBundle") = base64::encode(format!("{PEM}{text}").as_bytes()).into();
        }
    }
    configuration
}

/// The request of a scenario.
pub fn asked(input: &Value) -> Asked {
    let text = |key: &str| input[key].as_str().unwrap_or_default().to_owned();
    let query = input["query"].as_object().into_iter().flat_map(Object::iter);
    Asked {
        verb: match input["verb"].as_str() {
            Some("patch") => Verb::Patch,
            Some("apply") => Verb::Apply,
            Some("delete") => Verb::Delete,
            Some("connect") => Verb::Connect,
            _ => Verb::Create,
        },
        resource: GroupVersion::new(&text("group"), &text("version"), &text("resource")),
        subresource: text("subresource"),
        namespace: text("namespace"),
        name: text("name"),
        query: query.map(|(k, v)| (k.to_string(), v.as_str().unwrap_or_default().to_owned())).collect(),
        content_type: text("contentType"),
        body: input["body"].clone(),
        user_info: user_info(input["impersonate"].as_str()),
    }
}

fn user_info(impersonated: Option<&str>) -> Value {
    let mut info = Object::new();
    let groups = match impersonated {
        None => {
            info.insert("username", "system:admin");
            info.insert("uid", "admin-uid");
            vec!["system:masters".to_owned(), "system:authenticated".to_owned()]
        }
        Some(user) => {
            info.insert("username", user);
            let namespace = user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split(':').next());
            let mut groups = Vec::new();
            if let Some(namespace) = namespace {
                groups.push("system:serviceaccounts".to_owned());
                groups.push(format!("system:serviceaccounts:{namespace}"));
            }
            groups.push("system:authenticated".to_owned());
            groups
        }
    };
    info.insert("groups", groups.into_iter().map(Value::from).collect::<Vec<_>>());
    Value::Object(info)
}

/// The network of a scenario: Services, certificates, scripts.
pub struct Network<'a> {
    pub cluster: Cluster,
    pub to_endpoints: bool,
    /// CONFIGURATION/WEBHOOK to the list of its answers.
    pub scripts: &'a Value,
    /// What arrived at scripts: webhook, path with query, review.
    pub arrived: Vec<(String, String, Value)>,
    /// The webhooks that were called, even where no connection came about.
    pub called: Vec<String>,
}

impl Network<'_> {
    /// The host that answers a request.
    ///
    /// Errors: why there is no connection.
    pub fn connect(&self, sent: &Sent<'_>) -> Result<String, Failure> {
        let (host, port) = sent.host.rsplit_once(':').unwrap_or((sent.host, "443"));
        let mut names = vec!["localhost".to_owned(), "webhook.conjector-svc.svc".to_owned()];
        let mut reached = host.to_owned();
        if let Some(service) = host.strip_suffix(".svc") {
            let (name, namespace) = service.split_once('.').unwrap_or((service, ""));
            let port = port.parse().unwrap_or(0);
            match admission::route(&self.cluster, namespace, name, port, self.to_endpoints)? {
                Route::Host(_) => reached = "webhook.test".into(),
                Route::Cluster => names = vec![host.to_owned()],
            }
            if !names.iter().any(|n| n == host) {
                return Err(Failure::WrongName(names, host.to_owned()));
            }
        }
        match host {
            "refused.test" => return Err(Failure::Refused("<address>".into())),
            "plain.test" => return Err(Failure::NotTls),
            "expired.test" => return Err(Failure::Expired("<time>".into(), "<time>".into())),
            "wrongname.test" => {
                return Err(Failure::WrongName(vec!["istiod.istio-system.svc".into()], host.to_owned()));
            }
            _ => {}
        }
        let bundle = base64::decode(sent.webhook.ca_bundle()).unwrap_or_default();
        if !String::from_utf8_lossy(&bundle).ends_with(CA) {
            return Err(Failure::UnknownAuthority);
        }
        Ok(reached)
    }

    /// The answer of the scripted server.
    pub fn scripted(&mut self, sent: &Sent<'_>) -> Exchange {
        if sent.method == "GET" {
            return Answer::Http(Http::new(405, "application/json", "")).into();
        }
        let subject = sent.webhook.subject();
        let number = self.arrived.iter().filter(|(webhook, _, _)| *webhook == subject).count();
        self.arrived.push((subject.clone(), format!("{}?{}", sent.path, sent.query), sent.review.clone()));
        let answers = self.scripts.get(&subject).map(Value::items).unwrap_or_default();
        match answers.get(number).or(answers.last()) {
            Some(answer) => respond(answer, sent.review),
            None => Answer::Http(Http::new(404, "application/json", "")).into(),
        }
    }
}

fn respond(answer: &Value, asked: &Value) -> Exchange {
    let json = |body: String| Answer::Http(Http::new(200, "application/json", body));
    let allowed = || Value::Object([("allowed", true)].into_iter().collect());
    if let Some(time) = answer["hang"].as_i64() {
        let took = Duration::from_millis(time.unsigned_abs());
        return Exchange { answer: json(review(&allowed(), &Value::Null, asked)), took };
    }
    if answer.get("close").is_some() {
        return Answer::Failed(Failure::Closed).into();
    }
    if let Some(raw) = answer.get("raw").and_then(Value::as_str) {
        return json(raw.to_owned()).into();
    }
    if let Some(http) = answer.get("http") {
        let status = http["status"].as_i64().and_then(|s| u16::try_from(s).ok()).unwrap_or(200);
        let body = match http["review"].as_bool() {
            Some(true) => review(&allowed(), &Value::Null, asked),
            _ => http["body"].as_str().unwrap_or_default().to_owned(),
        };
        let mut response = Http::new(status, "application/json", body);
        for (name, value) in http["headers"].as_object().into_iter().flat_map(Object::iter) {
            response.headers.insert(0, (name.to_string(), value.as_str().unwrap_or_default().to_owned()));
        }
        return Answer::Http(response).into();
    }
    let response = answer.get("raw-review").unwrap_or(&answer["response"]);
    json(review(response, &answer["envelope"], asked)).into()
}

/// An AdmissionReview that answers another.
fn review(response: &Value, envelope: &Value, asked: &Value) -> String {
    let mut members = Object::new();
    members.insert("uid", asked["request"]["uid"].clone());
    for (key, value) in response.as_object().into_iter().flat_map(Object::iter) {
        match key.as_str() {
            "patch" => _ = members.insert("patch", base64::encode(json::to_string(value).as_bytes())),
            "patchBytes" => {
                let bytes = value.as_str().unwrap_or_default().as_bytes();
                members.insert("patch", base64::encode(bytes));
            }
            _ if value.is_null() => _ = members.remove(key),
            _ => _ = members.insert(key.clone(), value.clone()),
        }
    }
    let mut whole = Object::new();
    whole.insert("apiVersion", asked["apiVersion"].clone());
    whole.insert("kind", "AdmissionReview");
    whole.insert("response", members);
    for (key, value) in envelope.as_object().into_iter().flat_map(Object::iter) {
        match value {
            Value::Null => _ = whole.remove(key),
            value => _ = whole.insert(key.clone(), value.clone()),
        }
    }
    Value::Object(whole).to_string()
}

/// The members that both corpora have: kind, status, stored, response, audit.
pub fn expected(answered: &Answered, reviews: &[Value]) -> Object {
    let mut answer = Object::new();
    let code = i64::from(answered.code);
    answer.insert("kind", if answered.refused.is_some() { format!("http{code}") } else { "accepted".into() });
    let failure = answered.refused.as_ref().map(|refused| {
        let mut status = Object::new();
        status.push("kind", "Status");
        status.push("apiVersion", "v1");
        status.push("metadata", Object::new());
        for (key, value) in &refused.to_status() {
            if value.as_str() != Some("") {
                status.push(key.clone(), value.clone());
            }
        }
        Value::Object(status)
    });
    let mut status = Object::new();
    status.insert("code", code);
    status.insert("failure", failure.unwrap_or_default());
    if answered.refused.as_ref().is_some_and(|refused| is_any_order(&refused.message)) {
        status.insert("anyOrder", true);
    }
    status.insert("warnings", answered.warnings.iter().map(|w| Value::from(w.as_str())).collect::<Vec<_>>());
    answer.insert("status", status);
    answer.insert("stored", answered.stored.clone());
    if answered.refused.is_none() && answered.body != answered.stored {
        answer.insert("response", answered.body.clone());
    }
    let audit = answered.audit.iter().map(|(key, value)| {
        let parsed = json::parse(value).ok().filter(|v| v.as_object().is_some());
        (key.as_str(), parsed.unwrap_or_else(|| value.as_str().into()))
    });
    answer.insert("audit", audit.collect::<Object>());
    let uids: Vec<&str> = reviews.iter().filter_map(|r| r["request"]["uid"].as_str()).collect();
    match masked(&Value::Object(answer), &uids) {
        Value::Object(answer) => answer,
        _ => Object::new(),
    }
}

/// True for messages that list what Go keeps in maps: the recordings mark them.
fn is_any_order(message: &str) -> bool {
    let lists_limits = || {
        let mut parts = message.split(", ");
        let of = |part: &str| part.split_once(" per ").map(|(_, rest)| rest.split(' ').next().unwrap_or("").to_owned());
        let mut seen = Vec::new();
        parts.any(|part| of(part).is_some_and(|what| std::mem::replace(&mut seen, vec![what.clone()]).contains(&what)))
    };
    ["metadata.labels: Invalid", "metadata.annotations: Invalid", "spec.nodeSelector: Invalid"]
        .iter()
        .any(|field| message.contains(field))
        || (message.contains("requested template") && message.contains("not found; have"))
        || (message.contains("is forbidden: [") && message.contains(" per ") && lists_limits())
}

/// What the server made up, as placeholders.
pub fn masked(value: &Value, uids: &[&str]) -> Value {
    match value {
        Value::String(text) => {
            let mut text = text.replace(UID, "<uid>").replace(TIME, "<time>");
            for uid in uids {
                text = text.replace(uid, "<uid>");
            }
            text.into()
        }
        Value::Array(items) => Value::Array(items.iter().map(|v| masked(v, uids)).collect()),
        Value::Object(members) => {
            let member = |(key, value): (&json::Str, &Value)| {
                let value = match key.as_str() {
                    "resourceVersion" if value.as_str() != Some("") => "<resourceVersion>".into(),
                    _ => masked(value, uids),
                };
                (key.clone(), value)
            };
            Value::Object(members.iter().map(member).collect::<Object>())
        }
        other => other.clone(),
    }
}
