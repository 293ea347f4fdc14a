//! Semantic versions and constraints, as Masterminds' semver v3 reads and compares them.

use std::cmp::Ordering;
use std::rc::Rc;
use std::sync::LazyLock;

use regex::Regex;

use super::super::functions::Functions;
use super::super::value::{Object, Uint, Value};
use crate::go::{json, strconv};

pub(super) fn register(f: &mut Functions) {
    f.add("semver", "string", |c| Ok(Value::Object(Rc::new(Version::parse(c.str(0))?))));
    f.add("semverCompare", "string,string", |c| {
        let constraints = Constraints::parse(c.str(0))?;
        Ok(Value::Bool(constraints.admit(&Version::parse(c.str(1))?)))
    });
}

/// A version whose minor and patch numbers may be left out.
#[derive(Clone, Debug)]
struct Version {
    numbers: [u64; 3],
    pre: String,
    metadata: String,
    original: String,
}

const NAMES: &str = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*";

static VERSION: LazyLock<Regex> = LazyLock::new(|| {
    let number = "([0-9]+)";
    let pattern = format!(r"^v?{number}(?:\.{number})?(?:\.{number})?(?:-({NAMES}))?(?:\+({NAMES}))?$");
    Regex::new(&pattern).expect("a pattern of our own")
});

impl Version {
    /// Reads a version; zeros before its numbers are passed over, not those before numbers of the prerelease.
    fn parse(text: &str) -> Result<Version, String> {
        let found = VERSION.captures(text).ok_or("invalid semantic version")?;
        let part = |i: usize| found.get(i).map_or("", |m| m.as_str());
        let mut numbers = [0; 3];
        for (i, number) in numbers.iter_mut().enumerate() {
            let digits = part(i + 1);
            if !digits.is_empty() {
                *number = digits.parse().map_err(|_| {
                    let error = strconv::number_error("ParseUint", digits, "value out of range");
                    format!("error parsing version segment: {error}")
                })?;
            }
        }
        let pre = part(4);
        let zeros = |name: &str| name.len() > 1 && name.starts_with('0') && name.bytes().all(|b| b.is_ascii_digit());
        if pre.split('.').any(zeros) {
            return Err("version segment starts with 0".into());
        }
        Ok(Version { numbers, pre: pre.to_owned(), metadata: part(5).to_owned(), original: text.to_owned() })
    }

    fn compare(&self, other: &Version) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| compare_prereleases(&self.pre, &other.pre))
    }

    fn string(&self) -> String {
        let [major, minor, patch] = self.numbers;
        let behind = |mark: &str, text: &str| if text.is_empty() { String::new() } else { format!("{mark}{text}") };
        format!("{major}.{minor}.{patch}{}{}", behind("-", &self.pre), behind("+", &self.metadata))
    }
}

/// A release comes after all its prereleases; numbers before names.
fn compare_prereleases(a: &str, b: &str) -> Ordering {
    if a.is_empty() || b.is_empty() {
        return b.is_empty().cmp(&a.is_empty()).reverse();
    }
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => (x, y),
        };
        let order = match (x.parse::<u64>(), y.parse::<u64>()) {
            (Ok(x), Ok(y)) => x.cmp(&y),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => x.cmp(y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

impl<'d> Object<'d> for Version {
    fn type_name(&self) -> &str {
        "*semver.Version"
    }

    fn field(&self, _: &str) -> Option<Value<'d>> {
        None
    }

    fn fields(&self) -> Vec<(&str, Value<'d>)> {
        let [major, minor, patch] = self.numbers.map(|n| Value::Uint(n, Uint::Uint64));
        let texts = [&self.pre, &self.metadata, &self.original].map(Value::string);
        let [pre, metadata, original] = texts;
        vec![
            ("major", major),
            ("minor", minor),
            ("patch", patch),
            ("pre", pre),
            ("metadata", metadata),
            ("original", original),
        ]
    }

    fn call(&self, name: &str, args: &[Value<'d>]) -> Option<Result<Value<'d>, String>> {
        let other = |arg: &Value<'d>| match arg {
            Value::Object(object) => object.as_any().and_then(|any| any.downcast_ref::<Version>().cloned()),
            _ => None,
        };
        Some(Ok(match (name, args) {
            ("Major", []) => Value::Uint(self.numbers[0], Uint::Uint64),
            ("Minor", []) => Value::Uint(self.numbers[1], Uint::Uint64),
            ("Patch", []) => Value::Uint(self.numbers[2], Uint::Uint64),
            ("Prerelease", []) => Value::string(&self.pre),
            ("Metadata", []) => Value::string(&self.metadata),
            ("Original", []) => Value::string(&self.original),
            ("String", []) => Value::string(self.string()),
            ("Compare", [arg]) => Value::int(self.compare(&other(arg)?) as i64),
            ("Equal", [arg]) => Value::Bool(self.compare(&other(arg)?) == Ordering::Equal),
            ("LessThan", [arg]) => Value::Bool(self.compare(&other(arg)?) == Ordering::Less),
            ("LessThanEqual", [arg]) => Value::Bool(self.compare(&other(arg)?) != Ordering::Greater),
            ("GreaterThanEqual", [arg]) => Value::Bool(self.compare(&other(arg)?) != Ordering::Less),
            ("GreaterThan", [arg]) => Value::Bool(self.compare(&other(arg)?) == Ordering::Greater),
            _ => return None,
        }))
    }

    fn parameters(&self, name: &str) -> Option<&'static str> {
        match name {
            "Compare" | "Equal" | "LessThan" | "LessThanEqual" | "GreaterThan" | "GreaterThanEqual" => {
                Some("*semver.Version")
            }
            name => self.call(name, &[]).map(|_| ""),
        }
    }

    fn text(&self) -> Option<String> {
        Some(self.string())
    }

    fn to_json(&self) -> json::Value {
        self.string().into()
    }

    fn as_any(&self) -> Option<&dyn std::any::Any> {
        Some(self)
    }
}

/// Alternatives, each of which is a list of constraints that all must hold.
struct Constraints(Vec<Vec<Constraint>>);

struct Constraint {
    operator: Operator,
    version: Version,
    /// How many numbers were given: 0 for `x`, 3 for a whole version.
    given: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Operator {
    TildeOrEqual,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

const OPERATORS: &[(&str, Operator)] = &[
    ("=", Operator::TildeOrEqual),
    ("", Operator::TildeOrEqual),
    ("!=", Operator::NotEqual),
    (">", Operator::Greater),
    ("<", Operator::Less),
    (">=", Operator::GreaterEqual),
    ("=>", Operator::GreaterEqual),
    ("<=", Operator::LessEqual),
    ("=<", Operator::LessEqual),
    ("~", Operator::Tilde),
    ("~>", Operator::Tilde),
    ("^", Operator::Caret),
];

const SIGNS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";
const RANGED: &str = r"v?(?:[0-9|xX*]+)(?:\.[0-9|xX*]+)?(?:\.[0-9|xX*]+)?(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?";

static SPAN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"\s*({RANGED})\s+-\s+({RANGED})\s*")).expect("a pattern of our own"));
static LIST: LazyLock<Regex> = LazyLock::new(|| {
    let one = format!(r"(?:{SIGNS})\s*(?:{RANGED})\s*");
    Regex::new(&format!(r"^(?:\s*{one})(?:(?:\s+|,\s*){one})*$")).expect("a pattern of our own")
});
static ONE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"(?:{SIGNS})\s*(?:{RANGED})")).expect("a pattern of our own"));
static PARTS: LazyLock<Regex> = LazyLock::new(|| {
    let number = "[0-9|xX*]+";
    let behind = r"(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?";
    let pattern = format!(r"^\s*({SIGNS})\s*v?({number})(?:\.({number}))?(?:\.({number}))?{behind}\s*$");
    Regex::new(&pattern).expect("a pattern of our own")
});

impl Constraints {
    fn parse(text: &str) -> Result<Constraints, String> {
        let text = SPAN.replace_all(text, ">=$1 <=$2 ");
        let improper = |part: &str| format!("improper constraint: {part}");
        let mut alternatives = Vec::new();
        for part in text.split("||") {
            if !LIST.is_match(part) {
                return Err(improper(part));
            }
            let all =
                ONE.find_iter(part).map(|one| Constraint::parse(one.as_str()).ok_or_else(|| improper(one.as_str())));
            alternatives.push(all.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Constraints(alternatives))
    }

    fn admit(&self, version: &Version) -> bool {
        self.0.iter().any(|all| {
            // Prereleases count only where one is asked for.
            let with_prereleases = all.iter().any(|c| !c.version.pre.is_empty());
            (version.pre.is_empty() || with_prereleases) && all.iter().all(|c| c.admits(version))
        })
    }
}

impl Constraint {
    fn parse(text: &str) -> Option<Constraint> {
        let found = PARTS.captures(text)?;
        let part = |i: usize| found.get(i).map_or("", |m| m.as_str());
        let operator = OPERATORS.iter().find(|(sign, _)| *sign == part(1))?.1;
        let is_open = |number: &str| matches!(number, "" | "x" | "X" | "*");
        let given = (2..5).take_while(|i| !is_open(part(*i))).count();
        let number = |i: usize| if i < 2 + given { part(i) } else { "0" };
        let version = format!("{}.{}.{}{}", number(2), number(3), number(4), part(5));
        Some(Constraint { operator, version: Version::parse(&version).ok()?, given })
    }

    fn admits(&self, version: &Version) -> bool {
        let order = version.compare(&self.version);
        let (ours, theirs) = (self.version.numbers, version.numbers);
        // `1.x` leaves the minor number open, `1.2.x` the patch number, `x` none: it is 0.0.0.
        let fixed = if self.given == 0 { 3 } else { self.given };
        match self.operator {
            Operator::TildeOrEqual if self.given == 3 => order == Ordering::Equal,
            Operator::TildeOrEqual | Operator::Tilde => self.near(version, order),
            Operator::NotEqual if fixed == 3 => order != Ordering::Equal,
            Operator::NotEqual if fixed == 2 && theirs[..2] == ours[..2] => {
                (!version.pre.is_empty() || !self.version.pre.is_empty()) && version.pre != self.version.pre
            }
            Operator::NotEqual => theirs[..fixed] != ours[..fixed],
            Operator::Greater if fixed == 3 => order == Ordering::Greater,
            Operator::Greater => theirs[..fixed] > ours[..fixed],
            Operator::Less => order == Ordering::Less,
            Operator::GreaterEqual => order != Ordering::Less,
            Operator::LessEqual if self.given == 3 => order != Ordering::Greater,
            Operator::LessEqual => theirs[..fixed.min(2)] <= ours[..fixed.min(2)],
            Operator::Caret => self.compatible(version, order),
        }
    }

    /// `~1.2`: the same minor number where one is given, else the same major one; `~0.0.0` admits all.
    fn near(&self, version: &Version, order: Ordering) -> bool {
        let all = self.version.numbers == [0; 3] && matches!(self.given, 0 | 3);
        let fixed = if self.given == 1 { 1 } else { 2 };
        order != Ordering::Less && (all || version.numbers[..fixed] == self.version.numbers[..fixed])
    }

    /// `^1.2`: nothing changes up to the first number that is not zero; numbers that were left out may change.
    fn compatible(&self, version: &Version, order: Ordering) -> bool {
        let first = self.version.numbers.iter().position(|n| *n != 0).unwrap_or(2) + 1;
        let fixed = if self.given == 0 { 3 } else { first.min(self.given) };
        order != Ordering::Less && version.numbers[..fixed] == self.version.numbers[..fixed]
    }
}
