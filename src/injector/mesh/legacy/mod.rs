//! Mesh config of the releases before 1.9: their own messages and defaults, and a simpler way to merge them.
//!
//! Source: istio 1.0–1.8, reading of the `mesh` key and of the `proxy.istio.io/config` annotation (1.6 on).

#[rustfmt::skip]
mod table;

use super::dialect::LEGACY;
use super::schema::Message;
use super::{decode, validate, view};
use crate::go::json::{Object, Value, parse};
use crate::go::{template, yaml};

const PROXY_1_0: &str = r#"{"configPath":"/etc/istio/proxy","binaryPath":"/usr/local/bin/envoy","serviceCluster":"istio-proxy",
"drainDuration":"2s","parentShutdownDuration":"3s","discoveryAddress":"istio-pilot:15007","discoveryRefreshDelay":"1s",
"connectTimeout":"1s","proxyAdminPort":15000}"#;
const MESH_1_0: &str = r#"{"proxyListenPort":15001,"connectTimeout":"1s","ingressClass":"istio","ingressControllerMode":"STRICT",
"rdsRefreshDelay":"1s","enableTracing":true,"accessLogFile":"/dev/stdout","sdsRefreshDelay":"15s"}"#;

const PROXY_1_1: &str = r#"{"configPath":"/etc/istio/proxy","binaryPath":"/usr/local/bin/envoy","serviceCluster":"istio-proxy",
"drainDuration":"45s","parentShutdownDuration":"60s","discoveryAddress":"istio-pilot:15010","connectTimeout":"1s",
"proxyAdminPort":15000,"statNameLength":189}"#;
const MESH_1_1: &str = r#"{"disablePolicyChecks":true,"proxyListenPort":15001,"connectTimeout":"1s",
"ingressService":"istio-ingressgateway","enableTracing":true,"accessLogFile":"/dev/stdout",
"outboundTrafficPolicy":{"mode":"ALLOW_ANY"},"defaultServiceExportTo":["*"],"defaultVirtualServiceExportTo":["*"],
"defaultDestinationRuleExportTo":["*"],"rootNamespace":"istio-system","dnsRefreshRate":"5s"}"#;

/// On top of [`PROXY_1_1`] and [`MESH_1_1`].
const PROXY_1_3: &str = r#"{"envoyAccessLogService":{},"envoyMetricsService":{}}"#;
const MESH_1_3: &str = r#"{"protocolDetectionTimeout":"0.100s"}"#;
const MESH_1_4: &str = r#"{"enableAutoMtls":false}"#;

const PROXY_1_6: &str = r#"{"configPath":"./etc/istio/proxy","binaryPath":"/usr/local/bin/envoy","serviceCluster":"istio-proxy",
"drainDuration":"45s","parentShutdownDuration":"60s","discoveryAddress":"istiod.istio-system.svc:15012","proxyAdminPort":15000,
"statNameLength":189,"concurrency":2,"tracing":{"zipkin":{"address":"zipkin.istio-system:9411"}},"envoyAccessLogService":{},
"envoyMetricsService":{},"statusPort":15020}"#;
const MESH_1_6: &str = r#"{"disablePolicyChecks":true,"disableMixerHttpReports":true,"reportBatchMaxEntries":100,
"reportBatchMaxTime":"1s","sdsUdsPath":"unix:./etc/istio/proxy/SDS","proxyListenPort":15001,"connectTimeout":"10s",
"protocolDetectionTimeout":"5s","ingressClass":"istio","ingressService":"istio-ingressgateway","ingressControllerMode":"STRICT",
"enableTracing":true,"outboundTrafficPolicy":{"mode":"ALLOW_ANY"},"enableAutoMtls":true,"trustDomain":"cluster.local",
"defaultServiceExportTo":["*"],"defaultVirtualServiceExportTo":["*"],"defaultDestinationRuleExportTo":["*"],
"rootNamespace":"istio-system","localityLbSetting":{"enabled":true},"dnsRefreshRate":"5s","thriftConfig":{}}"#;

/// On top of [`PROXY_1_6`].
const PROXY_1_7: &str = r#"{"controlPlaneAuthPolicy":"MUTUAL_TLS","terminationDrainDuration":"5s"}"#;
const MESH_1_8: &str = r#"{"proxyListenPort":15001,"connectTimeout":"10s","protocolDetectionTimeout":"0s","ingressClass":"istio",
"ingressService":"istio-ingressgateway","ingressControllerMode":"STRICT","enableTracing":true,
"outboundTrafficPolicy":{"mode":"ALLOW_ANY"},"enableAutoMtls":true,"trustDomain":"cluster.local","defaultServiceExportTo":["*"],
"defaultVirtualServiceExportTo":["*"],"defaultDestinationRuleExportTo":["*"],"rootNamespace":"istio-system",
"localityLbSetting":{"enabled":true},"dnsRefreshRate":"5s","thriftConfig":{}}"#;

/// Defaults by the first line that has them: mesh settings and proxy settings, each in layers.
const DEFAULTS: &[(&str, &[&str], &[&str])] = &[
    ("1.0", &[MESH_1_0], &[PROXY_1_0]),
    ("1.1", &[MESH_1_1], &[PROXY_1_1]),
    ("1.2", &[MESH_1_1], &[PROXY_1_1]),
    ("1.3", &[MESH_1_1, MESH_1_3], &[PROXY_1_1, PROXY_1_3]),
    ("1.4", &[MESH_1_1, MESH_1_3, MESH_1_4], &[PROXY_1_1, PROXY_1_3]),
    ("1.5", &[MESH_1_1, MESH_1_3, MESH_1_4], &[PROXY_1_1, PROXY_1_3]),
    ("1.6", &[MESH_1_6], &[PROXY_1_6]),
    ("1.7", &[MESH_1_6], &[PROXY_1_6, PROXY_1_7]),
    ("1.8", &[MESH_1_8], &[PROXY_1_6, PROXY_1_7]),
];

/// The messages of a release line with their defaults.
#[derive(Debug)]
struct Api {
    mesh: &'static Message,
    proxy: &'static Message,
    default_mesh: Value,
    default_proxy: Value,
}

/// The settings of a mesh and of its proxies, as a release before 1.9 knows them.
#[derive(Debug)]
pub struct LegacyMesh {
    api: Api,
    settings: Value,
    proxy: Value,
}

impl Api {
    fn of(line: &str) -> Option<Api> {
        let &(_, mesh, proxy) = table::APIS.iter().find(|(name, ..)| *name == line)?;
        let &(_, mesh_layers, proxy_layers) = DEFAULTS.iter().find(|(name, ..)| *name == line)?;
        let stacked = |message, layers: &[&str]| {
            let apply = |base, layer: &&str| {
                decode::apply(&LEGACY, message, base, parse(layer).unwrap_or_default()).unwrap_or_default()
            };
            layers.iter().fold(Value::object(), apply)
        };
        let (default_mesh, default_proxy) = (stacked(mesh, mesh_layers), stacked(proxy, proxy_layers));
        Some(Api { mesh, proxy, default_mesh, default_proxy })
    }
}

impl LegacyMesh {
    /// Reads the `mesh` key of a release line (`1.3`) onto its defaults.
    ///
    /// Errors: Go's text.
    pub fn parse(yaml: &str, line: &str) -> Result<LegacyMesh, String> {
        let failed = |e| format!("failed to convert to proto. {e}");
        let api = Api::of(line).ok_or_else(|| format!("there is no mesh config of release line {line}"))?;
        let tree = yaml::to_json(yaml).map_err(|e| failed(e.to_string()))?;
        let settings = decode::apply(&LEGACY, api.mesh, api.default_mesh.clone(), tree.clone()).map_err(failed)?;
        let overlay = match &tree["defaultConfig"] {
            Value::Null => tree["default_config"].clone(),
            given => given.clone(),
        };
        let proxy = decode::apply(&LEGACY, api.proxy, api.default_proxy.clone(), overlay).map_err(failed)?;
        let mut mesh = LegacyMesh { api, settings, proxy: Value::Null };
        mesh.set_proxy(proxy);
        Ok(mesh)
    }

    /// Puts proxy settings in place; the mesh settings show them too.
    fn set_proxy(&mut self, proxy: Value) {
        decode::set(&LEGACY, self.api.mesh, &mut self.settings, "defaultConfig", proxy.clone());
        self.proxy = proxy;
    }

    /// The mesh with the proxy settings of a pod's annotation on top.
    ///
    /// Errors: Go's text.
    pub fn with_proxy_config(&self, yaml: &str) -> Result<LegacyMesh, String> {
        let proxy = self.overlaid(&self.proxy, yaml).map_err(|e| format!("could not parse proxy config: {e}"))?;
        let Api { mesh, proxy: message, ref default_mesh, ref default_proxy } = self.api;
        let api =
            Api { mesh, proxy: message, default_mesh: default_mesh.clone(), default_proxy: default_proxy.clone() };
        let mut merged = LegacyMesh { api, settings: self.settings.clone(), proxy: Value::Null };
        merged.set_proxy(proxy);
        Ok(merged)
    }

    fn overlaid(&self, base: &Value, yaml: &str) -> Result<Value, String> {
        let settings = yaml::to_json(yaml).map_err(|e| e.to_string())?;
        decode::apply(&LEGACY, self.api.proxy, base.clone(), settings)
    }

    /// Checks the proxy settings of a pod's annotation, read onto the plain defaults.
    ///
    /// Errors: Go's text.
    pub fn validate_proxy_config(&self, yaml: &str) -> Result<(), String> {
        let settings = self
            .overlaid(&self.api.default_proxy, yaml)
            .map_err(|e| format!("failed to convert to apply proxy config: {e}"))?;
        validate::proxy_config(&settings, &LEGACY.checks)
    }

    /// Proxy settings without those that equal the defaults, as `protoToJSON` prints them (1.6 on).
    pub fn without_defaults(&self, settings: &Value) -> Value {
        super::leave_out(settings, &self.api.default_proxy)
    }

    /// A setting of the mesh.
    pub fn setting(&self, name: &str) -> &Value {
        &self.settings[name]
    }

    /// A setting of the proxies.
    pub fn proxy_setting(&self, name: &str) -> &Value {
        &self.proxy[name]
    }

    /// The mesh settings as the injector prints them.
    pub fn to_json(&self) -> Object {
        self.settings.as_object().cloned().unwrap_or_default()
    }

    /// `.MeshConfig` of templates.
    pub fn view(&self) -> template::Value<'_> {
        view::message(&LEGACY, self.api.mesh, Some(&self.settings))
    }

    /// `.ProxyConfig` of templates.
    pub fn proxy_view(&self) -> template::Value<'_> {
        view::message(&LEGACY, self.api.proxy, Some(&self.proxy))
    }
}
