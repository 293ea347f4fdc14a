//! Holds every corpus of recorded vectors at the best score reached so far (`tests/ratchet.json`, which only rises). See
//! `corpus/` for where they are.

#[path = "../examples/vectors/corpora.rs"]
mod corpora;
mod corpus;

use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

use conjector::go::json::{self, Object, Value};
use corpora::{Answer, CORPORA};
use corpus::Corpus;
use libtest_mimic::{Arguments, Failed, Trial};

/// The members of an answer that count, by corpus; all of them where the corpus is not named.
const CORE: &[(&str, &[&str])] = &[
    ("gotemplate", &["kind", "output", "error"]),
    ("goyaml", &["kind", "json", "error"]),
    ("jsondiff", &["kind", "opsSorted", "error"]),
    ("jsonpatch", &["kind", "result", "resultText", "error"]),
    ("pod-defaults", &["kind", "defaulted", "storedForm"]),
    ("pod-roundtrip", &["kind", "unmarshal"]),
    ("quantity", &["kind", "canonical", "error"]),
    ("strategic-merge", &["kind", "result", "error"]),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let corpus = Corpus::find(Path::new(env!("CARGO_MANIFEST_DIR")));
    let ratchet = json::parse(include_str!("ratchet.json")).expect("tests/ratchet.json");
    let trials = CORPORA.iter().map(|(name, answer)| {
        let file = corpus.root.join(name).join("vectors.jsonl");
        let ignored = corpus.may_miss(&file);
        // The number of answers whose core agrees, and where it is held too, of those that agree as a whole.
        let floors = (ratchet[*name].as_i64().unwrap_or(0), ratchet["whole"][*name].as_i64());
        Trial::test(format!("corpora/{name}"), move || check(name, *answer, &file, floors)).with_ignored_flag(ignored)
    });
    std::panic::set_hook(Box::new(|_| {}));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn check(name: &str, answer: Answer, file: &Path, (core_floor, whole_floor): (i64, Option<i64>)) -> Result<(), Failed> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let (mut cores, mut wholes) = (Tally::default(), Tally::default());
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        let vector = json::parse(line).map_err(|e| e.to_string())?;
        let cat = vector["cat"].as_str().unwrap_or_default();
        let answered = catch_unwind(AssertUnwindSafe(|| answer(cat, &vector["input"]))).unwrap_or_default();
        let expected = &vector["expected"];
        let name_of = vector["name"].as_str().unwrap_or_default();
        if expected["kind"].as_str() == Some("panic") {
            let same = matches!(answered["kind"].as_str(), Some("panic" | "error"));
            cores.count(name_of, same);
            wholes.count(name_of, same);
            continue;
        }
        cores.count(name_of, core(name, &answered) == core(name, expected));
        wholes.count(name_of, answered == *expected);
    }
    cores.hold("agree", core_floor)?;
    whole_floor.map_or(Ok(()), |floor| wholes.hold("agree as a whole", floor))
}

/// How many answers agree, and the first that do not.
#[derive(Default)]
struct Tally {
    all: i64,
    equal: i64,
    differing: Vec<String>,
}

impl Tally {
    fn count(&mut self, name: &str, same: bool) {
        self.all += 1;
        self.equal += i64::from(same);
        if !same && self.differing.len() < 5 {
            self.differing.push(name.to_owned());
        }
    }

    fn hold(&self, what: &str, floor: i64) -> Result<(), Failed> {
        let Tally { all, equal, differing } = self;
        match equal.cmp(&floor) {
            Ordering::Less => {
                let differing = differing.join(", ");
                Err(format!("{equal} of {all} {what}, but {floor} did before; differing: {differing}").into())
            }
            Ordering::Equal => Ok(()),
            Ordering::Greater => {
                Err(format!("{equal} of {all} {what}, more than the {floor} before: raise tests/ratchet.json").into())
            }
        }
    }
}

/// What the client gets and what is stored.
fn outcome(answer: &Value) -> Value {
    let status = &answer["status"];
    let message = match status["anyOrder"].as_bool() {
        Some(true) => Value::Null,
        _ => status["failure"]["message"].clone(),
    };
    let members = [
        ("kind", answer["kind"].clone()),
        ("code", status["code"].clone()),
        ("message", message),
        ("stored", answer["stored"].clone()),
    ];
    Value::Object(members.into_iter().collect())
}

/// Without `managedFields`, wherever they stand.
fn without_ownership(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(without_ownership).collect()),
        Value::Object(members) => {
            let kept = members.iter().filter(|(key, _)| *key != "managedFields");
            Value::Object(kept.map(|(key, value)| (key.clone(), without_ownership(value.clone()))).collect())
        }
        other => other,
    }
}

/// What of an answer is compared.
fn core(name: &str, answer: &Value) -> Value {
    let picked = |keys: &[&str]| -> Value {
        let members = keys.iter().filter_map(|k| Some((*k, answer.get(k)?.clone())));
        Value::Object(members.collect::<Object>())
    };
    match name {
        "admission-chain" => {
            let mut picked = picked(&["kind", "status", "object", "warningHeaders", "reinvoked"]);
            let calls = answer["calls"]
                .items()
                .iter()
                .map(|call| Value::Array(vec![call["path"].clone(), call["review"]["request"]["object"].clone()]));
            *picked.entry("calls") = Value::Array(calls.collect());
            picked
        }
        "apiserver-e2e" => {
            let request = |call: &Value, key: &str| call["review"]["request"][key].clone();
            let calls = answer["calls"].items().iter().map(|call| {
                let (object, old) = (request(call, "object"), request(call, "oldObject"));
                Value::Array(vec![call["webhook"].clone(), call["path"].clone(), object, old])
            });
            let mut picked = outcome(answer);
            *picked.entry("warnings") = answer["status"]["warnings"].clone();
            *picked.entry("calls") = Value::Array(calls.collect());
            without_ownership(picked)
        }
        "istio-e2e" => {
            let mut picked = outcome(answer);
            *picked.entry("called") = answer["called"].clone();
            without_ownership(picked)
        }
        "admission-match" => {
            let mut picked = picked(&["kind", "outcome"]);
            let webhooks = answer["webhooks"].items().iter().map(|w| {
                let code = w["error"]["code"].clone();
                Value::Array(vec![w["uid"].clone(), w["called"].clone(), code])
            });
            *picked.entry("webhooks") = Value::Array(webhooks.collect());
            picked
        }
        "labels" if answer.get("matches").is_some() || answer.get("error").is_some() => {
            picked(&["kind", "matches", "error"])
        }
        "jsondiff" => {
            let mut picked = picked(&["kind", "error"]);
            let mut operations: Vec<String> = answer["opsSorted"].items().iter().map(json::to_string_sorted).collect();
            operations.sort();
            *picked.entry("opsSorted") = Value::from(operations.iter().map(String::as_str).collect::<Vec<_>>());
            picked
        }
        "pod-validation" => {
            let mut picked = picked(&["kind", "defaulted"]);
            for (list, key) in [("errors", "message"), ("warnings", "")] {
                let texts = answer[list].items().iter().map(|item| if key.is_empty() { item } else { &item[key] });
                let mut texts: Vec<&str> = texts.filter_map(Value::as_str).collect();
                texts.sort_unstable();
                *picked.entry(list) = texts.into();
            }
            picked
        }
        _ => CORE.iter().find(|(n, _)| *n == name).map_or_else(|| answer.clone(), |(_, keys)| picked(keys)),
    }
}
