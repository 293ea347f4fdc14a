use crate::go::json::Value;
use crate::injector::pod::{self, List};
use crate::injector::post::Finish;

/// Orders the containers. The sidecar is the last of the containers, or the first where the application is held until
/// it has started. As an init container it comes right after the iptables setup and before everything else; without
/// it, the setup is last, so that init containers have plain network access, and its validation is first.
///
/// Errors: a proxy config annotation that cannot be merged.
pub(super) fn reorder(pod: &mut Value, context: &Finish<'_>) -> Result<(), String> {
    let mesh = context.mesh;
    let held_by_mesh = match pod::annotation(context.original, pod::PROXY_CONFIG_ANNOTATION) {
        Some(yaml) => mesh.apply_proxy_config(yaml)?.hold_application_until_proxy_starts(),
        None => {
            context.release.switches.mesh_holds_application
                && mesh.default_config().hold_application_until_proxy_starts()
        }
    };
    let hold = held_by_mesh || context.config.values.hold_application_until_proxy_starts;
    let containers = pod::containers_mut(pod, List::Containers);
    move_to(containers, pod::PROXY, if hold { End::First } else { End::Last });

    if pod::containers(pod, List::InitContainers).is_empty() {
        return Ok(());
    }
    let init = pod::containers_mut(pod, List::InitContainers);
    let native = context.release.switches.sidecar_lists.contains(&List::InitContainers);
    if native && pod::find(init, pod::PROXY).is_some() {
        for name in [pod::CORE_DUMP, pod::PROXY, pod::VALIDATION, pod::INIT] {
            move_to(init, name, End::First);
        }
    } else {
        move_to(init, pod::VALIDATION, End::First);
        move_to(init, pod::INIT, End::Last);
        move_to(init, pod::CORE_DUMP, End::Last);
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum End {
    First,
    Last,
}

/// Moves the container to one end. Of several with the name only the last is kept.
fn move_to(containers: &mut Vec<Value>, name: &str, end: End) {
    let Some(at) = containers.iter().rposition(|c| pod::name(c) == name) else { return };
    let container = containers.remove(at);
    containers.retain(|c| pod::name(c) != name);
    match end {
        End::First => containers.insert(0, container),
        End::Last => containers.push(container),
    }
}
