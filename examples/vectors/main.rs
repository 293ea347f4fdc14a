//! Runs vectors of one corpus: `vectors NAME < inputs.jsonl > answers.jsonl`.
//!
//! Each input line is `{"name": …, "cat": …, "input": {…}}`; each answer line `{"name": …, "answer": {…}}` in the
//! shape of the corpus' `expected`. An input that makes us fail internally gets `{"kind": "internal", "error": …}` and
//! the run goes on.

#[path = "corpora.rs"]
mod corpora;

use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use conjector::go::json::{self, Object, Value};
use corpora::CORPORA;

fn main() -> io::Result<()> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some((_, answer)) = CORPORA.iter().find(|(n, _)| *n == name) else {
        let known: Vec<_> = CORPORA.iter().map(|(n, _)| *n).collect();
        return Err(io::Error::other(format!("unknown corpus {name:?}; known: {}", known.join(", "))));
    };
    std::panic::set_hook(Box::new(|_| {}));
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let vector = json::parse(&line).map_err(io::Error::other)?;
        let cat = vector["cat"].as_str().unwrap_or_default().to_owned();
        let answer = catch_unwind(AssertUnwindSafe(|| answer(&cat, &vector["input"]))).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            internal(&text.unwrap_or_default())
        });
        let reply: Object = [("name", vector["name"].clone()), ("answer", answer)].into_iter().collect();
        writeln!(out, "{}", Value::Object(reply))?;
    }
    out.flush()
}

/// The answer for an input that we could not handle.
fn internal(error: &str) -> Value {
    Value::Object([("kind", "internal"), ("error", error)].into_iter().collect())
}
