//! Resources that are one and the same thing in several groups or versions.

use std::sync::{Arc, LazyLock};

/// Group, version and kind or resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupVersion<T = String> {
    /// Empty for the core group.
    pub group: String,
    /// Such as `v1`.
    pub version: String,
    /// The kind (`Pod`) or the resource (`pods`).
    pub name: T,
}

impl GroupVersion {
    /// The three parts.
    pub fn new(group: &str, version: &str, name: &str) -> GroupVersion {
        GroupVersion { group: group.into(), version: version.into(), name: name.into() }
    }

    /// `apps/v1`, or `v1` for the core group: how `apiVersion` is written.
    pub fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }
}

/// A resource, or a subresource of it, as the API server serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The resource.
    pub resource: GroupVersion,
    /// The subresource, empty for the object itself.
    pub subresource: String,
    /// The kind of the object in requests; an empty name where it is unknown.
    pub kind: GroupVersion,
}

/// Sets of resources that share their stored objects, each in the order of registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Equivalents(Arc<Vec<Vec<Served>>>);

impl Equivalents {
    /// The sets given.
    pub fn new(sets: Vec<Vec<Served>>) -> Equivalents {
        Equivalents(Arc::new(sets))
    }

    /// What shares its objects with a resource and has this subresource, the resource itself included.
    pub fn of<'a>(&'a self, resource: &GroupVersion, subresource: &str) -> impl Iterator<Item = &'a Served> + Clone {
        // Only group and resource say which set it is: unknown versions are equivalent to the known ones.
        let same = |s: &Served| s.resource.group == resource.group && s.resource.name == resource.name;
        let set = self.0.iter().find(|set| set.iter().any(same)).map_or(&[][..], Vec::as_slice);
        set.iter().filter(move |s| s.subresource == subresource)
    }
}

/// What kube-apiserver 1.36 serves in more than one form by default.
impl Default for Equivalents {
    fn default() -> Equivalents {
        static BUILT_IN: LazyLock<Equivalents> = LazyLock::new(|| {
            let served = |(group, version, resource, subresource, kind)| Served {
                resource: GroupVersion::new(group, version, resource),
                subresource: String::from(subresource),
                kind: GroupVersion::new(group, version, kind),
            };
            Equivalents::new(BUILT_IN_SETS.iter().map(|set| set.iter().copied().map(served).collect()).collect())
        });
        BUILT_IN.clone()
    }
}

/// Group, version, resource, subresource, kind.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str);

const BUILT_IN_SETS: &[&[Row]] = &[
    &[("", "v1", "events", "", "Event"), ("events.k8s.io", "v1", "events", "", "Event")],
    &[
        ("autoscaling", "v2", "horizontalpodautoscalers", "", "HorizontalPodAutoscaler"),
        ("autoscaling", "v2", "horizontalpodautoscalers", "status", "HorizontalPodAutoscaler"),
        ("autoscaling", "v1", "horizontalpodautoscalers", "", "HorizontalPodAutoscaler"),
        ("autoscaling", "v1", "horizontalpodautoscalers", "status", "HorizontalPodAutoscaler"),
    ],
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equivalents_share_group_and_resource_whatever_the_version() {
        let all = Equivalents::default();
        let of = |group, version, resource, sub: &str| -> Vec<String> {
            all.of(&GroupVersion::new(group, version, resource), sub).map(|s| s.resource.api_version()).collect()
        };
        assert_eq!(
            of("autoscaling", "v2beta1", "horizontalpodautoscalers", "status"),
            ["autoscaling/v2", "autoscaling/v1"]
        );
        assert_eq!(of("events.k8s.io", "v1", "events", ""), ["v1", "events.k8s.io/v1"]);
        assert!(of("", "v1", "pods", "").is_empty());
        assert!(of("", "v1", "events", "status").is_empty());
    }
}
