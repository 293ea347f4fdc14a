//! Images are pulled for every container, so that nobody runs what another may pull. Off by default.

use super::{ALL_CONTAINERS, Context, Notes, aggregate};
use crate::admission::refused::Refused;
use crate::go::json::Value;
use crate::go::strconv::quote;
use crate::k8s::schema;

const ALWAYS: &str = "Always";

pub(super) fn admit(context: &Context<'_>, pod: &mut Value) -> Result<(), Refused> {
    if !applies(context, pod) {
        return Ok(());
    }
    let Some(spec) = pod.get_mut("spec") else { return Ok(()) };
    for list in ALL_CONTAINERS {
        let containers = spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten();
        for container in containers.filter_map(Value::as_object_mut) {
            schema::CONTAINER.set(container, "imagePullPolicy", ALWAYS);
        }
    }
    for volume in spec.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(image) = volume.get_mut("image").and_then(Value::as_object_mut) {
            schema::IMAGE_VOLUME_SOURCE.set(image, "pullPolicy", ALWAYS);
        }
    }
    Ok(())
}

pub(super) fn validate(context: &Context<'_>, pod: &Value, _: &mut Notes) -> Result<(), Refused> {
    if !applies(context, pod) {
        return Ok(());
    }
    let complaint = |policy: &Value, place: String| {
        let policy = policy.as_str().unwrap_or_default();
        (policy != ALWAYS).then(|| {
            let why = format!("{place}: Unsupported value: {}: supported values: {}", quote(policy), quote(ALWAYS));
            context.forbidden(pod, &why)
        })
    };
    let of_containers = super::containers(pod, ALL_CONTAINERS)
        .filter_map(|(list, i, c)| complaint(&c["imagePullPolicy"], format!("spec.{list}[{i}].imagePullPolicy")));
    let volumes = pod["spec"]["volumes"].items().iter().enumerate();
    let of_volumes = volumes
        .filter(|(_, volume)| !volume["image"].is_null())
        .filter_map(|(i, v)| complaint(&v["image"]["pullPolicy"], format!("spec.volumes[{i}].image.pullPolicy")));
    let complaints: Vec<String> = of_containers.chain(of_volumes).map(|refused| refused.message).collect();
    match complaints.is_empty() {
        true => Ok(()),
        // An aggregate is no Status, so that the server makes it a 500 without a reason.
        false => Err(Refused::new(500, "", aggregate(complaints), "plugin-refused")),
    }
}

/// Creations, and updates that bring an image which the pod did not have.
fn applies(context: &Context<'_>, pod: &Value) -> bool {
    let images = |pod: &Value| -> Vec<Value> {
        super::containers(pod, ALL_CONTAINERS).map(|(_, _, container)| container["image"].clone()).collect()
    };
    context.is_pod(&["CREATE"])
        || (context.is_pod(&["UPDATE"]) && {
            let old = images(&context.request.old_object);
            images(pod).iter().any(|image| !old.contains(image))
        })
}
