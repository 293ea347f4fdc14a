//! Parsing ends, and the delimiters that are the default are the same when they are given.

#![no_main]

use std::sync::LazyLock;

use conjector::go::template::{Functions, Options, Template, sprig};

static FUNCTIONS: LazyLock<Functions> = LazyLock::new(|| {
    let mut functions = Functions::builtin();
    sprig::register(&mut functions);
    functions
});

fn run(text: &str) {
    let by_default = Template::parse("t", text, &FUNCTIONS).map(drop);
    let options = Options { delims: ("{{", "}}"), ..Options::default() };
    let given = Template::parse_with("t", text, &FUNCTIONS, &options).map(drop);
    assert_eq!(by_default.map_err(|e| e.to_string()), given.map_err(|e| e.to_string()));
}

conjector_fuzz::target!(run);
