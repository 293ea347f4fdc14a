//! Literals: what they are on their own and as arguments of a type.

use super::{State, Walked};
use crate::go::template::ast::{Arg, Term};
use crate::go::template::value::{Int, Uint, Value};

impl<'d> State<'d, '_> {
    /// What a literal is where nothing else is asked for.
    pub(super) fn constant(&mut self, arg: &'d Arg) -> Walked<Value<'d>> {
        match &arg.node {
            Term::Bool(b) => Ok(Value::Bool(*b)),
            Term::String { text, .. } => Ok(Value::borrowed(text)),
            Term::Number(n) => {
                // With a sign before it Go takes the letter e for an exponent.
                let hex = (n.text.starts_with("0x") || n.text.starts_with("0X")) && !n.text.contains(['p', 'P']);
                let has_point = n.text.contains(['.', 'e', 'E', 'p', 'P']);
                if let Some((re, im)) = n.complex {
                    return Ok(Value::Complex(re, im));
                }
                match (n.float, n.int) {
                    (Some(float), _) if has_point && !hex && !n.is_char => Ok(Value::Float(float, false)),
                    (_, Some(int)) => Ok(Value::int(int)),
                    _ => self.error(format_args!("{} overflows int", n.text)),
                }
            }
            _ => Ok(Value::Missing),
        }
    }

    /// A literal as a value of a certain type.
    pub(super) fn typed_constant(&mut self, arg: &'d Arg, ty: &'static str) -> Walked<Value<'d>> {
        let value = match (&arg.node, ty) {
            (Term::Bool(b), "bool") => Some(Value::Bool(*b)),
            (Term::String { text, .. }, "string") => Some(Value::borrowed(text)),
            (Term::Number(n), "int" | "int64" | "int32" | "time.Duration") => {
                let kind = match ty {
                    "int64" => Int::Int64,
                    "int32" => Int::Int32,
                    "time.Duration" => Int::Duration,
                    _ => Int::Int,
                };
                n.int.map(|i| Value::Int(i, kind))
            }
            (Term::Number(n), "uint" | "uint64") => n.uint.map(|u| Value::Uint(u, Uint::Uint)),
            (Term::Number(n), "float64") => n.float.map(|f| Value::Float(f, false)),
            _ => None,
        };
        if let Some(value) = value {
            return Ok(value);
        }
        let wanted = match ty {
            "bool" => "bool",
            "string" => "string",
            "int" | "int64" | "int32" | "time.Duration" => "integer",
            "uint" | "uint64" => "unsigned integer",
            "float64" => "float",
            _ => return self.error(format_args!("can't handle {} for arg of type {ty}", arg.node)),
        };
        self.error(format_args!("expected {wanted}; found {}", arg.node))
    }
}
