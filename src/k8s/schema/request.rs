//! The Go structs of an AdmissionReview's request.

use super::{Field, Kind, Type};

const fn text(json: &'static str, go: &'static str) -> Field {
    Field { json, go, kind: Kind::Str, go_type: "string", ..Field::DEFAULT }
}

const fn raw(json: &'static str, go: &'static str) -> Field {
    Field { json, go, kind: Kind::Raw, go_type: "runtime.RawExtension", omit: true, ..Field::DEFAULT }
}

const fn structure(json: &'static str, go: &'static str, ty: &'static Type) -> Field {
    Field { json, go, kind: Kind::Struct(ty), go_type: ty.name, ..Field::DEFAULT }
}

/// The members of every AdmissionRequest.
const fn request(operation: &'static str) -> [Field; 15] {
    [
        Field { go_type: "types.UID", ..text("uid", "UID") },
        structure("kind", "Kind", &GROUP_VERSION_KIND),
        structure("resource", "Resource", &GROUP_VERSION_RESOURCE),
        Field { omit: true, ..text("subResource", "SubResource") },
        Field { since: 15, omit: true, pointer: true, ..structure("requestKind", "RequestKind", &GROUP_VERSION_KIND) },
        Field {
            since: 15,
            omit: true,
            pointer: true,
            ..structure("requestResource", "RequestResource", &GROUP_VERSION_RESOURCE)
        },
        Field { since: 15, omit: true, ..text("requestSubResource", "RequestSubResource") },
        Field { omit: true, ..text("name", "Name") },
        Field { omit: true, ..text("namespace", "Namespace") },
        Field { go_type: operation, ..text("operation", "Operation") },
        structure("userInfo", "UserInfo", &USER_INFO),
        raw("object", "Object"),
        raw("oldObject", "OldObject"),
        Field {
            since: 12,
            json: "dryRun",
            go: "DryRun",
            kind: Kind::Bool,
            go_type: "bool",
            omit: true,
            pointer: true,
            ..Field::DEFAULT
        },
        Field { since: 15, ..raw("options", "Options") },
    ]
}

/// `admission.v1.AdmissionRequest`
pub static ADMISSION_REQUEST: Type = Type::new("v1.AdmissionRequest", "*v1.AdmissionRequest", &request("v1.Operation"));

/// `admission.v1beta1.AdmissionRequest`
pub static ADMISSION_REQUEST_V1BETA1: Type =
    Type::new("v1beta1.AdmissionRequest", "*v1beta1.AdmissionRequest", &request("v1beta1.Operation"));

/// `meta.v1.GroupVersionKind`
pub static GROUP_VERSION_KIND: Type = Type::new(
    "v1.GroupVersionKind",
    "*v1.GroupVersionKind",
    &[text("group", "Group"), text("version", "Version"), text("kind", "Kind")],
);

/// `meta.v1.GroupVersionResource`
pub static GROUP_VERSION_RESOURCE: Type = Type::new(
    "v1.GroupVersionResource",
    "*v1.GroupVersionResource",
    &[text("group", "Group"), text("version", "Version"), text("resource", "Resource")],
);

/// `authentication.v1.UserInfo`
pub static USER_INFO: Type = Type::new(
    "v1.UserInfo",
    "*v1.UserInfo",
    &[
        Field { omit: true, ..text("username", "Username") },
        Field { omit: true, ..text("uid", "UID") },
        Field {
            json: "groups",
            go: "Groups",
            kind: Kind::List(&Kind::Str),
            go_type: "[]string",
            omit: true,
            ..Field::DEFAULT
        },
        Field {
            json: "extra",
            go: "Extra",
            kind: Kind::Map(&Kind::List(&Kind::Str)),
            go_type: "map[string]v1.ExtraValue",
            omit: true,
            ..Field::DEFAULT
        },
    ],
);
