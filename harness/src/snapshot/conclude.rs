//! From the injectors of a dump to the releases that are simulated.

use std::collections::BTreeMap;

use conjector::go::json::Value;
use conjector::injector::release::Release;

use super::detect::{self, Evidence, Finding};
use super::{INJECTOR_MAP, revision_of};

/// What each revision runs.
pub(super) struct Releases {
    /// The release of the default revision, else of the first one.
    pub(super) main: &'static Release,
    by_revision: BTreeMap<String, &'static Release>,
}

impl Releases {
    /// The release of a revision.
    pub(super) fn of(&self, revision: &str) -> &'static Release {
        self.by_revision.get(revision).copied().unwrap_or(self.main)
    }
}

/// The release of each revision: the one that is asked for, else what its traits tell, else the main one. What was found,
/// and from what, becomes a note.
pub(super) fn releases<'a>(
    objects: &[Value],
    revisions: impl Iterator<Item = &'a String>,
    asked: Option<&'static Release>,
    notes: &mut Vec<String>,
) -> Releases {
    let found: BTreeMap<&String, Option<Finding>> =
        revisions.map(|revision| (revision, detect::release(&evidence(objects, revision)))).collect();
    let first = match found.iter().find(|(revision, _)| revision.as_str() == "default") {
        Some((_, finding)) => finding.as_ref(),
        None => found.values().flatten().next(),
    };
    let main = asked.or(first.map(|f| f.release)).unwrap_or_else(Release::latest);
    let mut by_revision = BTreeMap::new();
    for (revision, finding) in &found {
        let simulated = asked.or(finding.as_ref().map(|f| f.release)).unwrap_or(main);
        by_revision.insert((*revision).clone(), simulated);
        let Some(finding) = finding else {
            let hint = if asked.is_none() { " (--release chooses another)" } else { "" };
            notes.push(format!("nothing tells the release of revision {revision}: {simulated} is simulated{hint}"));
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
        if asked.is_some() && finding.release != simulated {
            notes.push(format!("{simulated} is simulated for revision {revision}, as asked"));
        } else if asked.is_none() && !finding.others.is_empty() {
            notes.push(format!("{simulated} is simulated for revision {revision} (--release chooses another)"));
        }
    }
    Releases { main, by_revision }
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
