//! What injection costs, each time against a limit measured in the same run: parsing and serialising the patched pod
//! with `serde_json`.
//!
//! `cargo bench --bench injection`: criterion's numbers, then one line a ratio.

#![expect(clippy::print_stdout, reason = "the ratios are for people to read")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use conjector::go::json::{self, Value};
use conjector::injector::config::InjectorConfig;
use conjector::injector::decision;
use conjector::injector::preset::{self, Install};
use conjector::injector::release::Release;
use conjector::injector::webhook::{self, Answer, Process};
use conjector::k8s::{Cluster, decode, schema};
use conjector::patch::json_patch;
use conjector::simulate::Simulator;
use conjector::trace::Trace;
use conjector_harness::case::{Files, Suite};
use conjector_harness::run::{self, Goldens, Target};
use criterion::Criterion;

/// The releases that are measured: the newest, on the engine of 1.9 on, and old ones on the engine before it.
const RELEASES: [&str; 4] = ["", "1.8.6", "1.5.10", "1.0.9"];

/// A pod with its review and what a release makes of it.
struct Subject {
    name: String,
    pod: Value,
    review: String,
    patched: String,
}

fn pod(containers: usize, variables: usize) -> Value {
    let container = |i: usize| {
        let env: Vec<String> =
            (0..variables).map(|v| format!(r#"{{"name":"V{v}","value":"value number {v}"}}"#)).collect();
        format!(
            r#"{{"name":"c{i}","image":"example.com/app:{i}","ports":[{{"containerPort":{}}}],"env":[{}],
            "readinessProbe":{{"httpGet":{{"path":"/ready","port":8080}}}},"resources":{{}}}}"#,
            8080 + i,
            env.join(",")
        )
    };
    let containers: Vec<String> = (0..containers).map(container).collect();
    let text = format!(
        r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"web","namespace":"demo","labels":{{"app":"web"}}}},
        "spec":{{"containers":[{}]}},"status":{{}}}}"#,
        containers.join(",")
    );
    decode::decode(json::parse(text).expect("a pod"), &schema::POD).expect("a valid pod")
}

fn inject(process: &Process<'_>, review: &str) -> String {
    let answer = webhook::answer(process, "/inject", "application/json", review.as_bytes(), &mut Trace::off());
    let Answer::Review(review) = answer else { panic!("no review: {answer:?}") };
    json::to_string(&review)
}

fn subject(process: &Process<'_>, size: &str, pod: Value) -> Subject {
    let name = format!("{} {size}", process.release.name);
    let version = if process.release == Release::latest() { "v1" } else { "v1beta1" };
    let review = format!(
        r#"{{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/{version}","request":{{"uid":"u","namespace":"demo","operation":"CREATE","object":{pod}}}}}"#
    );
    let answer = json::parse(inject(process, &review)).expect("an answer");
    let patch = answer["response"]["patch"].as_str().expect("a patch");
    let patch = json::parse(conjector::go::base64::decode(patch).expect("base64")).expect("a patch");
    let patched = json_patch::apply(pod.clone(), &patch).expect("a patch that applies").to_string();
    Subject { name, pod, review, patched }
}

/// `serde_json`'s parse and serialise, the limit.
fn round_trip(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    serde_json::to_string(&value).expect("JSON")
}

/// The quickest of many calls. Each is timed on its own: what else the machine does falls on some of them only.
fn best(mut work: impl FnMut()) -> Duration {
    let time = |_| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    (0..1500).map(time).min().unwrap_or_default()
}

fn main() {
    let (cluster, env) = (Cluster::default(), BTreeMap::new());
    let configs: Vec<(&Release, InjectorConfig)> = RELEASES
        .iter()
        .map(|name| if name.is_empty() { Release::latest() } else { Release::find(name).expect("a release") })
        .map(|release| {
            let texts = preset::config(&Install::default(), release);
            (release, InjectorConfig::parse(texts, release).expect("the built-in configuration"))
        })
        .collect();
    let mut subjects = Vec::new();
    for (release, config) in &configs {
        let process = Process { release, config, revision: "default", cluster: &cluster, env: &env };
        subjects.push((process, subject(&process, "small", pod(1, 0))));
        subjects.push((process, subject(&process, "large", pod(20, 15))));
    }
    let suite = Suite::load(Files::embedded(conjector::suite::FILES));
    let goldens = Goldens::load(&suite.files);
    let entries: Vec<_> = suite.entries.iter().collect();
    let target = Target { injector: std::sync::Arc::new(Simulator), limit: None };
    let run_suite = || run::run(&entries, &target, &goldens, &|_| {}).len();

    let mut criterion = Criterion::default().configure_from_args();
    for (process, subject) in &subjects {
        let mut group = criterion.benchmark_group(&subject.name);
        group.bench_function("serde_json round trip", |b| b.iter(|| black_box(round_trip(&subject.patched))));
        group.bench_function("decide", |b| {
            b.iter(|| decision::decide(process.release, process.config, black_box(&subject.pod), &mut Trace::off()))
        });
        group.bench_function("inject", |b| b.iter(|| black_box(inject(process, &subject.review))));
        group.finish();
    }
    criterion.bench_function("suite", |b| b.iter(|| black_box(run_suite())));
    criterion.final_summary();

    println!();
    for (process, subject) in &subjects {
        let limit = best(|| _ = black_box(round_trip(&subject.patched)));
        let decide =
            best(|| _ = black_box(decision::decide(process.release, process.config, &subject.pod, &mut Trace::off())));
        let inject = best(|| _ = black_box(inject(process, &subject.review)));
        let ratio = |time: Duration| time.as_secs_f64() / limit.as_secs_f64();
        println!(
            "{}: patched pod of {} bytes, round trip {limit:?}, decide {decide:?} ({:.4}×), inject {inject:?} ({:.2}×)",
            subject.name,
            subject.patched.len(),
            ratio(decide),
            ratio(inject)
        );
    }
    let started = Instant::now();
    let cases: usize = (0..10).map(|_| run_suite()).sum();
    let seconds = started.elapsed().as_secs_f64();
    println!("suite: {:.0} cases a second ({} cases)", cases as f64 / seconds, entries.len());
}
