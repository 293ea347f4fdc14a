use super::{Error, message, pod, pod_update, warnings};
use crate::go::json::{self, Value};
use crate::k8s::{decode, defaults, prepare, schema};

fn prepared(spec: &str) -> (Value, Vec<String>) {
    let pod = json::parse(format!(
        r#"{{"metadata":{{"name":"web","namespace":"ns","labels":{{"app":"web"}},"annotations":{{"container.apparmor.security.beta.kubernetes.io/a":"runtime/default"}},"resourceVersion":"1"}},"spec":{spec}}}"#
    ));
    let mut pod = decode::decode(pod.unwrap(), &schema::POD).unwrap();
    defaults::pod(&mut pod);
    defaults::stored(&mut pod);
    let said = prepare::for_create(&mut pod);
    (pod, said)
}

fn texts(errors: &[Error]) -> Vec<String> {
    errors.iter().map(Error::to_string).collect()
}

/// A spec and what is wrong with it.
const CASES: &[(&str, &[&str])] = &[
    (r#"{"containers":[{"name":"a","image":"i"}]}"#, &[]),
    (
        r#"{"containers":[{"name":"a","image":"i"},{"name":"a","image":" i"}]}"#,
        &[
            "spec.containers[1].name: Duplicate value: \"a\"",
            "spec.containers[1].image: Invalid value: \" i\": must not have leading or trailing whitespace",
        ],
    ),
    (
        r#"{"containers":[{"name":"a","image":"i","ports":[{"containerPort":0},{"containerPort":70000,"name":"x--1","protocol":"HTTP"}]}]}"#,
        &[
            "spec.containers[0].ports[0].containerPort: Required value",
            "spec.containers[0].ports[1].name: Invalid value: \"x--1\": must not contain consecutive hyphens",
            "spec.containers[0].ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
            "spec.containers[0].ports[1].protocol: Unsupported value: \"HTTP\": supported values: \"SCTP\", \"TCP\", \"UDP\"",
        ],
    ),
    (
        r#"{"containers":[{"name":"a","image":"i","resources":{"limits":{"x":"1","example.com/g":"1500m"},"requests":{"cpu":"-1","example.com/g":"2"}}}]}"#,
        &[
            "spec.containers[0].resources.limits[example.com/g]: Invalid value: \"1500m\": must be an integer",
            "spec.containers[0].resources.limits[x]: Invalid value: \"x\": must be a standard resource type or fully qualified",
            "spec.containers[0].resources.limits[x]: Invalid value: \"x\": must be a standard resource for containers",
            "spec.containers[0].resources.requests[cpu]: Invalid value: \"-1\": must be greater than or equal to 0",
            "spec.containers[0].resources.requests: Invalid value: \"2\": must be equal to example.com/g limit of 1500m",
            "spec.containers[0].resources.requests[x]: Invalid value: \"x\": must be a standard resource type or fully qualified",
            "spec.containers[0].resources.requests[x]: Invalid value: \"x\": must be a standard resource for containers",
        ],
    ),
    (
        r#"{"containers":[{"name":"a","image":"i","volumeMounts":[{"name":"v","mountPath":"/x","subPath":"../y"},{"name":"w","mountPath":"/x"}]}],"volumes":[{"name":"v","emptyDir":{},"secret":{"secretName":"s"}}]}"#,
        &[
            "spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type",
            "spec.containers[0].volumeMounts[0].name: Not found: \"v\"",
            "spec.containers[0].volumeMounts.subPath: Invalid value: \"../y\": must not contain '..'",
            "spec.containers[0].volumeMounts[1].name: Not found: \"w\"",
            "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/x\": must be unique",
        ],
    ),
    (
        r#"{"containers":[{"name":"a","image":"i","livenessProbe":{"successThreshold":2,"exec":{},"grpc":{"port":1}}}],"initContainers":[{"name":"b","image":"i","lifecycle":{}}]}"#,
        &[
            "spec.containers[0].livenessProbe.exec.command: Required value",
            "spec.containers[0].livenessProbe.grpc: Forbidden: may not specify more than 1 handler type",
            "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1",
            "spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always",
        ],
    ),
    (
        r#"{"containers":[{"name":"a","image":"i","securityContext":{"windowsOptions":{"runAsUserName":"a<b"}}}],"hostUsers":false,"hostPID":true,"dnsPolicy":"None","hostAliases":[{"ip":"010.1.1.1"}]}"#,
        &[
            "spec.containers[0].securityContext.windowsOptions.runAsUserName: Invalid value: \"a\\u003cb\": runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]",
            "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None",
            "spec.HostPID: Forbidden: when `hostUsers` is false",
            "spec.hostAliases[0].ip: Invalid value: \"010.1.1.1\": must not have leading 0s",
        ],
    ),
    (
        r#"{"containers":[{"name":"a","image":"i"}],"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"z","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"web"}},"matchLabelKeys":["app"]}]}"#,
        &[
            "spec.topologySpreadConstraints[0][0]: Invalid value: \"app\": exists in both matchLabelKeys and labelSelector",
        ],
    ),
];

#[test]
fn errors_have_the_servers_texts() {
    for (spec, expected) in CASES {
        assert_eq!(texts(&pod(&prepared(spec).0)), *expected, "{spec}");
    }
    let errors = pod(&prepared(CASES[1].0).0);
    assert!(message("Pod", "web", &errors).starts_with("Pod \"web\" is invalid: [spec.containers[1].name: Dup"));
}

#[test]
fn changes() {
    let (old, _) = prepared(CASES[0].0);
    let change = |pointer: [&str; 2], value: Value| {
        let mut new = old.clone();
        *new.entry(pointer[0]).entry(pointer[1]) = value;
        texts(&pod_update(&new, &old, ""))
    };
    assert_eq!(change(["metadata", "labels"], Value::Null), Vec::<String>::new());
    // Looked at as any object, then as a pod.
    let immutable = "metadata.uid: Invalid value: \"x\": field is immutable";
    assert_eq!(change(["metadata", "uid"], "x".into()), [immutable; 2]);
    let grown = prepared(CASES[1].0).0["spec"]["containers"].clone();
    let said = change(["spec", "containers"], grown);
    assert_eq!(said.last().unwrap(), "spec.containers: Forbidden: pod updates may not add or remove containers");
    let said = change(["spec", "nodeName"], "n".into());
    assert!(said[0].starts_with("spec: Forbidden: pod updates may not change fields other than `spec.containers[*]"));
    let said = change(["spec", "activeDeadlineSeconds"], 5i64.into());
    assert_eq!(said, Vec::<String>::new());
}

#[test]
fn valid_pods_are_warned_of() {
    let (own, said) = prepared(
        r#"{"containers":[{"name":"a","image":"i","env":[{"name":"X","value":"1"},{"name":"X","value":"2"}],"ports":[{"containerPort":80},{"containerPort":80,"hostPort":80}]}],
            "volumes":[{"name":"v","configMap":{"name":"c","items":[{"key":"a","path":"x"},{"key":"b","path":"x/y"}]}}],
            "nodeSelector":{"beta.kubernetes.io/os":"linux"},"imagePullSecrets":[{"name":""}]}"#,
    );
    assert_eq!(
        said,
        [
            "metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]: deprecated since v1.30; use the \"appArmorProfile\" field instead"
        ]
    );
    assert_eq!(
        own.pointer("/spec/containers/0/securityContext/appArmorProfile/type").unwrap().as_str(),
        Some("RuntimeDefault")
    );
    assert_eq!(own["status"].to_string(), r#"{"phase":"Pending","qosClass":"BestEffort"}"#);
    assert_eq!(
        warnings(&own),
        [
            "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
            "volume \"v\" (ConfigMap \"c\"): overlapping paths: \"x/y\" with \"x\"",
            "spec.imagePullSecrets[0].name: invalid empty name \"\"",
            "spec.containers[0].env[1]: hides previous definition of \"X\", which may be dropped when using apply",
            "spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]",
        ]
    );
}
