//! Checks the types of a parsed expression and makes it ready to run.
//!
//! Source: cel-go 0.26, checker, literal validators, planner; the texts are those of cel-go.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, SelectExpr};

use super::library::{self, Declaration};
use super::macros;
use super::node::{Fold, Node, Variable};
use super::types::{self, Bindings, Param, Type, is_less_specific};
use super::value::Val;
use crate::go::{duration, regexp::Regexp, time::Time};

/// What the parser calls operators.
const AND: &str = "_&&_";
const OR: &str = "_||_";
const IF: &str = "_?_:_";
const INDEX: &str = "_[_]";
const OPTIONAL_INDEX: &str = "_[?_]";
const OPTIONAL_SELECT: &str = "_?._";
const NOT_STRICTLY_FALSE: &str = "@not_strictly_false";

/// Functions that do not name themselves in failures, besides the operators.
const PLAIN: &[&str] = &["@in", "size", "contains", "endsWith", "startsWith", "matches", "dyn", "type"];

/// A problem and the id of the part of the expression that has it.
pub(super) type Problem = (u64, String);

/// What checking came to.
pub(super) struct Checked {
    pub ty: Type,
    pub node: Node,
    /// Types that do not fit, names that do not exist.
    pub problems: Vec<Problem>,
    /// Literals that their functions refuse.
    pub literals: Vec<Problem>,
    /// A constant that cannot be converted.
    pub instantiation: Option<String>,
    /// Parts are nested too deeply.
    pub too_deep: bool,
}

/// How deeply parts may be nested.
pub(super) const MAX_DEPTH: usize = 250;

/// Checks an expression.
pub(super) fn check(expr: &IdedExpr) -> Checked {
    let mut checker = Checker::default();
    let (ty, node) = checker.expr(expr);
    checker.unlike();
    let ty = checker.bindings.resolve(&ty, true);
    let Checker { problems, literals, instantiation, too_deep, .. } = checker;
    Checked { ty, node, problems, literals, instantiation, too_deep }
}

#[derive(Default)]
struct Checker {
    bindings: Bindings,
    /// Type parameters made so far.
    free: u32,
    /// The variables of comprehensions; their places are those on the stack at run time.
    scope: Vec<(String, Type)>,
    problems: Vec<Problem>,
    literals: Vec<Problem>,
    /// Items of literals that must be of one type; true where only the first mismatch counts.
    aggregates: Vec<(Vec<(u64, Type)>, bool)>,
    /// How many parts surround the part at hand.
    depth: usize,
    too_deep: bool,
    /// How many calls of `format` surround the part at hand.
    formats: usize,
    instantiation: Option<String>,
}

/// A part that has problems runs never.
const NOTHING: Node = Node::Constant(Val::Null);

type Part = (Type, Node);

impl Checker {
    fn problem(&mut self, id: u64, text: String) -> Part {
        self.problems.push((id, text));
        (Type::Error, NOTHING)
    }

    fn undeclared(&mut self, id: u64, name: &str) -> Part {
        self.problem(id, format!("undeclared reference to '{name}' (in container '')"))
    }

    fn fresh(&mut self) -> Type {
        let ty = Type::Param(Param::Free(self.free));
        self.free += 1;
        ty
    }

    fn expr(&mut self, expr: &IdedExpr) -> Part {
        if self.depth >= MAX_DEPTH {
            self.too_deep = true;
            return (Type::Error, NOTHING);
        }
        self.depth += 1;
        let part = self.expr_within(expr);
        self.depth -= 1;
        part
    }

    fn expr_within(&mut self, expr: &IdedExpr) -> Part {
        match &expr.expr {
            Expr::Unspecified => self.problem(expr.id, "unexpected unspecified type: expression".into()),
            Expr::Literal(literal) => literal_part(literal),
            Expr::Ident(name) => self.ident(expr.id, name),
            Expr::Select(select) => self.select(expr, select),
            Expr::Call(call) => self.call(expr.id, call),
            Expr::List(list) => {
                let mut of = None;
                let mut items = Vec::with_capacity(list.elements.len());
                let mut types = Vec::with_capacity(list.elements.len());
                for (i, element) in list.elements.iter().enumerate() {
                    let (mut ty, node) = self.expr(element);
                    let optional = list.optional_indices.contains(&i);
                    if optional {
                        ty = self.inside_optional(element.id, ty);
                    }
                    of = Some(self.join(of, &ty));
                    types.push((element.id, ty));
                    items.push((node, optional));
                }
                self.alike(types, true);
                let of = of.unwrap_or_else(|| self.fresh());
                let constants: Option<Vec<Val<'static>>> =
                    items.iter().map(|(node, optional)| node.constant().filter(|_| !optional).cloned()).collect();
                let node = constants.map_or(Node::List(items), |all| Node::Constant(Val::list(all)));
                (Type::list(of), node)
            }
            Expr::Map(map) => self.map(&map.entries),
            // Objects of declared types can only be made of protobuf messages, of which there are none.
            Expr::Struct(object) => self.undeclared(expr.id, &object.type_name),
            Expr::Comprehension(fold) => self.comprehension(fold),
        }
    }

    fn map(&mut self, entries: &[cel::common::ast::IdedEntryExpr]) -> Part {
        let (mut keys, mut values) = (None, None);
        let (mut key_types, mut value_types) = (Vec::new(), Vec::new());
        let mut nodes = Vec::with_capacity(entries.len());
        for entry in entries {
            let EntryExpr::MapEntry(entry) = &entry.expr else { continue };
            let (key, key_node) = self.expr(&entry.key);
            keys = Some(self.join(keys, &key));
            key_types.push((entry.key.id, key));
            let (mut value, value_node) = self.expr(&entry.value);
            if entry.optional {
                value = self.inside_optional(entry.value.id, value);
            }
            values = Some(self.join(values, &value));
            value_types.push((entry.value.id, value));
            nodes.push((key_node, value_node, entry.optional));
        }
        self.alike(key_types, false);
        self.alike(value_types, false);
        let key = keys.unwrap_or_else(|| self.fresh());
        let value = values.unwrap_or_else(|| self.fresh());
        let constants: Option<Vec<(Val<'static>, Val<'static>)>> = nodes
            .iter()
            .map(|(k, v, optional)| k.constant().cloned().zip(v.constant().cloned()).filter(|_| !optional))
            .collect();
        let mut members: Vec<(Val<'static>, Val<'static>)> = Vec::new();
        let node = match constants {
            None => Node::Map(nodes),
            Some(all) => {
                for (key, value) in all {
                    match members.iter_mut().find(|(k, _)| k.equals(&key).unwrap_or(false)) {
                        Some((_, old)) => *old = value,
                        None => members.push((key, value)),
                    }
                }
                Node::Constant(Val::Map(members.into()))
            }
        };
        (Type::map(key, value), node)
    }

    fn inside_optional(&mut self, id: u64, ty: Type) -> Type {
        let (inner, is_optional) = ty.unwrapped();
        let inner = inner.clone();
        if !is_optional && inner != Type::Dyn {
            let wanted = Type::optional(inner.clone()).shown();
            self.problem(id, format!("expected type '{wanted}' but found '{}'", inner.shown()));
        }
        inner
    }

    /// The common type of the items of a literal.
    fn join(&mut self, before: Option<Type>, ty: &Type) -> Type {
        match before {
            None => ty.clone(),
            Some(before) if !self.bindings.fits(&before, ty) => Type::Dyn,
            Some(before) if is_less_specific(&before, ty) => before,
            Some(_) => ty.clone(),
        }
    }

    /// Remembers that these must all have one type, unless they are values for a format.
    fn alike(&mut self, parts: Vec<(u64, Type)>, first_only: bool) {
        if self.formats == 0 {
            self.aggregates.push((parts, first_only));
        }
    }

    /// What in literals has another type than what stands before it.
    fn unlike(&mut self) {
        for (parts, first_only) in std::mem::take(&mut self.aggregates) {
            let mut parts = parts.into_iter().map(|(id, ty)| (id, self.bindings.resolve(&ty, true)));
            let Some((_, first)) = parts.next() else { continue };
            let wrong = parts
                .filter(|(_, ty)| *ty != first)
                .map(|(id, ty)| (id, format!("expected type '{}' but found '{}'", first.shown(), ty.shown())));
            let wrong: Vec<Problem> = wrong.take(if first_only { 1 } else { usize::MAX }).collect();
            self.literals.extend(wrong);
        }
    }

    fn ident(&mut self, id: u64, name: &str) -> Part {
        if let Some(place) = self.scope.iter().rposition(|(n, _)| n == name) {
            return (self.scope[place].1.clone(), Node::Local(place));
        }
        match named(name) {
            Some(part) => part,
            None => self.undeclared(id, name),
        }
    }

    fn select(&mut self, expr: &IdedExpr, select: &SelectExpr) -> Part {
        if !select.test
            && let Some(part) = qualified(expr).and_then(|name| named(&name))
        {
            return part;
        }
        let (ty, node) = self.field(expr.id, &select.operand, &select.field, false);
        if let (Node::Select { operand, field, .. }, true) = (node.clone(), select.test) {
            return (Type::Bool, Node::Has { operand, field });
        }
        (if select.test { Type::Bool } else { ty }, node)
    }

    fn field(&mut self, id: u64, operand: &IdedExpr, field: &str, optional: bool) -> Part {
        let (ty, node) = self.expr(operand);
        let ty = self.bindings.resolve(&ty, false);
        let (target, within_optional) = ty.unwrapped();
        let result = match target {
            Type::Map(_, value) => (**value).clone(),
            Type::Struct(object) => match types::field(object, field) {
                Some(ty) => ty,
                None => self.problem(id, format!("undefined field '{field}'")).0,
            },
            Type::Param(_) => {
                let target = target.clone();
                self.bindings.fits(&Type::Dyn, &target);
                Type::Dyn
            }
            other => {
                if !other.is_dyn_or_error() {
                    let text = format!("type '{}' does not support field selection", other.shown());
                    self.problem(id, text);
                }
                Type::Dyn
            }
        };
        let result = self.bindings.resolve(&result, false);
        let result = if within_optional || optional { Type::optional(result) } else { result };
        (result, Node::Select { operand: Box::new(node), field: field.to_owned(), optional })
    }

    fn call(&mut self, id: u64, call: &CallExpr) -> Part {
        let formats = usize::from(call.func_name == "format");
        self.formats += formats;
        let part = self.call_within(id, call);
        self.formats -= formats;
        part
    }

    fn call_within(&mut self, id: u64, call: &CallExpr) -> Part {
        match macros::expand(id, call) {
            Some(Ok(expanded)) => return self.expr(&expanded),
            Some(Err((id, text))) => return self.problem(id, text),
            None => {}
        }
        if call.func_name == OPTIONAL_SELECT {
            return self.optional_select(id, call);
        }
        let mut args = Vec::with_capacity(call.args.len() + 1);
        let Some(target) = &call.target else {
            for arg in &call.args {
                let part = self.expr(arg);
                args.push((arg.id, part));
            }
            return match library::declaration(&call.func_name) {
                Some(function) => self.resolve(id, function, false, args),
                None => self.undeclared(id, &call.func_name),
            };
        };
        for arg in &call.args {
            let part = self.expr(arg);
            args.push((arg.id, part));
        }
        // `a.b.c(…)` may be the function a.b.c, or c of a.b.
        let whole = qualified(target).and_then(|prefix| library::declaration(&format!("{prefix}.{}", call.func_name)));
        if let Some(function) = whole {
            return self.resolve(id, function, false, args);
        }
        let part = self.expr(target);
        args.insert(0, (target.id, part));
        if call.func_name == "format" {
            self.check_format(id, call, &args);
        }
        match library::declaration(&call.func_name) {
            Some(function) => self.resolve(id, function, true, args),
            None => self.undeclared(id, &call.func_name),
        }
    }

    fn optional_select(&mut self, id: u64, call: &CallExpr) -> Part {
        match (&call.target, call.args.as_slice()) {
            (None, [operand, field]) => match &field.expr {
                Expr::Literal(LiteralValue::String(name)) => self.field(id, operand, name.inner(), true),
                _ => self.problem(field.id, "unsupported optional field selection: a name is needed".into()),
            },
            _ => {
                let text = format!(
                    "unsupported optional field selection: incorrect signature. argument count: {}",
                    call.args.len()
                );
                self.problem(id, text)
            }
        }
    }

    fn resolve(&mut self, id: u64, declared: &'static Declaration, member: bool, args: Vec<(u64, Part)>) -> Part {
        let name = declared.function.name;
        if name == AND || name == OR {
            return self.logical(name, args);
        }
        let mut types: Vec<Type> = args.iter().map(|(_, (ty, _))| ty.clone()).collect();
        let mut result: Option<Type> = None;
        for overload in declared.overloads.iter().filter(|overload| overload.member == member) {
            let (a, b) = (self.fresh(), self.fresh());
            let free = |name: char| if name == 'A' { a.clone() } else { b.clone() };
            let wanted: Vec<Type> = overload.args.iter().map(|ty| ty.instantiate(&free)).collect();
            if !self.bindings.fit_all(&types, &wanted) {
                continue;
            }
            let ty = self.bindings.resolve(&overload.result.instantiate(&free), false);
            result = Some(match result {
                None => ty,
                Some(before) if before != Type::Dyn && before != ty => Type::Dyn,
                Some(before) => before,
            });
        }
        let Some(result) = result else {
            for ty in &mut types {
                *ty = self.bindings.resolve(ty, true);
            }
            let shown: Vec<String> = types.iter().map(Type::shown).collect();
            let signature = match (member, shown.split_first()) {
                (true, Some((target, rest))) => format!("{target}.({})", rest.join(", ")),
                _ => format!("({})", shown.join(", ")),
            };
            return self.problem(id, format!("found no matching overload for '{name}' applied to '{signature}'"));
        };
        let ids: Vec<u64> = args.iter().map(|(id, _)| *id).collect();
        let nodes = args.into_iter().map(|(_, (_, node))| node).collect();
        let node = self.plan(declared, nodes, &ids);
        (result, node)
    }

    fn logical(&mut self, name: &str, args: Vec<(u64, Part)>) -> Part {
        let mut fine = true;
        for (id, (ty, _)) in &args {
            if !self.bindings.fits(ty, &Type::Bool) {
                self.problem(*id, format!("expected type 'bool' but found '{}'", ty.shown()));
                fine = false;
            }
        }
        let nodes: Result<[Node; 2], _> = args.into_iter().map(|(_, (_, node))| node).collect::<Vec<_>>().try_into();
        match nodes {
            Ok(nodes) if fine && name == AND => (Type::Bool, Node::And(Box::new(nodes))),
            Ok(nodes) if fine => (Type::Bool, Node::Or(Box::new(nodes))),
            _ => (Type::Error, NOTHING),
        }
    }

    /// The node for a call that was resolved.
    fn plan(&mut self, declared: &'static Declaration, mut args: Vec<Node>, ids: &[u64]) -> Node {
        let function = declared.function;
        if library::CONVERSIONS.contains(&function.name)
            && let [Node::Constant(value)] = args.as_slice()
        {
            return self.convert(declared, value.clone(), ids);
        }
        if library::PATTERNS.contains(&function.name)
            && let Some(pattern) = args.get(1).and_then(Node::constant_text)
        {
            match Regexp::compile(pattern) {
                Ok(regex) => return Node::Match { function, regex: regex.into(), args },
                Err(_) if function.name == "matches" => {
                    self.literals.push((ids[1], "invalid matches argument".into()));
                }
                Err(e) => _ = self.instantiation.get_or_insert(e),
            }
        }
        match (function.name, args.len()) {
            (IF, 3) => {
                let [otherwise, then, condition] = [args.pop(), args.pop(), args.pop()].map(Option::unwrap_or_default);
                Node::If(Box::new([condition, then, otherwise]))
            }
            (INDEX | OPTIONAL_INDEX, 2) => {
                let [index, operand] = [args.pop(), args.pop()].map(Option::unwrap_or_default).map(Box::new);
                Node::Index { operand, index, optional: function.name == OPTIONAL_INDEX }
            }
            ("or" | "orValue", 2) => {
                let [otherwise, optional] = [args.pop(), args.pop()].map(Option::unwrap_or_default);
                Node::OrElse(Box::new([optional, otherwise]), function.name == "orValue")
            }
            (NOT_STRICTLY_FALSE, 1) => Node::NotStrictlyFalse(Box::new(args.pop().unwrap_or_default())),
            (name, _) => {
                let named = !name.contains('_') && !PLAIN.contains(&name);
                Node::Call { function, args, named }
            }
        }
    }

    /// Converts a constant.
    fn convert(&mut self, declared: &'static Declaration, value: Val<'static>, ids: &[u64]) -> Node {
        let function = declared.function;
        let text = value.as_str();
        let refused = match (function.name, text) {
            ("duration", Some(text)) => duration::parse(text).is_err(),
            ("timestamp", Some(text)) => Time::parse("2006-01-02T15:04:05Z07:00", text).is_err(),
            _ => false,
        };
        if refused {
            self.literals.push((ids[0], format!("invalid {} argument", function.name)));
            return NOTHING;
        }
        let args = [value];
        match (function.run)(&args) {
            Ok(converted) => match converted.into_static() {
                Some(constant) => Node::Constant(constant),
                None => Node::Call { function, args: args.map(Node::Constant).into(), named: false },
            },
            Err(failure) => {
                self.instantiation.get_or_insert(failure.into_text());
                NOTHING
            }
        }
    }

    /// A literal text and the constants in a literal list must go together.
    fn check_format(&mut self, id: u64, call: &CallExpr, args: &[(u64, Part)]) {
        let [(_, (_, text)), (_, (_, list))] = args else { return };
        let ([expr], Some(text)) = (call.args.as_slice(), text.constant_text()) else { return };
        let Expr::List(literal) = &expr.expr else { return };
        let (wanted, count) = (library::wanted(text), literal.elements.len());
        if count > wanted {
            let problem = format!("too many arguments supplied to string.format (expected {wanted}, got {count})");
            self.literals.push((id, problem));
        } else if let Some(items) = list.constant().and_then(Val::items)
            && let Err((place, problem)) = library::fill(text, &items)
        {
            let at = literal.elements.get(place).map_or(id, |element| element.id);
            self.literals.push((at, problem));
        }
    }

    fn comprehension(&mut self, fold: &ComprehensionExpr) -> Part {
        let (range_type, range) = self.expr(&fold.iter_range);
        let (accumulated, init) = self.expr(&fold.accu_init);
        let range_type = self.bindings.resolve(&range_type, false);
        let base = self.scope.len();
        self.scope.push((fold.accu_var.clone(), accumulated.clone()));
        if fold.iter_var == macros::UNUSED {
            let (ty, body) = self.expr(&fold.result);
            self.scope.truncate(base);
            return (ty, Node::Let(Box::new([init, body])));
        }
        let (first, second) = match &range_type {
            Type::List(item) if fold.iter_var2.is_some() => (Type::Int, (**item).clone()),
            Type::List(item) => ((**item).clone(), Type::Dyn),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn | Type::Error | Type::Param(_) => {
                self.bindings.fits(&Type::Dyn, &range_type);
                (Type::Dyn, Type::Dyn)
            }
            other => {
                let text = format!(
                    "expression of type '{}' cannot be range of a comprehension (must be list, map, or dynamic)",
                    other.shown()
                );
                self.problem(fold.iter_range.id, text);
                (Type::Error, Type::Error)
            }
        };
        self.scope.push((fold.iter_var.clone(), first));
        if let Some(name) = &fold.iter_var2 {
            self.scope.push((name.clone(), second));
        }
        let (ty, condition) = self.expr(&fold.loop_cond);
        self.expect(fold.loop_cond.id, &Type::Bool, &ty);
        let (ty, step) = self.expr(&fold.loop_step);
        self.expect(fold.loop_step.id, &accumulated, &ty);
        self.scope.truncate(base + 1);
        let (ty, result) = self.expr(&fold.result);
        self.scope.truncate(base);
        let ty = self.bindings.resolve(&ty, false);
        let step = appending(step, base);
        let two = fold.iter_var2.is_some();
        (ty, Node::Fold(Box::new(Fold { range, init, condition, step, result, two })))
    }

    fn expect(&mut self, id: u64, wanted: &Type, found: &Type) {
        if !self.bindings.fits(wanted, found) {
            self.problem(id, format!("expected type '{}' but found '{}'", wanted.shown(), found.shown()));
        }
    }
}

fn literal_part(literal: &LiteralValue) -> Part {
    let (ty, value) = match literal {
        LiteralValue::Boolean(b) => (Type::Bool, Val::Bool(*b.inner())),
        LiteralValue::Bytes(b) => (Type::Bytes, Val::Bytes(b.inner().to_vec().into())),
        LiteralValue::Double(n) => (Type::Double, Val::Double(*n.inner())),
        LiteralValue::Int(n) => (Type::Int, Val::Int(*n.inner())),
        LiteralValue::Null => (Type::Null, Val::Null),
        LiteralValue::String(s) => (Type::String, Val::text(s.inner().to_owned())),
        LiteralValue::UInt(n) => (Type::Uint, Val::Uint(*n.inner())),
    };
    (ty, Node::Constant(value))
}

/// A declared variable, or a type as a value.
fn named(name: &str) -> Option<Part> {
    let ty = types::declared(name)?;
    let node = match (Variable::named(name), &ty) {
        (Some(variable), _) => Node::Variable(variable),
        (None, Type::Meta(Some(of))) => Node::Constant(Val::Type((**of).clone())),
        (None, _) => return None,
    };
    Some((ty, node))
}

/// `a.b.c` as a name.
fn qualified(expr: &IdedExpr) -> Option<String> {
    match &expr.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) if !select.test => Some(format!("{}.{}", qualified(&select.operand)?, select.field)),
        _ => None,
    }
}

/// Turns `list + [item]` on the accumulated list, as macros write it, into an append that copies nothing.
fn appending(step: Node, list: usize) -> Node {
    match step {
        Node::Call { function, mut args, named } if function.name == "_+_" => match args.as_mut_slice() {
            [Node::Local(place), Node::List(items)] if *place == list && items.len() == 1 && !items[0].1 => {
                Node::Append { list, item: Box::new(std::mem::take(&mut items[0].0)) }
            }
            _ => Node::Call { function, args, named },
        },
        Node::If(mut parts) => {
            parts[1] = appending(std::mem::take(&mut parts[1]), list);
            Node::If(parts)
        }
        other => other,
    }
}
