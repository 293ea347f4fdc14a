use crate::go::json::Value;

/// What the injector's own code reads of the values; templates see the whole tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// `global.hub`
    pub hub: String,
    /// `global.tag`, a string or a number
    pub tag: String,
    /// `global.variant`
    pub variant: String,
    /// `global.proxy.image`
    pub proxy_image: String,
    /// `global.network`
    pub network: String,
    /// `global.multiCluster.clusterName`
    pub cluster_name: String,
    /// `global.proxy.holdApplicationUntilProxyStarts`
    pub hold_application_until_proxy_starts: bool,
    /// `sidecarInjectorWebhook.rewriteAppHTTPProbe`
    pub rewrite_app_http_probe: bool,
}

impl Values {
    /// Reads them from the values tree; what is missing is empty or false.
    pub(super) fn read(tree: &Value) -> Values {
        let global = &tree["global"];
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        Values {
            hub: text(&global["hub"]),
            tag: match global.get("tag") {
                None => String::new(),
                Some(Value::Null) => "<nil>".into(),
                Some(Value::String(s)) => s.to_string(),
                Some(other) => other.to_string(),
            },
            variant: text(&global["variant"]),
            proxy_image: text(&global["proxy"]["image"]),
            network: text(&global["network"]),
            cluster_name: text(&global["multiCluster"]["clusterName"]),
            hold_application_until_proxy_starts: global["proxy"]["holdApplicationUntilProxyStarts"].as_bool()
                == Some(true),
            rewrite_app_http_probe: tree["sidecarInjectorWebhook"]["rewriteAppHTTPProbe"].as_bool() == Some(true),
        }
    }
}
