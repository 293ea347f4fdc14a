//! The shape of the generated table.

/// A protobuf message.
#[derive(Debug)]
pub(super) struct Message {
    /// The full name.
    pub(super) name: &'static str,
    /// The Go type behind a pointer.
    pub(super) pointer: &'static str,
    /// The fields in the order in which they print.
    pub(super) fields: &'static [Field],
}

/// A field of a message.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) json: &'static str,
    pub(super) proto: &'static str,
    /// The Go name, that of the getter without `Get`.
    pub(super) go: &'static str,
    pub(super) kind: Kind,
    pub(super) repeat: Repeat,
    /// The group of which only one member is set; empty for none. Go has no field of its own for members.
    pub(super) oneof: &'static str,
    /// The first minor release of Istio that has it; 0 for 1.9 and before.
    pub(super) since: u8,
    /// The last one.
    pub(super) until: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    One,
    List,
    Map,
}

#[derive(Debug)]
pub(super) enum Kind {
    Bool,
    Int32,
    Int64,
    Uint32,
    Double,
    String,
    Enum(&'static Enum),
    Message(&'static Message),
}

/// A protobuf enum: names and numbers by number, with the first minor release of Istio that has them.
#[derive(Debug)]
pub(super) struct Enum {
    pub(super) name: &'static str,
    pub(super) go: &'static str,
    pub(super) values: &'static [(&'static str, i64, u8)],
}

/// Messages with a JSON form of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WellKnown {
    Duration,
    /// A message around one scalar, which stands for it.
    Wrapper,
    /// Any JSON.
    Value,
}

impl Message {
    pub(super) fn well_known(&self) -> Option<WellKnown> {
        let name = self.name.strip_prefix("google.protobuf.")?;
        Some(match name {
            "Duration" => WellKnown::Duration,
            "Struct" | "Value" | "ListValue" => WellKnown::Value,
            _ => WellKnown::Wrapper,
        })
    }

    pub(super) fn field(&self, go: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.go == go)
    }
}

impl Enum {
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.values.iter().find(|(n, ..)| *n == name).map(|(_, number, _)| *number)
    }

    pub(super) fn value_name(&self, number: i64) -> Option<&'static str> {
        self.values.iter().find(|(_, n, _)| *n == number).map(|(name, ..)| *name)
    }
}
