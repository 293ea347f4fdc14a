//! What the URL path of the webhook tells the injector: environment variables for the sidecar.

use std::collections::BTreeMap;

use crate::injector::release::UrlForm;

/// Path parameters with a name of their own; any other key is the variable's name in lower case.
const KNOWN: &[(&str, &str)] = &[("cluster", "ISTIO_META_CLUSTER_ID"), ("net", "ISTIO_META_NETWORK")];

/// Reads `/inject/KEY/VALUE/…` (`--slash--` in a value means `/`) or `/inject/:ENV:KEY=VALUE:ENV:…`. A last key without
/// value, and entries without `=` or key, are left out. Values may be empty.
///
/// Source: istio, URL parameters of the injection path, 1.8–1.30.
pub fn variables(path: &str, form: UrlForm) -> BTreeMap<String, String> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let Some(parameters) = path.splitn(3, '/').nth(2) else { return BTreeMap::new() };
    let pairs: Vec<(&str, String)> = match parameters.strip_prefix(":ENV:").filter(|_| form != UrlForm::Pairs) {
        Some(entries) => entries
            .split(":ENV:")
            .filter_map(|entry| entry.split_once('='))
            .filter(|(key, _)| !key.is_empty())
            .map(|(key, value)| (key, value.to_owned()))
            .collect(),
        None => {
            let parts: Vec<&str> = parameters.split('/').collect();
            let value = |text: &str| match form {
                UrlForm::Slashes => text.replace("--slash--", "/"),
                UrlForm::Pairs | UrlForm::Env => text.to_owned(),
            };
            parts.chunks_exact(2).map(|pair| (pair[0], value(pair[1]))).collect()
        }
    };
    pairs
        .into_iter()
        .map(|(key, value)| {
            let known = KNOWN.iter().find(|(k, _)| *k == key).map(|(_, name)| (*name).to_owned());
            (known.unwrap_or_else(|| key.to_uppercase()), value)
        })
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        for (path, want) in [
            ("/inject", ""),
            ("/inject/", ""),
            ("/inject/cluster/c1/net/n1", "ISTIO_META_CLUSTER_ID=c1 ISTIO_META_NETWORK=n1"),
            ("/inject/cluster/", ""),
            ("/inject/foo/a--slash--b/odd", "FOO=a/b"),
            (
                "/inject/:ENV:cluster=c2:ENV:net=n2:ENV:rootpage=/foo/bar",
                "ISTIO_META_CLUSTER_ID=c2 ISTIO_META_NETWORK=n2 ROOTPAGE=/foo/bar",
            ),
            ("/inject/:ENV:=x:ENV:A:ENV:B=", "B="),
        ] {
            let got: Vec<_> = variables(path, UrlForm::Slashes).iter().map(|(k, v)| format!("{k}={v}")).collect();
            assert_eq!(got.join(" "), want, "{path}");
        }
    }
}
