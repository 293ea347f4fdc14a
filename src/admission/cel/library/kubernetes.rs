//! Quantities, the authorizer and named formats.

use super::{Function, costs, network, versions};
use crate::admission::cel::value::{Failure, Outcome, Val};
use crate::go::json::Number;
use crate::go::netip::Addr;
use crate::go::url::Url;
use crate::go::{base64, time};
use crate::k8s::{Authorizer, Quantity, names};

/// Values of Kubernetes' own types.
#[derive(Clone, Debug)]
pub(in crate::admission::cel) enum Opaque {
    Quantity(Quantity),
    /// The URL and how it was written.
    Url(Url, String),
    Ip(Addr),
    Cidr(Addr, u8),
    Semver(versions::Version),
    Format(&'static Format),
    Authorizer(Authorizer),
    PathCheck(Authorizer),
    GroupCheck(Authorizer),
    ResourceCheck(Authorizer),
    Decision(Authorizer),
}

impl Opaque {
    pub(in crate::admission::cel) fn type_name(&self) -> &'static str {
        match self {
            Opaque::Quantity(_) => "kubernetes.Quantity",
            Opaque::Url(..) => "kubernetes.URL",
            Opaque::Ip(_) => "net.IP",
            Opaque::Cidr(..) => "net.CIDR",
            Opaque::Semver(_) => "kubernetes.Semver",
            Opaque::Format(_) => "kubernetes.NamedFormat",
            Opaque::Authorizer(_) => "kubernetes.authorization.Authorizer",
            Opaque::PathCheck(_) => "kubernetes.authorization.PathCheck",
            Opaque::GroupCheck(_) => "kubernetes.authorization.GroupCheck",
            Opaque::ResourceCheck(_) => "kubernetes.authorization.ResourceCheck",
            Opaque::Decision(_) => "kubernetes.authorization.Decision",
        }
    }

    /// `==`; `None` for values of different types, which cannot be compared.
    pub(in crate::admission::cel) fn equals(&self, other: &Opaque) -> Option<bool> {
        match (self, other) {
            (Opaque::Quantity(a), Opaque::Quantity(b)) => Some(a.compare(b).is_eq()),
            (Opaque::Url(_, a), Opaque::Url(_, b)) => Some(a == b),
            (Opaque::Ip(a), Opaque::Ip(b)) => Some(a == b),
            (Opaque::Cidr(a, n), Opaque::Cidr(b, m)) => Some(a == b && n == m),
            (Opaque::Semver(a), Opaque::Semver(b)) => Some(a.cmp(b).is_eq()),
            (Opaque::Format(a), Opaque::Format(b)) => Some(a.name == b.name),
            (a, b) if a.type_name() == b.type_name() => Some(true),
            _ => None,
        }
    }

    /// What `string()` makes of it.
    pub(in crate::admission::cel) fn as_text(&self) -> Option<String> {
        match self {
            Opaque::Ip(address) => Some(network::text(address)),
            Opaque::Cidr(address, bits) => Some(format!("{}/{bits}", network::text(address))),
            _ => None,
        }
    }

    pub(in crate::admission::cel) fn cost_size(&self) -> u64 {
        match self {
            Opaque::Ip(Addr::V4(_)) => 4,
            Opaque::Ip(Addr::V6(..)) => 16,
            Opaque::Cidr(_, bits) => u64::from(bits.div_ceil(8)),
            _ => 1,
        }
    }
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "quantity", signatures: "(string)quantity", run: quantity, cost: costs::read },
    Function { name: "isQuantity", signatures: "(string)bool", run: is_quantity, cost: costs::read },
    Function { name: "sign", signatures: "(quantity)int", run: sign, cost: costs::one },
    Function { name: "asInteger", signatures: "@(quantity)int", run: as_integer, cost: costs::one },
    Function { name: "isInteger", signatures: "@(quantity)bool", run: is_integer, cost: costs::one },
    Function { name: "asApproximateFloat", signatures: "@(quantity)double", run: as_float, cost: costs::one },
    Function {
        name: "add",
        signatures: "@(quantity,quantity)quantity @(quantity,int)quantity",
        run: add,
        cost: costs::one,
    },
    Function {
        name: "sub",
        signatures: "@(quantity,quantity)quantity @(quantity,int)quantity",
        run: subtract,
        cost: costs::one,
    },
    Function {
        name: "isGreaterThan",
        signatures: "@(quantity,quantity)bool @(semver,semver)bool",
        run: greater,
        cost: costs::one,
    },
    Function {
        name: "isLessThan",
        signatures: "@(quantity,quantity)bool @(semver,semver)bool",
        run: less,
        cost: costs::one,
    },
    Function {
        name: "compareTo",
        signatures: "@(quantity,quantity)int @(semver,semver)int",
        run: compare,
        cost: costs::one,
    },
    Function { name: "path", signatures: "@(authorizer,string)path_check", run: path, cost: costs::one },
    Function { name: "group", signatures: "@(authorizer,string)group_check", run: group, cost: costs::one },
    Function {
        name: "serviceAccount",
        signatures: "@(authorizer,string,string)authorizer",
        run: service_account,
        cost: costs::one,
    },
    Function { name: "resource", signatures: "@(group_check,string)resource_check", run: resource, cost: costs::one },
    Function { name: "subresource", signatures: REFINE, run: resource, cost: costs::one },
    Function { name: "namespace", signatures: REFINE, run: resource, cost: costs::one },
    Function { name: "name", signatures: REFINE, run: resource, cost: costs::one },
    Function { name: "fieldSelector", signatures: REFINE, run: resource, cost: costs::one },
    Function { name: "labelSelector", signatures: REFINE, run: resource, cost: costs::one },
    Function {
        name: "check",
        signatures: "@(path_check,string)decision @(resource_check,string)decision",
        run: check,
        cost: costs::check,
    },
    Function { name: "errored", signatures: "@(decision)bool", run: errored, cost: costs::one },
    Function { name: "error", signatures: "@(decision)string", run: no_error, cost: costs::one },
    Function { name: "allowed", signatures: "@(decision)bool", run: allowed, cost: costs::one },
    Function { name: "reason", signatures: "@(decision)string", run: reason, cost: costs::one },
    Function {
        name: "validate",
        signatures: "@(format,string)optional<list<string>>",
        run: validate,
        cost: costs::validate,
    },
    Function { name: "format.named", signatures: "(string)optional<format>", run: named_format, cost: costs::one },
    Function { name: "format.dns1123Label", signatures: FORMAT, run: |_| format(0), cost: costs::one },
    Function { name: "format.dns1123Subdomain", signatures: FORMAT, run: |_| format(1), cost: costs::one },
    Function { name: "format.dns1035Label", signatures: FORMAT, run: |_| format(2), cost: costs::one },
    Function { name: "format.qualifiedName", signatures: FORMAT, run: |_| format(3), cost: costs::one },
    Function { name: "format.labelValue", signatures: FORMAT, run: |_| format(4), cost: costs::one },
    Function { name: "format.dns1123LabelPrefix", signatures: FORMAT, run: |_| format(5), cost: costs::one },
    Function { name: "format.dns1123SubdomainPrefix", signatures: FORMAT, run: |_| format(6), cost: costs::one },
    Function { name: "format.dns1035LabelPrefix", signatures: FORMAT, run: |_| format(7), cost: costs::one },
    Function { name: "format.uri", signatures: FORMAT, run: |_| format(8), cost: costs::one },
    Function { name: "format.uuid", signatures: FORMAT, run: |_| format(9), cost: costs::one },
    Function { name: "format.byte", signatures: FORMAT, run: |_| format(10), cost: costs::one },
    Function { name: "format.date", signatures: FORMAT, run: |_| format(11), cost: costs::one },
    Function { name: "format.datetime", signatures: FORMAT, run: |_| format(12), cost: costs::one },
];

const REFINE: &str = "@(resource_check,string)resource_check";
const FORMAT: &str = "()format";

/// The text of quantities that cannot be read, as in an error.
fn quantity<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [Val::String(text)] = args else { return Err(Failure::overload()) };
    match Quantity::parse(text) {
        Ok(quantity) => Ok(Val::opaque(Opaque::Quantity(quantity))),
        Err(error) => Err(Failure::new(error.to_string())),
    }
}

fn is_quantity<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::String(text)] => Ok(Val::Bool(Quantity::parse(text).is_ok())),
        _ => Err(Failure::overload()),
    }
}

fn as_quantity<'b>(value: &'b Val<'_>) -> Result<&'b Quantity, Failure> {
    match value {
        Val::Opaque(opaque) => match &**opaque {
            Opaque::Quantity(quantity) => Ok(quantity),
            _ => Err(Failure::overload()),
        },
        _ => Err(Failure::overload()),
    }
}

fn own<'b>(args: &'b [Val<'_>]) -> Result<&'b Quantity, Failure> {
    as_quantity(args.first().ok_or_else(Failure::overload)?)
}

fn sign<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    own(args).map(|q| Val::Int(q.sign()))
}

/// The value, where it is an integer that fits.
fn integer(quantity: &Quantity) -> Option<i64> {
    quantity.decimal().parse().ok()
}

fn as_integer<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    integer(own(args)?).map(Val::Int).ok_or_else(|| Failure::new("cannot convert value to integer"))
}

fn is_integer<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    own(args).map(|q| Val::Bool(integer(q).is_some()))
}

fn as_float<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let text = own(args)?.decimal();
    Ok(Val::Double(Number::parse(&text).map_or(0.0, |n| n.as_f64())))
}

/// The second argument as a quantity.
fn other(args: &[Val<'_>]) -> Result<Quantity, Failure> {
    match args.get(1) {
        Some(Val::Int(n)) => Quantity::parse(&n.to_string()).map_err(|e| Failure::new(e.to_string())),
        Some(value) => as_quantity(value).cloned(),
        None => Err(Failure::overload()),
    }
}

fn add<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    Ok(Val::opaque(Opaque::Quantity(own(args)?.plus(&other(args)?))))
}

fn subtract<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    Ok(Val::opaque(Opaque::Quantity(own(args)?.plus(&other(args)?.negated()))))
}

/// The order of two quantities or versions.
fn order(args: &[Val<'_>]) -> Result<std::cmp::Ordering, Failure> {
    match args {
        [Val::Opaque(a), Val::Opaque(b)] => match (&**a, &**b) {
            (Opaque::Quantity(a), Opaque::Quantity(b)) => Ok(a.compare(b)),
            (Opaque::Semver(a), Opaque::Semver(b)) => Ok(a.cmp(b)),
            _ => Err(Failure::overload()),
        },
        _ => Err(Failure::overload()),
    }
}

fn greater<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    order(args).map(|o| Val::Bool(o.is_gt()))
}

fn less<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    order(args).map(|o| Val::Bool(o.is_lt()))
}

fn compare<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    order(args).map(|o| Val::Int(o as i64))
}

/// The authorizer that a check was made from.
fn authorizer(args: &[Val<'_>]) -> Result<Authorizer, Failure> {
    match args.first() {
        Some(Val::Opaque(opaque)) => match **opaque {
            Opaque::Authorizer(a)
            | Opaque::PathCheck(a)
            | Opaque::GroupCheck(a)
            | Opaque::ResourceCheck(a)
            | Opaque::Decision(a) => Ok(a),
            _ => Err(Failure::overload()),
        },
        _ => Err(Failure::overload()),
    }
}

fn path<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    if args.get(1).and_then(Val::as_str) == Some("") {
        return Err(Failure::new("path must not be empty"));
    }
    authorizer(args).map(|a| Val::opaque(Opaque::PathCheck(a)))
}

fn group<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    authorizer(args).map(|a| Val::opaque(Opaque::GroupCheck(a)))
}

fn service_account<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [_, Val::String(namespace), Val::String(name)] = args else { return Err(Failure::overload()) };
    if !names::dns1123_subdomain(name).is_empty() {
        return Err(Failure::new("Invalid service account name"));
    }
    if !names::dns1123_label(namespace).is_empty() {
        return Err(Failure::new("Invalid service account namespace"));
    }
    authorizer(args).map(|a| Val::opaque(Opaque::Authorizer(a)))
}

fn resource<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    authorizer(args).map(|a| Val::opaque(Opaque::ResourceCheck(a)))
}

fn check<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    authorizer(args).map(|a| Val::opaque(Opaque::Decision(a)))
}

fn allowed<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    authorizer(args).map(|a| Val::Bool(a == Authorizer::Allow))
}

fn errored<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    authorizer(args).map(|_| Val::Bool(false))
}

/// Asking never fails here.
fn no_error<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    authorizer(args).map(|_| Val::text(""))
}

/// Who denies says something, what it says depends on the authorizer.
fn reason<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    authorizer(args).map(|a| Val::text(if a == Authorizer::Allow { "" } else { "denied" }))
}

/// A named format: what is wrong with a text.
#[derive(Debug)]
pub(in crate::admission::cel) struct Format {
    name: &'static str,
    problems: fn(&str) -> Vec<String>,
}

static FORMATS: [Format; 13] = [
    Format { name: "dns1123Label", problems: names::dns1123_label },
    Format { name: "dns1123Subdomain", problems: names::dns1123_subdomain },
    Format { name: "dns1035Label", problems: names::dns1035_label },
    Format { name: "qualifiedName", problems: names::qualified_name },
    Format { name: "labelValue", problems: names::label_value },
    Format { name: "dns1123LabelPrefix", problems: |text| names::dns1123_label(&without_dash(text)) },
    Format { name: "dns1123SubdomainPrefix", problems: |text| names::dns1123_subdomain(&without_dash(text)) },
    Format { name: "dns1035LabelPrefix", problems: |text| names::dns1035_label(&without_dash(text)) },
    Format { name: "uri", problems: |text| network::request_url(text).err().into_iter().collect() },
    Format { name: "uuid", problems: |text| problem(is_uuid(text), "does not match the UUID format") },
    Format { name: "byte", problems: |text| problem(base64::decode(text).is_ok(), "invalid base64") },
    Format { name: "date", problems: |text| problem(time::Time::parse("2006-01-02", text).is_ok(), "invalid date") },
    Format {
        name: "datetime",
        problems: |text| problem(time::Time::parse("2006-01-02T15:04:05Z07:00", text).is_ok(), "invalid datetime"),
    },
];

fn problem(fine: bool, message: &str) -> Vec<String> {
    if fine { Vec::new() } else { vec![message.to_owned()] }
}

/// What stands before the random end of a generated name may end in a dash; with it goes the character before.
fn without_dash(text: &str) -> String {
    match text.len() > 1 && text.ends_with('-') {
        true => {
            let mut end = text.len() - 2;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            format!("{}a", &text[..end])
        }
        false => text.to_owned(),
    }
}

fn is_uuid(text: &str) -> bool {
    let hex: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = hex.iter().map(|part| part.len()).collect();
    let groups = matches!(lengths[..], [8, 4, 4, 4, 12] | [32]);
    groups && hex.iter().all(|part| part.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn format<'a>(place: usize) -> Outcome<'a> {
    FORMATS.get(place).map(|format| Val::opaque(Opaque::Format(format))).ok_or_else(Failure::overload)
}

fn named_format<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [Val::String(name)] = args else { return Err(Failure::overload()) };
    let found = FORMATS.iter().find(|format| format.name == &**name);
    Ok(found.map_or(Val::Optional(None), |format| Val::some(Val::opaque(Opaque::Format(format)))))
}

fn validate<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [Val::Opaque(opaque), Val::String(text)] = args else { return Err(Failure::overload()) };
    let Opaque::Format(format) = &**opaque else { return Err(Failure::overload()) };
    let problems = (format.problems)(text);
    Ok(match problems.is_empty() {
        true => Val::Optional(None),
        false => Val::some(Val::list(problems.into_iter().map(Val::text).collect())),
    })
}
