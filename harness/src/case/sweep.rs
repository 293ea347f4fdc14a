//! The releases over which a scenario file sweeps: `given.release` as a list.

use conjector::go::json::Value;
use conjector::injector::release::Release;

use super::error::{Problem, near_miss};

/// The place of the list.
const PLACE: [&str; 2] = ["given", "release"];

/// The axis that the list makes.
pub(super) const AXIS: &str = "release";

/// The item that stands for every line.
const ALL: &str = "all";

/// A release of a list, after its name in ids.
pub(super) type Swept = (String, &'static Release);

/// The releases of a list, each with its name in ids: the line, or the full name where one with a patch is written.
///
/// Errors: what is neither a release nor a range, a range without a line, one release twice, nothing at all.
pub(super) fn releases(list: &[Value]) -> Result<Vec<Swept>, Problem> {
    let mut found: Vec<Swept> = Vec::new();
    for (i, item) in list.iter().enumerate() {
        let place = i.to_string();
        let place = [PLACE[0], PLACE[1], &place];
        let text = item.as_str().unwrap_or_default().trim();
        for (name, release) in item_releases(text).map_err(|(message, hint)| Problem::at(&place, message).hint(hint))? {
            if let Some((other, _)) = found.iter().find(|(_, known)| *known == release) {
                let message = match *other == name {
                    true => format!("the release {name} is already in the list"),
                    false => format!("{name} is the release {release}, which is already in the list as {other}"),
                };
                return Err(Problem::at(&place, message));
            }
            found.push((name, release));
        }
    }
    if found.is_empty() {
        let hint = format!("write one release, a list such as [\"1.8\", \">=1.27\"], or [{ALL}]");
        return Err(Problem::at(&PLACE, "the list is empty").hint(Some(hint)));
    }
    Ok(found)
}

/// The releases that one item stands for; else message and hint.
fn item_releases(text: &str) -> Result<Vec<Swept>, (String, Option<String>)> {
    let line = |release: &'static Release| (release.line().to_owned(), release);
    if text == ALL {
        return Ok(Release::lines().map(line).collect());
    }
    if !is_range(text) {
        let release = Release::find(text).map_err(|e| (e.to_string(), hint(text)))?;
        let has_patch = text.matches('.').count() > 1;
        return Ok(vec![if has_patch { (text.to_owned(), release) } else { line(release) }]);
    }
    let mut lines = Vec::new();
    for release in Release::lines() {
        if release.is_in(text).map_err(|_| (format!("{text:?} is neither a release nor a range"), None))? {
            lines.push(line(release));
        }
    }
    if lines.is_empty() {
        let newest = format!("{} to {}", Release::all()[0].line(), Release::latest().line());
        return Err((format!("no line lies in the range {text:?} (known: {newest})"), None));
    }
    Ok(lines)
}

/// Ranges begin with a comparison, or have more than one part.
fn is_range(text: &str) -> bool {
    text.starts_with(['<', '>', '=', '!']) || text.contains([' ', ','])
}

fn hint(text: &str) -> Option<String> {
    near_miss(text, Release::all().iter().map(|r| r.name).chain([ALL]))
}

/// What a release of the axis lays over the file.
pub(super) fn overlay(name: &str) -> Value {
    let mut overlay = Value::object();
    *overlay.entry("given").entry("release") = name.into();
    overlay
}

/// The one release at a place of a case; `usual` where none is named.
///
/// Errors: a release that is unknown; a list, a range or `all` where only one can be.
pub(super) fn one(given: &Value, usual: &'static Release, place: &[&str]) -> Result<&'static Release, Problem> {
    let text = match given {
        Value::Null => return Ok(usual),
        Value::Array(_) => {
            let message = "a list of releases makes an axis, so it stands in the given of the file or of a preset that \
                           the file itself uses, not in the values of a matrix or a table";
            return Err(Problem::at(place, message));
        }
        Value::String(text) => text.to_string(),
        other => other.to_string(),
    };
    Release::find(&text).map_err(|e| {
        let many = text == ALL || is_range(&text);
        let hint = if many { Some(format!("more than one release is a list: [{text:?}]")) } else { hint(&text) };
        Problem::at(place, e).hint(hint)
    })
}
