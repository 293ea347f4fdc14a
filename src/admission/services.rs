//! Where calls of a Service lead. Source: kube-apiserver 1.36, its two service resolvers.

use super::transport::Failure;
use crate::go::json::Value;
use crate::k8s::Cluster;

/// A place that a Service leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The cluster IP of the Service, or an endpoint of it.
    Cluster,
    /// The host of an ExternalName Service.
    Host(String),
}

/// Where a Service leads: to its cluster IP, or with `--enable-aggregator-routing` (`to_endpoints`) to an endpoint.
///
/// Errors: why it leads nowhere.
pub fn route(cluster: &Cluster, namespace: &str, name: &str, port: i64, to_endpoints: bool) -> Result<Route, Failure> {
    let service = cluster.objects.get("Service", namespace, name);
    let spec = &service.ok_or_else(|| Failure::NoService(name.to_owned()))?["spec"];
    let kind = spec["type"].as_str().unwrap_or("ClusterIP");
    match kind {
        "ClusterIP" | "NodePort" | "LoadBalancer" => {}
        "ExternalName" if !to_endpoints => {
            return Ok(Route::Host(spec["externalName"].as_str().unwrap_or_default().to_owned()));
        }
        other => return Err(Failure::ServiceType(other.to_owned())),
    }
    if !to_endpoints && spec["clusterIP"].as_str() == Some("None") {
        return Err(Failure::ClusterIp("None".into()));
    }
    if !spec["ports"].items().iter().any(|p| p["port"].as_i64() == Some(port)) {
        return Err(Failure::NoServicePort(name.to_owned(), port));
    }
    let endpoints = |slice: &Value| slice["metadata"]["labels"]["kubernetes.io/service-name"].as_str() == Some(name);
    if to_endpoints && !cluster.objects.list("EndpointSlice", namespace).any(endpoints) {
        return Err(Failure::NoEndpoints(name.to_owned()));
    }
    Ok(Route::Cluster)
}
