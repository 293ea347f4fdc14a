//! Arithmetic on `int64` and `float64`.

use super::super::functions::{Call, Functions};
use super::super::value::{Int, Value};
use super::cast::{float, integer};
use super::decimal;

type Result<'d> = std::result::Result<Value<'d>, String>;

fn int64<'d>(n: i64) -> Result<'d> {
    Ok(Value::Int(n, Int::Int64))
}

fn float64<'d>(n: f64) -> Result<'d> {
    Ok(Value::Float(n, false))
}

fn fold(c: &Call<'_, '_>, from: usize, start: i64, f: fn(i64, i64) -> i64) -> i64 {
    c.args[from..].iter().fold(start, |n, v| f(n, integer(v)))
}

fn fold_float(c: &Call<'_, '_>, f: fn(f64, f64) -> f64) -> f64 {
    c.args[1..].iter().fold(float(&c.arg(0)), |n, v| f(n, float(v)))
}

fn decimals<'d>(c: &Call<'_, 'd>, operation: decimal::Operation) -> Result<'d> {
    decimal::fold(float(&c.arg(0)), c.args[1..].iter().map(float), operation).and_then(float64)
}

/// The larger number, as `math.Max`: infinity before what is no number, that before all others, 0 before -0.
fn larger(a: f64, b: f64) -> f64 {
    match () {
        () if a == f64::INFINITY || b == f64::INFINITY => f64::INFINITY,
        () if a.is_nan() || b.is_nan() => f64::NAN,
        () if a == b => {
            if a.is_sign_negative() {
                b
            } else {
                a
            }
        }
        () => a.max(b),
    }
}

pub(super) fn register(f: &mut Functions) {
    f.add("int", "any", |c| Ok(Value::int(integer(&c.arg(0)))));
    f.add("int64", "any", |c| int64(integer(&c.arg(0))));
    f.add("float64", "any", |c| float64(float(&c.arg(0))));
    f.add("toDecimal", "any", |c| int64(i64::from_str_radix(&super::cast::text(&c.arg(0)), 8).unwrap_or(0)));
    f.add("add", "any...", |c| int64(fold(c, 0, 0, i64::wrapping_add)));
    f.add("add1", "any", |c| int64(integer(&c.arg(0)).wrapping_add(1)));
    f.add("sub", "any,any", |c| int64(integer(&c.arg(0)).wrapping_sub(integer(&c.arg(1)))));
    f.add("mul", "any,any...", |c| int64(fold(c, 1, integer(&c.arg(0)), i64::wrapping_mul)));
    f.add("div", "any,any", |c| match integer(&c.arg(1)) {
        0 => Err("runtime error: integer divide by zero".into()),
        n => int64(integer(&c.arg(0)).wrapping_div(n)),
    });
    f.add("mod", "any,any", |c| match integer(&c.arg(1)) {
        0 => Err("runtime error: integer divide by zero".into()),
        n => int64(integer(&c.arg(0)).wrapping_rem(n)),
    });
    for name in ["max", "biggest"] {
        f.add(name, "any,any...", |c| int64(fold(c, 1, integer(&c.arg(0)), i64::max)));
    }
    f.add("min", "any,any...", |c| int64(fold(c, 1, integer(&c.arg(0)), i64::min)));
    f.add("maxf", "any,any...", |c| float64(fold_float(c, larger)));
    f.add("minf", "any,any...", |c| float64(fold_float(c, |a, b| -larger(-a, -b))));
    f.add("addf", "any...", |c| decimal::fold(0.0, c.args.iter().map(float), decimal::add).and_then(float64));
    f.add("add1f", "any", |c| decimal::fold(float(&c.arg(0)), [1.0].into_iter(), decimal::add).and_then(float64));
    f.add("subf", "any,any...", |c| decimals(c, decimal::sub));
    f.add("mulf", "any,any...", |c| decimals(c, decimal::mul));
    f.add("divf", "any,any...", |c| decimals(c, decimal::div));
    f.add("floor", "any", |c| float64(float(&c.arg(0)).floor()));
    f.add("ceil", "any", |c| float64(float(&c.arg(0)).ceil()));
    f.add("round", "any,int,float64...", |c| {
        let at = match c.args.get(2) {
            Some(value) => float(value),
            None => 0.5,
        };
        let power = 10f64.powi(c.int(1).clamp(-400, 400) as i32);
        let digit = power * float(&c.arg(0));
        let fraction = if digit.is_infinite() { f64::NAN } else { digit.fract() };
        let rounded = if fraction >= at { digit.ceil() } else { digit.floor() };
        float64(rounded / power)
    });
}
