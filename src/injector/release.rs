//! Releases of the injector: every difference between them is a switch, and every release is a row.
//!
//! Nothing else in the house compares versions: code asks a named switch. A new release is a new row, usually its
//! predecessor's switches with the changed ones written over.

use std::fmt;

/// One release of the injector, with what it does differently.
#[derive(Debug)]
pub struct Release {
    /// `MAJOR.MINOR.PATCH`
    pub name: &'static str,
    /// The version as numbers, for ranges and order only.
    version: [u16; 3],
    /// What this release does.
    pub switches: Switches,
}

/// Which values of `sidecar.istio.io/inject` say yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InjectValues {
    /// Only `true` and `false` (1.27 on); anything else warns and counts as not given.
    Strict,
}

/// How the injector finds out whether the cluster runs native sidecars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeDetection {
    /// `ENABLE_NATIVE_SIDECARS` is `true`, `false` or `auto`; `auto` asks the kubelet versions (1.27 on).
    Kubelets,
}

/// Everything in which releases differ. See `eras.md` for the facts behind each.
#[derive(Clone, Debug)]
pub struct Switches {
    /// The pod label `sidecar.istio.io/inject` is read, before the annotation (1.12 on).
    pub reads_inject_label: bool,
    /// Spelling of the inject value.
    pub inject_values: InjectValues,
    /// Namespaces in which nothing is injected.
    pub ignored_namespaces: &'static [&'static str],
    /// The annotations that are validated before anything else.
    pub validated_annotations: &'static [&'static str],
    /// How native sidecars are detected.
    pub native_detection: NativeDetection,
    /// The lowest kubelet minor version that counts as able to run native sidecars.
    pub native_kubelet_minor: u32,
    /// Probes of init containers are rewritten too (1.19 on).
    pub rewrites_init_probes: bool,
    /// Lifecycle handlers are rewritten too (1.25 on).
    pub rewrites_lifecycle: bool,
    /// On re-injection a missing prober environment variable is appended (1.27 on).
    pub appends_missing_probers: bool,
    /// The app-side UID on OpenShift that equals the sidecar's is reset (1.24 on), in init containers too (1.27 on).
    pub resets_openshift_uid: bool,
}

const LATE_VALIDATED: &[&str] = &[
    "istio.io/reroute-virtual-interfaces",
    "prometheus.istio.io/merge-metrics",
    "proxy.istio.io/config",
    "readiness.status.sidecar.istio.io/failureThreshold",
    "readiness.status.sidecar.istio.io/initialDelaySeconds",
    "readiness.status.sidecar.istio.io/periodSeconds",
    "sidecar.istio.io/interceptionMode",
    "sidecar.istio.io/proxyCPU",
    "sidecar.istio.io/proxyCPULimit",
    "sidecar.istio.io/proxyMemory",
    "sidecar.istio.io/proxyMemoryLimit",
    "status.sidecar.istio.io/port",
    "traffic.sidecar.istio.io/excludeInboundPorts",
    "traffic.sidecar.istio.io/excludeInterfaces",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges",
    "traffic.sidecar.istio.io/excludeOutboundPorts",
    "traffic.sidecar.istio.io/includeInboundPorts",
    "traffic.sidecar.istio.io/includeOutboundIPRanges",
    "traffic.sidecar.istio.io/kubevirtInterfaces",
];

const V1_30: Switches = Switches {
    reads_inject_label: true,
    inject_values: InjectValues::Strict,
    ignored_namespaces: &["kube-system", "kube-public", "kube-node-lease", "local-path-storage"],
    validated_annotations: LATE_VALIDATED,
    native_detection: NativeDetection::Kubelets,
    native_kubelet_minor: 33,
    rewrites_init_probes: true,
    rewrites_lifecycle: true,
    appends_missing_probers: true,
    resets_openshift_uid: true,
};

/// All releases, oldest first.
static RELEASES: &[Release] = &[
    Release { name: "1.30.0", version: [1, 30, 0], switches: V1_30 },
    Release { name: "1.30.3", version: [1, 30, 3], switches: V1_30 },
];

/// A release that is not in the table, or a range that is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRelease(String);

impl fmt::Display for UnknownRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<_> = RELEASES.iter().map(|r| r.name).collect();
        write!(f, "unknown release {:?} (known: {})", self.0, known.join(", "))
    }
}

impl std::error::Error for UnknownRelease {}

/// `1.30` or `1.30.3` as numbers.
fn numbers(text: &str) -> Option<Vec<u16>> {
    let parts: Vec<u16> = text.trim().split('.').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    (2..=3).contains(&parts.len()).then_some(parts)
}

impl Release {
    /// All releases, oldest first.
    pub fn all() -> &'static [Release] {
        RELEASES
    }

    /// The newest release in the table.
    pub fn latest() -> &'static Release {
        &RELEASES[RELEASES.len() - 1]
    }

    /// The release called `MAJOR.MINOR.PATCH`; without the patch, the newest one of that line.
    pub fn find(name: &str) -> Result<&'static Release, UnknownRelease> {
        let wanted = numbers(name).ok_or_else(|| UnknownRelease(name.to_owned()))?;
        RELEASES.iter().rev().find(|r| r.version.starts_with(&wanted)).ok_or_else(|| UnknownRelease(name.to_owned()))
    }

    /// True when the release lies in `range`: comparisons (`>=1.12`, `<1.27`, `=1.30`, `1.30`) joined by commas or
    /// blanks, all of which must hold. A bound without a patch speaks of the whole line.
    ///
    /// Errors: a range that cannot be read.
    pub fn is_in(&self, range: &str) -> Result<bool, UnknownRelease> {
        let mut any = false;
        for part in range.split([',', ' ']).filter(|p| !p.is_empty()) {
            any = true;
            let at = part.find(|c: char| c.is_ascii_digit()).unwrap_or(part.len());
            let bound = numbers(&part[at..]).ok_or_else(|| UnknownRelease(range.to_owned()))?;
            let ours = &self.version[..bound.len()];
            let holds = match &part[..at] {
                "" | "=" | "==" => ours == bound,
                ">=" => ours >= &bound[..],
                ">" => ours > &bound[..],
                "<=" => ours <= &bound[..],
                "<" => ours < &bound[..],
                "!=" => ours != bound,
                _ => return Err(UnknownRelease(range.to_owned())),
            };
            if !holds {
                return Ok(false);
            }
        }
        if any { Ok(true) } else { Err(UnknownRelease(range.to_owned())) }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Release {
    fn eq(&self, other: &Release) -> bool {
        self.version == other.version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ranges() {
        assert_eq!(Release::find("1.30").unwrap().name, Release::latest().name);
        assert_eq!(Release::find("1.30.0").unwrap().name, "1.30.0");
        assert!(Release::find("2.0").is_err() && Release::find("x").is_err());
        let release = Release::find("1.30.3").unwrap();
        for (range, want) in
            [(">=1.12", true), (">=1.12,<1.30", false), ("1.30", true), ("<=1.30 >1.27", true), ("=1.30.0", false)]
        {
            assert_eq!(release.is_in(range), Ok(want), "{range}");
        }
        assert!(release.is_in("~1.2").is_err() && release.is_in("").is_err());
    }
}
