//! Volumes made of several sources. Those that are off by default are dropped before ([`crate::k8s::prepare`]).

use std::collections::BTreeSet;

use super::error::{Errors, Path, number, text};
use super::{syntax, volumes};
use crate::go::json::Value;

/// How long tokens are valid, in seconds.
const MIN_TOKEN: i64 = 600;
const MAX_TOKEN: i64 = 1 << 32;

/// A projected volume.
pub fn validate(errors: &Errors, path: &Path<'_>, volume: &Value) {
    volumes::mode(errors, path, volume, "defaultMode");
    let mut paths = Paths { errors, volume: path, seen: BTreeSet::new() };
    for (i, source) in volume["sources"].items().iter().enumerate() {
        let at = path.child("sources");
        let at = at.index(i);
        let mut count = 0;
        let mut kind = |kind: &'static str| {
            let source = &source[kind];
            count += i32::from(!source.is_null());
            (!source.is_null()).then_some(source)
        };
        for name in ["secret", "configMap"] {
            if let Some(source) = kind(name) {
                keys(errors, &at.child(name), source, &mut paths);
            }
        }
        if let Some(source) = kind("downwardAPI") {
            for file in source["items"].items() {
                volumes::downward_file(errors, &at.child("downwardAPI"), file);
                let file = text(file, "path");
                if !file.is_empty() {
                    paths.take(file, file);
                }
            }
        }
        if let Some(source) = kind("serviceAccountToken") {
            token(errors, &at.child("serviceAccountToken"), source, path);
        }
        if count > 1 {
            errors.forbidden(&at, "may not specify more than 1 volume type per source");
        }
    }
}

/// The files that sources made so far.
struct Paths<'e> {
    errors: &'e Errors,
    volume: &'e Path<'e>,
    seen: BTreeSet<String>,
}

impl Paths<'_> {
    /// Takes a path; complains, naming `whose`, where it is taken.
    fn take(&mut self, path: &str, whose: &str) {
        if !self.seen.insert(path.to_owned()) {
            self.errors.invalid(self.volume, whose, "conflicting duplicate paths");
        }
    }
}

fn keys(errors: &Errors, path: &Path<'_>, source: &Value, paths: &mut Paths<'_>) {
    let name = text(source, "name");
    errors.require(path, source, &["name"]);
    for (i, item) in source["items"].items().iter().enumerate() {
        volumes::key_to_path(errors, &path.child("items").index(i), item);
        let file = text(item, "path");
        if !file.is_empty() {
            paths.take(file, name);
        }
    }
}

/// Complaints about the path name the volume.
fn token(errors: &Errors, path: &Path<'_>, source: &Value, volume: &Path<'_>) {
    let seconds = number(source, "expirationSeconds");
    let at = path.child("expirationSeconds");
    if seconds < MIN_TOKEN {
        errors.invalid(&at, seconds, "may not specify a duration less than 10 minutes");
    }
    if seconds > MAX_TOKEN {
        errors.invalid(&at, seconds, "may not specify a duration larger than 2^32 seconds");
    }
    match text(source, "path") {
        "" => errors.required(&volume.child("path"), ""),
        file => syntax::not_reserved(errors, &volume.child("path"), file),
    }
}
