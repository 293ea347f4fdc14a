//! What it costs to decide which webhooks a pod reaches: one pod, and a million of namespaces and pods with the codes of
//! why not. The limit is measured in the same run: matching the labels against the same selectors, and nothing else.
//!
//! `cargo bench --bench admission`: criterion's numbers, then the ratio and the million.

#![expect(clippy::print_stdout, reason = "the ratios are for people to read")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use conjector::admission::{self, Attributes, Judgement, Webhook};
use conjector::go::json::{self, Value};
use conjector::injector::preset::{self, Install};
use conjector::injector::release::Release;
use conjector::k8s::Cluster;
use conjector::k8s::labels::Selector;
use conjector::scenario::Request;
use criterion::Criterion;
use rayon::prelude::*;

/// How many namespaces and how many pods the million is made of.
const SIDE: usize = 1000;

/// The webhooks of a default install with one entry more, and all their selectors.
fn webhooks() -> (Vec<Webhook>, Vec<Selector>) {
    let mut configurations = preset::webhooks(&Install::default(), Release::latest()).expect("a preset");
    let entries = configurations[0].get_mut("webhooks").and_then(Value::as_array_mut).expect("webhooks");
    while entries.len() < 5 {
        let mut more = entries[0].clone();
        *more.entry("name") = format!("more{}.istio.io", entries.len()).into();
        entries.push(more);
    }
    let entries = configurations.iter().flat_map(|c| c["webhooks"].items());
    let selectors = entries.flat_map(|w| [&w["namespaceSelector"], &w["objectSelector"]]);
    let selectors = selectors.map(|selector| Selector::parse(selector).expect("a selector")).collect();
    (admission::webhooks(&configurations), selectors)
}

fn namespace(i: usize) -> Value {
    let label =
        ["", r#","istio-injection":"enabled""#, r#","istio-injection":"disabled""#, r#","istio.io/rev":"default""#];
    let text = format!(r#"{{"metadata":{{"name":"n{i}","labels":{{"team":"t{i}"{}}}}}}}"#, label[i % label.len()]);
    json::parse(&text).expect("a namespace")
}

fn request(i: usize) -> Request {
    let label = ["", r#","sidecar.istio.io/inject":"false""#, r#","sidecar.istio.io/inject":"true""#];
    let text = format!(
        r#"{{"metadata":{{"name":"p{i}","labels":{{"app":"a{i}"{}}}}},"spec":{{"containers":[{{"name":"a"}}]}}}}"#,
        label[i % label.len()]
    );
    Request::create_pod("n1", json::parse(&text).expect("a pod"))
}

/// The code of each webhook for a request, in order.
fn codes(webhooks: &[Webhook], request: &Request, cluster: &Cluster, tell: &mut impl FnMut(&'static str)) {
    let attributes = Attributes { request, object: &request.object };
    if admission::is_exempt(&attributes) {
        return tell("exempt-resource");
    }
    for webhook in webhooks {
        tell(match admission::judge(webhook, &attributes, cluster) {
            Judgement::Called { .. } => "called",
            Judgement::Skipped(skipped) => skipped.code(),
            Judgement::Failed(refused) => refused.phase,
            Judgement::Unknown => "unknown",
        });
    }
}

fn time(mut run: impl FnMut()) -> Duration {
    const TIMES: u32 = 20_000;
    let start = Instant::now();
    for _ in 0..TIMES {
        run();
    }
    start.elapsed() / TIMES
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let (webhooks, selectors) = webhooks();
    let cluster = Cluster {
        namespaces: (0..SIDE).map(|i| (format!("n{i}"), namespace(i))).collect::<BTreeMap<_, _>>(),
        ..Cluster::default()
    };
    let request = request(2);
    let labels = [&cluster.namespaces["n1"]["metadata"]["labels"], &request.object["metadata"]["labels"]];
    let decide = || codes(&webhooks, black_box(&request), &cluster, &mut |code| _ = black_box(code));
    let label_match = || {
        for (i, selector) in selectors.iter().enumerate() {
            black_box(selector.matches_value(black_box(labels[i % 2])));
        }
    };
    criterion.bench_function("admission: five webhooks, one pod", |b| b.iter(decide));
    criterion.bench_function("admission: the labels alone", |b| b.iter(label_match));

    let (whole, limit) = (time(decide), time(label_match));
    let ratio = whole.as_secs_f64() / limit.as_secs_f64();
    println!("one pod, {} webhooks: {whole:?}, labels alone {limit:?}, ratio {ratio:.2}", webhooks.len());

    let pods: Vec<Request> = (0..SIDE).map(self::request).collect();
    let start = Instant::now();
    let counted: usize = (0..SIDE)
        .into_par_iter()
        .map(|n| {
            let mut told = 0;
            for pod in &pods {
                let request = Request { namespace: format!("n{n}"), ..pod.clone() };
                codes(&webhooks, &request, &cluster, &mut |_| told += 1);
            }
            told
        })
        .sum();
    println!("{} namespaces × pods, {counted} codes: {:?}", SIDE * SIDE, start.elapsed());
    criterion.final_summary();
}
