//! The Go structs of an AdmissionReview's answer, and the Status in it.

use super::{Field, Kind, Type};

const fn text(json: &'static str, go: &'static str) -> Field {
    Field { json, go, kind: Kind::Str, go_type: "string", omit: true, ..Field::DEFAULT }
}

/// The members of every AdmissionReview; the request is not looked at.
const fn review(response: &'static Type, go_type: &'static str) -> [Field; 3] {
    [
        Field { embedded: "TypeMeta", ..text("kind", "Kind") },
        Field { embedded: "TypeMeta", ..text("apiVersion", "APIVersion") },
        Field {
            json: "response",
            go: "Response",
            kind: Kind::Struct(response),
            go_type,
            omit: true,
            pointer: true,
            ..Field::DEFAULT
        },
    ]
}

/// The members of every AdmissionResponse. `patch` is read by hand: it is base64 of bytes.
const fn response(patch_type: &'static str) -> [Field; 7] {
    [
        Field { json: "uid", go: "UID", kind: Kind::Str, go_type: "types.UID", ..Field::DEFAULT },
        Field { json: "allowed", go: "Allowed", kind: Kind::Bool, go_type: "bool", ..Field::DEFAULT },
        Field {
            json: "status",
            go: "Result",
            kind: Kind::Struct(&STATUS),
            go_type: "v1.Status",
            omit: true,
            pointer: true,
            ..Field::DEFAULT
        },
        Field { json: "patch", go: "Patch", kind: Kind::Raw, go_type: "[]uint8", omit: true, ..Field::DEFAULT },
        Field {
            json: "patchType",
            go: "PatchType",
            kind: Kind::Str,
            go_type: patch_type,
            omit: true,
            pointer: true,
            ..Field::DEFAULT
        },
        Field {
            json: "auditAnnotations",
            go: "AuditAnnotations",
            kind: Kind::Map(&Kind::Str),
            go_type: "map[string]string",
            omit: true,
            ..Field::DEFAULT
        },
        Field {
            json: "warnings",
            go: "Warnings",
            kind: Kind::List(&Kind::Str),
            go_type: "[]string",
            omit: true,
            ..Field::DEFAULT
        },
    ]
}

/// `admission.v1.AdmissionReview` without its request
pub static ADMISSION_REVIEW: Type =
    Type::new("v1.AdmissionReview", "*v1.AdmissionReview", &review(&ADMISSION_RESPONSE, "v1.AdmissionResponse"));

/// `admission.v1.AdmissionResponse`
pub static ADMISSION_RESPONSE: Type =
    Type::new("v1.AdmissionResponse", "*v1.AdmissionResponse", &response("v1.PatchType"));

/// `admission.v1beta1.AdmissionReview` without its request
pub static ADMISSION_REVIEW_V1BETA1: Type = Type::new(
    "v1beta1.AdmissionReview",
    "*v1beta1.AdmissionReview",
    &review(&ADMISSION_RESPONSE_V1BETA1, "v1beta1.AdmissionResponse"),
);

/// `admission.v1beta1.AdmissionResponse`
pub static ADMISSION_RESPONSE_V1BETA1: Type =
    Type::new("v1beta1.AdmissionResponse", "*v1beta1.AdmissionResponse", &response("v1beta1.PatchType"));

/// `meta.v1.Status`
pub static STATUS: Type = Type::new(
    "v1.Status",
    "*v1.Status",
    &[
        Field { embedded: "TypeMeta", ..text("kind", "Kind") },
        Field { embedded: "TypeMeta", ..text("apiVersion", "APIVersion") },
        Field {
            json: "metadata",
            go: "ListMeta",
            kind: Kind::Struct(&LIST_META),
            go_type: "v1.ListMeta",
            omit: true,
            ..Field::DEFAULT
        },
        text("status", "Status"),
        text("message", "Message"),
        Field { go_type: "v1.StatusReason", ..text("reason", "Reason") },
        Field {
            json: "details",
            go: "Details",
            kind: Kind::Struct(&STATUS_DETAILS),
            go_type: "v1.StatusDetails",
            omit: true,
            pointer: true,
            ..Field::DEFAULT
        },
        Field { json: "code", go: "Code", kind: Kind::Int32, go_type: "int32", omit: true, ..Field::DEFAULT },
    ],
);

/// `meta.v1.ListMeta`
pub static LIST_META: Type = Type::new(
    "v1.ListMeta",
    "*v1.ListMeta",
    &[
        text("selfLink", "SelfLink"),
        text("resourceVersion", "ResourceVersion"),
        text("continue", "Continue"),
        Field {
            json: "remainingItemCount",
            go: "RemainingItemCount",
            kind: Kind::Int64,
            go_type: "int64",
            omit: true,
            pointer: true,
            ..Field::DEFAULT
        },
    ],
);

/// `meta.v1.StatusDetails`
pub static STATUS_DETAILS: Type = Type::new(
    "v1.StatusDetails",
    "*v1.StatusDetails",
    &[
        text("name", "Name"),
        text("group", "Group"),
        text("kind", "Kind"),
        Field { go_type: "types.UID", ..text("uid", "UID") },
        Field {
            json: "causes",
            go: "Causes",
            kind: Kind::List(&Kind::Struct(&STATUS_CAUSE)),
            go_type: "[]v1.StatusCause",
            omit: true,
            ..Field::DEFAULT
        },
        Field {
            json: "retryAfterSeconds",
            go: "RetryAfterSeconds",
            kind: Kind::Int32,
            go_type: "int32",
            omit: true,
            ..Field::DEFAULT
        },
    ],
);

/// `meta.v1.StatusCause`
pub static STATUS_CAUSE: Type = Type::new(
    "v1.StatusCause",
    "*v1.StatusCause",
    &[
        Field { json: "reason", go: "Type", go_type: "v1.CauseType", ..text("reason", "Type") },
        text("message", "Message"),
        text("field", "Field"),
    ],
);
