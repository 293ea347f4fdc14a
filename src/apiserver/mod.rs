//! The API server as its clients see it: a request in, a Status or an object out, and what is stored.
//!
//! [`Server::handle`] is the one way through: the body is read and completed, plugins and mutating webhooks change the
//! object ([`crate::admission::run`]), the result is validated, validating plugins and webhooks judge it, and it is
//! kept. Source: kube-apiserver 1.36 with its default plugins and feature gates.

mod body;
mod connect;
mod create;
mod delete;
mod kinds;
mod ownership;
mod pods;
mod update;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::admission::{self, Admission, ApiServer, Attempt, Chain, Network, Refused, Warnings, Webhook, plugins};
use crate::go::json::{Object, Value};
use crate::go::strconv::quote;
use crate::k8s::Cluster;
use crate::k8s::served::GroupVersion;
use crate::scenario::Request;
use crate::trace::{CODES, Stage, Step, Trace, Weight};
use kinds::Resource;

/// What a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// POST of an object.
    Create,
    /// PATCH with one of the patch types.
    Patch,
    /// Server-side apply.
    Apply,
    /// DELETE of an object, or without a name of all in the namespace.
    Delete,
    /// POST that opens a stream, such as exec.
    Connect,
}

/// A request as its client sends it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is wanted.
    pub verb: Verb,
    /// Group, version and resource of the URL.
    pub resource: GroupVersion,
    /// The subresource of the URL, or empty.
    pub subresource: String,
    /// The namespace of the URL, or empty.
    pub namespace: String,
    /// The name of the URL, or empty.
    pub name: String,
    /// The query.
    pub query: BTreeMap<String, String>,
    /// The type of a patch.
    pub content_type: String,
    /// The body, null without one.
    pub body: Value,
    /// Who asks: username, uid, groups, extra.
    pub user_info: Value,
}

/// What the server makes up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeUp {
    /// The end of generated names, five characters in reality.
    pub suffix: String,
    /// The uid of new objects.
    pub uid: String,
    /// The time.
    pub time: String,
    /// The version of stored objects.
    pub resource_version: String,
}

/// One webhook that the request reached.
#[derive(Clone, Debug)]
pub struct Called {
    /// CONFIGURATION/WEBHOOK
    pub webhook: String,
    /// Its place among all webhooks of its side.
    pub index: usize,
    /// It is a validating one.
    pub validating: bool,
    /// 0 in the first pass, 1 when reinvoked.
    pub round: u8,
    /// It was really called: it need not be where the call could not even be tried.
    pub sent: bool,
    /// The JSON Patch of its answer, or null.
    pub patch: Value,
    /// The whole answer as read, or null when the call failed.
    pub answer: Value,
    /// The call failed and failurePolicy Ignore passed over it.
    pub failed_open: bool,
}

impl Called {
    fn of(attempt: Attempt<'_>, validating: bool) -> Called {
        Called {
            webhook: attempt.webhook.subject(),
            index: attempt.index,
            validating,
            round: attempt.round,
            sent: attempt.uid.is_some(),
            patch: attempt.patch,
            answer: attempt.answer,
            failed_open: attempt.failed_open,
        }
    }
}

/// What the client gets, and what stays.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// The HTTP status code.
    pub code: u16,
    /// Why the request was refused.
    pub refused: Option<Refused>,
    /// The texts of the warnings.
    pub warnings: Vec<String>,
    /// The answer's body, where the request was not refused.
    pub body: Value,
    /// The object as stored; null where nothing was stored.
    pub stored: Value,
    /// The audit annotations of the request.
    pub audit: Vec<(String, String)>,
    /// The webhooks that the request reached, in order.
    pub called: Vec<Called>,
}

/// True for resources that [`Server::handle`] knows.
pub fn serves(resource: &GroupVersion) -> bool {
    kinds::find(resource, "").is_some()
}

/// An API server with what it holds.
#[derive(Debug)]
pub struct Server {
    /// All objects.
    pub cluster: Cluster,
    /// The mutating webhooks in order.
    pub mutating: Arc<Vec<Webhook>>,
    /// The validating webhooks in order.
    pub validating: Arc<Vec<Webhook>>,
    /// From this the uids of reviews are made.
    pub seed: String,
    /// What it makes up.
    pub made_up: MadeUp,
}

impl Server {
    /// Answers a request.
    ///
    /// Errors: what this model of a server cannot do, and an answerer that cannot be asked (see [`admission::run`]).
    pub fn handle(&mut self, asked: &Asked, network: &mut Network<'_>, trace: &mut Trace) -> Result<Answered, String> {
        let resource = kinds::find(&asked.resource, &asked.subresource)
            .ok_or_else(|| format!("the resource {}/{} is not known", asked.resource.name, asked.subresource))?;
        let mut handling = Handling {
            server: self,
            asked,
            resource,
            network,
            trace,
            warnings: Warnings::default(),
            answered: Answered { code: 200, ..Answered::default() },
            trouble: None,
        };
        let outcome = match asked.verb {
            Verb::Create => handling.create(),
            Verb::Patch | Verb::Apply => handling.patch(),
            Verb::Delete => handling.delete(),
            Verb::Connect => handling.connect(),
        };
        let Handling { warnings, mut answered, trouble, .. } = handling;
        if let Some(trouble) = trouble {
            return Err(trouble);
        }
        answered.warnings = warnings.into_texts();
        if let Err(refused) = outcome {
            note(trace, &refused);
            answered.code = refused.code;
            answered.refused = Some(refused);
            (answered.body, answered.stored) = (Value::Null, Value::Null);
        }
        Ok(answered)
    }

    /// The stored object of a kind.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<&Value> {
        match kind {
            "Namespace" => self.cluster.namespaces.get(name),
            _ => self.cluster.objects.get(kind, namespace, name),
        }
    }
}

/// A request in progress.
struct Handling<'s, 'n> {
    server: &'s mut Server,
    asked: &'s Asked,
    resource: &'static Resource,
    network: &'s mut Network<'n>,
    trace: &'s mut Trace,
    warnings: Warnings,
    answered: Answered,
    /// Why nothing can be said.
    trouble: Option<String>,
}

impl Handling<'_, '_> {
    fn is_dry_run(&self) -> bool {
        self.asked.query.get("dryRun").is_some_and(|value| value == "All")
    }

    /// The options of an operation as webhooks see them.
    fn options(&self, kind: &str) -> Value {
        let mut options = Object::new();
        options.push("kind", kind);
        options.push("apiVersion", "meta.k8s.io/v1");
        if self.is_dry_run() {
            options.push("dryRun", vec!["All"]);
        }
        for key in ["fieldManager", "fieldValidation"] {
            if let Some(value) = self.asked.query.get(key) {
                options.push(key, value.as_str());
            }
        }
        Value::Object(options)
    }

    /// The request as admission sees it.
    fn request(&self, operation: &str, name: &str, object: Value, old_object: Value, options: Value) -> Request {
        Request {
            operation: operation.to_owned(),
            kind: self.resource.kind(),
            resource: self.asked.resource.clone(),
            subresource: self.asked.subresource.clone(),
            name: name.to_owned(),
            // The namespace of a namespace is itself.
            namespace: if self.resource.kind == "Namespace" { name.to_owned() } else { self.asked.namespace.clone() },
            object,
            old_object,
            options,
            dry_run: self.is_dry_run(),
            user_info: self.asked.user_info.clone(),
        }
    }

    /// Plugins and mutating webhooks; the object that they make of it.
    fn mutate(&mut self, request: &Request) -> Result<Value, Refused> {
        let server = &*self.server;
        let chain = Chain {
            webhooks: &server.mutating,
            request,
            cluster: &server.cluster,
            seed: &server.seed,
            server: &ApiServer {
                cluster: &server.cluster,
                runs: &|plugin| plugin.is_default,
                suffix: &server.made_up.suffix,
            },
            timeout: admission::REQUEST_TIMEOUT,
        };
        let admission = match admission::run(&chain, self.network, self.trace) {
            Ok(admission) => admission,
            Err(trouble) => return Err(give_up(&mut self.trouble, trouble)),
        };
        self.answered.audit.extend(admission.audit());
        let Admission { attempts, object, refused, warnings, .. } = admission;
        for text in warnings.all() {
            self.warnings.add(text);
        }
        self.answered.called.extend(attempts.into_iter().map(|attempt| Called::of(attempt, false)));
        refused.map_or(Ok(object), Err)
    }

    /// Validating plugins and webhooks.
    fn validate(&mut self, request: &Request) -> Result<(), Refused> {
        let mut notes = plugins::Notes::default();
        let outcome = self.judge(request, &mut notes);
        for text in &notes.warnings {
            self.warnings.add(text);
        }
        self.answered.audit.extend(notes.annotations);
        outcome
    }

    fn judge(&mut self, request: &Request, notes: &mut plugins::Notes) -> Result<(), Refused> {
        let server = &*self.server;
        let (cluster, suffix) = (&server.cluster, server.made_up.suffix.as_str());
        let context = plugins::Context { request, cluster, suffix };
        plugins::validate(&context, &request.object, plugins::Side::Before, notes)?;
        let chain = Chain {
            webhooks: &server.validating,
            request,
            cluster,
            seed: &server.seed,
            server: &admission::Bare,
            timeout: admission::REQUEST_TIMEOUT,
        };
        let admission = match admission::validate(&chain, self.network, self.trace) {
            Ok(admission) => admission,
            Err(trouble) => return Err(give_up(&mut self.trouble, trouble)),
        };
        for text in admission.warnings.all() {
            self.warnings.add(text);
        }
        self.answered.audit.extend(admission.audit());
        self.answered.called.extend(admission.attempts.into_iter().map(|attempt| Called::of(attempt, true)));
        match admission.refused {
            Some(refused) => Err(refused),
            None => plugins::validate(&context, &request.object, plugins::Side::After, notes),
        }
    }

    /// Keeps an object, unless it is a dry run; the object as read back.
    fn keep(&mut self, mut object: Value) {
        if self.is_dry_run() {
            self.answered.body = object;
            return;
        }
        let version = self.server.made_up.resource_version.clone();
        kinds::set_metadata(&mut object, "resourceVersion", version.into());
        self.answered.body = object.clone();
        self.answered.stored = object.clone();
        let cluster = &mut self.server.cluster;
        match object["kind"].as_str() {
            Some("Namespace") => {
                let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
                cluster.namespaces.insert(name, object);
            }
            _ => cluster.objects.add(object),
        }
    }

    /// A 404 about the object of the URL.
    fn not_found(&self) -> Refused {
        let (group, resource, name) = (&self.asked.resource.group, &self.asked.resource.name, &self.asked.name);
        let whole = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
        let message = format!("{whole} {} not found", quote(name));
        Refused::about(404, "NotFound", message, name, group, resource, "bad-request")
    }
}

/// Tells of a refusal, unless the step that refused did.
fn note(trace: &mut Trace, refused: &Refused) {
    if trace.reasons().contains(&refused.phase) {
        return;
    }
    let stage = CODES.iter().find(|(_, code, _)| *code == refused.phase).map_or(Stage::Apply, |(stage, ..)| *stage);
    trace.add(|| Step {
        stage,
        code: refused.phase,
        weight: Weight::Decisive,
        subject: String::new(),
        facts: vec![("code", refused.code.to_string())],
        text: refused.message.clone(),
    });
}

fn give_up(place: &mut Option<String>, trouble: String) -> Refused {
    *place = Some(trouble);
    Refused::new(500, "", "", "bad-request")
}

/// A 400 without details.
fn bad_request(message: impl Into<String>) -> Refused {
    Refused::new(400, "BadRequest", message, "bad-request")
}
