//! Mesh config and proxy config: protobuf messages that are read from YAML, merged with the defaults and printed as
//! JSON again. A message is kept as the JSON that it prints as, so that reading a setting is a lookup.
//!
//! Source: istio 1.30, reading of the `mesh` key and of the `proxy.istio.io/config` annotation.

mod decode;
mod schema;
#[rustfmt::skip]
mod table;
mod validate;
mod view;

use crate::go::json::{Object, Value};
use crate::go::{template, yaml};
use table::{MESH_MESH_CONFIG as MESH_CONFIG, MESH_PROXY_CONFIG as PROXY_CONFIG};

/// What every proxy gets where nothing else is said.
const DEFAULT_PROXY_CONFIG: &str = r#"{"configPath":"./etc/istio/proxy","binaryPath":"/usr/local/bin/envoy",
"serviceCluster":"istio-proxy","drainDuration":"45s","discoveryAddress":"istiod.istio-system.svc:15012",
"proxyAdminPort":15000,"controlPlaneAuthPolicy":"MUTUAL_TLS","statNameLength":189,"statusPort":15020,
"terminationDrainDuration":"5s"}"#;

const DEFAULT_MESH_CONFIG: &str = r#"{"proxyListenPort":15001,"proxyInboundListenPort":15006,"connectTimeout":"10s",
"protocolDetectionTimeout":"0s","ingressClass":"istio","ingressService":"istio-ingressgateway",
"ingressControllerMode":"STRICT","enableTracing":true,"outboundTrafficPolicy":{"mode":"ALLOW_ANY"},
"inboundTrafficPolicy":{},"enableAutoMtls":true,"trustDomain":"cluster.local","defaultServiceExportTo":["*"],
"defaultVirtualServiceExportTo":["*"],"defaultDestinationRuleExportTo":["*"],"rootNamespace":"istio-system",
"localityLbSetting":{"enabled":true},"dnsRefreshRate":"60s","enablePrometheusMerge":true,"extensionProviders":[
{"name":"prometheus","prometheus":{}},{"name":"stackdriver","stackdriver":{}},
{"name":"envoy","envoyFileAccessLog":{"path":"/dev/stdout"}}],"defaultProviders":{}}"#;

/// Proxy settings that `protoToJSON` leaves out of a template's output when they equal the defaults.
const OMITTED_DEFAULTS: &[&str] = &[
    "configPath",
    "binaryPath",
    "controlPlaneAuthPolicy",
    "serviceCluster",
    "drainDuration",
    "terminationDrainDuration",
    "discoveryAddress",
    "envoyMetricsService",
    "envoyAccessLogService",
    "tracing",
    "proxyAdminPort",
    "statNameLength",
    "statusPort",
    "concurrency",
];

/// Headers settings that an overlay keeps from below where it does not set them itself.
const KEPT_HEADERS: &[&str] = &["forwardedClientCert", "requestId", "attemptCount", "server", "envoyDebugHeaders"];

/// The settings of one proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct ProxyConfig(Value);

/// The settings of the mesh, with those of its proxies.
#[derive(Clone, Debug, PartialEq)]
pub struct MeshConfig {
    settings: Value,
    default_config: ProxyConfig,
}

fn constant(text: &str) -> Value {
    crate::go::json::parse(text).unwrap_or_default()
}

impl Default for ProxyConfig {
    fn default() -> ProxyConfig {
        ProxyConfig(constant(DEFAULT_PROXY_CONFIG))
    }
}

impl ProxyConfig {
    /// Reads YAML onto these settings: what it sets replaces what was there, at the top level.
    ///
    /// Errors: Go's text.
    fn overlaid(&self, yaml: &str) -> Result<ProxyConfig, String> {
        let settings = yaml::to_json(yaml).map_err(|e| e.to_string())?;
        Ok(ProxyConfig(decode::apply(&PROXY_CONFIG, self.0.clone(), settings)?))
    }

    /// [`ProxyConfig::overlaid`] for the annotation and the mesh: metadata is merged key by key, and some headers are
    /// kept.
    fn merged(&self, settings: Value) -> Result<ProxyConfig, String> {
        let mut merged = decode::apply(&PROXY_CONFIG, self.0.clone(), settings)
            .map_err(|e| format!("could not parse proxy config: {e}"))?;
        if let Value::Object(before) = &self.0["proxyMetadata"] {
            let mut metadata = before.clone();
            for (key, value) in merged["proxyMetadata"].as_object().into_iter().flat_map(Object::iter) {
                metadata.insert(key.clone(), value.clone());
            }
            metadata.sort();
            decode::set(&PROXY_CONFIG, &mut merged, "proxyMetadata", Value::Object(metadata));
        }
        if let (Value::Object(before), Some(Value::Object(after))) =
            (&self.0["proxyHeaders"], merged.get_mut("proxyHeaders"))
        {
            for key in KEPT_HEADERS.iter().filter(|key| !after.contains_key(key)).copied().collect::<Vec<_>>() {
                if let Some(value) = before.get(key) {
                    after.insert(key, value.clone());
                }
            }
        }
        Ok(ProxyConfig(merged))
    }

    /// `holdApplicationUntilProxyStarts`
    pub fn hold_application_until_proxy_starts(&self) -> bool {
        self.0["holdApplicationUntilProxyStarts"].as_bool() == Some(true)
    }

    /// `interceptionMode`, `REDIRECT` when not set.
    pub fn interception_mode(&self) -> &str {
        self.0["interceptionMode"].as_str().unwrap_or("REDIRECT")
    }

    /// `image.imageType`, if there is an `image` at all.
    pub fn image_type(&self) -> Option<&str> {
        self.0.get("image").map(|image| image["imageType"].as_str().unwrap_or_default())
    }

    /// All settings as the injector prints them.
    pub fn to_json(&self) -> &Value {
        &self.0
    }

    /// The settings as templates see them.
    pub fn view(&self) -> template::Value<'_> {
        view::message(&PROXY_CONFIG, Some(&self.0))
    }
}

/// Proxy settings without those that equal the defaults, as `protoToJSON` prints them in templates.
pub fn without_defaults(settings: &Value) -> Value {
    let defaults = ProxyConfig::default();
    let mut settings = settings.clone();
    if let Value::Object(members) = &mut settings {
        members.retain(|key, value| !OMITTED_DEFAULTS.contains(&key) || defaults.0[key] != *value);
    }
    settings
}

impl MeshConfig {
    /// Reads the `mesh` key: settings replace the defaults, except that proxy config, default providers and extension
    /// providers are merged.
    ///
    /// Errors: Go's text.
    pub fn parse(yaml: &str) -> Result<MeshConfig, String> {
        let failed = |e| format!("failed to convert to proto. {e}");
        let tree = yaml::to_json(yaml).map_err(|e| failed(e.to_string()))?;
        let base = constant(DEFAULT_MESH_CONFIG);
        let mut settings = decode::apply(&MESH_CONFIG, base.clone(), tree.clone()).map_err(failed)?;

        let default_config = match &tree["defaultConfig"] {
            Value::Null => ProxyConfig::default(),
            overlay => ProxyConfig::default().merged(overlay.clone())?,
        };
        let providers = decode::field(
            &MESH_CONFIG,
            "defaultProviders",
            base["defaultProviders"].clone(),
            tree["defaultProviders"].clone(),
        )
        .map_err(|e| format!("could not parse default providers: {e}"))?;
        decode::set(&MESH_CONFIG, &mut settings, "defaultProviders", providers);
        let providers = merged_providers(base["extensionProviders"].items(), settings["extensionProviders"].items());
        decode::set(&MESH_CONFIG, &mut settings, "extensionProviders", Value::Array(providers));
        if let Some(Value::Array(aliases)) = settings.get_mut("trustDomainAliases") {
            aliases.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            aliases.dedup();
        }
        decode::set(&MESH_CONFIG, &mut settings, "defaultConfig", default_config.0.clone());
        validate::mesh_config(&settings)?;
        Ok(MeshConfig { settings, default_config })
    }

    /// The proxy config with that of a pod's annotation merged onto it.
    ///
    /// Errors: Go's text.
    pub fn apply_proxy_config(&self, yaml: &str) -> Result<ProxyConfig, String> {
        let settings = yaml::to_json(yaml).map_err(|e| format!("could not parse proxy config: {e}"))?;
        self.default_config.merged(settings)
    }

    /// `defaultConfig`
    pub fn default_config(&self) -> &ProxyConfig {
        &self.default_config
    }

    /// `defaultConfig.statusPort`
    pub fn status_port(&self) -> i64 {
        self.default_config.0["statusPort"].as_i64().unwrap_or(0)
    }

    /// `enablePrometheusMerge`
    pub fn enable_prometheus_merge(&self) -> bool {
        self.settings["enablePrometheusMerge"].as_bool() == Some(true)
    }

    /// `inboundTrafficPolicy.mode` as templates get it: `localhost` or `passthrough`.
    pub fn inbound_traffic_policy_mode(&self) -> &'static str {
        match self.settings["inboundTrafficPolicy"]["mode"].as_str() {
            Some("LOCALHOST") => "localhost",
            _ => "passthrough",
        }
    }

    /// True when an OpenTelemetry provider asks for the attributes that its semantic conventions name.
    pub fn has_otel_semantic_conventions(&self) -> bool {
        self.settings["extensionProviders"].items().iter().any(|provider| {
            provider["opentelemetry"]["serviceAttributeEnrichment"].as_str() == Some("OTEL_SEMANTIC_CONVENTIONS")
        })
    }

    /// All settings as the injector prints them.
    pub fn to_json(&self) -> &Value {
        &self.settings
    }

    /// The settings as templates see them, with the proxy config that goes with the pod.
    pub fn view(&self) -> template::Value<'_> {
        view::message(&MESH_CONFIG, Some(&self.settings))
    }
}

/// Providers by name: a known one gets the new settings, new ones follow.
fn merged_providers(before: &[Value], after: &[Value]) -> Vec<Value> {
    let mut merged = before.to_vec();
    for provider in after {
        match merged.iter_mut().find(|known| known["name"] == provider["name"]) {
            Some(known) => known.clone_from(provider),
            None => merged.push(provider.clone()),
        }
    }
    merged
}

/// Checks the proxy config of a pod's annotation, read onto the plain defaults.
///
/// Errors: Go's text.
pub fn validate_proxy_config(yaml: &str) -> Result<(), String> {
    let config =
        ProxyConfig::default().overlaid(yaml).map_err(|e| format!("failed to convert to apply proxy config: {e}"))?;
    validate::proxy_config(&config.0)
}
