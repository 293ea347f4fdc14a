use crate::go::template::value::{Int, Value};

/// `time.Duration.String` of a number of nanoseconds: `1h30m0s`, `1.5s`, `300ms`, `0s`.
pub fn duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let n = nanos.unsigned_abs();
    if n == 0 {
        return "0s".into();
    }
    let scaled = |unit: u64, name: &str| {
        let (whole, rest) = (n / unit, n % unit);
        let width = unit.ilog10() as usize;
        let fraction =
            if rest == 0 { String::new() } else { format!(".{rest:0width$}").trim_end_matches('0').to_owned() };
        format!("{sign}{whole}{fraction}{name}")
    };
    if n < 1_000 {
        return format!("{sign}{n}ns");
    }
    if n < 1_000_000 {
        return scaled(1_000, "µs");
    }
    if n < 1_000_000_000 {
        return scaled(1_000_000, "ms");
    }
    let seconds = n / 1_000_000_000;
    let rest = n % 1_000_000_000;
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:09}").trim_end_matches('0').to_owned() };
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}{fraction}s"),
        (0, m) => format!("{sign}{m}m{seconds}{fraction}s"),
        (h, m) => format!("{sign}{h}h{m}m{seconds}{fraction}s"),
    }
}

fn nanos<'d>(n: i64) -> Value<'d> {
    Value::Int(n, Int::Duration)
}

/// A method of `time.Duration` on nanoseconds; `Round` and `Truncate` take a unit. `None` for names that are no method.
pub(in crate::go::template) fn method<'d>(name: &str, n: i64, unit: i64) -> Option<Value<'d>> {
    let units = |unit| Value::Float(whole_and_rest(n, unit), false);
    Some(match name {
        "Hours" => units(3_600_000_000_000),
        "Minutes" => units(60_000_000_000),
        "Seconds" => units(1_000_000_000),
        "Milliseconds" => Value::Int(n / 1_000_000, Int::Int64),
        "Microseconds" => Value::Int(n / 1_000, Int::Int64),
        "Nanoseconds" => Value::Int(n, Int::Int64),
        "String" => Value::string(duration(n)),
        "Abs" => nanos(n.saturating_abs()),
        "Truncate" => nanos(if unit <= 0 { n } else { n - n % unit }),
        "Round" => nanos(round(n, unit)),
        _ => return None,
    })
}

/// Whole units and the fraction are added as floats, as Go does.
fn whole_and_rest(n: i64, unit: i64) -> f64 {
    (n / unit) as f64 + (n % unit) as f64 / unit as f64
}

/// To a multiple of the unit, halves away from zero; what would overflow stays at the limit.
fn round(n: i64, unit: i64) -> i64 {
    if unit <= 0 {
        return n;
    }
    let rest = n % unit;
    let down = n - rest;
    match rest.unsigned_abs() >= (unit - rest.abs()) as u64 {
        false => down,
        true if n < 0 => down.saturating_sub(unit),
        true => down.saturating_add(unit),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn as_go() {
        for (n, want) in [
            (0, "0s"),
            (5, "5ns"),
            (1_500, "1.5µs"),
            (90_000_000_000, "1m30s"),
            (-2_000_000, "-2ms"),
            (3_661_000_000_001, "1h1m1.000000001s"),
        ] {
            assert_eq!(duration(n), want);
        }
    }
}
