use super::{Default, Defaults, OBJECT_FIELD_SELECTOR, containers, fill_member, items_mut, resources};
use crate::go::json::Value;
use crate::k8s::schema::{self, Type};

const MODE: &Defaults = &[("defaultMode", Default::Int(0o644))];

const ISCSI: &Defaults = &[("iscsiInterface", Default::Text("default"))];

const RBD: &Defaults = &[
    ("pool", Default::Text("rbd")),
    ("user", Default::Text("admin")),
    ("keyring", Default::Text("/etc/ceph/keyring")),
];

const AZURE_DISK: &Defaults = &[
    ("cachingMode", Default::Text("ReadWrite")),
    ("fsType", Default::Text("ext4")),
    ("readOnly", Default::Bool(false)),
    ("kind", Default::Text("Shared")),
];

const SCALE_IO: &Defaults = &[("storageMode", Default::Text("ThinProvisioned")), ("fsType", Default::Text("xfs"))];

const HOST_PATH: &Defaults = &[("type", Default::Text(""))];

const TOKEN: &Defaults = &[("expirationSeconds", Default::Int(3600))];

const CLAIM: &Defaults = &[("volumeMode", Default::Text("Filesystem"))];

/// Defaults by the kind of volume.
const SOURCES: &[(&str, &Type, &Defaults)] = &[
    ("hostPath", &schema::HOST_PATH_VOLUME_SOURCE, HOST_PATH),
    ("secret", &schema::SECRET_VOLUME_SOURCE, MODE),
    ("iscsi", &schema::ISCSI_VOLUME_SOURCE, ISCSI),
    ("rbd", &schema::RBD_VOLUME_SOURCE, RBD),
    ("downwardAPI", &schema::DOWNWARD_API_VOLUME_SOURCE, MODE),
    ("configMap", &schema::CONFIG_MAP_VOLUME_SOURCE, MODE),
    ("azureDisk", &schema::AZURE_DISK_VOLUME_SOURCE, AZURE_DISK),
    ("projected", &schema::PROJECTED_VOLUME_SOURCE, MODE),
    ("scaleIO", &schema::SCALE_IO_VOLUME_SOURCE, SCALE_IO),
];

pub(super) fn volume(volume: &mut Value) {
    let Some(members) = volume.as_object_mut() else { return };
    if members.keys().all(|key| key == "name") {
        schema::VOLUME.set(members, "emptyDir", Value::object());
    }
    for (kind, ty, defaults) in SOURCES {
        fill_member(volume, kind, ty, defaults);
    }
    if let Some(source) = volume.get_mut("downwardAPI") {
        field_refs(source);
    }
    if let Some(source) = volume.get_mut("projected") {
        for projection in items_mut(source, "sources") {
            fill_member(projection, "serviceAccountToken", &schema::SERVICE_ACCOUNT_TOKEN_PROJECTION, TOKEN);
            if let Some(source) = projection.get_mut("downwardAPI") {
                field_refs(source);
            }
        }
    }
    if let Some(image) = volume.get_mut("image").and_then(Value::as_object_mut)
        && !image.contains_key("pullPolicy")
    {
        let policy = containers::pull_policy(image.get("reference"));
        schema::IMAGE_VOLUME_SOURCE.set(image, "pullPolicy", policy);
    }
    if let Some(template) = volume.get_mut("ephemeral").and_then(|e| e.get_mut("volumeClaimTemplate")) {
        fill_member(template, "spec", &schema::PERSISTENT_VOLUME_CLAIM_SPEC, CLAIM);
        resources::round_requirements(template.get_mut("spec").and_then(|spec| spec.get_mut("resources")));
    }
}

fn field_refs(source: &mut Value) {
    for item in items_mut(source, "items") {
        fill_member(item, "fieldRef", &schema::OBJECT_FIELD_SELECTOR, OBJECT_FIELD_SELECTOR);
    }
}
