//! `--concurrency` of the sidecar from its CPU.

use crate::go::json::Value;
use crate::go::strconv;
use crate::injector::pod;
use crate::k8s::quantity::Quantity;

/// Adds `--concurrency` to the first sidecar, unless it is there: its CPU limit, else its CPU request, rounded up.
pub(super) fn add(containers: &mut [Value]) {
    let Some(sidecar) = containers.iter_mut().find(|c| pod::name(c) == pod::PROXY) else { return };
    if flag(sidecar["args"].items(), "concurrency").is_some_and(|n| n > 0) {
        return;
    }
    let cores = ["limits", "requests"].into_iter().map(|kind| cores(&sidecar["resources"][kind]["cpu"]));
    let Some(cores) = cores.into_iter().find(|cores| *cores > 0) else { return };
    let added = ["--concurrency".into(), Value::from(cores.to_string())];
    match sidecar.get_mut("args") {
        Some(Value::Array(args)) => args.extend(added),
        _ => *sidecar.entry("args") = Value::Array(added.into()),
    }
}

fn cores(cpu: &Value) -> i64 {
    let millis = cpu.as_str().and_then(|text| Quantity::parse(text).ok()).and_then(|q| q.scaled(-3).parse().ok());
    let millis: i64 = millis.unwrap_or(0);
    millis.div_euclid(1000) + i64::from(millis.rem_euclid(1000) > 0)
}

/// The number that an argument `-NAME=N`, `--NAME=N` or the one after `--NAME` gives. The first argument of the name
/// decides, `None` where it gives no number.
pub(super) fn flag(args: &[Value], name: &str) -> Option<i64> {
    let texts = || args.iter().map(|arg| arg.as_str().unwrap_or_default());
    let (at, given) = texts().enumerate().find_map(|(i, arg)| {
        let arg = arg.trim();
        let rest = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-'))?.strip_prefix(name)?;
        match rest.strip_prefix('=') {
            Some(number) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => Some((i, number)),
            None if rest.is_empty() => Some((i, "")),
            _ => None,
        }
    })?;
    let text = if given.is_empty() { texts().nth(at + 1)? } else { given };
    strconv::atoi(text).ok()
}
