//! Every Go struct reachable from a pod: its fields with their JSON and Go names, types and merge rules.
//!
//! ```
//! use conjector::k8s::schema::{self, Kind};
//!
//! let containers = schema::POD_SPEC.field("containers").unwrap();
//! assert_eq!(containers.merge.unwrap().key, "name");
//! assert!(matches!(containers.kind, Kind::List(_)));
//! ```

#[rustfmt::skip]
mod table;

mod request;
mod review;

pub use request::*;
pub use review::*;
pub use table::*;

use crate::go::json::{Object, Value};

/// A version of Kubernetes' API types: the fields that a program built with it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Api(u8);

impl Api {
    /// The newest that the tables know.
    pub const LATEST: Api = Api(36);

    /// The types of Kubernetes `1.minor`.
    pub const fn v1(minor: u8) -> Api {
        Api(minor)
    }

    /// True when it has the field.
    pub fn knows(self, field: &Field) -> bool {
        field.since <= self.0 && self.0 <= field.until
    }

    /// True when it leaves the field out when that is empty.
    pub(super) fn omits(self, field: &Field) -> bool {
        field.omit && field.always_until < self.0 && self.0 < field.always_from
    }

    /// The structs' own Go name in these types, where it was another one.
    pub fn go_name(self, name: &str) -> &str {
        match name {
            "ProbeHandler" if self.0 < 23 => "Handler",
            "v1.LifecycleHandler" if self.0 < 23 => "v1.Handler",
            "*v1.LifecycleHandler" if self.0 < 23 => "*v1.Handler",
            "v1.VolumeResourceRequirements" if self.0 < 29 => "v1.ResourceRequirements",
            "v1.TypedObjectReference" if self.0 < 26 => "v1.TypedLocalObjectReference",
            _ => name,
        }
    }

    /// `omitzero` tags are there and heeded: a creation time that is not set is left out rather than null.
    pub fn omits_zero(self) -> bool {
        self.0 >= 34
    }
}

/// A Go struct.
#[derive(Debug)]
pub struct Type {
    /// Go's name, such as `v1.Container`.
    pub name: &'static str,
    /// A pointer to it: `*v1.Container`.
    pub pointer: &'static str,
    /// Its fields in Go's order, those of embedded structs in place.
    pub fields: &'static [Field],
    /// The fields that are printed even when nothing is set, as bits by position.
    always: u64,
    /// Those that were before `omitzero` came.
    always_before_omit_zero: u64,
    /// Those that are so in some APIs and not in others.
    varying: u64,
    /// Positions of fields by a hash of their JSON names, [`FREE`] where there is none; the next slot on a collision.
    slots: [u8; SLOTS],
}

const SLOTS: usize = 128;
const FREE: u8 = u8::MAX;

const fn slot(name: &[u8]) -> usize {
    let last = name.len() - 1;
    (name.len() + name[0] as usize * 31 + name[last] as usize * 7 + name[last / 2] as usize * 3) % SLOTS
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    /// The name in JSON.
    pub json: &'static str,
    /// The name in Go, which templates use.
    pub go: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Its Go type as error texts name it, without the pointer.
    pub go_type: &'static str,
    /// Left out of JSON when empty.
    pub omit: bool,
    /// The minor version of Kubernetes up to which it was not left out in spite of that; 0 for never.
    pub always_until: u8,
    /// The minor version from which on it is not; the highest number for never.
    pub always_from: u8,
    /// Left out of JSON when zero, which structs can be (they are never empty); since Kubernetes 1.34.
    pub omit_zero: bool,
    /// A pointer: its zero values are printed, only nil is left out.
    pub pointer: bool,
    /// The minor version of Kubernetes that brought it; 0 for before 1.11.
    pub since: u8,
    /// The last one that has it.
    pub until: u8,
    /// How strategic merge patch treats it; `None` means replace lists, merge structs and maps.
    pub merge: Option<Merge>,
    /// Go names of the embedded structs on the way to it, joined by dots.
    pub embedded: &'static str,
}

impl Field {
    /// Nothing set.
    pub(crate) const DEFAULT: Field = Field {
        json: "",
        go: "",
        kind: Kind::Raw,
        go_type: "",
        omit: false,
        always_until: 0,
        always_from: u8::MAX,
        omit_zero: false,
        pointer: false,
        since: 0,
        until: u8::MAX,
        merge: None,
        embedded: "",
    };
}

/// How strategic merge patch treats a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Lists are merged, by key or as sets.
    pub merge: bool,
    /// The `retainKeys` strategy.
    pub retain_keys: bool,
    /// The key by which list items are found; empty for lists of scalars.
    pub key: &'static str,
}

/// What a field holds.
#[derive(Debug)]
pub enum Kind {
    /// A string, named string types included.
    Str,
    /// A boolean.
    Bool,
    /// A 32-bit integer.
    Int32,
    /// A 64-bit integer.
    Int64,
    /// `resource.Quantity`
    Quantity,
    /// `intstr.IntOrString`
    IntOrString,
    /// `metav1.Time`
    Time,
    /// JSON that is kept as it is.
    Raw,
    /// A struct.
    Struct(&'static Type),
    /// A list.
    List(&'static Kind),
    /// A map with string keys.
    Map(&'static Kind),
}

impl Type {
    pub(crate) const fn new(name: &'static str, pointer: &'static str, fields: &'static [Field]) -> Type {
        assert!(fields.len() <= 64, "the fields of a struct are bits of a u64");
        let (mut always, mut always_before_omit_zero, mut varying, mut slots) = (0, 0, 0, [FREE; SLOTS]);
        let mut i = 0;
        while i < fields.len() {
            // encoding/json takes no struct for empty.
            let is_struct = matches!(fields[i].kind, Kind::Struct(_) | Kind::Time | Kind::Quantity | Kind::IntOrString);
            let field = &fields[i];
            let mut varies = field.always_until > 0 || field.always_from < u8::MAX;
            if !field.omit || (is_struct && !field.pointer) {
                varies |= field.since > 0 || field.until < u8::MAX;
                always_before_omit_zero |= 1 << i;
                if !field.omit_zero {
                    always |= 1 << i;
                }
            }
            if varies {
                varying |= 1 << i;
            }
            let mut at = slot(field.json.as_bytes());
            while slots[at] != FREE {
                at = (at + 1) % SLOTS;
            }
            slots[at] = i as u8;
            i += 1;
        }
        Type { name, pointer, fields, always, always_before_omit_zero, varying, slots }
    }

    /// The fields that an API prints even when nothing is set, as bits by position.
    pub(super) fn always(&self, api: Api) -> u64 {
        let mut always = if api.omits_zero() { self.always } else { self.always_before_omit_zero };
        let mut varying = self.varying;
        while varying != 0 {
            let field = &self.fields[varying.trailing_zeros() as usize];
            let bit = varying & varying.wrapping_neg();
            if !api.knows(field) {
                always &= !bit;
            } else if !api.omits(field) {
                always |= bit;
            }
            varying &= !bit;
        }
        always
    }

    /// The position of the field with a JSON name.
    pub fn position(&self, json: &str) -> Option<usize> {
        if json.is_empty() {
            return None;
        }
        let mut at = slot(json.as_bytes());
        while self.slots[at] != FREE {
            let position = self.slots[at] as usize;
            if self.fields[position].json == json {
                return Some(position);
            }
            at = (at + 1) % SLOTS;
        }
        None
    }

    /// The field with a JSON name.
    pub fn field(&self, json: &str) -> Option<&'static Field> {
        self.position(json).map(|i| &self.fields[i])
    }

    /// Sets a member of a struct in the form of [`super::decode`]: in place when it is there, else where Go prints it.
    pub fn set(&self, object: &mut Object, json: &'static str, value: impl Into<Value>) {
        match object.get_mut(json) {
            Some(old) => *old = value.into(),
            None => {
                let at = self.place(object, json);
                object.insert_at(at, json, value);
            }
        }
    }

    /// The member of a struct in the form of [`super::decode`]; made null where Go prints it when it is missing.
    pub fn entry<'o>(&self, object: &'o mut Object, json: &'static str) -> &'o mut Value {
        if !object.contains_key(json) {
            let at = self.place(object, json);
            object.insert_at(at, json, Value::Null);
        }
        object.entry(json)
    }

    /// How many members of a struct stand before one that is missing.
    fn place(&self, object: &Object, json: &str) -> usize {
        let own = self.position(json);
        object.keys().position(|key| self.position(key) > own).unwrap_or(object.len())
    }

    /// The field with a Go name.
    pub fn go_field(&self, go: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.go == go)
    }
}
