//! Functions that templates call: a table of names, Go signatures and Rust functions.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::value::Value;

/// What functions may ask of the outside world.
pub trait Host {
    /// An environment variable of the process that renders.
    fn env(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }

    /// What only the world that renders can answer; `None` where it can't.
    fn ask(&self, question: &str, about: &Value<'_>) -> Option<String> {
        let _ = (question, about);
        None
    }
}

/// A world without anything.
pub struct NoHost;

impl Host for NoHost {}

/// One call of a function.
pub struct Call<'a, 'd> {
    /// The arguments, already checked against the signature.
    pub args: &'a [Value<'d>],
    /// The outside world.
    pub host: &'a dyn Host,
    /// A bit for each argument that Go knows only as `interface {}`.
    pub(super) untyped: u64,
    /// How the template writes the first argument.
    pub(super) first: &'a dyn fmt::Display,
}

impl<'d> Call<'_, 'd> {
    /// The text of argument `i`; empty when it is no string.
    pub fn str(&self, i: usize) -> &str {
        self.args.get(i).and_then(Value::as_str).unwrap_or_default()
    }

    /// Argument `i` as an integer; 0 when it is none.
    pub fn int(&self, i: usize) -> i64 {
        match self.args.get(i) {
            Some(Value::Int(n, _)) => *n,
            Some(Value::Uint(n, _)) => *n as i64,
            _ => 0,
        }
    }

    /// True where Go knows argument `i` only as `interface {}`.
    pub(super) fn is_untyped(&self, i: usize) -> bool {
        self.untyped >> i.min(63) & 1 == 1
    }

    /// Argument `i`.
    pub fn arg(&self, i: usize) -> Value<'d> {
        self.args.get(i).cloned().unwrap_or(Value::Missing)
    }
}

/// The Rust side of a template function. An error's text is what follows `error calling NAME: ` in Go.
pub type Func = for<'a, 'd> fn(&Call<'a, 'd>) -> Result<Value<'d>, String>;

/// The Go type of a parameter, as far as the engine checks arguments against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Param {
    /// `interface {}` or `reflect.Value`.
    Any,
    /// `string`.
    Text,
    /// Anything else, by Go's name of the type.
    Typed(&'static str),
}

impl Param {
    pub(super) fn of(ty: &'static str) -> Param {
        match ty {
            "any" => Param::Any,
            "string" => Param::Text,
            ty => Param::Typed(ty),
        }
    }

    /// Go's name of the type.
    pub(super) fn name(self) -> &'static str {
        match self {
            Param::Any => "interface {}",
            Param::Text => "string",
            Param::Typed(ty) => ty,
        }
    }
}

/// A function with its signature.
#[derive(Clone)]
pub struct Function {
    /// The parameters before the variadic one.
    pub(super) fixed: Arc<[Param]>,
    pub(super) variadic: Option<Param>,
    pub(super) call: Func,
    /// `and` and `or` stop at the first argument that decides.
    pub(super) short_circuit: Option<bool>,
}

impl Function {
    fn new(params: &'static str, call: Func) -> Function {
        let mut fixed: Vec<&str> = params.split(',').filter(|p| !p.is_empty()).collect();
        let variadic = fixed.pop_if(|p| p.ends_with("...")).map(|p| Param::of(p.trim_end_matches("...")));
        Function { fixed: fixed.into_iter().map(Param::of).collect(), variadic, call, short_circuit: None }
    }

    /// The type of parameter `i`.
    pub(super) fn param(&self, i: usize) -> Param {
        self.fixed.get(i).copied().or(self.variadic).unwrap_or(Param::Any)
    }
}

/// Functions by name. Later ones replace earlier ones of the same name.
#[derive(Clone, Default)]
pub struct Functions {
    table: HashMap<&'static str, Function>,
}

impl Functions {
    /// Only Go's own functions (`and`, `eq`, `index`, `printf`, …).
    pub fn builtin() -> Functions {
        let mut functions = Functions::default();
        super::builtins::register(&mut functions);
        functions
    }

    /// Adds a function. `params` are Go's parameter types, joined by commas, `any` for `interface {}`, the last one
    /// with `...` when variadic: `"string,any..."`.
    pub fn add(&mut self, name: &'static str, params: &'static str, call: Func) {
        self.table.insert(name, Function::new(params, call));
    }

    /// Adds a function of another table, under any name.
    pub fn insert(&mut self, name: &'static str, function: Function) {
        self.table.insert(name, function);
    }

    pub(super) fn add_short_circuit(&mut self, name: &'static str, stops_at: bool, call: Func) {
        let function = Function { short_circuit: Some(stops_at), ..Function::new("any,any...", call) };
        self.table.insert(name, function);
    }

    /// The function called `name`.
    pub fn get(&self, name: &str) -> Option<Function> {
        self.table.get(name).cloned()
    }
}
