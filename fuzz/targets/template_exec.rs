//! Rendering ends, twice with the same result, and a template that is called prints what it prints on its own.

#![no_main]

use std::sync::LazyLock;

use conjector::go::json;
use conjector::go::template::{Functions, NoHost, Template, Value, sprig};

static FUNCTIONS: LazyLock<Functions> = LazyLock::new(|| {
    let mut functions = Functions::builtin();
    sprig::register(&mut functions);
    functions
});

static DATA: LazyLock<json::Value> = LazyLock::new(|| {
    let text = r#"{"s": "a b", "n": 3, "f": -1.5, "t": true, "nil": null, "l": [1, "x", [2], {"k": "v"}],
        "m": {"a": 1, "b": {"c": "deep"}, "": "empty"}, "e": {}, "w": ["b", "a", "b"]}"#;
    json::parse(text).unwrap_or_default()
});

/// The output, or the text of the error with what was printed before it.
fn render(text: &str, data: &json::Value) -> Option<Result<String, (String, String)>> {
    let template = Template::parse("t", text, &FUNCTIONS).ok()?;
    Some(template.render(&Value::json(data), &NoHost).map_err(|e| (e.to_string(), e.partial.clone())))
}

fn run(text: &str) {
    let Some(first) = render(text, &DATA) else { return };
    assert_eq!(Some(&first), render(text, &DATA).as_ref());
    // Definitions do not nest, and an empty one gives way to another of the same name.
    let called = render(&format!("{{{{define \"called\"}}}}{text}{{{{end}}}}{{{{template \"called\" .}}}}"), &DATA);
    if let (Ok(output), Some(called), false) = (&first, called, output_is_blank(&first)) {
        assert_eq!(Ok(output), called.as_ref());
    }
}

fn output_is_blank(result: &Result<String, (String, String)>) -> bool {
    result.as_ref().is_ok_and(|output| output.trim().is_empty())
}

conjector_fuzz::target!(run);
