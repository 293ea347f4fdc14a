//! The cells of a table are checked like the keys they stand for, and where they stand.

use conjector::go::json::Value;
use conjector::go::yaml::{Kind, Node};

use super::error::{CaseError, near_miss};
use super::merge::tokens;
use super::schema::{self, CELLS, Shape, key_text};

/// Checks the columns and cells of a file's table; all problems are reported.
pub(super) fn check(file: &str, root: &Node, errors: &mut Vec<CaseError>) {
    let columns = member(root, "table").and_then(|table| member(table, "columns"));
    let Some(Kind::Sequence(columns)) = columns.map(|node| &node.kind) else { return };
    let mut shapes = Vec::with_capacity(columns.len());
    for column in columns {
        let pointer = key_text(column);
        match shape(pointer) {
            Ok(shape) => shapes.push((pointer, shape)),
            Err((message, hint)) => {
                errors.push(CaseError::at(file, (column.line, column.column), message).hint(hint));
                shapes.push((pointer, &Shape::Any));
            }
        }
    }
    let rows = member(root, "table").and_then(|table| member(table, "rows"));
    let Some(Kind::Mapping(rows)) = rows.map(|node| &node.kind) else { return };
    for (_, row) in rows {
        let Kind::Sequence(cells) = &row.kind else { continue };
        for (cell, (pointer, shape)) in cells.iter().zip(&shapes) {
            schema::check(file, cell, shape, &pointer[1..].replace('/', "."), errors);
        }
    }
}

/// [`schema::as_written`] for the cells of a checked table.
pub(super) fn as_written(root: &Node, tree: &mut Value) {
    let Some(table) = member(root, "table") else { return };
    let columns = member(table, "columns").map(|node| &node.kind);
    let rows = member(table, "rows").map(|node| &node.kind);
    let (Some(Kind::Sequence(columns)), Some(Kind::Mapping(rows))) = (columns, rows) else { return };
    let shapes: Vec<_> = columns.iter().map(|column| shape(key_text(column)).unwrap_or(&Shape::Any)).collect();
    for (name, row) in rows {
        let cells = tree.get_mut("table").and_then(|t| t.get_mut("rows")).and_then(|r| r.get_mut(key_text(name)));
        let (Kind::Sequence(nodes), Some(Value::Array(cells))) = (&row.kind, cells) else { continue };
        for ((node, cell), shape) in nodes.iter().zip(cells).zip(&shapes) {
            schema::as_written(node, shape, cell);
        }
    }
}

/// The shape of what a column points to.
fn shape(pointer: &str) -> Result<&'static Shape, (String, Option<String>)> {
    if !pointer.starts_with("/given/") && !pointer.starts_with("/expect/") {
        return Err((format!("the table column {pointer} must point below /given or /expect"), None));
    }
    let mut shape = &CELLS;
    for token in tokens(pointer) {
        shape = match shape {
            Shape::Any => return Ok(shape),
            Shape::Map(item) | Shape::List(item) => item,
            Shape::Object(keys) => shape_of(keys, &token).ok_or_else(|| {
                let hint = near_miss(&token, keys.iter().map(|(known, _)| *known));
                (format!("the table column {pointer}: unknown key {token}"), hint)
            })?,
            Shape::ScalarOr(_, Shape::Object(keys)) | Shape::ListOr(_, Shape::Object(keys)) => {
                shape_of(keys, &token)
                    .ok_or_else(|| (format!("the table column {pointer}: unknown key {token}"), None))?
            }
            _ => return Err((format!("the table column {pointer}: there is nothing below at {token}"), None)),
        };
    }
    Ok(shape)
}

fn shape_of(keys: &'static [(&'static str, Shape)], token: &str) -> Option<&'static Shape> {
    keys.iter().find(|(known, _)| *known == token).map(|(_, shape)| shape)
}

/// Keys and values of a mapping.
pub(super) fn members(node: &Node) -> &[(Node, Node)] {
    if let Kind::Mapping(members) = &node.kind { members } else { &[] }
}

/// The value of a key.
pub(super) fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    members(node).iter().find(|(key, _)| key_text(key) == name).map(|(_, value)| value)
}

/// The deepest node on the way to a place, and how many steps lead there. Keys may have a `+`.
pub(super) fn deepest<'n>(root: &'n Node, place: &[String]) -> (usize, &'n Node) {
    let mut node = root;
    for (depth, token) in place.iter().enumerate() {
        let inner = match &node.kind {
            Kind::Sequence(items) => token.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => member(node, token).or_else(|| member(node, &format!("{token}+"))),
        };
        match inner {
            Some(inner) => node = inner,
            None => return (depth, node),
        }
    }
    (place.len(), node)
}
