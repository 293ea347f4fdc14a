use std::collections::BTreeMap;

use super::{documents, inject};
use crate::injector::config::{ConfigTexts, InjectorConfig};
use crate::injector::release::{Release, Separators};
use crate::injector::webhook::Process;
use crate::k8s::Cluster;

/// Says what the template sees.
const TEMPLATE: &str = r#"
metadata:
  annotations: {seen: "{{ .TypeMeta.Kind }} {{ .DeploymentMeta.Name }} {{ .ProxyConfig.StatusPort }}"}
spec:
  containers:
  - name: istio-proxy
"#;

/// What the tool of a release writes, and what it says besides.
fn run_with(release: &str, config: &str, manifest: &str) -> (Result<String, String>, Vec<String>) {
    let release = Release::find(release).unwrap();
    let texts = ConfigTexts { config: config.into(), values: "{}".into(), mesh: String::new() };
    let config = InjectorConfig::parse_for_kube_inject(texts, release).unwrap();
    let (cluster, env) = (Cluster::default(), BTreeMap::new());
    let process = Process { release, config: &config, revision: "", cluster: &cluster, env: &env };
    let mut warnings = Vec::new();
    let written = inject(&process, manifest, &mut warnings);
    (written.map_err(|e| e.to_string()), warnings)
}

fn run(release: &str, manifest: &str) -> (Result<String, String>, Vec<String>) {
    run_with(release, TEMPLATE, manifest)
}

/// The line of an output that starts with a key.
fn line<'o>(output: &'o str, key: &str) -> Option<&'o str> {
    output.lines().map(str::trim).find(|line| line.starts_with(key))
}

#[track_caller]
fn check_documents(text: &str, separators: Separators, want: &[Result<&str, &str>]) {
    let documents = documents::split(text, separators);
    let documents: Vec<_> = documents.iter().map(|d| d.as_deref().map_err(String::as_str)).collect();
    assert_eq!(documents, want, "{text:?}");
}

#[test]
fn separators_stay_where_nothing_is_before_them() {
    let text = "---\na: 1\r\n---\n\n---  \nb: 2";
    for separators in [Separators::Bare, Separators::Commented] {
        check_documents(text, separators, &[Ok("---\na: 1\n"), Ok("\n"), Ok("b: 2\n")]);
    }
}

#[test]
fn what_may_follow_a_separator() {
    check_documents("a\n--- # x\nb\n--- c\n", Separators::Bare, &[Ok("a\n--- # x\nb\n--- c\n")]);
    let error = Err("invalid Yaml document separator: c");
    check_documents("a\n--- # x\nb\n--- c\nd\n", Separators::Commented, &[Ok("a\n"), error]);
}

#[test]
fn what_is_passed_over_is_said_as_the_release_says_it() {
    let workload = |template: &str| {
        format!("kind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{template: {{{template}}}}}\n")
    };
    let host = workload("spec: {hostNetwork: true}");
    let refuses = workload("metadata: {name: t, annotations: {sidecar.istio.io/inject: 'false'}}");
    let injected = workload(
        "metadata: {annotations: {sidecar.istio.io/status: x}}, spec: {containers: [{name: a}, {name: istio-proxy}]}",
    );
    for (release, manifest, want) in [
        ("1.9", &host, "\"web\" has host networking enabled"),
        ("1.12", &refuses, "\"t\" has sidecar injection disabled"),
        ("1.13", &host, "Deployment \"shop/web\" has host networking enabled"),
        ("1.30", &refuses, "Deployment \"shop/t\" has sidecar injection disabled"),
        ("1.12", &injected, "\"web\" has injected \"istio-proxy\" sidecar already"),
        ("1.16", &injected, "Deployment shop/web \"istio-proxy\" has host networking enabled"),
    ] {
        let (written, warnings) = run(release, manifest);
        assert_eq!(warnings, [format!("===> Skipping injection because {want}\n")], "{release}");
        assert_eq!(line(&written.unwrap(), "seen:"), None, "{release}");
    }
    let (written, warnings) = run("1.17", &injected);
    assert!(warnings.is_empty() && line(&written.unwrap(), "seen:").is_some());
}

#[test]
fn templates_see_the_workload() {
    let pod = "kind: Pod\nmetadata:\n  generateName: web-abc-\n  labels: {pod-template-hash: abc}\n  ownerReferences:\n  \
               - {kind: ReplicaSet, name: web-abc, apiVersion: apps/v1, controller: true}\n";
    let cron = "kind: CronJob\nmetadata: {name: report}\nspec: {jobTemplate: {metadata: {name: job}}}\n";
    for (release, manifest, want) in [
        ("1.20", pod, "seen: Pod  15020"),
        ("1.21", pod, "seen: Deployment web 15020"),
        ("1.9", cron, "seen: CronJob report 15020"),
    ] {
        let (written, _) = run(release, manifest);
        assert_eq!(line(&written.unwrap(), "seen:"), Some(want), "{release}");
    }
}

#[test]
fn the_proxy_config_of_a_pod_comes_first_from_1_13_on() {
    let pod = |config: &str| {
        format!(
            "kind: Pod\nmetadata:\n  annotations:\n    sidecar.istio.io/inject: 'false'\n    proxy.istio.io/config: '{config}'\n"
        )
    };
    let (written, warnings) = run("1.12", &pod("["));
    assert!(written.is_ok() && warnings.len() == 1);
    let (written, warnings) = run("1.13", &pod("["));
    assert!(written.unwrap_err().starts_with("could not parse proxy config: ") && warnings.is_empty());
    // Its status port is where metrics are asked for.
    for (release, want) in [("1.12", "15020"), ("1.13", "15099")] {
        let pod = pod("statusPort: 15099").replace("'false'", "'true'");
        let (written, _) = run(release, &pod);
        let want = format!("prometheus.io/port: \"{want}\"");
        assert_eq!(line(&written.unwrap(), "prometheus.io/port:"), Some(want.as_str()), "{release}");
    }
}

#[test]
fn fields_come_and_go_with_the_api_of_the_release() {
    let set = "kind: StatefulSet\nstatus: {availableReplicas: 0}\n";
    let cron = "kind: CronJob\nspec: {timeZone: UTC}\n";
    let claim = "kind: StatefulSet\nspec: {volumeClaimTemplates: [{}]}\n";
    for (release, manifest, key, want) in [
        ("1.3", claim, "dataSource", Some("dataSource: null")),
        ("1.4", claim, "dataSource", None),
        ("1.12", set, "availableReplicas", None),
        ("1.13", set, "availableReplicas", Some("availableReplicas: 0")),
        ("1.10", cron, "timeZone", None),
        ("1.15", cron, "timeZone", Some("timeZone: UTC")),
        ("1.27", cron, "creationTimestamp", Some("creationTimestamp: null")),
        ("1.28", cron, "creationTimestamp", None),
    ] {
        let (written, _) = run(release, manifest);
        assert_eq!(line(&written.unwrap(), key), want, "{release} {key}");
    }
}

#[test]
fn items_of_lists_are_injected_and_others_kept() {
    let list = "kind: List\nitems:\n- {kind: Service, b: 1, a: 0x1F}\n- {kind: List, items: [{kind: Job}]}\n";
    let (written, _) = run("1.30", list);
    let written = written.unwrap();
    assert!(written.starts_with("items:\n- a: 31\n  b: 1\n  kind: Service\n- items:\n"), "{written}");
    assert_eq!(line(&written, "seen:"), Some("seen: Job  15020"));
}

#[test]
fn texts_that_cannot_be_read_fail_with_the_words_of_the_library() {
    for (release, manifest, want) in [
        (
            "1.11",
            "kind: Pod\nspec: []",
            "error unmarshaling JSON: json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec",
        ),
        (
            "1.12",
            "kind: Pod\nspec: []",
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec",
        ),
        ("1.30", "kind: Pod\nx: .inf", "error converting YAML to JSON: json: unsupported value: +Inf"),
        ("1.30", "kind: ReplicationController\nspec: {}", "spec.template is required value"),
        (
            "1.19",
            "kind: Pod\nmetadata: {name: \"\\x7F\"}\nspec: {hostNetwork: true}",
            "error converting JSON to YAML: yaml: control characters are not allowed",
        ),
        (
            "1.20",
            "kind: Pod\nmetadata: {name: \"\\x7F\"}\nspec: {hostNetwork: true}",
            "yaml: control characters are not allowed",
        ),
    ] {
        assert_eq!(run(release, manifest).0, Err(want.to_owned()), "{release} {manifest}");
    }
    // Where a text is wanted, numbers are texts; embedded structs hide that.
    let (written, _) = run("1.30", "kind: Pod\nmetadata: {name: 1e20, labels: {a: 1e300}}\n");
    let written = written.unwrap();
    assert_eq!((line(&written, "name:"), line(&written, "a:")), (Some("name: \"1e+20\""), Some("a: +Inf")));
    let (written, _) = run("1.30", "apiVersion: 1\nkind: Pod");
    assert!(
        written
            .unwrap_err()
            .ends_with("cannot unmarshal number into Go struct field Pod.TypeMeta.apiVersion of type string")
    );
}

#[test]
fn a_configuration_without_templates_is_one() {
    let (written, _) = run_with("1.30", "policy: enabled", "kind: Pod\n");
    assert_eq!(
        written,
        Err("failed to run injection template: requested template \"sidecar\" not found; have ".into())
    );
    let config = "{policy: disabled, defaultTemplates: [other], aliases: {sidecar: [other]}, injectedAnnotations: {x: y},\
                  templates: {sidecar: 'metadata: {annotations: {seen: sidecar}}'}}";
    let (written, _) = run_with("1.30", config, "kind: Pod\n");
    let written = written.unwrap();
    assert_eq!((line(&written, "seen:"), line(&written, "x:")), (Some("seen: sidecar"), None));
}

#[test]
fn maps_that_are_there_but_empty() {
    let template = "policy: enabled\ntemplate: |\n  containers:\n  - name: istio-proxy\n";
    let manifest =
        |meta: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {meta}\nspec:\n  containers:\n  - name: a\n");
    // The patch of 1.8 adds to them, but they are not printed into what it is applied to.
    let (written, _) = run_with("1.8.6", template, &manifest("{name: p, annotations: {}}"));
    assert!(
        written.unwrap_err().contains("add operation does not apply: doc is missing path: \"/metadata/annotations/")
    );
    for (release, meta) in [("1.8.6", "{name: p}"), ("1.7.8", "{name: p, annotations: {}, labels: {}}")] {
        let (written, _) = run_with(release, template, &manifest(meta));
        assert!(written.unwrap().contains("sidecar.istio.io/status"), "{release}");
    }
}

#[test]
fn long_lines_by_release() {
    let words = "word ".repeat(40);
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations: {{a: '{words}'}}\nspec: {{hostNetwork: true}}\n"
    );
    for (release, folds) in [("1.6.14", true), ("1.7.0", false), ("1.8.6", false), ("1.9.9", false), ("1.10.0", true)] {
        let (written, _) = run_with(release, "policy: enabled", &manifest);
        let written = written.unwrap();
        assert_eq!(line(&written, "a:").unwrap().len() < 100, folds, "{release}");
    }
}
