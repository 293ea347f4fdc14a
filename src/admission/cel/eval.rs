//! Runs a checked expression, counting costs.
//!
//! Source: cel-go 0.26, interpreter and cost tracker; apiserver 1.36, cost limits.

use std::sync::Arc;

use super::library::{self, kubernetes::Opaque};
use super::node::{Fold, Node, Variable};
use super::value::{Failure, Outcome, Val};
use super::{CALL_COST_LIMIT, Variables};

/// The cost of making a list.
const LIST_COST: u64 = 10;
/// The cost of making a map.
const MAP_COST: u64 = 30;

/// Runs an expression: its value and the cost.
pub(super) fn run<'a>(node: &'a Node, variables: &Variables<'a>) -> (Outcome<'a>, u64) {
    let mut machine = Machine { variables, cost: 0, locals: Vec::new() };
    let outcome = machine.eval(node);
    (outcome, machine.cost)
}

struct Machine<'v, 'a> {
    variables: &'v Variables<'a>,
    cost: u64,
    locals: Vec<Outcome<'a>>,
}

impl<'a> Machine<'_, 'a> {
    fn pay(&mut self, cost: u64) -> Result<(), Failure> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost > CALL_COST_LIMIT { Err(Failure::Cancelled) } else { Ok(()) }
    }

    fn eval(&mut self, node: &'a Node) -> Outcome<'a> {
        match node {
            Node::Constant(value) => Ok(value.borrowed()),
            Node::Variable(variable) => {
                self.pay(1)?;
                Ok(self.variable(*variable))
            }
            Node::Local(place) => {
                self.pay(1)?;
                self.locals.get(*place).cloned().unwrap_or_else(|| Err(Failure::new("no such attribute")))
            }
            Node::Select { operand, field, optional } => {
                let operand = self.eval(operand)?;
                self.pay(1)?;
                qualify(operand, &Val::text(field.as_str()), *optional)
            }
            Node::Has { operand, field } => {
                let operand = self.eval(operand)?;
                let operand = match &operand {
                    Val::Optional(None) => return Ok(Val::Bool(false)),
                    Val::Optional(Some(inner)) => inner,
                    other => other,
                };
                find(operand, &Val::text(field.as_str())).map(|found| Val::Bool(found.is_some()))
            }
            Node::Index { operand, index, optional } => {
                let operand = self.eval(operand)?;
                let index = self.eval(index)?;
                self.pay(1)?;
                qualify(operand, &index, *optional)
            }
            Node::And(terms) => self.logical(terms, false),
            Node::Or(terms) => self.logical(terms, true),
            Node::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                match self.eval(condition)? {
                    Val::Bool(true) => self.eval(then),
                    Val::Bool(false) => self.eval(otherwise),
                    _ => Err(Failure::overload()),
                }
            }
            Node::NotStrictlyFalse(inner) => {
                let value = match self.eval(inner) {
                    Ok(Val::Bool(false)) => false,
                    Err(Failure::Cancelled) => return Err(Failure::Cancelled),
                    _ => true,
                };
                self.pay(1)?;
                Ok(Val::Bool(value))
            }
            Node::Call { function, args, named } => {
                let values = self.arguments(args)?;
                let mut result = (function.run)(&values);
                if let (Err(Failure::NoOverload), true) = (&result, named) {
                    let types: Vec<&str> = values.iter().map(|v| v.ty().name()).collect();
                    let text = format!("no such overload: {}({})", function.name, types.join(", "));
                    result = Err(Failure::new(text));
                }
                self.pay(function.cost(&values, &result))?;
                result
            }
            Node::Match { function, regex, args } => {
                let values = self.arguments(args)?;
                let result = library::run_pattern(function.name, regex, &values);
                self.pay(function.cost(&values, &result))?;
                result
            }
            Node::OrElse(parts, unwrap) => {
                let [optional, otherwise] = &**parts;
                match self.eval(optional)? {
                    Val::Optional(Some(inner)) if *unwrap => Ok((*inner).clone()),
                    some @ Val::Optional(Some(_)) => Ok(some),
                    Val::Optional(None) => self.eval(otherwise),
                    // What is no optional at all is taken as it is.
                    other => Ok(other),
                }
            }
            Node::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (item, optional) in items {
                    match (self.eval(item)?, optional) {
                        (Val::Optional(None), true) => {}
                        (Val::Optional(Some(inner)), true) => list.push((*inner).clone()),
                        (value, _) => list.push(value),
                    }
                }
                self.pay(LIST_COST)?;
                Ok(Val::list(list))
            }
            Node::Map(entries) => {
                let mut members: Vec<(Val<'a>, Val<'a>)> = Vec::with_capacity(entries.len());
                for (key, value, optional) in entries {
                    let key = self.eval(key)?;
                    let value = match (self.eval(value)?, optional) {
                        (Val::Optional(None), true) => continue,
                        (Val::Optional(Some(inner)), true) => (*inner).clone(),
                        (value, _) => value,
                    };
                    match members.iter_mut().find(|(k, _)| k.equals(&key).unwrap_or(false)) {
                        Some((_, old)) => *old = value,
                        None => members.push((key, value)),
                    }
                }
                self.pay(MAP_COST)?;
                Ok(Val::Map(Arc::new(members)))
            }
            Node::Fold(fold) => self.fold(fold),
            Node::Append { list, item } => {
                let item = self.eval(item);
                if let Err(Failure::Cancelled) = item {
                    return Err(Failure::Cancelled);
                }
                self.pay(1 + LIST_COST + 1)?;
                let slot = self.locals.get_mut(*list).ok_or_else(Failure::overload)?;
                let mut accumulated = std::mem::replace(slot, Ok(Val::Null))?;
                if let Val::List(items) = &mut accumulated {
                    Arc::make_mut(items).push(item?);
                }
                Ok(accumulated)
            }
            Node::Let(parts) => {
                let [value, body] = &**parts;
                let value = self.eval(value);
                if let Err(Failure::Cancelled) = value {
                    return Err(Failure::Cancelled);
                }
                self.locals.push(value);
                let result = self.eval(body);
                self.locals.pop();
                result
            }
        }
    }

    /// Evaluates all arguments, also those behind one that fails: they still cost.
    fn arguments(&mut self, args: &'a [Node]) -> Result<Vec<Val<'a>>, Failure> {
        let mut values = Vec::with_capacity(args.len());
        let mut failed = None;
        for arg in args {
            match self.uncancelled(arg)? {
                Ok(value) => values.push(value),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        match failed {
            Some(failure) => {
                self.pay(1)?;
                Err(failure)
            }
            None => Ok(values),
        }
    }

    fn variable(&self, variable: Variable) -> Val<'a> {
        match variable {
            Variable::Object => Val::of(self.variables.object),
            Variable::OldObject => Val::of(self.variables.old_object),
            Variable::Request => Val::of(self.variables.request),
            // Webhooks get no namespace, though the name is declared.
            Variable::Namespace => Val::Null,
            Variable::Authorizer => Val::opaque(Opaque::Authorizer(self.variables.authorizer)),
            Variable::RequestResource => Val::opaque(Opaque::ResourceCheck(self.variables.authorizer)),
        }
    }

    /// `&&` (decided by false) and `||` (decided by true): a decision beats an error on the other side.
    fn logical(&mut self, terms: &'a [Node; 2], decided_by: bool) -> Outcome<'a> {
        let mut failed = None;
        for term in terms {
            match self.eval(term) {
                Ok(Val::Bool(value)) if value == decided_by => return Ok(Val::Bool(value)),
                Ok(Val::Bool(_)) => {}
                Ok(_) => failed = failed.or_else(|| Some(Failure::overload())),
                Err(Failure::Cancelled) => return Err(Failure::Cancelled),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        match failed {
            Some(failure) => Err(failure),
            None => Ok(Val::Bool(!decided_by)),
        }
    }

    fn fold(&mut self, fold: &'a Fold) -> Outcome<'a> {
        let range = self.eval(&fold.range)?;
        let pairs: Vec<(Val<'a>, Val<'a>)> = match (range.items(), range.members()) {
            (Some(items), _) if fold.two => (0..).map(Val::Int).zip(items).collect(),
            (Some(items), _) => items.into_iter().map(|item| (item, Val::Null)).collect(),
            (_, Some(members)) => members,
            _ => {
                let name = go_type(&range);
                return Err(Failure::new(format!("got '{name}', expected iterable type")));
            }
        };
        let base = self.locals.len();
        let init = self.eval(&fold.init);
        if let Err(Failure::Cancelled) = init {
            return Err(Failure::Cancelled);
        }
        self.locals.push(init);
        for (key, value) in pairs {
            self.locals.push(Ok(key));
            if fold.two {
                self.locals.push(Ok(value));
            }
            if let Ok(Val::Bool(false)) = self.uncancelled(&fold.condition)? {
                self.locals.truncate(base + 1);
                break;
            }
            let step = self.uncancelled(&fold.step)?;
            self.locals.truncate(base);
            self.locals.push(step);
        }
        let result = self.eval(&fold.result);
        self.locals.truncate(base);
        result
    }

    /// Evaluates, giving errors as values and only the end of everything as an error.
    fn uncancelled(&mut self, node: &'a Node) -> Result<Outcome<'a>, Failure> {
        match self.eval(node) {
            Err(Failure::Cancelled) => Err(Failure::Cancelled),
            outcome => Ok(outcome),
        }
    }
}

/// What a value of this type is called in Go, for the one error that shows it.
fn go_type(value: &Val<'_>) -> &'static str {
    match value {
        Val::Null => "types.Null",
        Val::Bool(_) => "types.Bool",
        Val::Int(_) => "types.Int",
        Val::Uint(_) => "types.Uint",
        Val::Double(_) => "types.Double",
        Val::String(_) => "types.String",
        Val::Bytes(_) => "types.Bytes",
        Val::Duration(_) => "types.Duration",
        Val::Timestamp(_) => "types.Timestamp",
        Val::Optional(_) => "*types.Optional",
        other => other.ty().name(),
    }
}

/// `operand.key` and `operand[key]`; once something optional is on the way, what is missing is an empty optional.
fn qualify<'a>(operand: Val<'a>, key: &Val<'_>, optional: bool) -> Outcome<'a> {
    let (operand, optional) = match operand {
        Val::Optional(None) => return Ok(Val::Optional(None)),
        Val::Optional(Some(inner)) => ((*inner).clone(), true),
        other => (other, optional),
    };
    match find(&operand, key)? {
        Some(value) if optional => Ok(Val::some(value)),
        Some(value) => Ok(value),
        None if optional => Ok(Val::Optional(None)),
        None if matches!(operand, Val::JsonList(_) | Val::List(_)) => {
            Err(Failure::new(format!("index out of bounds: {}", key.shown())))
        }
        None => Err(Failure::new(format!("no such key: {}", key.shown()))),
    }
}

/// What stands under a key or place; `None` where nothing does, also in values that have no members at all.
fn find<'a>(operand: &Val<'a>, key: &Val<'_>) -> Result<Option<Val<'a>>, Failure> {
    if !matches!(operand, Val::JsonList(_) | Val::List(_)) {
        return Ok(operand.member(key));
    }
    let index = match key {
        Val::Int(n) => Some(*n),
        Val::Uint(n) => i64::try_from(*n).ok(),
        Val::Double(n) if n.fract() == 0.0 && n.abs() < 9e15 => Some(*n as i64),
        Val::Double(n) => {
            let index = Val::Double(*n).shown();
            return Err(Failure::new(format!("unsupported index value {index} in list")));
        }
        other => {
            return Err(Failure::new(format!("unsupported index type '{}' in list", other.ty().name())));
        }
    };
    Ok(index.and_then(|n| usize::try_from(n).ok()).and_then(|n| operand.item(n)))
}
