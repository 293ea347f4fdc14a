//! From the injectors of a dump to the one release that is simulated.

use std::collections::BTreeMap;

use conjector::go::json::Value;
use conjector::injector::release::Release;

use super::detect::{self, Evidence, Finding};
use super::{INJECTOR_MAP, revision_of};

/// One release for all injectors of the dump: that of the default revision, else of the first. What was found, and from
/// what, becomes a note; so do injectors of other releases.
pub(super) fn release<'a>(
    objects: &[Value],
    revisions: impl Iterator<Item = &'a String>,
    asked: Option<&'static Release>,
    notes: &mut Vec<String>,
) -> &'static Release {
    let found: BTreeMap<&String, Option<Finding>> =
        revisions.map(|revision| (revision, detect::release(&evidence(objects, revision)))).collect();
    let first = found
        .iter()
        .find(|(revision, _)| revision.as_str() == "default")
        .map(|(_, finding)| finding)
        .or_else(|| found.values().next())
        .and_then(Option::as_ref);
    let release = asked.or(first.map(|f| f.release)).unwrap_or_else(Release::latest);
    for (revision, finding) in &found {
        let Some(finding) = finding else {
            notes.push(format!("nothing tells the release of revision {revision} (--release chooses one)"));
            continue;
        };
        let mut note = format!("revision {revision} is {}", finding.name());
        if !finding.by.is_empty() {
            note.push_str(&format!(": {}", finding.by.join("; ")));
        }
        if !finding.but.is_empty() {
            note.push_str(&format!(" (but {})", finding.but.join("; ")));
        }
        notes.push(note);
    }
    let simulated = match (asked, first) {
        (Some(_), Some(finding)) if finding.release != release => Some(format!("{release} is simulated, as asked")),
        (None, Some(finding)) if !finding.others.is_empty() => {
            Some(format!("{release} is simulated (--release chooses another)"))
        }
        (None, None) => Some(format!("{release} is simulated (--release chooses another)")),
        _ => None,
    };
    notes.extend(simulated);
    if found.values().flatten().any(|f| f.release != release) && asked.is_none() {
        notes.push(format!("all revisions are simulated as {release}"));
    }
    release
}

/// What of a dump belongs to the injector of a revision.
fn evidence<'a>(objects: &'a [Value], revision: &str) -> Evidence<'a> {
    let mut evidence = Evidence::default();
    for object in objects {
        let metadata = &object["metadata"];
        let name = metadata["name"].as_str().unwrap_or_default();
        let label = |key: &str| metadata["labels"].get(key).and_then(Value::as_str);
        let labelled = label("istio.io/rev").unwrap_or("default") == revision;
        let mine = match object["kind"].as_str().unwrap_or_default() {
            "ConfigMap" => {
                let mine = revision_of(name, INJECTOR_MAP).as_deref() == Some(revision);
                if mine {
                    evidence.data = Some(&object["data"]);
                }
                mine
            }
            "MutatingWebhookConfiguration" => {
                let mine = labelled && label("istio.io/tag").is_none() && name.starts_with(INJECTOR_MAP);
                if mine {
                    evidence.webhooks.push(object);
                }
                mine
            }
            "Deployment" | "Pod" => {
                let injector = ["istiod", INJECTOR_MAP].iter().any(|n| name.starts_with(n));
                let spec = if object["kind"].as_str() == Some("Pod") {
                    &object["spec"]
                } else {
                    &object["spec"]["template"]["spec"]
                };
                if injector && labelled {
                    evidence.images.extend(spec["containers"].items().iter().filter_map(|c| c["image"].as_str()));
                }
                injector && labelled
            }
            _ => false,
        };
        if mine {
            evidence.metadata.push(metadata);
        }
    }
    evidence
}
