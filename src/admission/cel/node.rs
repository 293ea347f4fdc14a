//! A checked expression, ready to run.

use std::sync::Arc;

use crate::go::regexp::Regexp;

use super::library::Function;
use super::value::Val;

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Constant(Val<'static>),
    Variable(Variable),
    /// A variable of a comprehension: its place on the stack.
    Local(usize),
    Select {
        operand: Box<Node>,
        field: String,
        optional: bool,
    },
    /// `has(operand.field)`
    Has {
        operand: Box<Node>,
        field: String,
    },
    Index {
        operand: Box<Node>,
        index: Box<Node>,
        optional: bool,
    },
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    /// Condition, then, else.
    If(Box<[Node; 3]>),
    /// True unless it is false: errors count as true.
    NotStrictlyFalse(Box<Node>),
    /// A call; true where the failure for arguments of other types names the function and the types.
    Call {
        function: &'static Function,
        args: Vec<Node>,
        named: bool,
    },
    /// A call with a pattern that was compiled before.
    Match {
        function: &'static Function,
        regex: Arc<Regexp>,
        args: Vec<Node>,
    },
    /// `or` and `orValue`, which look at the second only where the first is empty; true for `orValue`.
    OrElse(Box<[Node; 2]>, bool),
    /// Items; true for those that are optional.
    List(Vec<(Node, bool)>),
    /// Keys, values; true for those that are optional.
    Map(Vec<(Node, Node, bool)>),
    Fold(Box<Fold>),
    /// Appends to the list in a local, in place.
    Append {
        list: usize,
        item: Box<Node>,
    },
    /// A value under a name, for the second node.
    Let(Box<[Node; 2]>),
}

/// A comprehension. Its locals are the accumulated value, then one or two variables.
#[derive(Clone, Debug)]
pub(super) struct Fold {
    pub range: Node,
    pub init: Node,
    pub condition: Node,
    pub step: Node,
    pub result: Node,
    /// Key and value (or place and item) instead of one variable.
    pub two: bool,
}

/// The variables of admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Object,
    OldObject,
    Request,
    Namespace,
    Authorizer,
    RequestResource,
}

impl Variable {
    pub(super) fn named(name: &str) -> Option<Variable> {
        match name.strip_prefix('.').unwrap_or(name) {
            "object" => Some(Variable::Object),
            "oldObject" => Some(Variable::OldObject),
            "request" => Some(Variable::Request),
            "namespaceObject" => Some(Variable::Namespace),
            "authorizer" => Some(Variable::Authorizer),
            "authorizer.requestResource" => Some(Variable::RequestResource),
            _ => None,
        }
    }
}

impl Default for Node {
    fn default() -> Node {
        Node::Constant(Val::Null)
    }
}

impl Node {
    /// True when it looks at a variable.
    pub(super) fn uses(&self, variable: Variable) -> bool {
        match self {
            Node::Constant(_) | Node::Local(_) => false,
            Node::Variable(own) => *own == variable,
            Node::Select { operand, .. } | Node::Has { operand, .. } => operand.uses(variable),
            Node::Index { operand, index, .. } => operand.uses(variable) || index.uses(variable),
            Node::And(parts) | Node::Or(parts) | Node::Let(parts) | Node::OrElse(parts, _) => {
                parts.iter().any(|part| part.uses(variable))
            }
            Node::If(parts) => parts.iter().any(|part| part.uses(variable)),
            Node::NotStrictlyFalse(inner) => inner.uses(variable),
            Node::Call { args, .. } | Node::Match { args, .. } => args.iter().any(|arg| arg.uses(variable)),
            Node::List(items) => items.iter().any(|(item, _)| item.uses(variable)),
            Node::Map(entries) => entries.iter().any(|(key, value, _)| key.uses(variable) || value.uses(variable)),
            Node::Fold(fold) => {
                [&fold.range, &fold.init, &fold.condition, &fold.step, &fold.result].iter().any(|n| n.uses(variable))
            }
            Node::Append { item, .. } => item.uses(variable),
        }
    }

    /// The value of a literal.
    pub(super) fn constant(&self) -> Option<&Val<'static>> {
        match self {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The text of a literal.
    pub(super) fn constant_text(&self) -> Option<&str> {
        self.constant().and_then(Val::as_str)
    }
}
