//! Mesh config and proxy config: protobuf messages that are read from YAML, merged with the defaults and printed as
//! JSON again. A message is kept as the JSON that it prints as, so that reading a setting is a lookup.
//!
//! Source: istio 1.9–1.30, reading of the `mesh` key and of the `proxy.istio.io/config` annotation.

mod decode;
pub mod dialect;
mod go_json;
pub mod legacy;
pub mod merge;
mod schema;
#[rustfmt::skip]
mod table;
mod text;
mod validate;
mod view;

use crate::go::json::{Object, Value};
use crate::go::{template, yaml};
pub use dialect::Dialect;
use table::{MESH_MESH_CONFIG as MESH_CONFIG, MESH_PROXY_CONFIG as PROXY_CONFIG};

/// Proxy settings that `protoToJSON` leaves out of a template's output when they equal the defaults (1.6 on).
const OMITTED_DEFAULTS: &[&str] = &[
    "configPath",
    "binaryPath",
    "controlPlaneAuthPolicy",
    "serviceCluster",
    "drainDuration",
    "parentShutdownDuration",
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
pub struct ProxyConfig {
    settings: Value,
    dialect: &'static Dialect,
}

/// The settings of the mesh, with those of its proxies.
#[derive(Clone, Debug, PartialEq)]
pub struct MeshConfig {
    settings: Value,
    default_config: ProxyConfig,
}

impl PartialEq for Dialect {
    fn eq(&self, other: &Dialect) -> bool {
        std::ptr::eq(self, other)
    }
}

impl ProxyConfig {
    /// What every proxy gets where nothing else is said.
    fn defaults(dialect: &'static Dialect) -> ProxyConfig {
        ProxyConfig { settings: dialect.proxy_defaults(), dialect }
    }

    /// Reads YAML onto these settings: what it sets replaces what was there, at the top level.
    ///
    /// Errors: Go's text.
    fn overlaid(&self, yaml: &str) -> Result<ProxyConfig, String> {
        let settings = yaml::to_json(yaml).map_err(|e| e.to_string())?;
        let settings = decode::apply(self.dialect, &PROXY_CONFIG, self.settings.clone(), settings)?;
        Ok(ProxyConfig { settings, dialect: self.dialect })
    }

    /// [`ProxyConfig::overlaid`] for the annotation and the mesh: metadata is merged key by key, and some headers are
    /// kept.
    fn merged(&self, settings: Value) -> Result<ProxyConfig, String> {
        let mut merged = decode::apply(self.dialect, &PROXY_CONFIG, self.settings.clone(), settings)
            .map_err(|e| format!("could not parse proxy config: {e}"))?;
        if self.dialect.merges_metadata
            && let Value::Object(before) = &self.settings["proxyMetadata"]
        {
            let mut metadata = before.clone();
            for (key, value) in merged["proxyMetadata"].as_object().into_iter().flat_map(Object::iter) {
                metadata.insert(key.clone(), value.clone());
            }
            metadata.sort();
            decode::set(self.dialect, &PROXY_CONFIG, &mut merged, "proxyMetadata", Value::Object(metadata));
        }
        if self.dialect.keeps_headers
            && let (Value::Object(before), Some(Value::Object(after))) =
                (&self.settings["proxyHeaders"], merged.get_mut("proxyHeaders"))
        {
            for key in KEPT_HEADERS.iter().filter(|key| !after.contains_key(key)).copied().collect::<Vec<_>>() {
                if let Some(value) = before.get(key) {
                    after.insert(key, value.clone());
                }
            }
        }
        Ok(ProxyConfig { settings: merged, dialect: self.dialect })
    }

    /// `holdApplicationUntilProxyStarts`
    pub fn hold_application_until_proxy_starts(&self) -> bool {
        self.settings["holdApplicationUntilProxyStarts"].as_bool() == Some(true)
    }

    /// `interceptionMode`, `REDIRECT` when not set.
    pub fn interception_mode(&self) -> &str {
        self.settings["interceptionMode"].as_str().unwrap_or("REDIRECT")
    }

    /// `image.imageType`, if there is an `image` at all.
    pub fn image_type(&self) -> Option<&str> {
        self.settings.get("image").map(|image| image["imageType"].as_str().unwrap_or_default())
    }

    /// All settings as the injector prints them.
    pub fn to_json(&self) -> &Value {
        &self.settings
    }

    /// The settings as templates see them.
    pub fn view(&self) -> template::Value<'_> {
        view::message(self.dialect, &PROXY_CONFIG, Some(&self.settings))
    }
}

impl MeshConfig {
    /// Reads the `mesh` key: settings replace the defaults, except that proxy config, default providers and extension
    /// providers are merged.
    ///
    /// Errors: Go's text.
    pub fn parse(yaml: &str, dialect: &'static Dialect) -> Result<MeshConfig, String> {
        let failed = |e| format!("failed to convert to proto. {e}");
        let tree = yaml::to_json(yaml).map_err(|e| failed(e.to_string()))?;
        let base = dialect.mesh_defaults();
        let mut settings = decode::apply(dialect, &MESH_CONFIG, base.clone(), tree.clone()).map_err(failed)?;

        let mut default_config = ProxyConfig::defaults(dialect);
        if !tree["defaultConfig"].is_null() {
            default_config =
                default_config.merged(tree["defaultConfig"].clone()).map_err(|e| match dialect.merges_providers {
                    true => e,
                    false => e.replacen("could not parse proxy config:", "failed to convert to proto.", 1),
                })?;
        }
        if dialect.merges_providers {
            merge_providers(dialect, &mut settings, &base, &tree)?;
        }
        if let Some(Value::Array(aliases)) = settings.get_mut("trustDomainAliases").filter(|_| dialect.sorts_aliases) {
            aliases.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            aliases.dedup();
        }
        decode::set(dialect, &MESH_CONFIG, &mut settings, "defaultConfig", default_config.settings.clone());
        validate::mesh_config(&settings, &dialect.checks)?;
        Ok(MeshConfig { settings, default_config })
    }

    /// The proxy config with that of a pod's annotation merged onto it.
    ///
    /// Errors: Go's text.
    pub fn apply_proxy_config(&self, yaml: &str) -> Result<ProxyConfig, String> {
        let settings = yaml::to_json(yaml).map_err(|e| format!("could not parse proxy config: {e}"))?;
        self.default_config.merged(settings)
    }

    /// The mesh config with another `defaultConfig`.
    pub fn with_default_config(&self, config: &ProxyConfig) -> MeshConfig {
        let mut settings = self.settings.clone();
        decode::set(config.dialect, &MESH_CONFIG, &mut settings, "defaultConfig", config.settings.clone());
        MeshConfig { settings, default_config: config.clone() }
    }

    /// `defaultConfig`
    pub fn default_config(&self) -> &ProxyConfig {
        &self.default_config
    }

    /// `defaultConfig.statusPort`
    pub fn status_port(&self) -> i64 {
        self.default_config.settings["statusPort"].as_i64().unwrap_or(0)
    }

    /// `enablePrometheusMerge`, true when not set.
    pub fn enable_prometheus_merge(&self) -> bool {
        self.settings["enablePrometheusMerge"].as_bool() != Some(false)
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
        view::message(self.default_config.dialect, &MESH_CONFIG, Some(&self.settings))
    }
}

/// Default providers are merged field by field, extension providers by name.
fn merge_providers(dialect: &Dialect, settings: &mut Value, base: &Value, tree: &Value) -> Result<(), String> {
    let (kept, given) = (base["defaultProviders"].clone(), tree["defaultProviders"].clone());
    let providers = decode::field(dialect, &MESH_CONFIG, "defaultProviders", kept, given)
        .map_err(|e| format!("could not parse default providers: {e}"))?;
    decode::set(dialect, &MESH_CONFIG, settings, "defaultProviders", providers);
    let providers = merged_providers(base["extensionProviders"].items(), settings["extensionProviders"].items());
    decode::set(dialect, &MESH_CONFIG, settings, "extensionProviders", Value::Array(providers));
    Ok(())
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
pub fn validate_proxy_config(yaml: &str, dialect: &'static Dialect) -> Result<(), String> {
    let config = ProxyConfig::defaults(dialect)
        .overlaid(yaml)
        .map_err(|e| format!("failed to convert to apply proxy config: {e}"))?;
    validate::proxy_config(&config.settings, &dialect.checks)
}

/// Proxy settings as `protoToJSON` prints them in templates: without those that equal the defaults.
pub fn without_defaults(settings: &Value, dialect: &Dialect) -> Value {
    let mut settings = leave_out(settings, &dialect.proxy_defaults());
    if let Value::Object(members) = &mut settings {
        members.retain(|key, value| key != "proxyMetadata" || value.as_object().is_none_or(|m| !m.is_empty()));
    }
    settings
}

fn leave_out(settings: &Value, defaults: &Value) -> Value {
    let mut settings = settings.clone();
    if let Value::Object(members) = &mut settings {
        members.retain(|key, value| !OMITTED_DEFAULTS.contains(&key) || defaults[key] != *value);
    }
    settings
}
