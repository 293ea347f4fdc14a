//! Corpus meshconfig.

use conjector::go::json::Value;
use conjector::injector::mesh::{Dialect, MeshConfig};
use conjector::injector::release::Release;

/// The corpus is that of 1.30.
fn mesh() -> &'static Dialect {
    Release::latest().switches.mesh
}

pub fn answer(_: &str, input: &Value) -> Value {
    let text = |key: &str| input[key].as_str().unwrap_or_default();
    let read = || match text("kind") {
        "mesh" => MeshConfig::parse(text("yaml"), mesh()).map(|mesh| ("mesh", mesh.to_json().clone())),
        _ => {
            let mesh = MeshConfig::parse(text("base"), mesh())?;
            mesh.apply_proxy_config(text("yaml")).map(|proxy| ("proxy", proxy.to_json().clone()))
        }
    };
    let members = match read() {
        Ok((key, value)) => [("kind", Value::from("ok")), (key, value)],
        Err(error) => [("kind", Value::from("error")), ("error", error.into())],
    };
    Value::Object(members.into_iter().collect())
}
