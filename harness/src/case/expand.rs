//! From files to concrete cases: presets below, then the file, then the values of the matrix, then a row of the table.

use std::collections::HashMap;
use std::sync::Arc;

use conjector::go::json::{self, Value};
use conjector::go::yaml::{self, Document, Kind, Node};
use conjector::injector::release::Release;
use rayon::prelude::*;

use super::build::Builder;
use super::cells::{member, members};
use super::error::{Problem, near_miss};
use super::merge::{merge, merge_expect, set, tokens};
use super::schema::key_text;
use super::sweep::Swept;
use super::{Case, CaseError, Files, Tier, cells, expect, schema, sweep};

/// The most concrete cases that one file may make.
const MAX_CASES: usize = 10_000;

/// How deep presets may use presets.
const MAX_PRESETS: usize = 16;

const PRESETS: &str = "cases/presets/";

/// A file that was read and checked.
struct Source {
    path: String,
    document: Document,
    tree: Value,
}

/// All cases of all files, in the order of their ids.
pub(super) fn cases(files: &Files) -> Vec<Result<Case, CaseError>> {
    let paths: Vec<&str> = files.below("cases/").filter(|p| p.ends_with(".yaml")).collect();
    let (presets, scenarios): (Vec<&str>, Vec<&str>) = paths.into_iter().partition(|p| p.starts_with(PRESETS));
    let mut broken = Vec::new();
    let mut known = HashMap::new();
    for path in presets {
        match read(files, path, &schema::PRESET) {
            Ok(source) => {
                if let Some(list) = source.tree["given"]["release"].as_array()
                    && let Err(problem) = sweep::releases(list)
                {
                    let place = locate(&source, &[], &problem.place);
                    broken.push(Err(CaseError::at(path, place, problem.to_string()).hint(problem.hint)));
                }
                let name = path[PRESETS.len()..].trim_end_matches(".yaml").to_owned();
                known.insert(name, source.tree["given"].clone());
            }
            Err(errors) => broken.extend(errors.into_iter().map(Err)),
        }
    }
    let builder = Builder::new(files);
    let expanded: Vec<Vec<_>> = scenarios
        .par_iter()
        // Files that are named by others hold no case.
        .filter(|path| !path.contains("/files/"))
        .map(|path| match read(files, path, &schema::FILE) {
            Ok(source) => expand(&source, &known, &builder),
            Err(errors) => errors.into_iter().map(Err).collect(),
        })
        .collect();
    broken.extend(expanded.into_iter().flatten());
    broken
}

fn read(files: &Files, path: &str, shape: &schema::Shape) -> Result<Source, Vec<CaseError>> {
    let fail = |error| Err(vec![error]);
    let text = match files.get(path) {
        Some(Ok(text)) => text,
        Some(Err(message)) => return fail(CaseError::new(path, message)),
        None => return fail(CaseError::new(path, "the file is not there")),
    };
    let mut documents = match yaml::documents(text) {
        Ok(documents) => documents,
        Err(e) => return fail(CaseError::yaml(path, &e)),
    };
    let document = match (documents.pop(), documents.len()) {
        (Some(document), 0) => document,
        (Some(_), more) => {
            return fail(CaseError::new(path, format!("a scenario file holds one document, not {}", more + 1)));
        }
        (None, _) => return fail(CaseError::new(path, "the file is empty")),
    };
    let mut errors = Vec::new();
    let root = &document.root;
    schema::check(path, root, shape, "", &mut errors);
    for (key, of) in [("apiVersion", "conjector/v1"), ("kind", "InjectionCase, below presets/ Preset")] {
        if matches!(root.kind, Kind::Mapping(_)) && cells::member(root, key).is_none() {
            errors.push(CaseError::at(path, (root.line, root.column), format!("{key} is missing: {of}")));
        }
    }
    cells::check(path, root, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    match document.to_json(false) {
        Ok(mut tree) => {
            schema::as_written(root, shape, &mut tree);
            cells::as_written(root, &mut tree);
            Ok(Source { path: path.to_owned(), document, tree })
        }
        Err(e) => fail(CaseError::yaml(path, &e)),
    }
}

/// One of the values of one axis: names with their overlays.
type Axis<'a> = (&'a str, Vec<(&'a str, Vec<Overlay<'a>>)>);

/// What a variant lays over the file.
enum Overlay<'a> {
    Tree(&'a Value),
    /// The number of the column, its pointer, the cell.
    Cell(usize, &'a str, &'a Value),
    /// One of the releases over which the file sweeps.
    Release(&'static Release),
}

fn expand(source: &Source, presets: &HashMap<String, Value>, builder: &Builder<'_>) -> Vec<Result<Case, CaseError>> {
    let file = source.path.as_str();
    let place = (source.document.root.line, source.document.root.column);
    let fail = |message: String| vec![Err(CaseError::at(file, place, message))];
    let wanted = file["cases/".len()..].trim_end_matches(".yaml");
    let id = source.tree["id"].as_str().unwrap_or_default();
    if id != wanted {
        return fail(format!("the id is {id:?}, but the file's path makes it {wanted:?}"));
    }
    if source.tree["title"].as_str().unwrap_or_default().is_empty() {
        return fail("the case has no title".into());
    }
    let swept = match swept(source, presets) {
        Ok(swept) => swept,
        Err(problem) => {
            let place = locate(source, &[], &problem.place);
            return vec![Err(problem.in_case(id, file, place))];
        }
    };
    if !swept.is_empty() {
        let errors = set_again(source);
        if !errors.is_empty() {
            return errors.into_iter().map(Err).collect();
        }
    }
    let axes = match axes(&source.tree, &swept) {
        Ok(axes) => axes,
        Err(message) => return fail(message),
    };
    let count =
        axes.iter().map(|(_, values)| values.len()).try_fold(1usize, usize::checked_mul).filter(|n| *n <= MAX_CASES);
    let Some(count) = count else { return fail(format!("the matrix makes more than {MAX_CASES} cases")) };
    (0..count)
        .map(|mut number| {
            let mut chosen = Vec::with_capacity(axes.len());
            for (axis, values) in axes.iter().rev() {
                let (name, overlays) = &values[number % values.len()];
                number /= values.len();
                chosen.push((*axis, *name, overlays.as_slice()));
            }
            chosen.reverse();
            concrete(source, &chosen, presets, builder)
        })
        .collect()
}

/// The releases over which a file sweeps: its own list, or that of a preset that it uses.
fn swept(source: &Source, presets: &HashMap<String, Value>) -> Result<Vec<Swept>, Problem> {
    let mut given = Value::Null;
    use_presets(&mut given, &source.tree["given"], presets, 0)?;
    given["release"].as_array().map_or(Ok(Vec::new()), |list| sweep::releases(list))
}

/// The places where a file that sweeps over releases sets the release again.
fn set_again(source: &Source) -> Vec<CaseError> {
    const HINT: &str = "a list given.release makes the axis release; leave one of the two out";
    let root = &source.document.root;
    let error = |node: &Node, what: String| {
        let message = format!("{what} sets the release, over which the file sweeps already");
        CaseError::at(&source.path, (node.line, node.column), message).hint(Some(HINT.into()))
    };
    let mut errors = Vec::new();
    for (axis, values) in member(root, "matrix").into_iter().flat_map(members) {
        if key_text(axis) == sweep::AXIS {
            errors.push(error(axis, format!("the matrix axis {}", sweep::AXIS)));
            continue;
        }
        for (name, overlay) in members(values) {
            let given = member(overlay, "given").into_iter().flat_map(members);
            for (key, _) in given.filter(|(key, _)| matches!(key_text(key), "release" | "release+")) {
                errors.push(error(key, format!("the matrix value {} of {}", key_text(name), key_text(axis))));
            }
        }
    }
    let columns = member(root, "table").and_then(|table| member(table, "columns")).map(|node| &node.kind);
    for column in if let Some(Kind::Sequence(columns)) = columns { columns.as_slice() } else { &[] } {
        if key_text(column) == "/given/release" {
            errors.push(error(column, "the table column /given/release".into()));
        }
    }
    errors
}

fn axes<'a>(tree: &'a Value, swept: &'a [Swept]) -> Result<Vec<Axis<'a>>, String> {
    let valid = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let check = |what: &str, name: &str| {
        if valid(name) {
            Ok(())
        } else {
            Err(format!("{what} {name:?}: names are made of letters, digits, dot, dash and underscore"))
        }
    };
    let mut axes: Vec<Axis<'_>> = Vec::new();
    if !swept.is_empty() {
        for (name, _) in swept {
            check("release", name)?;
        }
        let values = swept.iter().map(|(name, release)| (name.as_str(), vec![Overlay::Release(release)]));
        axes.push((sweep::AXIS, values.collect()));
    }
    for (axis, values) in tree["matrix"].as_object().into_iter().flat_map(json::Object::iter) {
        check("matrix axis", axis)?;
        let mut named = Vec::new();
        for (name, overlay) in values.as_object().into_iter().flat_map(json::Object::iter) {
            check("matrix value", name)?;
            named.push((name.as_str(), vec![Overlay::Tree(overlay)]));
        }
        if named.is_empty() {
            return Err(format!("the matrix axis {axis} has no values"));
        }
        axes.push((axis, named));
    }
    let table = &tree["table"];
    if !table.is_null() {
        let columns: Vec<&str> = table["columns"].items().iter().filter_map(Value::as_str).collect();
        let mut rows = Vec::new();
        for (name, cells) in table["rows"].as_object().into_iter().flat_map(json::Object::iter) {
            check("table row", name)?;
            let cells = cells.items();
            if cells.len() != columns.len() {
                return Err(format!(
                    "the table row {name} has {} cells, but there are {} columns",
                    cells.len(),
                    columns.len()
                ));
            }
            // Null leaves a place as it is.
            let overlays = columns.iter().zip(cells).enumerate().filter(|(_, (_, cell))| !cell.is_null());
            let overlays = overlays.map(|(column, (pointer, cell))| Overlay::Cell(column, pointer, cell));
            rows.push((name.as_str(), overlays.collect()));
        }
        if rows.is_empty() {
            return Err("the table has no rows".into());
        }
        axes.push(("row", rows));
    }
    Ok(axes)
}

fn concrete(
    source: &Source,
    chosen: &[(&str, &str, &[Overlay<'_>])],
    presets: &HashMap<String, Value>,
    builder: &Builder<'_>,
) -> Result<Case, CaseError> {
    let file = source.path.as_str();
    let mut id = source.tree["id"].as_str().unwrap_or_default().to_owned();
    if !chosen.is_empty() {
        let values: Vec<String> = chosen.iter().map(|(axis, name, _)| format!("{axis}={name}")).collect();
        id = format!("{id}[{}]", values.join(","));
    }
    let in_case = |problem: Problem| {
        let place = locate(source, chosen, &problem.place);
        problem.in_case(&id, file, place)
    };

    let mut own = Value::object();
    let mut lay = |tree: &Value| {
        if !tree["given"].is_null() {
            use_presets(own.entry("given"), &tree["given"], presets, 0)?;
        }
        merge_expect(own.entry("expect"), tree["expect"].clone());
        if let Some(title) = tree.get("title") {
            *own.entry("title") = title.clone();
        }
        Ok(())
    };
    lay(&source.tree).map_err(in_case)?;
    let overlays = || chosen.iter().flat_map(|(_, _, overlays)| overlays.iter());
    let swept = overlays().find_map(|o| if let Overlay::Release(release) = o { Some(release.name) } else { None });
    if let Some(name) = swept {
        lay(&sweep::overlay(name)).map_err(in_case)?;
    }
    for overlay in overlays() {
        if let Overlay::Tree(tree) = overlay {
            lay(tree).map_err(in_case)?;
        }
    }
    if swept.is_some_and(|name| own["given"]["release"].as_str() != Some(name)) {
        let message = "a preset of a matrix value sets the release, over which the file sweeps already";
        return Err(in_case(Problem::at(&["given", "use"], message)));
    }
    // Cells come last: they replace whatever stands in their place.
    for overlay in overlays() {
        if let Overlay::Cell(_, pointer, cell) = overlay {
            // What is expected by range gets a block of its own, laid over the others.
            let mut block = Value::object();
            let ranged = pointer.starts_with("/expect/") && own["expect"].as_array().is_some();
            let result = set(if ranged { &mut block } else { &mut own }, pointer, (*cell).clone());
            result.map_err(|token| {
                let message = format!("the table column {pointer} leads nowhere at {token:?}");
                in_case(Problem::at(&["table", "columns"], message))
            })?;
            if ranged {
                merge_expect(own.entry("expect"), block.entry("expect").take());
            }
        }
    }
    let mut given = own["given"].clone();
    if let Value::Object(members) = &mut given {
        members.remove("use");
    }
    let built = builder.build(&id, &given).map_err(in_case)?;
    let expect = expect::read(&own["expect"], built.scenario.release).map_err(in_case)?;
    let texts = |key: &str| source.tree[key].items().iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let tier = match source.tree["tier"].as_str() {
        None | Some("must") => Tier::Must,
        Some("should") => Tier::Should,
        Some("may") => Tier::May,
        Some(_) => Tier::Info,
    };
    Ok(Case {
        id,
        title: own["title"].as_str().unwrap_or_default().to_owned(),
        file: file.to_owned(),
        refs: texts("refs"),
        tier,
        features: texts("features"),
        scenario: Arc::new(built.scenario),
        expect,
        context: built.context,
    })
}

/// Where a key of a case stands: in a cell of its row, in the values of its matrix, or in the file itself; the deepest
/// key that is there, else the file's beginning.
fn locate(source: &Source, chosen: &[(&str, &str, &[Overlay<'_>])], place: &[String]) -> (usize, usize) {
    let root = &source.document.root;
    let mut best = cells::deepest(root, place);
    for (axis, name, overlays) in chosen {
        for overlay in *overlays {
            let found = match overlay {
                Overlay::Release(_) => continue,
                Overlay::Tree(_) => {
                    let inside: Vec<String> = ["matrix", axis, name].map(str::to_owned).into();
                    let (depth, node) = cells::deepest(root, &[inside, place.to_vec()].concat());
                    (depth.saturating_sub(3), node)
                }
                Overlay::Cell(column, pointer, _) => {
                    let way: Vec<String> = tokens(pointer).collect();
                    let shared = way.iter().zip(place).take_while(|(a, b)| a == b).count();
                    if shared < way.len().min(place.len()) {
                        continue;
                    }
                    let row = ["table".to_owned(), "rows".into(), (*name).to_owned(), column.to_string()];
                    (shared, cells::deepest(root, &row).1)
                }
            };
            if found.0 > 0 && found.0 >= best.0 {
                best = found;
            }
        }
    }
    (best.1.line, best.1.column)
}

/// Lays the presets that `given` uses into `target`, left to right, then `given` itself.
fn use_presets(
    target: &mut Value,
    given: &Value,
    presets: &HashMap<String, Value>,
    depth: usize,
) -> Result<(), Problem> {
    const PLACE: &[&str] = &["given", "use"];
    if depth > MAX_PRESETS {
        return Err(Problem::at(PLACE, "presets use each other in a circle"));
    }
    for name in given["use"].items().iter().filter_map(Value::as_str) {
        let Some(preset) = presets.get(name) else {
            let hint = near_miss(name, presets.keys().map(String::as_str));
            return Err(Problem::at(PLACE, format_args!("there is no preset {name:?}")).hint(hint));
        };
        use_presets(target, preset, presets, depth + 1)?;
    }
    merge(target, given.clone());
    Ok(())
}
