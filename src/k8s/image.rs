//! References to container images, as `distribution/reference` reads them.

use std::sync::LazyLock;

use regex::Regex;

/// How long the path of a repository may be.
const MAX_PATH: usize = 255;

/// Domain, path, tag and digest of a reference that has its domain.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    let component = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    let host = format!(r"(?:{component}(?:\.{component})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?");
    let part = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    let tag = "[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}";
    let digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
    Regex::new(&format!("^(?:{host}/)?({part}(?:/{part})*)(?::({tag}))?(?:@({digest}))?$")).expect("a pattern")
});

/// True when the image is one of the tag `latest`, said or meant, which is what lets its pull policy be `Always`.
///
/// A text that is no reference has no tag. Source: kube-apiserver 1.36, defaults of containers and image volumes;
/// distribution/reference 0.6.
pub fn is_latest(image: &str) -> bool {
    if image.len() == 64 && image.bytes().all(is_lower_hex) {
        // It would be taken for the id of an image.
        return false;
    }
    let (domain, rest) = split_domain(image);
    let repository = rest.split_once(':').map_or(rest, |(repository, _)| repository);
    if repository.chars().any(|c| c.to_lowercase().ne([c])) {
        return false;
    }
    let library = if domain == "docker.io" && !rest.contains('/') { "library/" } else { "" };
    let whole = format!("{domain}/{library}{rest}");
    let Some(parts) = REFERENCE.captures(&whole) else { return false };
    let digest = parts.get(3).map(|m| m.as_str());
    if parts[1].len() > MAX_PATH || !digest.is_none_or(is_digest) {
        return false;
    }
    match parts.get(2) {
        Some(tag) => tag.as_str() == "latest",
        None => digest.is_none(),
    }
}

/// The registry that a reference names, `docker.io` where it names none, and the rest of it.
fn split_domain(image: &str) -> (&str, &str) {
    match image.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':'])
                || first == "localhost"
                || first.chars().any(|c| c.to_lowercase().ne([c])) =>
        {
            (if first == "index.docker.io" { "docker.io" } else { first }, rest)
        }
        _ => ("docker.io", image),
    }
}

/// A digest of a known algorithm, with as many digits as that has.
fn is_digest(digest: &str) -> bool {
    let Some((algorithm, digits)) = digest.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    digits.len() == length && digits.bytes().all(is_lower_hex)
}

fn is_lower_hex(b: u8) -> bool {
    matches!(b, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use super::is_latest;

    #[test]
    fn latest_is_said_or_meant() {
        let hex = "0123456789abcdef".repeat(4);
        for (image, latest) in [
            ("nginx", true),
            ("nginx:latest", true),
            ("nginx:1", false),
            ("localhost:5000/a/b", true),
            ("localhost:5000/a/b:v1", false),
            ("Example.com/a", true),
            ("Nginx", false),
            ("a/B", false),
            ("", false),
            ("a:b:c", false),
            (&hex, false),
            (&format!("nginx@sha256:{hex}"), false),
            (&format!("nginx:latest@sha256:{hex}"), true),
            (&format!("nginx:latest@md5:{hex}"), false),
            ("[::1]:5000/x", true),
        ] {
            assert_eq!(is_latest(image), latest, "{image}");
        }
    }
}
