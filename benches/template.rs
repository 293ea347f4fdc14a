//! What rendering a sidecar template of 400 lines costs, beside the crate `gotmpl` in the same run.
//!
//! `cargo bench -p conjector --bench template`: criterion's numbers, then one line a ratio.

#![expect(clippy::print_stdout, reason = "the ratios are for people to read")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use conjector::go::json;
use conjector::go::template::{Functions, NoHost, Template, Value};
use criterion::Criterion;

const TEMPLATE: &str = include_str!("sidecar.tmpl");
const DATA: &str = include_str!("sidecar.json");

fn main() {
    let functions = Functions::builtin();
    let ours = Template::parse("sidecar", TEMPLATE, &functions).expect("a template");
    let theirs = gotmpl::Template::new("sidecar").parse(TEMPLATE).expect("a template of theirs");
    let data = json::parse(DATA).expect("JSON");
    let their_data = their_value(&data);
    let render = || ours.render(&Value::json(&data), &NoHost).expect("an output");
    let their_render = || theirs.execute_to_string(&their_data).expect("an output of theirs");
    assert_eq!(render(), their_render(), "both render the same");

    let parse = || Template::parse("sidecar", TEMPLATE, &functions).expect("a template");
    let their_parse = || gotmpl::Template::new("sidecar").parse(TEMPLATE).expect("a template of theirs");
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("template");
    group.bench_function("render", |b| b.iter(render));
    group.bench_function("render/gotmpl", |b| b.iter(their_render));
    group.bench_function("parse", |b| b.iter(parse));
    group.bench_function("parse/gotmpl", |b| b.iter(their_parse));
    group.finish();
    criterion.final_summary();

    let lines = TEMPLATE.lines().count();
    ratio(
        &format!("render {lines} lines: ours / gotmpl"),
        || drop(black_box(render())),
        || drop(black_box(their_render())),
    );
    ratio(
        &format!("parse {lines} lines: ours / gotmpl"),
        || drop(black_box(parse())),
        || drop(black_box(their_parse())),
    );
}

fn their_value(value: &json::Value) -> gotmpl::Value {
    match value {
        json::Value::Null => gotmpl::Value::Nil,
        json::Value::Bool(b) => gotmpl::Value::Bool(*b),
        json::Value::Number(n) => gotmpl::Value::Float(n.as_f64()),
        json::Value::String(s) => gotmpl::Value::String(s.as_str().into()),
        json::Value::Array(items) => gotmpl::Value::List(items.iter().map(their_value).collect()),
        json::Value::Object(members) => {
            let members: BTreeMap<Arc<str>, gotmpl::Value> =
                members.iter().map(|(k, v)| (k.as_str().into(), their_value(v))).collect();
            gotmpl::Value::Map(Arc::new(members))
        }
    }
}

/// Runs both in turns and prints how long the first takes for each second of the other, by the quickest rounds.
fn ratio(name: &str, mut ours: impl FnMut(), mut theirs: impl FnMut()) {
    const ROUNDS: usize = 40;
    const RUNS: u32 = 50;
    let time = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        (0..RUNS).for_each(|_| run());
        start.elapsed() / RUNS
    };
    let (mut least, mut least_theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        least = least.min(time(&mut ours));
        least_theirs = least_theirs.min(time(&mut theirs));
    }
    println!("{name}: {:.2} ({least:?} / {least_theirs:?})", least.as_secs_f64() / least_theirs.as_secs_f64());
}
