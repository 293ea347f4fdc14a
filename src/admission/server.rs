//! What the API server does itself with the object of a request, between and around the webhooks.

use super::plugins::{self, Context, Plugin};
use super::refused::Refused;
use crate::go::json::Value;
use crate::k8s::{Cluster, defaults};
use crate::scenario::Request;

/// The parts of an API server that the chain of webhooks meets.
pub trait Server {
    /// Runs the mutating plugins that come before the webhooks.
    ///
    /// Errors: the refusal of a plugin.
    fn admit(&self, request: &Request, object: &mut Value) -> Result<(), Refused>;

    /// Fills in what is missing in an object that a patch changed.
    fn default(&self, object: &mut Value);

    /// Brings an object that patches changed into the form in which it is kept.
    fn store(&self, object: &mut Value);
}

/// A server that leaves all objects as they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bare;

impl Server for Bare {
    fn admit(&self, _: &Request, _: &mut Value) -> Result<(), Refused> {
        Ok(())
    }

    fn default(&self, _: &mut Value) {}

    fn store(&self, _: &mut Value) {}
}

/// kube-apiserver 1.36.
pub struct ApiServer<'a> {
    /// What it can look up.
    pub cluster: &'a Cluster,
    /// Which plugins it runs.
    pub runs: &'a dyn Fn(&Plugin) -> bool,
    /// The end of names that it makes up, five characters in reality.
    pub suffix: &'a str,
}

impl Server for ApiServer<'_> {
    fn admit(&self, request: &Request, object: &mut Value) -> Result<(), Refused> {
        let context = Context { request, cluster: self.cluster, suffix: self.suffix };
        plugins::admit_by(&context, object, self.runs)
    }

    fn default(&self, object: &mut Value) {
        defaults::object(object);
    }

    fn store(&self, object: &mut Value) {
        if object["kind"].as_str() == Some("Pod") && object["apiVersion"].as_str() == Some("v1") {
            defaults::stored(object);
        }
    }
}
