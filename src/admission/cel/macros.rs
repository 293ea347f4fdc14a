//! Macros that the parser does not know: two-variable comprehensions, `sortBy`, and mapping of optionals.
//!
//! Source: cel-go 0.26, extensions.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr};

use super::check::Problem;

/// The variable of a comprehension that runs never: it only binds the accumulated value.
pub(super) const UNUSED: &str = "#unused";

const RESULT: &str = "@result";
const SORTED: &str = "@__sortBy_input__";

/// What a macro stands for; `None` for calls that are no macros.
///
/// Errors: an argument that must be a name is none.
pub(super) fn expand(id: u64, call: &CallExpr) -> Option<Result<IdedExpr, Problem>> {
    let target = call.target.as_deref()?;
    let node = |expr| IdedExpr { id, expr };
    let ident = |name: &str| node(Expr::Ident(name.to_owned()));
    let function =
        |name: &str, args: Vec<IdedExpr>| node(Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }));
    let boolean = |b: bool| node(Expr::Literal(LiteralValue::Boolean(b.into())));
    let int = |n: i64| node(Expr::Literal(LiteralValue::Int(n.into())));
    let list = |items| node(Expr::List(ListExpr::new(items)));
    let result = || ident(RESULT);
    let fold = |names: &[String], init, condition, step, result| {
        node(Expr::Comprehension(Box::new(ComprehensionExpr {
            iter_range: target.clone(),
            iter_var: names[0].clone(),
            iter_var2: names.get(1).cloned(),
            accu_var: RESULT.to_owned(),
            accu_init: init,
            loop_cond: condition,
            loop_step: step,
            result,
        })))
    };
    let bound = |name: &str, value: IdedExpr, body: IdedExpr| {
        node(Expr::Comprehension(Box::new(ComprehensionExpr {
            iter_range: list(Vec::new()),
            iter_var: UNUSED.to_owned(),
            iter_var2: None,
            accu_var: name.to_owned(),
            accu_init: value,
            loop_cond: boolean(false),
            loop_step: ident(name),
            result: body,
        })))
    };
    let args = call.args.as_slice();
    let names = |count: usize| args[..count].iter().map(simple_name).collect::<Result<Vec<String>, Problem>>();
    let method = |of: IdedExpr, name: &str, args: Vec<IdedExpr>| {
        node(Expr::Call(CallExpr { func_name: name.to_owned(), target: Some(Box::new(of)), args }))
    };
    let expanded = match (call.func_name.as_str(), args) {
        ("all", [_, _, predicate]) => names(2).map(|names| {
            let step = function("_&&_", vec![result(), predicate.clone()]);
            fold(&names, boolean(true), function("@not_strictly_false", vec![result()]), step, result())
        }),
        ("exists", [_, _, predicate]) => names(2).map(|names| {
            let open = function("@not_strictly_false", vec![function("!_", vec![result()])]);
            let step = function("_||_", vec![result(), predicate.clone()]);
            fold(&names, boolean(false), open, step, result())
        }),
        ("exists_one" | "existsOne", [_, _, predicate]) => names(2).map(|names| {
            let more = function("_+_", vec![result(), int(1)]);
            let step = function("_?_:_", vec![predicate.clone(), more, result()]);
            fold(&names, int(0), boolean(true), step, function("_==_", vec![result(), int(1)]))
        }),
        ("transformList", [_, _, filter @ .., item]) if filter.len() < 2 => names(2).map(|names| {
            let add = function("_+_", vec![result(), list(vec![item.clone()])]);
            fold(&names, list(Vec::new()), boolean(true), filtered(&function, filter, add, result()), result())
        }),
        ("transformMap", [_, _, filter @ .., value]) if filter.len() < 2 => names(2).map(|names| {
            let add = function("cel.@mapInsert", vec![result(), ident(&names[0]), value.clone()]);
            let init = node(Expr::Map(MapExpr { entries: Vec::new() }));
            fold(&names, init, boolean(true), filtered(&function, filter, add, result()), result())
        }),
        ("transformMapEntry", [_, _, filter @ .., entry]) if filter.len() < 2 => names(2).map(|names| {
            let add = function("cel.@mapInsert", vec![result(), entry.clone()]);
            let init = node(Expr::Map(MapExpr { entries: Vec::new() }));
            fold(&names, init, boolean(true), filtered(&function, filter, add, result()), result())
        }),
        ("optMap" | "optFlatMap", [_, body]) => names(1).map(|names| {
            let value = bound(&names[0], method(target.clone(), "value", Vec::new()), body.clone());
            let some = if call.func_name == "optMap" { function("optional.of", vec![value]) } else { value };
            let has = method(target.clone(), "hasValue", Vec::new());
            function("_?_:_", vec![has, some, function("optional.none", Vec::new())])
        }),
        ("sortBy", [_, key]) => names(1).map(|names| {
            let add = function("_+_", vec![result(), list(vec![key.clone()])]);
            let keys = node(Expr::Comprehension(Box::new(ComprehensionExpr {
                iter_range: ident(SORTED),
                iter_var: names[0].clone(),
                iter_var2: None,
                accu_var: RESULT.to_owned(),
                accu_init: list(Vec::new()),
                loop_cond: boolean(true),
                loop_step: add,
                result: result(),
            })));
            bound(SORTED, target.clone(), method(ident(SORTED), "@sortByAssociatedKeys", vec![keys]))
        }),
        _ => return None,
    };
    Some(expanded)
}

/// The step, taken only where the filter says so.
fn filtered(
    function: &impl Fn(&str, Vec<IdedExpr>) -> IdedExpr,
    filter: &[IdedExpr],
    step: IdedExpr,
    result: IdedExpr,
) -> IdedExpr {
    match filter.first() {
        Some(filter) => function("_?_:_", vec![filter.clone(), step, result]),
        None => step,
    }
}

fn simple_name(expr: &IdedExpr) -> Result<String, Problem> {
    match &expr.expr {
        Expr::Ident(name) => Ok(name.clone()),
        _ => Err((expr.id, "argument must be a simple name".into())),
    }
}
