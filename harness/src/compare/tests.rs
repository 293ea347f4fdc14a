//! Every kind of assertion: one that must hold and one that must fail, so that none is empty words.

use std::sync::Arc;

use conjector::go::json::Value;
use conjector::simulate::{Answer, Call, Injector, Reply, Simulator};

use crate::case::{Case, Files, Suite};
use crate::run::{Target, judge};
use crate::verdict::{Verdict, VerdictKind};

/// The simulator, as a target that shows no trace.
struct Silent;

impl Injector for Silent {
    fn review(&self, call: &Call<'_>) -> Reply {
        Reply { trace: None, ..Simulator.review(call) }
    }
}

/// A name for the container of a pod.
type Name = fn(&Value) -> String;

/// A target whose patch puts one container with this name into each pod.
struct Naming(Name);

impl Injector for Naming {
    fn review(&self, call: &Call<'_>) -> Reply {
        let Reply { answer: Answer::Review(mut review), .. } = Simulator.review(call) else {
            panic!("the simulator answers");
        };
        let name = (self.0)(&call.review["request"]["object"]);
        let patch =
            format!(r#"[{{"op":"replace","path":"/spec/containers","value":[{{"name":"{name}","image":"i"}}]}}]"#);
        let response = review.entry("response");
        *response.entry("patch") = conjector::go::base64::encode(patch.as_bytes()).into();
        *response.entry("patchType") = "JSONPatch".into();
        review.into()
    }
}

/// Another name for each pod that was named before.
fn growing(pod: &Value) -> String {
    let name = pod["spec"]["containers"].items()[0]["name"].as_str().unwrap_or_default();
    format!("{name}x")
}

fn first_label(pod: &Value) -> String {
    let labels = pod["metadata"]["labels"].as_object();
    labels.and_then(|labels| labels.iter().next()).map(|(key, _)| key.to_string()).unwrap_or_default()
}

fn annotations(pod: &Value) -> String {
    format!("a{}", pod["metadata"]["annotations"].as_object().map_or(0, |members| members.len()))
}

fn counting(_: &Value) -> String {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    format!("c{}", CALLS.fetch_add(1, Ordering::Relaxed))
}

const TEMPLATE: &str = "
spec:
  containers:
  - {name: side, image: s, args: [run, -b, '80', --level=warning, --dry], ports: [{containerPort: 90, protocol: UDP}], env: [{name: CONFIG, value: '{\"a\": {\"b\": 1}}'}]}
metadata: {annotations: {image: s}}
";

fn case(given: &str, expect: &str) -> Case {
    let template = TEMPLATE.trim().replace('\n', "\n        ");
    let text = format!(
        "apiVersion: conjector/v1\nkind: InjectionCase\nid: a\ntitle: t\ngiven:\n  config:\n    builtin: false\n    \
         policy: enabled\n    templates:\n      sidecar: |\n        {template}\n  namespace: {{metadata: {{labels: \
         {{istio-injection: enabled}}}}}}\n  object: {{metadata: {{name: web, labels: {{app: web, zone: a}}}}, spec: \
         {{containers: [{{name: app, image: i, volumeMounts: [{{name: v, mountPath: /a}}, {{name: v, mountPath: /b}}]}}], \
         volumes: [{{name: v, emptyDir: {{}}}}]}}}}\n{given}expect: {expect}\n"
    );
    let text: &'static str = Box::leak(text.into_boxed_str());
    let files = Files::embedded(Box::leak(vec![("cases/a.yaml", text)].into_boxed_slice()));
    let mut entries = Suite::load(files).entries;
    match entries.remove(0) {
        Ok(case) => case,
        Err(error) => panic!("{error}\n{text}"),
    }
}

fn verdict(given: &str, expect: &str, injector: impl Injector + 'static) -> Verdict {
    judge(&case(given, expect), &Target { injector: Arc::new(injector), limit: None }, None)
}

#[test]
fn every_kind_can_hold_and_fail() {
    let webhook = "istio-sidecar-injector/namespace.sidecar-injector.istio.io";
    let called = format!("{{called: [{webhook}]}}");
    let table: &[(&str, &str, &str)] = &[
        // The key that fails, an expectation that holds, one that does not.
        ("called", &called, "{called: []}"),
        ("called", "{called: [namespace.sidecar-injector.istio.io]}", "{called: [nobody]}"),
        ("outcome", "{outcome: injected}", "{outcome: skipped}"),
        ("reasons", "{reasons: [policy-enabled]}", "{reasons: [policy-enabled, label-true]}"),
        ("reasons", "{reasons: [policy-enabled]}", "{reasons: []}"),
        ("warnings", "{warnings: []}", "{warnings: [unknown-inject-value]}"),
        ("slips", "{slips: []}", "{slips: [near-label]}"),
        (
            "pod",
            "{pod: {spec: {containers: [{name: side, image: s}]}}}",
            "{pod: {spec: {containers: [{name: side, image: t}]}}}",
        ),
        ("pod", "{pod: {spec: {hostNetwork: null}}}", "{pod: {metadata: {name: null}}}"),
        (
            "pod",
            "{pod: {spec: {containers: [{name: app, volumeMounts: [{name: v, mountPath: /b}]}]}}}",
            "{pod: {spec: {containers: [{name: app, volumeMounts: [{name: v, mountPath: /c}]}]}}}",
        ),
        ("pod", "{pod: {spec: {containers: [{name: app}]}}}", "{pod: {spec: {containers: [{name: other}]}}}"),
        (
            "checks",
            "{checks: [{path: /spec/hostNetwork, absent: true}]}",
            "{checks: [{path: /spec/volumes, absent: true}]}",
        ),
        (
            "checks",
            "{checks: [{path: /spec/volumes, absent: false}]}",
            "{checks: [{path: /spec/hostNetwork, absent: false}]}",
        ),
        (
            "checks",
            "{checks: [{path: /spec/containers/side/args, arguments: {-b: '80', --level: warning, --dry: true, -k: false}}]}",
            "{checks: [{path: /spec/containers/side/args, arguments: {-b: '80', --level: info}}]}",
        ),
        (
            "checks",
            "{checks: [{path: /spec/containers/side/args, arguments: {--dry: true}}]}",
            "{checks: [{path: /spec/containers/side/args, arguments: {--dry: ''}}]}",
        ),
        (
            "checks",
            "{checks: [{path: /spec/containers/side/args, arguments: {-k: false}}]}",
            "{checks: [{path: /spec/containers/side/args, arguments: {-b: false}}]}",
        ),
        ("checks", "{checks: [{path: /spec/containers, count: 2}]}", "{checks: [{path: /spec/containers, count: 3}]}"),
        (
            "checks",
            "{checks: [{path: /spec/containers/side/image, equals: s}]}",
            "{checks: [{path: /spec/containers/side/image, equals: t}]}",
        ),
        (
            "checks",
            "{checks: [{path: /metadata/annotations/image, equals-ref: /spec/containers/side/image}]}",
            "{checks: [{path: /metadata/annotations/image, equals-ref: /spec/containers/app/image}]}",
        ),
        (
            "checks",
            "{checks: [{path: /spec/containers, order: [side, app]}]}",
            "{checks: [{path: /spec/containers, order: [app, side]}]}",
        ),
        (
            "checks",
            "{checks: [{path: /spec/containers/side/env/CONFIG/value, parse: json, subset: {a: {b: 1}}}]}",
            "{checks: [{path: /spec/containers/side/env/CONFIG/value, parse: json, subset: {a: {b: 2}}}]}",
        ),
        (
            "checks",
            "{checks: [{path: /spec/containers/side/env/CONFIG/value, parse: yaml}]}",
            "{checks: [{path: /spec/containers/side/image, parse: json}]}",
        ),
        (
            "checks",
            "{checks: [{path: /metadata/labels/app, unchanged: true}]}",
            "{checks: [{path: /spec/containers, unchanged: true}]}",
        ),
        (
            "checks",
            "{checks: [{path: /spec/containers, unchanged: false}]}",
            "{checks: [{path: /metadata/labels/app, unchanged: false}]}",
        ),
        ("laws", "{laws: [deterministic]}", "{laws: [{law: deterministic, broken: it is said to be}]}"),
        ("golden", "{outcome: injected}", "{golden: true}"),
        ("error", "{outcome: injected}", "{error: {contains: x}}"),
        ("patch", "{outcome: injected}", "{patch: []}"),
    ];
    for (aspect, holds, fails) in table {
        let verdict_of = |expect| verdict("", expect, Simulator);
        let held = verdict_of(holds);
        assert_eq!(held.kind, VerdictKind::Pass, "{holds}: {:?} {}", held.failures, held.note);
        let failed = verdict_of(fails);
        assert_eq!(failed.kind, VerdictKind::Fail, "{fails}: {}", failed.note);
        assert!(failed.failures.iter().all(|f| f.aspect == *aspect), "{fails}: {:?}", failed.failures);
    }
}

#[test]
fn refusals() {
    let fault = "  faults: [{kind: timeout}]\n";
    for (expect, kind) in [
        (
            "{outcome: error, error: {contains: context deadline exceeded, phase: call-failed, code: 500}}",
            VerdictKind::Pass,
        ),
        ("{error: {message: no}}", VerdictKind::Fail),
        ("{error: {phase: denied}}", VerdictKind::Fail),
        ("{error: {code: 403}}", VerdictKind::Fail),
        ("{pod: {metadata: {name: web}}}", VerdictKind::Fail),
    ] {
        let verdict = verdict(fault, expect, Simulator);
        assert_eq!(verdict.kind, kind, "{expect}: {:?}", verdict.failures);
    }
}

/// Every law is looked at in every case; a broken one has to be said, and what is said to be broken has to be.
#[test]
fn laws_can_be_broken() {
    let steady: Name = |_| "steady".into();
    let table: &[(&str, Name, &[&str])] = &[
        ("", steady, &[]),
        ("", growing, &["idempotent"]),
        ("", counting, &["deterministic", "label-order", "unrelated-annotations", "idempotent"]),
        ("", first_label, &["label-order"]),
        ("", annotations, &["unrelated-annotations", "reinvoke-stable"]),
        ("  installs: [{tags: [default]}]\n", steady, &["single-caller"]),
    ];
    for (given, name, breaks) in table {
        // The laws that do not hold, or do hold although they were said not to.
        let judged = |laws: &[&str]| -> Vec<String> {
            let laws: Vec<String> = laws.iter().map(|law| format!("{{law: {law}, broken: 'it is'}}")).collect();
            let verdict = verdict(given, &format!("{{warnings: [], laws: [{}]}}", laws.join(", ")), Naming(*name));
            assert!(verdict.failures.iter().all(|f| f.aspect == "laws"), "{:?}", verdict.failures);
            verdict.failures.iter().map(|f| f.message.split(": ").next().unwrap_or_default().to_owned()).collect()
        };
        let unsaid = judged(&[]);
        let missing = breaks.iter().find(|law| !unsaid.contains(&format!("not {law}")));
        assert_eq!(missing, None, "{unsaid:?}");
        assert_eq!(judged(breaks), Vec::<String>::new(), "{breaks:?}");
    }
    let holds = verdict("", "{laws: [{law: label-order, broken: 'not really'}]}", Simulator);
    assert_eq!(holds.kind, VerdictKind::Fail);
    assert!(holds.failures[0].message.starts_with("label-order holds, although it was said"), "{:?}", holds.failures);
}

/// What a target does not show is never passed; what it shows is judged all the same.
#[test]
fn targets_without_a_trace() {
    for (expect, kind) in [
        ("{outcome: injected}", VerdictKind::Pass),
        ("{outcome: injected, reasons: [policy-enabled]}", VerdictKind::NotSupported),
        ("{outcome: injected, reasons: []}", VerdictKind::NotSupported),
        ("{outcome: injected, warnings: []}", VerdictKind::NotSupported),
        ("{outcome: skipped, reasons: [policy-enabled]}", VerdictKind::Fail),
        ("{reasons: [policy-enabled, call-failed]}", VerdictKind::Fail),
    ] {
        let verdict = verdict("", expect, Silent);
        assert_eq!(verdict.kind, kind, "{expect}: {:?} {}", verdict.failures, verdict.note);
    }
    let not_called = verdict("  request: {operation: DELETE}\n", "{outcome: not-called, warnings: []}", Silent);
    assert_eq!(not_called.kind, VerdictKind::Pass, "{:?} {}", not_called.failures, not_called.note);
}
