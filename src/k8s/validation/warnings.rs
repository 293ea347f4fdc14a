//! What a valid pod is warned of.

use std::collections::{BTreeMap, BTreeSet};

use super::annotations::{SECCOMP_CONTAINER, SECCOMP_POD};
use super::error::{Path, number, text};
use super::{metadata, resources, visit};
use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::k8s::names;
use crate::k8s::quantity::Quantity;

/// Labels of nodes that have a better name now.
const OLD_LABELS: [(&str, &str); 8] = [
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    (
        "failure-domain.beta.kubernetes.io/region",
        "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead",
    ),
    ("failure-domain.beta.kubernetes.io/zone", "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"),
    ("beta.kubernetes.io/instance-type", "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"),
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    ("scheduler.alpha.kubernetes.io/preferAvoidPods", "deprecated since v1.22; use Taints and Tolerations instead"),
    ("node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"),
];

const OLD_ANNOTATIONS: [(&str, &str); 3] = [
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "non-functional in v1.16+; use the \"priorityClassName\" field instead",
    ),
    ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
];

const OLD_SECCOMP: &str = "non-functional in v1.27+; use the \"seccompProfile\" field instead";

/// Kinds of volumes on their way out: the field, as it is called in the text, and the text.
const OLD_VOLUMES: [(&str, &str, &str); 9] = [
    ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"),
    ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";
const NO_SELECTOR: &str = "a null labelSelector results in matching no pod";

/// The warnings for a new pod that is valid, prepared as [`crate::k8s::prepare`] does it.
pub fn warnings(pod: &Value) -> Vec<String> {
    let mut all = Warnings(Vec::new());
    let spec = &pod["spec"];
    let path = Path::root("spec");
    let name = names::dns1123_label(text(&pod["metadata"], "name"));
    if !name.is_empty() {
        all.0.push(format!(
            "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [{}]",
            name.join(" ")
        ));
    }
    all.nodes(&path, spec);
    all.annotations(pod);
    for (i, volume) in spec["volumes"].items().iter().enumerate() {
        all.volume(&path.child("volumes").index(i), volume);
    }
    spec["volumes"].items().iter().for_each(|volume| all.overlaps(volume));
    all.repeated(&path, spec, "hostAliases", "ip");
    all.repeated(&path, spec, "imagePullSecrets", "name");
    for (i, secret) in spec["imagePullSecrets"].items().iter().enumerate() {
        if text(secret, "name").is_empty() {
            all.add(&path.child("imagePullSecrets").index(i).child("name"), "invalid empty name \"\"");
        }
    }
    for resource in ["memory", "ephemeral-storage"] {
        all.fraction(&path.child("overhead"), &spec["overhead"], resource);
    }
    all.seccomp(pod);
    visit(spec, &path, &mut |container, path| all.container(path, container));
    all.ports(&path, spec);
    for kind in ["podAffinity", "podAntiAffinity"] {
        let at = path.child("affinity");
        let at = at.child(kind);
        let terms = &spec["affinity"][kind];
        for (i, term) in terms[REQUIRED].items().iter().enumerate() {
            all.no_selector(&at.child(REQUIRED).index(i), term);
        }
        for (i, term) in terms[PREFERRED].items().iter().enumerate() {
            let at = at.child(PREFERRED);
            let at = at.index(i);
            all.no_selector(&at.child("podAffinityTerm"), &term["podAffinityTerm"]);
        }
    }
    all.0
}

struct Warnings(Vec<String>);

impl Warnings {
    fn add(&mut self, path: &Path<'_>, text: impl std::fmt::Display) {
        self.0.push(format!("{path}: {text}"));
    }

    fn no_selector(&mut self, path: &Path<'_>, term: &Value) {
        if term["labelSelector"].is_null() {
            self.add(&path.child("labelSelector"), NO_SELECTOR);
        }
    }

    /// Labels of nodes in selectors.
    fn nodes(&mut self, path: &Path<'_>, spec: &Value) {
        let old = |label: &str| OLD_LABELS.iter().find(|(old, _)| *old == label).map(|(_, text)| *text);
        for (key, _) in metadata::texts(&spec["nodeSelector"]) {
            if let Some(text) = old(key) {
                self.add(&path.child("nodeSelector").key(key), text);
            }
        }
        let at = path.child("affinity");
        let at = at.child("nodeAffinity");
        let affinity = &spec["affinity"]["nodeAffinity"];
        let mut term = |path: &Path<'_>, term: &Value, check_values: bool| {
            for (i, expression) in term["matchExpressions"].items().iter().enumerate() {
                let at = path.child("matchExpressions");
                let at = at.index(i);
                let key = text(expression, "key");
                if let Some(text) = old(key) {
                    self.add(&at.child("key"), format_args!("{key} is {text}"));
                }
                for (j, value) in expression["values"].items().iter().enumerate().filter(|_| check_values) {
                    let value = value.as_str().unwrap_or_default();
                    for what in names::label_value(value) {
                        self.add(&at.child("values").index(j), format_args!("{value} is invalid, {what}"));
                    }
                }
            }
        };
        for (i, own) in affinity[REQUIRED]["nodeSelectorTerms"].items().iter().enumerate() {
            term(&at.child(REQUIRED).child("nodeSelectorTerms").index(i), own, false);
        }
        for (i, own) in affinity[PREFERRED].items().iter().enumerate() {
            term(&at.child(PREFERRED).index(i).child("preference"), &own["preference"], true);
        }
        for (i, constraint) in spec["topologySpreadConstraints"].items().iter().enumerate() {
            let at = path.child("topologySpreadConstraints");
            let at = at.index(i);
            let key = text(constraint, "topologyKey");
            if let Some(text) = old(key) {
                self.add(&at.child("topologyKey"), format_args!("{key} is {text}"));
            }
            self.no_selector(&at, constraint);
        }
    }

    fn annotations(&mut self, pod: &Value) {
        let metadata = Path::root("metadata");
        let path = metadata.child("annotations");
        for (key, text) in OLD_ANNOTATIONS {
            if pod["metadata"]["annotations"].get(key).is_some() {
                self.add(&path.key(key), text);
            }
        }
    }

    /// Annotations of seccomp where the fields that count are missing.
    fn seccomp(&mut self, pod: &Value) {
        let metadata = Path::root("metadata");
        let path = metadata.child("annotations");
        let annotations = &pod["metadata"]["annotations"];
        let mut look = |holder: &Value, key: &str| {
            if holder["securityContext"]["seccompProfile"].is_null() && annotations.get(key).is_some() {
                self.add(&path.key(key), OLD_SECCOMP);
            }
        };
        look(&pod["spec"], SECCOMP_POD);
        visit(&pod["spec"], &path, &mut |container, _| {
            look(container, &format!("{SECCOMP_CONTAINER}{}", text(container, "name")));
        });
    }

    fn volume(&mut self, path: &Path<'_>, volume: &Value) {
        for (kind, called, text) in OLD_VOLUMES {
            if !volume[kind].is_null() {
                self.add(&path.child(called), text);
            }
        }
        let claim = &volume["ephemeral"]["volumeClaimTemplate"]["spec"]["resources"];
        for list in ["requests", "limits"] {
            let at = path.child("ephemeral");
            let at = at.child("volumeClaimTemplate");
            let at = at.child("spec");
            let at = at.child("resources");
            self.fraction(&at.child(list), &claim[list], "storage");
        }
    }

    /// A resource that is counted in bytes, but not in whole ones.
    fn fraction(&mut self, path: &Path<'_>, list: &Value, resource: &str) {
        if let Ok(quantity) = Quantity::parse(text(list, resource))
            && resources::is_fractional(&quantity)
        {
            let shown = quote(&quantity.to_string());
            self.add(&path.key(resource), format_args!("fractional byte value {shown} is invalid, must be an integer"));
        }
    }

    fn repeated(&mut self, path: &Path<'_>, spec: &Value, list: &str, field: &str) {
        let mut seen = BTreeSet::new();
        for (i, item) in spec[list].items().iter().enumerate() {
            let value = text(item, field);
            if !seen.insert(value) {
                self.add(&path.child(list).index(i).child(field), format_args!("duplicate {field} {}", quote(value)));
            }
        }
    }

    fn container(&mut self, path: &Path<'_>, container: &Value) {
        for resource in ["memory", "ephemeral-storage"] {
            for list in ["limits", "requests"] {
                let at = path.child("resources");
                self.fraction(&at.child(list), &container["resources"][list], resource);
            }
        }
        let mut seen = BTreeSet::new();
        for (i, variable) in container["env"].items().iter().enumerate() {
            let (name, value) = (text(variable, "name"), text(variable, "value"));
            if seen.insert(name) {
                continue;
            }
            // A value that builds on the one before does not hide it.
            let before = format!("$({name})");
            if !variable["valueFrom"].is_null() || value == before || !value.contains(&before) {
                let name = quote(name);
                self.add(
                    &path.child("env").index(i),
                    format_args!("hides previous definition of {name}, which may be dropped when using apply"),
                );
            }
        }
    }

    /// Ports that more than one container names.
    fn ports(&mut self, path: &Path<'_>, spec: &Value) {
        let mut ports: BTreeMap<String, Vec<(String, &Value)>> = BTreeMap::new();
        let mut named: BTreeMap<&str, String> = BTreeMap::new();
        let mut by_name = Vec::new();
        visit(spec, path, &mut |container, path| {
            for (i, port) in container["ports"].items().iter().enumerate() {
                let at = path.child("ports");
                let at = at.index(i);
                let (ip, on_host) = (text(port, "hostIP"), number(port, "hostPort"));
                if !ip.is_empty() && on_host == 0 {
                    self.add(
                        &at,
                        format_args!(
                            "hostIP set without hostPort: {{Name:{} HostPort:0 ContainerPort:{} Protocol:{} HostIP:{ip}}}",
                            text(port, "name"),
                            number(port, "containerPort"),
                            text(port, "protocol"),
                        ),
                    );
                }
                let key = format!("{}/{}", number(port, "containerPort"), text(port, "protocol"));
                let same = ports.entry(key).or_default();
                for (other, before) in same.iter() {
                    let (other_ip, other_on_host) = (text(before, "hostIP"), number(before, "hostPort"));
                    let what = if ip == other_ip && on_host == other_on_host {
                        "duplicate"
                    } else if on_host == 0 || other_on_host == 0 {
                        "overlapping"
                    } else if on_host == other_on_host && ip.is_empty() != other_ip.is_empty() {
                        "dangerously ambiguous"
                    } else {
                        continue;
                    };
                    self.add(&at, format_args!("{what} port definition with {other}"));
                }
                same.push((at.to_string(), port));
                let name = text(port, "name");
                if name.is_empty() {
                    continue;
                }
                match named.get(name) {
                    Some(other) => by_name.push(format!(
                        "{at}: duplicate port name {} with {other}, services and probes that select ports by name will use {other}",
                        quote(name)
                    )),
                    None => _ = named.insert(name, at.to_string()),
                }
            }
        });
        self.0.extend(by_name);
    }

    /// Files of a volume that lie in each other's way.
    fn overlaps(&mut self, volume: &Value) {
        let name = quote(text(volume, "name"));
        let mut look = |what: &str, sources: &mut dyn Iterator<Item = (String, Vec<&str>)>| {
            let mut seen: Vec<(String, String)> = Vec::new();
            for (source, paths) in sources {
                for path in paths {
                    let own = (path.trim_end_matches('/').to_owned(), source.clone());
                    let shown = |(path, source): &(String, String)| match source.as_str() {
                        "" => quote(path),
                        source => format!("{} ({source})", quote(path)),
                    };
                    let below = |a: &str, b: &str| format!("{a}/").starts_with(&format!("{b}/"));
                    let in_the_way = |other: &&(String, String)| {
                        !other.0.is_empty() && !own.0.is_empty() && (below(&other.0, &own.0) || below(&own.0, &other.0))
                    };
                    for other in seen.iter().filter(in_the_way) {
                        self.0.push(format!(
                            "volume {name} ({what}): overlapping paths: {} with {}",
                            shown(&own),
                            shown(other)
                        ));
                    }
                    seen.push(own);
                }
            }
        };
        let paths = |source: &Value| -> Vec<String> {
            source["items"].items().iter().map(|item| text(item, "path").to_owned()).collect()
        };
        let plain = |source: &Value| -> Vec<String> { paths(source) };
        for (kind, called, field) in
            [("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName"), ("downwardAPI", "DownwardAPI", "")]
        {
            let source = &volume[kind];
            if !source.is_null() {
                let what = if field.is_empty() {
                    called.to_owned()
                } else {
                    format!("{called} {}", quote(text(source, field)))
                };
                let own = plain(source);
                let own: Vec<&str> = own.iter().map(String::as_str).collect();
                look(&what, &mut [(String::new(), own)].into_iter());
            }
        }
        let sources = volume["projected"]["sources"].items();
        let mut described = Vec::new();
        for source in sources {
            if source.as_object().is_none_or(|members| members.is_empty()) {
                described.push(None);
                continue;
            }
            let own = if !source["configMap"]["items"].is_null() {
                let map = &source["configMap"];
                (format!("ConfigMap {}", quote(text(map, "name"))), plain(map))
            } else if !source["secret"]["items"].is_null() {
                let secret = &source["secret"];
                (format!("Secret {}", quote(text(secret, "name"))), plain(secret))
            } else if !source["downwardAPI"]["items"].is_null() {
                ("DownwardAPI".to_owned(), plain(&source["downwardAPI"]))
            } else if !source["serviceAccountToken"].is_null() {
                let path = text(&source["serviceAccountToken"], "path").to_owned();
                ("ServiceAccountToken".to_owned(), vec![path])
            } else {
                continue;
            };
            described.push(Some(own));
        }
        let empty = described.iter().filter(|source| source.is_none()).count();
        let mut given = described
            .iter()
            .flatten()
            .map(|(source, paths)| (source.clone(), paths.iter().map(String::as_str).collect::<Vec<_>>()));
        look("Projected", &mut given);
        self.0.extend((0..empty).map(|_| format!("volume {name} (Projected) has no sources provided")));
    }
}
