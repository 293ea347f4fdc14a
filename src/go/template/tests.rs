//! Runs `cases.yaml`, and every limit against a template that would run away.

use super::format::MAX_TEXT;
use super::{
    Error, ErrorKind, Functions, MAX_CALL_DEPTH, MAX_LEVELS, MAX_NESTING, MAX_OUTPUT, NoHost, Template, Value, sprig,
};
use crate::go::yaml;

fn render(text: &str) -> Result<String, Error> {
    let mut functions = Functions::builtin();
    sprig::register(&mut functions);
    Template::parse("t", text, &functions)?.render(&Value::Nil, &NoHost)
}

#[test]
fn cases() {
    let cases = yaml::to_json(include_str!("cases.yaml")).unwrap();
    assert!(!cases.items().is_empty());
    for case in cases.items() {
        let template = case["template"].as_str().unwrap();
        let (wanted, got) = match render(template) {
            Ok(output) => (&case["gives"], output),
            Err(error) => (&case["fails"], error.to_string()),
        };
        assert_eq!(wanted.as_str(), Some(got.as_str()), "{template}");
    }
}

#[test]
fn nothing_runs_away() {
    let parentheses = format!("{{{{{}1{}}}}}", "(".repeat(MAX_NESTING + 1), ")".repeat(MAX_NESTING + 1));
    for (template, message) in [
        ("{{$x := repeat 1000000 `x`}}{{range until 20}}{{$x}}{{end}}", "the output is longer than 16777216 bytes"),
        ("{{range 30000000}}{{end}}", "the template takes more than 20000000 steps"),
        ("{{$x := repeat 16000000 `a`}}{{range until 100}}{{contains `b` $x}}{{end}}", "more than 20000000 steps"),
        ("{{$x := `x`}}{{range until 40}}{{$x = print $x $x}}{{end}}", "functions give more than 67108864 bytes"),
        ("{{$x := list}}{{range until 300}}{{$x = list $x}}{{end}}", "values are nested more than 200 deep"),
        ("{{$d := dict}}{{$d = set $d `a` $d}}", "values are nested more than 200 deep"),
        ("{{define `a`}}{{template `a`}}{{end}}{{template `a`}}", "exceeded maximum template depth (100000)"),
        (&parentheses, "max expression depth exceeded"),
        ("{{until 2000000}}", "the list would have more than 1000000 items"),
        ("{{uniq (until 10000)}}", "more than 20000000 comparisons would be needed"),
        ("{{repeat 100000000 `x`}}", "the text would be longer than 16777216 bytes"),
        ("{{indent 10000000 (repeat 10 `\n`)}}", "the text would be longer than 16777216 bytes"),
        ("{{printf `%9000000d%9000000d` 1 2}}", "the text would be longer than 16777216 bytes"),
        ("{{printf `%9000000d` (until 1000)}}", "the text would be longer than 16777216 bytes"),
        ("{{mustRegexMatch `(\\pL{50}){20}` `a`}}", "expression too large"),
    ] {
        let error = render(template).unwrap_err();
        assert!(error.to_string().contains(message), "{template:.60}: {error}");
        assert!(error.partial.len() <= MAX_OUTPUT);
    }
    assert_eq!(render("{{$d := dict}}{{$d = set $d `a` $d}}").unwrap_err().kind, ErrorKind::Limit);
    assert_eq!(render("{{printf `%100000000d|x` 1}}").unwrap(), "%!(NOVERB)%!(EXTRA int=1)");
    assert_eq!(render(&"{{if true}}".repeat(MAX_NESTING + 1)).unwrap_err().kind, ErrorKind::Parse);
    let deep = format!(
        "{{{{define `a`}}}}{{{{if .}}}}{{{{template `a` (sub . 1)}}}}{{{{end}}}}{{{{end}}}}{{{{template `a` {}}}}}",
        MAX_CALL_DEPTH - 1
    );
    assert_eq!(render(&deep).unwrap(), "");
    let nested = |levels: usize, calls: usize| {
        let (open, close) = ("{{if .}}".repeat(levels), "{{end}}".repeat(levels));
        format!("{{{{define `a`}}}}{open}{{{{template `a` (sub . 1)}}}}{close}{{{{end}}}}{{{{template `a` {calls}}}}}")
    };
    assert_eq!(render(&nested(1, MAX_LEVELS / 2)).unwrap_err().kind, ErrorKind::Exec);
    assert_eq!(render(&nested(MAX_LEVELS / MAX_CALL_DEPTH - 1, MAX_CALL_DEPTH - 1)).unwrap(), "");
    let error = render(&nested(MAX_NESTING / 2, MAX_CALL_DEPTH - 1)).unwrap_err();
    assert!(error.to_string().contains("templates and branches are nested more than 1000 deep"), "{error}");
    assert_eq!(render("{{repeat 16777216 `x` | len}}").unwrap(), MAX_TEXT.to_string());
}
