//! Defaults, choices and types.

use super::super::functions::Functions;
use super::super::value::Value;
use super::cast::is_empty;

pub(super) fn register(f: &mut Functions) {
    f.add("default", "any,any...", |c| {
        Ok(match c.args.get(1) {
            Some(given) if !is_empty(given) => given.clone(),
            _ => c.arg(0),
        })
    });
    f.add("empty", "any", |c| Ok(Value::Bool(is_empty(&c.arg(0)))));
    f.add("coalesce", "any...", |c| Ok(c.args.iter().find(|v| !is_empty(v)).cloned().unwrap_or(Value::Nil)));
    f.add("all", "any...", |c| Ok(Value::Bool(!c.args.iter().any(is_empty))));
    f.add("any", "any...", |c| Ok(Value::Bool(c.args.iter().any(|v| !is_empty(v)))));
    f.add("ternary", "any,any,bool", |c| Ok(if matches!(c.arg(2), Value::Bool(true)) { c.arg(0) } else { c.arg(1) }));
    f.add("fail", "string", |c| Err(c.str(0).to_owned()));
    f.add("typeOf", "any", |c| Ok(Value::string(c.arg(0).type_name())));
    f.add("typeIs", "string,any", |c| Ok(Value::Bool(c.arg(1).type_name() == c.str(0))));
    f.add("typeIsLike", "string,any", |c| {
        let ty = c.arg(1).type_name();
        Ok(Value::Bool(ty == c.str(0) || ty.strip_prefix('*') == Some(c.str(0))))
    });
    f.add("kindOf", "any", |c| Ok(Value::string(c.arg(0).kind())));
    f.add("kindIs", "string,any", |c| Ok(Value::Bool(c.arg(1).kind() == c.str(0))));
    f.add("deepEqual", "any,any", |c| Ok(Value::Bool(c.arg(0).deep_equal(&c.arg(1)))));
}
