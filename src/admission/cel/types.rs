//! Types of expressions: how they print and which fits which.
//!
//! Source: cel-go 0.26, the checker's types.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// Known at run time only.
    Dyn,
    /// The expression is wrong, which was reported.
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Duration,
    Timestamp,
    List(Box<Type>),
    Map(Box<Type>, Box<Type>),
    /// A type as a value, of what where that is known.
    Meta(Option<Box<Type>>),
    /// Still open, bound by its name.
    Param(Param),
    /// A type of a library, perhaps with parameters.
    Opaque(&'static str, Vec<Type>),
    /// An object with declared fields.
    Struct(&'static str),
}

/// A type parameter: of a declaration, or a free one made while checking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Param {
    Declared(char),
    Free(u32),
}

pub(super) const OPTIONAL: &str = "optional_type";

/// What signatures call the types of libraries.
const OPAQUE: &[(&str, &str)] = &[
    ("ip", "net.IP"),
    ("cidr", "net.CIDR"),
    ("url", "kubernetes.URL"),
    ("quantity", "kubernetes.Quantity"),
    ("semver", "kubernetes.Semver"),
    ("format", "kubernetes.NamedFormat"),
    ("authorizer", "kubernetes.authorization.Authorizer"),
    ("path_check", "kubernetes.authorization.PathCheck"),
    ("group_check", "kubernetes.authorization.GroupCheck"),
    ("resource_check", "kubernetes.authorization.ResourceCheck"),
    ("decision", "kubernetes.authorization.Decision"),
];

impl Type {
    pub(super) fn list(of: Type) -> Type {
        Type::List(Box::new(of))
    }

    pub(super) fn map(key: Type, value: Type) -> Type {
        Type::Map(Box::new(key), Box::new(value))
    }

    pub(super) fn optional(of: Type) -> Type {
        Type::Opaque(OPTIONAL, vec![of])
    }

    /// A type as a signature writes it: `list<A>`, `map<string,int>`, `ip`; `None` for what is none.
    pub(super) fn read(text: &str) -> Option<Type> {
        let simple = [
            ("dyn", Type::Dyn),
            ("null", Type::Null),
            ("bool", Type::Bool),
            ("int", Type::Int),
            ("uint", Type::Uint),
            ("double", Type::Double),
            ("string", Type::String),
            ("bytes", Type::Bytes),
            ("duration", Type::Duration),
            ("timestamp", Type::Timestamp),
            ("A", Type::Param(Param::Declared('A'))),
            ("B", Type::Param(Param::Declared('B'))),
        ];
        if let Some((_, ty)) = simple.into_iter().find(|(name, _)| *name == text) {
            return Some(ty);
        }
        if let Some((_, name)) = OPAQUE.iter().find(|(name, _)| *name == text) {
            return Some(Type::Opaque(name, Vec::new()));
        }
        let (name, inner) = text.strip_suffix('>')?.split_once('<')?;
        match name {
            "list" => Some(Type::list(Type::read(inner)?)),
            "optional" => Some(Type::optional(Type::read(inner)?)),
            "type" => Some(Type::Meta(Some(Box::new(Type::read(inner)?)))),
            "map" => {
                let (key, value) = inner.split_once(',')?;
                Some(Type::map(Type::read(key)?, Type::read(value)?))
            }
            _ => None,
        }
    }

    /// The name without parameters, as values show it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Type::Dyn => "dyn",
            Type::Error => "error",
            Type::Null => "null_type",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Uint => "uint",
            Type::Double => "double",
            Type::String => "string",
            Type::Bytes => "bytes",
            Type::Duration => "google.protobuf.Duration",
            Type::Timestamp => "google.protobuf.Timestamp",
            Type::List(_) => "list",
            Type::Map(..) => "map",
            Type::Meta(_) => "type",
            Type::Param(_) => "type_param",
            Type::Opaque(name, _) | Type::Struct(name) => name,
        }
    }

    pub(super) fn parameters(&self) -> Vec<&Type> {
        match self {
            Type::List(of) => vec![of],
            Type::Map(key, value) => vec![key, value],
            Type::Meta(of) => of.iter().map(|t| &**t).collect(),
            Type::Opaque(_, of) => of.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// As the checker's messages show it, which differs for a few types from [`fmt::Display`].
    pub(super) fn shown(&self) -> String {
        match self {
            Type::Duration => "duration".into(),
            Type::Timestamp => "timestamp".into(),
            Type::Error => "!error!".into(),
            Type::Null => "null".into(),
            Type::Param(Param::Declared(name)) => name.to_string(),
            Type::Param(Param::Free(n)) => format!("_var{n}"),
            _ => match self.parameters() {
                none if none.is_empty() => self.name().into(),
                some => {
                    format!("{}({})", self.name(), some.iter().map(|t| t.shown()).collect::<Vec<_>>().join(", "))
                }
            },
        }
    }

    pub(super) fn is_dyn_or_error(&self) -> bool {
        matches!(self, Type::Dyn | Type::Error)
    }

    /// The type inside an optional, else the type itself.
    pub(super) fn unwrapped(&self) -> (&Type, bool) {
        match self {
            Type::Opaque(OPTIONAL, of) if of.len() == 1 => (&of[0], true),
            _ => (self, false),
        }
    }

    /// The type with declared parameters replaced.
    pub(super) fn instantiate(&self, free: &impl Fn(char) -> Type) -> Type {
        self.rebuild(&|param| match param {
            Param::Declared(name) => free(name),
            Param::Free(_) => Type::Param(param),
        })
    }

    fn rebuild(&self, replace: &impl Fn(Param) -> Type) -> Type {
        match self {
            Type::Param(param) => replace(*param),
            Type::List(of) => Type::list(of.rebuild(replace)),
            Type::Map(key, value) => Type::map(key.rebuild(replace), value.rebuild(replace)),
            Type::Meta(of) => Type::Meta(of.as_ref().map(|t| Box::new(t.rebuild(replace)))),
            Type::Opaque(name, of) => Type::Opaque(name, of.iter().map(|t| t.rebuild(replace)).collect()),
            other => other.clone(),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let parameters = self.parameters();
        if parameters.is_empty() {
            return Ok(());
        }
        let all: Vec<String> = parameters.iter().map(ToString::to_string).collect();
        write!(f, "({})", all.join(", "))
    }
}

/// What free type parameters stand for so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings(BTreeMap<Param, Type>);

impl Bindings {
    /// True when `from` fits where `to` is wanted (or the other way round, as far as they are open); binds parameters.
    pub(super) fn fits(&mut self, from: &Type, to: &Type) -> bool {
        let mut tried = self.clone();
        let fits = tried.unify(from, to);
        if fits {
            *self = tried;
        }
        fits
    }

    /// [`Bindings::fits`] for lists of the same length.
    pub(super) fn fit_all(&mut self, from: &[Type], to: &[Type]) -> bool {
        let mut tried = self.clone();
        let fits = from.len() == to.len() && from.iter().zip(to).all(|(a, b)| tried.unify(a, b));
        if fits {
            *self = tried;
        }
        fits
    }

    /// The type with everything replaced that is bound; what is still open becomes dyn where asked for.
    pub(super) fn resolve(&self, ty: &Type, open_is_dyn: bool) -> Type {
        ty.rebuild(&|param| match self.0.get(&param) {
            Some(bound) => self.resolve(bound, open_is_dyn),
            None if open_is_dyn => Type::Dyn,
            None => Type::Param(param),
        })
    }

    fn unify(&mut self, from: &Type, to: &Type) -> bool {
        if let Type::Param(param) = to {
            let bound = self.0.contains_key(param);
            if self.substitute(from, *param) {
                return true;
            }
            if bound {
                return false;
            }
        }
        if let Type::Param(param) = from {
            return self.substitute(to, *param);
        }
        if from.is_dyn_or_error() || to.is_dyn_or_error() {
            return true;
        }
        let nullable = |ty: &Type| {
            matches!(ty, Type::Null | Type::Opaque(..) | Type::Struct(_) | Type::Duration | Type::Timestamp)
        };
        match (from, to) {
            (Type::Null, other) | (other, Type::Null) => nullable(other),
            (Type::Meta(_), Type::Meta(_)) => true,
            (Type::List(a), Type::List(b)) => self.unify(a, b),
            (Type::Map(ak, av), Type::Map(bk, bv)) => self.unify(ak, bk) && self.unify(av, bv),
            (Type::Opaque(a, of_a), Type::Opaque(b, of_b)) => {
                a == b && of_a.len() == of_b.len() && of_a.iter().zip(of_b).all(|(a, b)| self.unify(a, b))
            }
            _ => from == to,
        }
    }

    /// True when the parameter can stand for the type.
    fn substitute(&mut self, ty: &Type, param: Param) -> bool {
        if *ty == Type::Param(param) {
            return true;
        }
        if let Some(bound) = self.0.get(&param).cloned() {
            if *ty == bound {
                return true;
            }
            if !self.unify(ty, &bound) {
                return false;
            }
            let general = if is_less_specific(ty, &bound) { ty.clone() } else { bound };
            if !self.occurs(param, &general) {
                self.0.insert(param, general);
            }
            return true;
        }
        let free = !self.occurs(param, ty);
        if free {
            self.0.insert(param, ty.clone());
        }
        free
    }

    /// True when a parameter occurs within a type.
    fn occurs(&self, param: Param, within: &Type) -> bool {
        match within {
            Type::Param(other) if *other == param => true,
            Type::Param(other) => self.0.get(other).is_some_and(|bound| self.occurs(param, bound)),
            other => other.parameters().into_iter().any(|t| self.occurs(param, t)),
        }
    }
}

/// True when the first type says as much as the second one or less.
pub(super) fn is_less_specific(first: &Type, second: &Type) -> bool {
    match (first, second) {
        (Type::Dyn | Type::Param(_), _) => true,
        (_, Type::Dyn | Type::Param(_)) => false,
        (Type::Meta(_), Type::Meta(_)) => true,
        (Type::List(a), Type::List(b)) => is_less_specific(a, b),
        (Type::Map(ak, av), Type::Map(bk, bv)) => is_less_specific(ak, bk) && is_less_specific(av, bv),
        (Type::Opaque(a, of_a), Type::Opaque(b, of_b)) => {
            a == b && of_a.len() == of_b.len() && of_a.iter().zip(of_b).all(|(a, b)| is_less_specific(a, b))
        }
        _ => first == second,
    }
}

/// A name for a variable or a type, with its type.
pub(super) fn declared(name: &str) -> Option<Type> {
    static VARIABLES: LazyLock<Vec<(&str, Type)>> = LazyLock::new(|| {
        let opaque = |name| Type::read(name).unwrap_or(Type::Dyn);
        let mut all = vec![
            ("object", Type::Dyn),
            ("oldObject", Type::Dyn),
            ("request", Type::Struct("kubernetes.AdmissionRequest")),
            ("namespaceObject", Type::Struct("kubernetes.Namespace")),
            ("authorizer", opaque("authorizer")),
            ("authorizer.requestResource", opaque("resource_check")),
        ];
        let types = ["bool", "bytes", "double", "int", "string", "uint"].map(|name| (name, opaque(name)));
        let named = [
            ("list", Type::list(Type::Dyn)),
            ("map", Type::map(Type::Dyn, Type::Dyn)),
            ("null_type", Type::Null),
            ("type", Type::Meta(None)),
            ("optional_type", Type::optional(Type::Dyn)),
            ("google.protobuf.Duration", Type::Duration),
            ("google.protobuf.Timestamp", Type::Timestamp),
        ];
        // Of the libraries only the network's types have names.
        let opaque_types = OPAQUE
            .iter()
            .filter(|(_, name)| name.starts_with("net."))
            .map(|(_, name)| (*name, Type::Opaque(name, Vec::new())));
        let as_type = |(name, ty)| (name, Type::Meta(Some(Box::new(ty))));
        all.extend(types.into_iter().chain(named).chain(opaque_types).map(as_type));
        all
    });
    let name = name.strip_prefix('.').unwrap_or(name);
    VARIABLES.iter().find(|(n, _)| *n == name).map(|(_, ty)| ty.clone())
}

/// The type of a field of a declared object.
pub(super) fn field(object: &str, name: &str) -> Option<Type> {
    let (_, fields) = FIELDS.iter().find(|(o, _)| *o == object)?;
    let (_, ty) = fields.iter().find(|(n, _)| *n == name)?;
    match ty.strip_prefix("kubernetes.") {
        Some(_) => Some(Type::Struct(ty)),
        None if *ty == CONDITIONS => Some(Type::list(Type::Struct("kubernetes.NamespaceCondition"))),
        None => Type::read(ty),
    }
}

const CONDITIONS: &str = "conditions";

/// The declared objects of admission: a request without what it would repeat, and a namespace.
type Fields = &'static [(&'static str, &'static [(&'static str, &'static str)])];
const FIELDS: Fields = &[
    (
        "kubernetes.AdmissionRequest",
        &[
            ("kind", "kubernetes.GroupVersionKind"),
            ("resource", "kubernetes.GroupVersionResource"),
            ("subResource", "string"),
            ("requestKind", "kubernetes.GroupVersionKind"),
            ("requestResource", "kubernetes.GroupVersionResource"),
            ("requestSubResource", "string"),
            ("name", "string"),
            ("namespace", "string"),
            ("operation", "string"),
            ("userInfo", "kubernetes.UserInfo"),
            ("dryRun", "bool"),
            ("options", "dyn"),
        ],
    ),
    ("kubernetes.GroupVersionKind", &[("group", "string"), ("version", "string"), ("kind", "string")]),
    ("kubernetes.GroupVersionResource", &[("group", "string"), ("version", "string"), ("resource", "string")]),
    (
        "kubernetes.UserInfo",
        &[("username", "string"), ("uid", "string"), ("groups", "list<string>"), ("extra", "map<string,list<string>>")],
    ),
    (
        "kubernetes.Namespace",
        &[
            ("metadata", "kubernetes.NamespaceMetadata"),
            ("spec", "kubernetes.NamespaceSpec"),
            ("status", "kubernetes.NamespaceStatus"),
        ],
    ),
    (
        "kubernetes.NamespaceMetadata",
        &[
            ("name", "string"),
            ("generateName", "string"),
            ("namespace", "string"),
            ("labels", "map<string,string>"),
            ("annotations", "map<string,string>"),
            ("UID", "string"),
            ("creationTimestamp", "timestamp"),
            ("deletionGracePeriodSeconds", "int"),
            ("deletionTimestamp", "timestamp"),
            ("generation", "int"),
            ("resourceVersion", "string"),
            ("finalizers", "list<string>"),
        ],
    ),
    ("kubernetes.NamespaceSpec", &[("finalizers", "list<string>")]),
    ("kubernetes.NamespaceStatus", &[("conditions", CONDITIONS), ("phase", "string")]),
    (
        "kubernetes.NamespaceCondition",
        &[
            ("status", "string"),
            ("type", "string"),
            ("lastTransitionTime", "timestamp"),
            ("message", "string"),
            ("reason", "string"),
        ],
    ),
];
