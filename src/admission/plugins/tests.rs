use super::{Context, Notes, Side, admit, always_pull_images, validate};
use crate::go::json::{self, Value};
use crate::k8s::{Cluster, decode, defaults, schema};
use crate::scenario::Request;

/// Objects of the cluster, a pod's spec, and what comes of it: the refusal, or pointers into the pod with their values.
struct Case {
    name: &'static str,
    objects: &'static str,
    spec: &'static str,
    refused: &'static str,
    shows: &'static [(&'static str, &'static str)],
}

const CASES: &[Case] = &[
    Case {
        name: "a silent cluster has plain accounts and no classes",
        objects: "[]",
        spec: r#"{"containers":[{"name":"a","image":"i"}]}"#,
        refused: "",
        shows: &[
            ("/spec/serviceAccount", "\"default\""),
            ("/spec/volumes/0/name", "\"kube-api-access-xxxxx\""),
            ("/spec/volumes/0/projected/sources/0/serviceAccountToken/expirationSeconds", "3607"),
            ("/spec/containers/0/volumeMounts/0/readOnly", "true"),
            ("/spec/priority", "0"),
            ("/spec/tolerations/1/key", "\"node.kubernetes.io/unreachable\""),
        ],
    },
    Case {
        name: "a token volume that is there is used again",
        objects: "[]",
        spec: r#"{"containers":[{"name":"a","image":"i"}],"volumes":[{"name":"kube-api-access-abcde","emptyDir":{}}]}"#,
        refused: "",
        shows: &[("/spec/containers/0/volumeMounts/0/name", "\"kube-api-access-abcde\""), ("/spec/volumes/1", "null")],
    },
    Case {
        name: "missing account",
        objects: r#"[{"kind":"ServiceAccount","metadata":{"name":"other","namespace":"ns"}}]"#,
        spec: r#"{"containers":[{"name":"a","image":"i"}]}"#,
        refused: r#"pods "web" is forbidden: error looking up service account ns/default: serviceaccount "default" not found"#,
        shows: &[],
    },
    Case {
        name: "pull secrets of the account, no token",
        objects: r#"[{"kind":"ServiceAccount","metadata":{"name":"default","namespace":"ns"},"automountServiceAccountToken":false,"imagePullSecrets":[{"name":"s"}]}]"#,
        spec: r#"{"containers":[{"name":"a","image":"i"}]}"#,
        refused: "",
        shows: &[("/spec/imagePullSecrets/0/name", "\"s\""), ("/spec/volumes", "null")],
    },
    Case {
        name: "secrets that the account does not name",
        objects: r#"[{"kind":"ServiceAccount","metadata":{"name":"default","namespace":"ns","annotations":{"kubernetes.io/enforce-mountable-secrets":"true"}}}]"#,
        spec: r#"{"containers":[{"name":"a","image":"i","envFrom":[{"secretRef":{"name":"s"}}]}]}"#,
        refused: r#"pods "web" is forbidden: container a with envFrom referencing secret.secretName="s" is not allowed because service account default does not reference that secret"#,
        shows: &[],
    },
    Case {
        name: "defaults of a LimitRange",
        objects: r#"[{"kind":"LimitRange","metadata":{"name":"l","namespace":"ns"},"spec":{"limits":[{"type":"Container","default":{"memory":"1Gi"},"max":{"cpu":"2"},"min":{"cpu":"1"}}]}}]"#,
        spec: r#"{"containers":[{"name":"a","image":"i"}]}"#,
        refused: "",
        shows: &[
            ("/spec/containers/0/resources/limits", r#"{"cpu":"2","memory":"1Gi"}"#),
            ("/spec/containers/0/resources/requests", r#"{"cpu":"2","memory":"1Gi"}"#),
            (
                "/metadata/annotations/kubernetes.io~1limit-ranger",
                "\"LimitRanger plugin set: cpu, memory request for container a; cpu, memory limit for container a\"",
            ),
        ],
    },
    Case {
        name: "complaints of a LimitRange",
        objects: r#"[{"kind":"LimitRange","metadata":{"name":"l","namespace":"ns"},"spec":{"limits":[{"type":"Pod","max":{"cpu":"1"}},{"type":"Container","maxLimitRequestRatio":{"cpu":"1500m"}}]}}]"#,
        spec: r#"{"containers":[{"name":"a","image":"i","resources":{"requests":{"cpu":"1"},"limits":{"cpu":"2"}}}]}"#,
        refused: r#"pods "web" is forbidden: [maximum cpu usage per Pod is 1, but limit is 2, cpu max limit to request ratio per Container is 1500m, but provided ratio is 2.000000]"#,
        shows: &[],
    },
    Case {
        name: "a system class is always there",
        objects: r#"[{"kind":"PriorityClass","metadata":{"name":"d"},"value":5,"globalDefault":true}]"#,
        spec: r#"{"priorityClassName":"system-node-critical","containers":[{"name":"a","image":"i"}]}"#,
        refused: "",
        shows: &[("/spec/priority", "2000001000"), ("/spec/preemptionPolicy", "\"PreemptLowerPriority\"")],
    },
    Case {
        name: "the default class",
        objects: r#"[{"kind":"PriorityClass","metadata":{"name":"d"},"value":5,"globalDefault":true,"preemptionPolicy":"Never"}]"#,
        spec: r#"{"containers":[{"name":"a","image":"i"}]}"#,
        refused: "",
        shows: &[("/spec/priorityClassName", "\"d\""), ("/spec/preemptionPolicy", "\"Never\"")],
    },
    Case {
        name: "a priority that its class does not give",
        objects: "[]",
        spec: r#"{"priority":7,"containers":[{"name":"a","image":"i"}]}"#,
        refused: r#"pods "web" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name"#,
        shows: &[],
    },
    Case {
        name: "a runtime class brings overhead, nodes and tolerations",
        objects: r#"[{"kind":"RuntimeClass","metadata":{"name":"r"},"overhead":{"podFixed":{"cpu":"250m"}},"scheduling":{"nodeSelector":{"r":"1"},"tolerations":[{"key":"r","operator":"Exists"}]}}]"#,
        spec: r#"{"runtimeClassName":"r","nodeSelector":{"a":"1"},"containers":[{"name":"a","image":"i"}]}"#,
        refused: "",
        shows: &[
            ("/spec/overhead", r#"{"cpu":"250m"}"#),
            ("/spec/nodeSelector", r#"{"a":"1","r":"1"}"#),
            ("/spec/tolerations/2/key", "\"r\""),
        ],
    },
    Case {
        name: "a runtime class that wants another node",
        objects: r#"[{"kind":"RuntimeClass","metadata":{"name":"r"},"scheduling":{"nodeSelector":{"a":"2"}}}]"#,
        spec: r#"{"runtimeClassName":"r","nodeSelector":{"a":"1"},"containers":[{"name":"a","image":"i"}]}"#,
        refused: r#"pods "web" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[a] = 2; pod.spec.nodeSelector[a] = 1"#,
        shows: &[],
    },
    Case {
        name: "overhead without a class",
        objects: "[]",
        spec: r#"{"overhead":{"cpu":"1"},"containers":[{"name":"a","image":"i"}]}"#,
        refused: r#"pods "web" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"#,
        shows: &[],
    },
    Case {
        name: "a quota wants to know",
        objects: r#"[{"kind":"ResourceQuota","metadata":{"name":"q","namespace":"ns"},"status":{"hard":{"limits.cpu":"1","pods":"5"},"used":{"limits.cpu":"0","pods":"1"}}}]"#,
        spec: r#"{"containers":[{"name":"b","image":"i"},{"name":"a","image":"i"}]}"#,
        refused: r#"pods "web" is forbidden: failed quota: q: must specify limits.cpu for: a,b"#,
        shows: &[],
    },
    Case {
        name: "a quota that is used up",
        objects: r#"[{"kind":"ResourceQuota","metadata":{"name":"q","namespace":"ns"},"status":{"hard":{"pods":"1","requests.cpu":"1"},"used":{"pods":"1","requests.cpu":"900m"}}}]"#,
        spec: r#"{"containers":[{"name":"a","image":"i","resources":{"requests":{"cpu":"200m"}}}]}"#,
        refused: r#"pods "web" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=200m, used: pods=1,requests.cpu=900m, limited: pods=1,requests.cpu=1"#,
        shows: &[],
    },
    Case {
        name: "a quota for other pods",
        objects: r#"[{"kind":"ResourceQuota","metadata":{"name":"q","namespace":"ns"},"spec":{"scopes":["Terminating"]},"status":{"hard":{"pods":"0"},"used":{"pods":"0"}}}]"#,
        spec: r#"{"containers":[{"name":"a","image":"i"}]}"#,
        refused: "",
        shows: &[],
    },
];

fn situation(objects: &str, labels: &str) -> Cluster {
    let namespace = json::parse(format!(r#"{{"metadata":{{"name":"ns","labels":{labels}}}}}"#)).unwrap();
    let objects = json::parse(objects).unwrap();
    Cluster {
        namespaces: [("ns".to_owned(), namespace)].into(),
        objects: objects.items().iter().cloned().collect(),
        ..Cluster::default()
    }
}

fn pod(spec: &str) -> Value {
    let pod = json::parse(format!(r#"{{"metadata":{{"name":"web"}},"spec":{spec}}}"#)).unwrap();
    let mut pod = decode::decode(pod, &schema::POD).unwrap();
    defaults::pod(&mut pod);
    defaults::stored(&mut pod);
    pod
}

#[test]
fn plugins_change_and_refuse() {
    for case in CASES {
        let cluster = situation(case.objects, "{}");
        let mut pod = pod(case.spec);
        let request = Request::create_pod("ns", pod.clone());
        let context = Context { request: &request, cluster: &cluster, suffix: "xxxxx" };
        let mut notes = Notes::default();
        let judged = admit(&context, &mut pod)
            .and_then(|()| validate(&context, &pod, Side::Before, &mut notes))
            .and_then(|()| validate(&context, &pod, Side::After, &mut notes));
        let refused = judged.err().map(|refused| refused.message).unwrap_or_default();
        assert_eq!(refused, case.refused, "{}", case.name);
        for (pointer, expected) in case.shows {
            let got = pod.pointer(pointer).cloned().unwrap_or_default();
            assert_eq!(got.to_string(), *expected, "{}: {pointer}", case.name);
        }
        // The second run, behind webhooks, finds nothing more to do.
        if refused.is_empty() {
            let mut again = pod.clone();
            admit(&context, &mut again).unwrap();
            assert_eq!(again, pod, "{}", case.name);
        }
    }
}

#[test]
fn a_namespace_must_be_there_and_stay() {
    let mut cluster = situation("[]", "{}");
    let mut pod = pod(r#"{"containers":[{"name":"a","image":"i"}]}"#);
    let request = Request::create_pod("gone", pod.clone());
    let context = Context { request: &request, cluster: &cluster, suffix: "" };
    assert_eq!(admit(&context, &mut pod).unwrap_err().message, "namespaces \"gone\" not found");
    *cluster.namespaces.get_mut("ns").unwrap().entry("status").entry("phase") = "Terminating".into();
    let request = Request::create_pod("ns", pod.clone());
    let context = Context { request: &request, cluster: &cluster, suffix: "" };
    let refused = admit(&context, &mut pod).unwrap_err();
    assert!(refused.message.ends_with("unable to create new content in namespace ns because it is being terminated"));
    assert_eq!(refused.details["causes"][0]["reason"].as_str(), Some("NamespaceTerminating"));
}

#[test]
fn pod_security_refuses_and_warns() {
    let cluster = situation(
        "[]",
        r#"{"pod-security.kubernetes.io/enforce":"baseline","pod-security.kubernetes.io/warn":"restricted"}"#,
    );
    let judge = |spec: &str| {
        let pod = pod(spec);
        let request = Request::create_pod("ns", pod.clone());
        let context = Context { request: &request, cluster: &cluster, suffix: "" };
        let mut notes = Notes::default();
        let refused = super::pod_security::validate(&context, &pod, &mut notes).err().map(|refused| refused.message);
        (refused, notes)
    };
    let (refused, _) = judge(r#"{"hostPID":true,"containers":[{"name":"a"}]}"#);
    let text = r#"pods "web" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)"#;
    assert_eq!(refused.as_deref(), Some(text));
    let (refused, notes) = judge(r#"{"containers":[{"name":"a"}]}"#);
    assert_eq!(refused, None);
    assert!(notes.warnings[0].starts_with("would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation"));
    let enforced = ("pod-security.kubernetes.io/enforce-policy".to_owned(), "baseline:latest".to_owned());
    assert_eq!(notes.annotations, [enforced]);
}

#[test]
fn images_can_be_pulled_always() {
    let cluster = situation("[]", "{}");
    let mut pod = pod(r#"{"containers":[{"name":"a","image":"i:1"}]}"#);
    let request = Request::create_pod("ns", pod.clone());
    let context = Context { request: &request, cluster: &cluster, suffix: "" };
    let refused = always_pull_images::validate(&context, &pod, &mut Notes::default()).unwrap_err();
    let text = r#"pods "web" is forbidden: spec.containers[0].imagePullPolicy: Unsupported value: "IfNotPresent": supported values: "Always""#;
    assert_eq!(refused.message, text);
    always_pull_images::admit(&context, &mut pod).unwrap();
    assert_eq!(pod["spec"]["containers"][0]["imagePullPolicy"].as_str(), Some("Always"));
}
