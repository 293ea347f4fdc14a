//! The image of the proxy: hub, name, tag, and the image type as the tag's suffix.

use crate::go::json::Value;
use crate::injector::config::Values;

/// The annotation that chooses an image type for one pod.
const TYPE_ANNOTATION: &str = "sidecar.istio.io/proxyImageType";

/// Image types that Istio publishes: as a suffix of the configured tag they are replaced.
const KNOWN_TYPES: [&str; 2] = ["distroless", "debug"];

/// `HUB/NAME:TAG[-TYPE]`. The type is that of the annotation, else of the proxy config's image (which may be empty),
/// else the configured variant where the release knows one; `default` means none.
pub fn proxy_image(values: &Values, image_type: Option<&str>, annotations: &Value, variant: bool) -> String {
    let name = if values.proxy_image.is_empty() { "proxyv2" } else { &values.proxy_image };
    let annotated = annotations.get(TYPE_ANNOTATION).and_then(Value::as_str);
    let image_type = annotated.or(image_type).unwrap_or(if variant { &values.variant } else { "" });
    format!("{}/{name}:{}", values.hub, typed_tag(&values.tag, image_type))
}

fn typed_tag(tag: &str, image_type: &str) -> String {
    if image_type.is_empty() {
        return tag.to_owned();
    }
    let bare = KNOWN_TYPES.iter().find_map(|known| tag.strip_suffix(known)?.strip_suffix('-')).unwrap_or(tag);
    if image_type == "default" { bare.to_owned() } else { format!("{bare}-{image_type}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        for (tag, image_type, want) in [
            ("1.30.3", "", "1.30.3"),
            ("1.30.3-distroless", "debug", "1.30.3-debug"),
            ("1.30.3-debug", "default", "1.30.3"),
            ("1.30.3", "fips", "1.30.3-fips"),
        ] {
            assert_eq!(typed_tag(tag, image_type), want);
        }
    }
}
