//! What mesh and proxy config are in a release: the fields it knows, the defaults, merging and checks.
//!
//! Source: istio and its API, releases 1.9–1.30.

use super::decode;
use super::schema::{Enum, Field, Message};
use crate::go::json::{Object, Value, parse};

/// The mesh and proxy config of some releases. `release/table.rs` says whose.
#[derive(Debug)]
pub struct Dialect {
    /// The minor release of Istio's API, which says what fields there are.
    pub(super) api: u8,
    /// Fields that only a later patch of that API has, by their JSON names.
    lacks: &'static [&'static str],
    /// Proxy settings where nothing else is said, besides [`COMMON_PROXY`].
    proxy: &'static str,
    /// Mesh settings where nothing else is said, besides [`COMMON_MESH`].
    mesh: &'static str,
    /// Proxy metadata is merged key by key (1.10.3 on); before, what is set replaces.
    pub(super) merges_metadata: bool,
    /// Default and extension providers are merged (1.11 on).
    pub(super) merges_providers: bool,
    /// Trust domain aliases are sorted and each kept once (1.12 on).
    pub(super) sorts_aliases: bool,
    /// Some proxy headers are kept from below where they are not set (1.19.1 on).
    pub(super) keeps_headers: bool,
    /// The library is the old one (until 1.13): errors name enums its way, and lists and maps that are set to nothing are
    /// printed.
    pub(super) old_library: bool,
    /// `json.Marshal` prints messages as protobuf does (1.25 on).
    pub(super) prints_messages: bool,
    /// The rules of `validate.rs`.
    pub(super) checks: Checks,
}

/// What is checked, and how it is said.
#[derive(Debug)]
pub(super) struct Checks {
    /// The longest connect timeout, in seconds.
    pub(super) connect_timeout: i64,
    /// The durations with which proxies are drained.
    pub(super) drain: Drain,
    /// The status port is checked, and the authentication policy's error says where it is (1.11 on).
    pub(super) status_port: bool,
    /// A missing service cluster may be a tracing service name (1.13 on).
    pub(super) names_oneof: bool,
    /// How errors of private key providers spell configuration.
    pub(super) configuration: &'static str,
    /// `insecureSkipVerify` is checked against the rest of the TLS settings (1.19 on).
    pub(super) insecure_tls: bool,
    /// What an error of TLS settings calls those that a credential name excludes.
    pub(super) certificates: &'static str,
}

/// The drain durations of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drain {
    /// Drain and parent shutdown, both at most an hour (until 1.16).
    WithParent,
    /// At most an hour (1.17–1.21).
    Hour,
    /// Without limit.
    Free,
}

const COMMON_PROXY: &str = r#"{"configPath":"./etc/istio/proxy","binaryPath":"/usr/local/bin/envoy",
"serviceCluster":"istio-proxy","drainDuration":"45s","discoveryAddress":"istiod.istio-system.svc:15012",
"proxyAdminPort":15000,"controlPlaneAuthPolicy":"MUTUAL_TLS","statNameLength":189,"statusPort":15020,
"terminationDrainDuration":"5s"}"#;

const COMMON_MESH: &str = r#"{"proxyListenPort":15001,"connectTimeout":"10s","protocolDetectionTimeout":"0s",
"ingressClass":"istio","ingressService":"istio-ingressgateway","ingressControllerMode":"STRICT","enableTracing":true,
"outboundTrafficPolicy":{"mode":"ALLOW_ANY"},"enableAutoMtls":true,"trustDomain":"cluster.local",
"defaultServiceExportTo":["*"],"defaultVirtualServiceExportTo":["*"],"defaultDestinationRuleExportTo":["*"],
"rootNamespace":"istio-system","localityLbSetting":{"enabled":true}}"#;

/// Before 1.9, where the messages are those of the release; see `legacy`.
pub(super) static LEGACY: Dialect = Dialect { api: 0, ..BASE };
/// 1.9
pub static V1_9_0: Dialect = Dialect { lacks: &["caCertificatesPem"], ..BASE };
/// 1.9.1
pub static V1_9: Dialect = BASE;
/// 1.10
pub static V1_10: Dialect = Dialect { api: 10, ..BASE };
/// 1.10.3
pub static V1_10_3: Dialect = Dialect { api: 10, merges_metadata: true, ..BASE };
/// 1.11
pub static V1_11: Dialect = D1_11;
/// 1.12
pub static V1_12_0: Dialect = Dialect { lacks: &["image"], ..D1_12 };
/// 1.12.1
pub static V1_12: Dialect = D1_12;
/// 1.13
pub static V1_13: Dialect = D1_13;
/// 1.14
pub static V1_14: Dialect = D1_14;
/// 1.15
pub static V1_15: Dialect = Dialect { api: 15, ..D1_14 };
/// 1.16
pub static V1_16: Dialect = Dialect { api: 16, ..D1_14 };
/// 1.17
pub static V1_17: Dialect = D1_17;
/// 1.18
pub static V1_18: Dialect = D1_18;
/// 1.19
pub static V1_19: Dialect = D1_19;
/// 1.19.1
pub static V1_19_1: Dialect = Dialect { keeps_headers: true, ..D1_19 };
/// 1.20
pub static V1_20: Dialect = D1_20;
/// 1.21
pub static V1_21: Dialect = D1_21;
/// 1.22
pub static V1_22: Dialect = D1_22;
/// 1.23
pub static V1_23: Dialect = Dialect { api: 23, ..D1_22 };
/// 1.24
pub static V1_24: Dialect = Dialect { api: 24, ..D1_22 };
/// 1.25
pub static V1_25: Dialect = D1_25;
/// 1.26
pub static V1_26: Dialect = Dialect { api: 26, ..D1_25 };
/// 1.27
pub static V1_27: Dialect = Dialect { api: 27, ..D1_25 };
/// 1.28
pub static V1_28: Dialect = Dialect { api: 28, ..D1_25 };
/// 1.29
pub static V1_29: Dialect = Dialect { api: 29, ..D1_25 };
/// 1.30
pub static V1_30: Dialect = Dialect { api: 30, ..D1_25 };

const BASE: Dialect = Dialect {
    api: 9,
    lacks: &[],
    proxy: r#"{"parentShutdownDuration":"60s","concurrency":2,
"tracing":{"zipkin":{"address":"zipkin.istio-system:9411"}}}"#,
    mesh: r#"{"dnsRefreshRate":"5s","thriftConfig":{}}"#,
    merges_metadata: false,
    merges_providers: false,
    sorts_aliases: false,
    keeps_headers: false,
    old_library: true,
    prints_messages: false,
    checks: Checks {
        connect_timeout: 30,
        drain: Drain::WithParent,
        status_port: false,
        names_oneof: false,
        configuration: "confguration",
        insecure_tls: false,
        certificates: "client certificates or CA certificate",
    },
};
const D1_11: Dialect = Dialect {
    api: 11,
    mesh: r#"{"dnsRefreshRate":"5s","thriftConfig":{},"defaultProviders":{"accessLogging":["envoy"]},
"extensionProviders":[{"name":"envoy","envoyFileAccessLog":{"path":"/dev/stdout"}}]}"#,
    merges_metadata: true,
    merges_providers: true,
    checks: Checks { status_port: true, ..BASE.checks },
    ..BASE
};
const D1_12: Dialect = Dialect {
    api: 12,
    mesh: r#"{"dnsRefreshRate":"5s","thriftConfig":{},"defaultProviders":{},"extensionProviders":[
{"name":"prometheus","prometheus":{}},{"name":"stackdriver","stackdriver":{}},
{"name":"envoy","envoyFileAccessLog":{"path":"/dev/stdout"}}]}"#,
    sorts_aliases: true,
    ..D1_11
};
const D1_13: Dialect = Dialect { api: 13, checks: Checks { names_oneof: true, ..D1_11.checks }, ..D1_12 };
const D1_14: Dialect = Dialect {
    api: 14,
    old_library: false,
    mesh: r#"{"dnsRefreshRate":"60s","thriftConfig":{},"defaultProviders":{},"extensionProviders":[
{"name":"prometheus","prometheus":{}},{"name":"stackdriver","stackdriver":{}},
{"name":"envoy","envoyFileAccessLog":{"path":"/dev/stdout"}}]}"#,
    ..D1_13
};
const D1_17: Dialect = Dialect {
    api: 17,
    proxy: r#"{"concurrency":2,"tracing":{"zipkin":{"address":"zipkin.istio-system:9411"}}}"#,
    mesh: r#"{"dnsRefreshRate":"60s","defaultProviders":{},"extensionProviders":[
{"name":"prometheus","prometheus":{}},{"name":"stackdriver","stackdriver":{}},
{"name":"envoy","envoyFileAccessLog":{"path":"/dev/stdout"}}]}"#,
    checks: Checks { drain: Drain::Hour, ..D1_13.checks },
    ..D1_14
};
const D1_18: Dialect = Dialect {
    api: 18,
    proxy: r#"{"tracing":{"zipkin":{"address":"zipkin.istio-system:9411"}}}"#,
    mesh: r#"{"dnsRefreshRate":"60s","proxyInboundListenPort":15006,"enablePrometheusMerge":true,
"defaultProviders":{},"extensionProviders":[{"name":"prometheus","prometheus":{}},
{"name":"stackdriver","stackdriver":{}},{"name":"envoy","envoyFileAccessLog":{"path":"/dev/stdout"}}]}"#,
    ..D1_17
};
const D1_19: Dialect = Dialect { api: 19, checks: Checks { insecure_tls: true, ..D1_17.checks }, ..D1_18 };
const D1_20: Dialect = Dialect { api: 20, keeps_headers: true, ..D1_19 };
const D1_21: Dialect = Dialect {
    api: 21,
    checks: Checks { configuration: "configuration", connect_timeout: 3600, ..D1_19.checks },
    ..D1_20
};
const D1_22: Dialect = Dialect {
    api: 22,
    proxy: "{}",
    mesh: r#"{"dnsRefreshRate":"60s","proxyInboundListenPort":15006,"enablePrometheusMerge":true,
"inboundTrafficPolicy":{},"defaultProviders":{},"extensionProviders":[{"name":"prometheus","prometheus":{}},
{"name":"stackdriver","stackdriver":{}},{"name":"envoy","envoyFileAccessLog":{"path":"/dev/stdout"}}]}"#,
    checks: Checks {
        drain: Drain::Free,
        certificates: "client certificates or CA certificate or CA CRL",
        ..D1_21.checks
    },
    ..D1_21
};
const D1_25: Dialect = Dialect { api: 25, prints_messages: true, ..D1_22 };

impl Dialect {
    /// Whether the mesh config has a setting, by its Go name.
    pub fn has_setting(&self, go: &str) -> bool {
        super::MESH_CONFIG.field(go).is_some_and(|field| self.knows(field))
    }

    /// Whether its API has the field.
    pub(super) fn knows(&self, field: &Field) -> bool {
        (field.since..=field.until).contains(&self.api) && !self.lacks.contains(&field.json)
    }

    /// Whether only one field of the group can be set. The two names of a proxy's cluster became one in 1.13.
    pub(super) fn is_oneof(&self, field: &Field) -> bool {
        !field.oneof.is_empty() && (self.checks.names_oneof || field.oneof != "cluster_name")
    }

    /// The number of an enum's value.
    pub(super) fn number(&self, ty: &Enum, name: &str) -> Option<i64> {
        let value = ty.values.iter().find(|(n, ..)| *n == name);
        value.filter(|(.., since)| *since <= self.api).map(|(_, number, _)| *number)
    }

    /// What every proxy gets where nothing else is said.
    pub(super) fn proxy_defaults(&self) -> Value {
        self.defaults(&super::PROXY_CONFIG, COMMON_PROXY, self.proxy)
    }

    /// What the mesh gets where nothing else is said, without the proxy config.
    pub(super) fn mesh_defaults(&self) -> Value {
        self.defaults(&super::MESH_CONFIG, COMMON_MESH, self.mesh)
    }

    /// Two texts as one message.
    fn defaults(&self, message: &'static Message, common: &str, own: &str) -> Value {
        let mut settings = Object::new();
        for text in [common, own] {
            for (key, value) in parse(text).ok().and_then(|v| v.as_object().cloned()).into_iter().flatten() {
                settings.push(key, value);
            }
        }
        decode::in_order(self, message, Value::Object(settings))
    }
}
