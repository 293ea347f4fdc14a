//! What the Go-exact ground floor costs, each time against a common crate doing comparable work in the same run.
//!
//! `cargo bench --bench ground`: criterion's numbers, then one line a ratio. A pair is a line in `pairs`.

#![expect(clippy::print_stdout, reason = "the ratios are for people to read")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use conjector::go::{json, yaml};
use conjector::k8s::{decode, schema};
use conjector::patch::strategic_merge;
use criterion::Criterion;

/// Two ways that do comparable work.
struct Pair {
    name: &'static str,
    ours: Box<dyn Fn()>,
    limit_name: &'static str,
    limit: Box<dyn Fn()>,
}

/// A pod as kubectl prints it, of about 3 KiB.
fn pod(i: usize) -> String {
    let container = |c: usize| {
        format!(
            "  - name: app-{c}
    image: registry.example.com/team/app-{c}:v1.{i}
    imagePullPolicy: IfNotPresent
    args: [\"--port=80{c}\", --verbose, 'it''s']
    command:
    - /usr/local/bin/app
    - --config=/etc/app/config.yaml
    env:
    - name: POD_NAME
      valueFrom:
        fieldRef:
          fieldPath: metadata.name
    - name: LIMIT
      value: \"{i}\"
    ports:
    - containerPort: 80{c}
      name: http-{c}
      protocol: TCP
    readinessProbe:
      failureThreshold: 30
      httpGet:
        path: /healthz/ready
        port: 15021
      initialDelaySeconds: 1
      periodSeconds: 2
    resources:
      limits:
        cpu: \"2\"
        memory: 1Gi
      requests:
        cpu: 100m
        memory: 128Mi
    securityContext:
      allowPrivilegeEscalation: false
      capabilities:
        drop:
        - ALL
      runAsNonRoot: true
      runAsUser: 1337
    volumeMounts:
    - mountPath: /etc/app
      name: config
      readOnly: true
"
        )
    };
    format!(
        "apiVersion: v1
kind: Pod
metadata:
  name: web-{i}
  namespace: demo
  labels:
    app: web
    app.kubernetes.io/version: v1.{i}
  annotations:
    prometheus.io/port: \"15020\"
    example.com/settings: |
      log: debug
      items: [1, 2, 3]
spec:
  serviceAccountName: web
  containers:
{}  volumes:
  - name: config
    configMap:
      name: web-config
      optional: false
  - name: data
    emptyDir:
      medium: Memory
  tolerations:
  - key: node.kubernetes.io/not-ready
    operator: Exists
    effect: NoExecute
    tolerationSeconds: 300
",
        (0..3).map(container).collect::<String>()
    )
}

/// Pods as one document, a list of about 10 MB.
fn pods() -> String {
    let mut text = String::from("apiVersion: v1\nkind: List\nitems:\n");
    let mut i = 0;
    while text.len() < 10_000_000 {
        let mut lead = "- ";
        for line in pod(i).lines() {
            text.push_str(if line.is_empty() { "" } else { lead });
            text.push_str(line);
            text.push('\n');
            lead = "  ";
        }
        i += 1;
    }
    text
}

const SIDECAR: &str = r#"{"metadata":{"labels":{"service.istio.io/canonical-name":"web"},"annotations":{"sidecar.istio.io/status":"{}"}},
"spec":{"initContainers":[{"name":"istio-init","image":"proxyv2","args":["istio-iptables","-p","15001"],"resources":{"limits":{"cpu":"2"}}}],
"containers":[{"name":"istio-proxy","image":"proxyv2","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],
"ports":[{"containerPort":15090,"name":"http-envoy-prom","protocol":"TCP"}],"volumeMounts":[{"mountPath":"/var/run/secrets/istio","name":"istiod-ca-cert"}]},
{"name":"app-0","env":[{"name":"ADDED","value":"x"}]}],
"volumes":[{"name":"istiod-ca-cert","configMap":{"name":"istio-ca-root-cert"}},{"emptyDir":{},"name":"istio-data"}]}}"#;

/// `serde_json`'s parse and serialise.
fn round_trip(text: &str) {
    let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    black_box(serde_json::to_string(&value).expect("JSON"));
}

fn pairs() -> Vec<Pair> {
    let text: &'static str = pods().leak();
    let one = yaml::to_json(&pod(1)).expect("a pod").to_string();
    let one: &'static str = one.leak();
    let merge = move || {
        let (original, patch) = (json::parse(one).expect("a pod"), json::parse(SIDECAR).expect("a patch"));
        strategic_merge::merge(original, patch, &schema::POD).expect("a merged pod")
    };
    let merged: &'static str = json::to_string(&merge()).leak();
    vec![
        Pair {
            name: "YAML read of 10 MB of pods",
            ours: Box::new(move || _ = black_box(yaml::to_json(text).expect("YAML"))),
            limit_name: "yaml_serde",
            limit: Box::new(move || _ = black_box(serde_yaml::from_str::<serde_yaml::Value>(text).expect("YAML"))),
        },
        Pair {
            name: "pod: parse, decode, print",
            ours: Box::new(move || {
                let pod = decode::decode(json::parse(one).expect("a pod"), &schema::POD).expect("a pod");
                black_box(json::to_string(&pod));
            }),
            limit_name: "serde_json parse and print",
            limit: Box::new(move || round_trip(one)),
        },
        Pair {
            name: "pod: parse, strategic merge, print",
            ours: Box::new(move || _ = black_box(json::to_string(&merge()))),
            limit_name: "serde_json parse and print of the merged pod",
            limit: Box::new(move || round_trip(merged)),
        },
    ]
}

/// The best of some rounds, as time for one call.
fn best(work: &dyn Fn()) -> Duration {
    let started = Instant::now();
    work();
    let calls = (Duration::from_millis(5).as_nanos() / started.elapsed().as_nanos().max(1)).max(1) as u32;
    let round = || {
        let started = Instant::now();
        (0..calls).for_each(|_| work());
        started.elapsed() / calls
    };
    (0..15).map(|_| round()).min().unwrap_or_default()
}

fn main() {
    let pairs = pairs();
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    for pair in &pairs {
        let mut group = criterion.benchmark_group(pair.name);
        group.bench_function("conjector", |b| b.iter(&pair.ours));
        group.bench_function(pair.limit_name, |b| b.iter(&pair.limit));
        group.finish();
    }
    criterion.final_summary();

    println!();
    for Pair { name, ours, limit_name, limit } in &pairs {
        let (ours, limit) = (best(ours), best(limit));
        let ratio = ours.as_secs_f64() / limit.as_secs_f64();
        println!("{name}: {ours:?}, {limit_name} {limit:?} ({ratio:.2}×)");
    }
}
