//! Volumes of a pod.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::error::{Errors, Path, is_true, number, text};
use super::{claims, containers, env, projected, syntax};
use crate::go::json::Value;
use crate::go::netip::split_host_port;
use crate::go::strconv::quote;
use crate::k8s::names;
use crate::k8s::quantity::Quantity;

/// Volumes without errors by name.
pub type Volumes<'a> = BTreeMap<&'a str, &'a Value>;

/// A kind of volume: its field, the place that errors name when there is another one, and when it is wrong itself, and
/// its check.
type Source = (&'static str, &'static str, &'static str, fn(&Errors, &Path<'_>, &Value));

/// Kinds of volumes in the order in which they are looked at.
const SOURCES: &[Source] = &[
    ("emptyDir", "emptyDir", "emptyDir", empty_dir),
    ("hostPath", "hostPath", "hostPath", host_path),
    ("gitRepo", "gitRepo", "gitRepo", git_repo),
    ("gcePersistentDisk", "gcePersistentDisk", "persistentDisk", |e, p, s| disk(e, p, s, "pdName")),
    ("awsElasticBlockStore", "awsElasticBlockStore", "awsElasticBlockStore", |e, p, s| disk(e, p, s, "volumeID")),
    ("secret", "secret", "secret", |e, p, s| keys(e, p, s, "secretName")),
    ("nfs", "nfs", "nfs", nfs),
    ("iscsi", "iscsi", "iscsi", iscsi),
    ("glusterfs", "glusterfs", "glusterfs", |e, p, s| e.require(p, s, &["endpoints", "path"])),
    ("flocker", "flocker", "flocker", flocker),
    ("persistentVolumeClaim", "persistentVolumeClaim", "persistentVolumeClaim", |e, p, s| {
        e.require(p, s, &["claimName"]);
    }),
    ("rbd", "rbd", "rbd", |e, p, s| {
        monitors(e, p, s);
        e.require(p, s, &["image"]);
    }),
    ("cinder", "cinder", "cinder", |e, p, s| {
        e.require(p, s, &["volumeID"]);
        secret(e, p, s);
    }),
    ("cephfs", "cephFS", "cephfs", monitors),
    ("quobyte", "quobyte", "quobyte", quobyte),
    ("downwardAPI", "downwarAPI", "downwardAPI", downward),
    ("fc", "fc", "fc", fibre_channel),
    ("flexVolume", "flexVolume", "flexVolume", flex),
    ("configMap", "configMap", "configMap", |e, p, s| keys(e, p, s, "name")),
    ("azureFile", "azureFile", "azureFile", |e, p, s| e.require(p, s, &["secretName", "shareName"])),
    ("vsphereVolume", "vsphereVolume", "vsphereVolume", |e, p, s| e.require(p, s, &["volumePath"])),
    ("photonPersistentDisk", "photonPersistentDisk", "photonPersistentDisk", |e, p, s| e.require(p, s, &["pdID"])),
    ("portworxVolume", "portworxVolume", "portworxVolume", |e, p, s| e.require(p, s, &["volumeID"])),
    ("azureDisk", "azureDisk", "azureDisk", azure_disk),
    ("storageos", "storageos", "storageos", storage_os),
    ("projected", "projected", "projected", projected::validate),
    ("scaleIO", "scaleIO", "scaleIO", |e, p, s| e.require(p, s, &["gateway", "system", "volumeName"])),
    ("csi", "csi", "csi", csi),
    ("ephemeral", "ephemeral", "ephemeral", ephemeral),
    ("image", "image", "image", |e, p, s| {
        e.require(p, s, &["reference"]);
        containers::pull_policy(e, &p.child("pullPolicy"), text(s, "pullPolicy"));
    }),
];

/// The volumes of a pod; `owner` is the pod's name. Gives those without errors.
pub fn validate<'a>(errors: &Errors, path: &Path<'_>, volumes: &'a [Value], owner: &str) -> Volumes<'a> {
    let mut good = Volumes::new();
    let made: BTreeSet<String> = volumes
        .iter()
        .filter(|volume| !owner.is_empty() && !volume["ephemeral"].is_null())
        .map(|volume| format!("{owner}-{}", text(volume, "name")))
        .collect();
    for (i, volume) in volumes.iter().enumerate() {
        let path = path.index(i);
        let name = text(volume, "name");
        let before = errors.len();
        source(errors, &path, volume, owner);
        match name {
            "" => errors.required(&path.child("name"), ""),
            name => errors.each(&path.child("name"), name, names::dns1123_label(name)),
        }
        if good.contains_key(name) {
            errors.duplicate(&path.child("name"), name);
        }
        if errors.len() == before {
            good.insert(name, volume);
        }
        let claim = text(&volume["persistentVolumeClaim"], "claimName");
        if made.contains(claim) {
            let at = path.child("persistentVolumeClaim");
            let what = "must not reference a PVC that gets created for an ephemeral volume";
            errors.invalid(&at.child("claimName"), claim, what);
        }
    }
    good
}

fn source(errors: &Errors, path: &Path<'_>, volume: &Value, owner: &str) {
    let name = text(volume, "name");
    let mut is_first = true;
    for (field, refused, checked, check) in SOURCES {
        let source = &volume[*field];
        if source.is_null() {
            continue;
        }
        match is_first {
            true => check(errors, &path.child(checked), source),
            false => errors.forbidden(&path.child(refused), "may not specify more than 1 volume type"),
        }
        if *field == "iscsi"
            && source.get("initiatorName").is_some()
            && name.len() + 1 + text(source, "targetPortal").len() > 64
        {
            let what = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
            errors.invalid(&path.child("name"), name, what);
        }
        if *field == "ephemeral" && is_first && !owner.is_empty() && !name.is_empty() {
            let claim = format!("{owner}-{name}");
            for what in names::dns1123_subdomain(&claim) {
                errors.invalid(&path.child("name"), name, format!("PVC name {}: {what}", quote(&claim)));
            }
        }
        is_first = false;
    }
    if is_first {
        errors.required(path, "must specify a volume type");
    }
}

/// The permissions of files.
pub fn mode(errors: &Errors, path: &Path<'_>, holder: &Value, field: &str) {
    if let Some(mode) = holder[field].as_i64().filter(|mode| !(0..=0o777).contains(mode)) {
        errors.invalid(&path.child(field), mode, "must be a number between 0 and 0777 (octal), both inclusive");
    }
}

/// A key and the file that it becomes.
pub fn key_to_path(errors: &Errors, path: &Path<'_>, item: &Value) {
    errors.require(path, item, &["key", "path"]);
    syntax::not_reserved(errors, &path.child("path"), text(item, "path"));
    mode(errors, path, item, "mode");
}

/// A file that shows a field or a resource.
pub fn downward_file(errors: &Errors, path: &Path<'_>, file: &Value) {
    errors.require(path, file, &["path"]);
    syntax::not_reserved(errors, &path.child("path"), text(file, "path"));
    let (field, resource) = (&file["fieldRef"], &file["resourceFieldRef"]);
    if !field.is_null() {
        env::field(errors, &path.child("fieldRef"), field, &env::VOLUME_FIELDS);
        if !resource.is_null() {
            let what = "fieldRef and resourceFieldRef can not be specified simultaneously";
            errors.invalid(path, "resource", what);
        }
    } else if !resource.is_null() {
        env::resource(errors, &path.child("resourceFieldRef"), resource, true);
    } else {
        errors.required(path, "one of fieldRef and resourceFieldRef is required");
    }
    mode(errors, path, file, "mode");
}

fn keys(errors: &Errors, path: &Path<'_>, source: &Value, name: &str) {
    errors.require(path, source, &[name]);
    mode(errors, path, source, "defaultMode");
    for (i, item) in source["items"].items().iter().enumerate() {
        key_to_path(errors, &path.child("items").index(i), item);
    }
}

fn downward(errors: &Errors, path: &Path<'_>, source: &Value) {
    mode(errors, path, source, "defaultMode");
    for file in source["items"].items() {
        downward_file(errors, path, file);
    }
}

fn empty_dir(errors: &Errors, path: &Path<'_>, source: &Value) {
    if Quantity::parse(text(source, "sizeLimit")).is_ok_and(|size| size.sign() < 0) {
        errors.forbidden(&path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
    }
}

fn host_path(errors: &Errors, path: &Path<'_>, source: &Value) {
    const TYPES: [&str; 8] =
        ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
    let value = text(source, "path");
    if value.is_empty() {
        return errors.required(&path.child("path"), "");
    }
    syntax::no_steps_up(errors, &path.child("path"), value);
    if let Some(kind) = source["type"].as_str().filter(|kind| !TYPES.contains(kind)) {
        errors.not_supported(&path.child("type"), kind, &TYPES);
    }
}

fn git_repo(errors: &Errors, path: &Path<'_>, source: &Value) {
    errors.require(path, source, &["repository"]);
    syntax::descending(errors, &path.child("directory"), text(source, "directory"));
}

fn disk(errors: &Errors, path: &Path<'_>, source: &Value, name: &str) {
    errors.require(path, source, &[name]);
    let partition = number(source, "partition");
    if !(0..=255).contains(&partition) {
        errors.invalid(&path.child("partition"), partition, "must be between 1 and 255, inclusive");
    }
}

fn nfs(errors: &Errors, path: &Path<'_>, source: &Value) {
    errors.require(path, source, &["server", "path"]);
    let value = text(source, "path");
    if !value.starts_with('/') {
        errors.invalid(&path.child("path"), value, "must be an absolute path");
    }
}

/// The three forms of names in iSCSI: prefix and pattern.
static ISCSI_NAMES: LazyLock<[(&str, Regex); 3]> = LazyLock::new(|| {
    let compile = |pattern: &str| Regex::new(pattern).expect("a pattern");
    [
        ("iqn", compile(r"iqn\.[0-9]{4}-[0-9]{2}\.([0-9A-Za-z.-]+)(:[^,;*&$|\t\n\x0c\r ]+)$")),
        ("eui", compile("^eui.[0-9A-Za-z]{16}$")),
        ("naa", compile("^naa.[0-9A-Za-z]{32}$")),
    ]
});

fn iscsi_name(errors: &Errors, path: &Path<'_>, name: &str) {
    match ISCSI_NAMES.iter().find(|(prefix, _)| name.starts_with(prefix)) {
        None => errors.invalid(path, name, "must be valid format starting with iqn, eui, or naa"),
        Some((_, pattern)) if !pattern.is_match(name) => errors.invalid(path, name, "must be valid format"),
        Some(_) => {}
    }
}

fn iscsi(errors: &Errors, path: &Path<'_>, source: &Value) {
    errors.require(path, source, &["targetPortal"]);
    match text(source, "iqn") {
        "" => errors.required(&path.child("iqn"), ""),
        name => iscsi_name(errors, &path.child("iqn"), name),
    }
    errors.in_range(&path.child("lun"), number(source, "lun"), 0, 255);
    if (is_true(source, "chapAuthDiscovery") || is_true(source, "chapAuthSession")) && source["secretRef"].is_null() {
        errors.required(&path.child("secretRef"), "");
    }
    if let Some(name) = source["initiatorName"].as_str() {
        iscsi_name(errors, &path.child("initiatorname"), name);
    }
}

fn flocker(errors: &Errors, path: &Path<'_>, source: &Value) {
    let (name, uuid) = (text(source, "datasetName"), text(source, "datasetUUID"));
    if name.is_empty() && uuid.is_empty() {
        errors.required(path, "one of datasetName and datasetUUID is required");
    }
    if !name.is_empty() && !uuid.is_empty() {
        errors.invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously");
    }
    if name.contains('/') {
        errors.invalid(&path.child("datasetName"), name, "must not contain '/'");
    }
}

fn monitors(errors: &Errors, path: &Path<'_>, source: &Value) {
    if source["monitors"].items().is_empty() {
        errors.required(&path.child("monitors"), "");
    }
}

fn secret(errors: &Errors, path: &Path<'_>, source: &Value) {
    if !source["secretRef"].is_null() {
        errors.require(&path.child("secretRef"), &source["secretRef"], &["name"]);
    }
}

fn quobyte(errors: &Errors, path: &Path<'_>, source: &Value) {
    let registry = text(source, "registry");
    let wanted = "must be a host:port pair or multiple pairs separated by commas";
    if registry.is_empty() {
        errors.required(&path.child("registry"), wanted);
    } else if text(source, "tenant").len() >= 65 {
        errors.required(&path.child("tenant"), "must be a UUID and may not exceed a length of 64 characters");
    } else {
        for _ in registry.split(',').filter(|pair| split_host_port(pair).is_err()) {
            errors.invalid(&path.child("registry"), registry, wanted);
        }
    }
    errors.require(path, source, &["volume"]);
}

fn fibre_channel(errors: &Errors, path: &Path<'_>, source: &Value) {
    let (targets, ids) = (&source["targetWWNs"], &source["wwids"]);
    let at = path.child("targetWWNs");
    if targets.items().is_empty() && ids.items().is_empty() {
        errors.required(&at, "must specify either targetWWNs or wwids, but not both");
    }
    if targets.items().is_empty() {
        return;
    }
    if !ids.items().is_empty() {
        errors.invalid(&at, targets, "targetWWNs and wwids can not be specified simultaneously");
    }
    match source["lun"].as_i64() {
        None => errors.required(&path.child("lun"), "lun is required if targetWWNs is specified"),
        Some(lun) => errors.in_range(&path.child("lun"), lun, 0, 255),
    }
}

fn flex(errors: &Errors, path: &Path<'_>, source: &Value) {
    errors.require(path, source, &["driver"]);
    for (key, _) in super::metadata::texts(&source["options"]) {
        let domain = key.split_once('/').map_or(key, |(domain, _)| domain);
        let domain = format!(".{}", domain.to_lowercase());
        if domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io") {
            let what = "kubernetes.io and k8s.io namespaces are reserved";
            errors.invalid(&path.child("options").key(key), key, what);
        }
    }
}

fn azure_disk(errors: &Errors, path: &Path<'_>, source: &Value) {
    const MANAGED: &str =
        "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
    const BLOB: &str = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
    errors.require(path, source, &["diskName", "diskURI"]);
    let known = |field: &str, known: &[&str]| {
        if let Some(value) = source[field].as_str().filter(|value| !known.contains(value)) {
            errors.not_supported(&path.child(field), value, known);
        }
    };
    known("cachingMode", &["None", "ReadOnly", "ReadWrite"]);
    known("kind", &["Dedicated", "Managed", "Shared"]);
    let uri = text(source, "diskURI");
    match source["kind"].as_str() {
        Some("Managed") if !uri.starts_with("/subscriptions/") => {
            errors.unsupported(&path.child("diskURI"), uri, &[MANAGED]);
        }
        Some(kind) if kind != "Managed" && !uri.starts_with("https://") => {
            errors.unsupported(&path.child("diskURI"), uri, &[BLOB]);
        }
        _ => {}
    }
}

fn storage_os(errors: &Errors, path: &Path<'_>, source: &Value) {
    match text(source, "volumeName") {
        "" => errors.required(&path.child("volumeName"), ""),
        name => errors.each(&path.child("volumeName"), name, names::dns1123_label(name)),
    }
    match text(source, "volumeNamespace") {
        "" => {}
        name => errors.each(&path.child("volumeNamespace"), name, names::dns1123_label(name)),
    }
    secret(errors, path, source);
}

fn csi(errors: &Errors, path: &Path<'_>, source: &Value) {
    const MAX_DRIVER: usize = 63;
    let driver = text(source, "driver");
    let at = path.child("driver");
    if driver.is_empty() {
        errors.required(&at, "");
    } else {
        if driver.len() > MAX_DRIVER {
            errors.too_long(&at, MAX_DRIVER);
        }
        errors.each(&at, driver, names::dns1123_subdomain(&driver.to_lowercase()));
    }
    let secret = &source["nodePublishSecretRef"];
    if !secret.is_null() {
        match text(secret, "name") {
            "" => errors.required(&path.child("nodePublishSecretRef").child("name"), ""),
            name => errors.each(&path.child("name"), name, names::dns1123_subdomain(name)),
        }
    }
}

fn ephemeral(errors: &Errors, path: &Path<'_>, source: &Value) {
    let template = &source["volumeClaimTemplate"];
    match template.is_null() {
        true => errors.required(&path.child("volumeClaimTemplate"), ""),
        false => claims::template(errors, &path.child("volumeClaimTemplate"), template),
    }
}
