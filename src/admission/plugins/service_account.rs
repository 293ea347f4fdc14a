//! The account of a pod, and its token.

use super::{ALL_CONTAINERS, Context, Notes};
use crate::admission::refused::Refused;
use crate::go::json::{Object, Value};
use crate::k8s::schema;

const DEFAULT: &str = "default";
const MIRROR_ANNOTATION: &str = "kubernetes.io/config.mirror";
const ENFORCE_ANNOTATION: &str = "kubernetes.io/enforce-mountable-secrets";
const TOKEN_VOLUME: &str = "kube-api-access-";
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// How long the token is valid: an hour and a sign that the server chose it.
const TOKEN_SECONDS: i64 = 3607;

/// An account about which nothing is known.
static PLAIN: Value = Value::Null;

pub(super) fn admit(context: &Context<'_>, pod: &mut Value) -> Result<(), Refused> {
    if !context.is_pod(&["CREATE"]) || pod["spec"].as_object().is_none() {
        return Ok(());
    }
    if is_mirror(pod) {
        return validate(context, pod, &mut Notes::default());
    }
    let name = match account_name(pod) {
        "" => DEFAULT.to_owned(),
        name => name.to_owned(),
    };
    let account = find(context, pod, &name)?;
    if let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) {
        for field in ["serviceAccountName", "serviceAccount"] {
            if spec.get(field).and_then(Value::as_str) != Some(&name) {
                schema::POD_SPEC.set(spec, field, name.as_str());
            }
        }
        let own = |value: Option<&Value>| value.and_then(Value::as_bool);
        let wants_token = own(spec.get("automountServiceAccountToken"))
            .or(own(account.get("automountServiceAccountToken")))
            .unwrap_or(true);
        if wants_token {
            mount_token(spec, context.suffix);
        }
        let secrets = account["imagePullSecrets"].items();
        if !secrets.is_empty() && spec.get("imagePullSecrets").is_none_or(|own| own.items().is_empty()) {
            let names = secrets.iter().map(|s| s["name"].as_str().unwrap_or_default());
            let secrets: Vec<Object> =
                names.map(|name| [("name", name)].into_iter().filter(|(_, name)| !name.is_empty()).collect()).collect();
            schema::POD_SPEC.set(spec, "imagePullSecrets", secrets);
        }
    }
    validate(context, pod, &mut Notes::default())
}

pub(super) fn validate(context: &Context<'_>, pod: &Value, _: &mut Notes) -> Result<(), Refused> {
    let debug = context.is_pod_with("ephemeralcontainers", &["UPDATE"]);
    if !debug && !context.is_pod(&["CREATE"]) {
        return Ok(());
    }
    let forbidden = |why: &str| Err(context.forbidden(pod, why));
    if !debug && is_mirror(pod) {
        if !account_name(pod).is_empty() {
            return forbidden("a mirror pod may not reference service accounts");
        }
        if names_secrets(pod) {
            return forbidden("a mirror pod may not reference secrets");
        }
        let mut projections = pod["spec"]["volumes"].items().iter().flat_map(|v| v["projected"]["sources"].items());
        if projections.any(|source| !source["serviceAccountToken"].is_null()) {
            return forbidden("a mirror pod may not use ServiceAccountToken volume projections");
        }
        return Ok(());
    }
    let name = account_name(pod);
    if name.is_empty() {
        let own = pod["metadata"]["name"].as_str().unwrap_or_default();
        return forbidden(&format!("no service account specified for pod {}/{own}", context.request.namespace));
    }
    let account = find(context, pod, name)?;
    let enforce = account["metadata"]["annotations"][ENFORCE_ANNOTATION].as_str();
    if matches!(enforce, Some("1" | "t" | "T" | "TRUE" | "true" | "True")) {
        let lists = if debug { &["ephemeralContainers"][..] } else { &["initContainers", "containers"][..] };
        if let Some(why) = unreferenced_secret(pod, account, lists, debug) {
            return forbidden(&why);
        }
    }
    Ok(())
}

fn is_mirror(pod: &Value) -> bool {
    pod["metadata"]["annotations"].get(MIRROR_ANNOTATION).is_some()
}

fn account_name(pod: &Value) -> &str {
    pod["spec"]["serviceAccountName"].as_str().unwrap_or_default()
}

fn find<'a>(context: &Context<'a>, pod: &Value, name: &str) -> Result<&'a Value, Refused> {
    const KIND: &str = "ServiceAccount";
    let (namespace, objects) = (&context.request.namespace, &context.cluster.objects);
    if objects.is_silent_about(KIND) {
        return Ok(&PLAIN);
    }
    objects.get(KIND, namespace, name).ok_or_else(|| {
        let why = format!(
            "error looking up service account {namespace}/{name}: serviceaccount {} not found",
            crate::go::strconv::quote(name)
        );
        context.forbidden(pod, &why)
    })
}

/// Mounts the token into all containers that have nothing at its place.
fn mount_token(spec: &mut Object, suffix: &str) {
    let volumes = spec.get("volumes").map_or(&[][..], Value::items);
    let names = volumes.iter().filter_map(|volume| volume["name"].as_str());
    let present = names.into_iter().find(|name| name.starts_with(TOKEN_VOLUME)).map(str::to_owned);
    let name = present.clone().unwrap_or_else(|| format!("{TOKEN_VOLUME}{suffix}"));
    let mut is_needed = false;
    for list in ["initContainers", "containers"] {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for container in containers.filter_map(Value::as_object_mut) {
            let mounts = container.get("volumeMounts").map_or(&[][..], Value::items);
            if mounts.iter().any(|mount| mount["mountPath"].as_str() == Some(TOKEN_PATH)) {
                continue;
            }
            let mut mount = Object::with_capacity(3);
            mount.push("name", name.as_str());
            mount.push("readOnly", true);
            mount.push("mountPath", TOKEN_PATH);
            push(schema::CONTAINER.entry(container, "volumeMounts"), mount);
            is_needed = true;
        }
    }
    if is_needed && present.is_none() {
        let mut volume = Object::with_capacity(2);
        volume.push("name", name);
        volume.push("projected", token_source());
        push(schema::POD_SPEC.entry(spec, "volumes"), volume);
    }
}

fn push(list: &mut Value, item: Object) {
    match list.as_array_mut() {
        Some(items) => items.push(Value::Object(item)),
        None => *list = Value::Array(vec![Value::Object(item)]),
    }
}

fn object<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Object(members.into_iter().collect())
}

/// Token, certificate and namespace, as every pod finds them.
fn token_source() -> Value {
    let token = object([("expirationSeconds", TOKEN_SECONDS.into()), ("path", "token".into())]);
    let item = object([("key", "ca.crt".into()), ("path", "ca.crt".into())]);
    let certificate = object([("name", "kube-root-ca.crt".into()), ("items", vec![item].into())]);
    let field = object([("apiVersion", "v1".into()), ("fieldPath", "metadata.namespace".into())]);
    let item = object([("path", "namespace".into()), ("fieldRef", field)]);
    let sources = vec![
        object([("serviceAccountToken", token)]),
        object([("configMap", certificate)]),
        object([("downwardAPI", object([("items", vec![item].into())]))]),
    ];
    object([("sources", sources.into()), ("defaultMode", 0o644i64.into())])
}

/// Whether a pod names a secret anywhere.
fn names_secrets(pod: &Value) -> bool {
    let spec = &pod["spec"];
    let secret_of = |source: &Value| {
        ["azureFile", "secret"].iter().any(|kind| !source[*kind]["secretName"].is_null())
            || ["cephfs", "cinder", "flexVolume", "rbd", "scaleIO", "iscsi", "storageos"]
                .iter()
                .any(|kind| !source[*kind]["secretRef"].is_null())
            || !source["csi"]["nodePublishSecretRef"].is_null()
            || source["projected"]["sources"].items().iter().any(|s| !s["secret"].is_null())
    };
    !spec["imagePullSecrets"].items().is_empty()
        || spec["volumes"].items().iter().any(secret_of)
        || super::containers(pod, ALL_CONTAINERS).any(|(_, _, container)| {
            container["envFrom"].items().iter().any(|from| !from["secretRef"].is_null())
                || container["env"].items().iter().any(|env| !env["valueFrom"]["secretKeyRef"].is_null())
        })
}

/// What is wrong where a pod may use its account's secrets only.
fn unreferenced_secret(pod: &Value, account: &Value, lists: &[&'static str], debug: bool) -> Option<String> {
    let has = |list: &str, name: &str| account[list].items().iter().any(|s| s["name"].as_str() == Some(name));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let account_name = text(&account["metadata"]["name"]);
    let end =
        |thing: &str| format!("is not allowed because service account {account_name} does not reference that {thing}");
    if !debug {
        for volume in pod["spec"]["volumes"].items() {
            let Some(source) = volume.get("secret") else { continue };
            let secret = text(&source["secretName"]);
            if !has("secrets", &secret) {
                return Some(format!("volume with secret.secretName=\"{secret}\" {}", end("secret")));
            }
        }
    }
    for (list, _, container) in super::containers(pod, lists) {
        let what = match list {
            "initContainers" => "init container",
            "ephemeralContainers" => "ephemeral container",
            _ => "container",
        };
        let name = text(&container["name"]);
        for env in container["env"].items() {
            let Some(source) = env["valueFrom"].get("secretKeyRef") else { continue };
            let secret = text(&source["name"]);
            if !has("secrets", &secret) {
                let env = text(&env["name"]);
                return Some(format!(
                    "{what} {name} with envVar {env} referencing secret.secretName=\"{secret}\" {}",
                    end("secret")
                ));
            }
        }
        for from in container["envFrom"].items() {
            let Some(source) = from.get("secretRef") else { continue };
            let secret = text(&source["name"]);
            if !has("secrets", &secret) {
                return Some(format!(
                    "{what} {name} with envFrom referencing secret.secretName=\"{secret}\" {}",
                    end("secret")
                ));
            }
        }
    }
    if !debug {
        for (i, secret) in pod["spec"]["imagePullSecrets"].items().iter().enumerate() {
            let secret = text(&secret["name"]);
            if !has("imagePullSecrets", &secret) {
                return Some(format!("imagePullSecrets[{i}].name=\"{secret}\" {}", end("imagePullSecret")));
            }
        }
    }
    None
}
