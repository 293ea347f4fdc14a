//! The short way and the full reader agree, and what is written reads back as it was.

#![no_main]

use conjector::go::{json, yaml};

fn run(text: &str) {
    if let Ok(documents) = yaml::documents(text) {
        for document in &documents {
            let _ = document.to_json(false);
        }
    }
    let read = yaml::to_json(text);
    // Strict reading always takes the full reader; it differs by errors for keys that a mapping has twice.
    match (&read, yaml::to_json_strict(text)) {
        (Ok(value), Ok(strict)) => assert_eq!(json::to_string(value), json::to_string(&strict)),
        (Ok(_), Err(error)) => assert!(error.to_string().contains("already set in map"), "{error}"),
        (Err(error), Ok(_)) => panic!("only the strict reading succeeds: {error}"),
        (Err(_), Err(_)) => {}
    }
    if let Ok(value) = read {
        // Minus zero, which JSON has and YAML's integers have not, becomes zero in Go too.
        // Other line breaks than \n do not survive either: Go folds them when it reads the JSON as YAML.
        // Nor does the key <<, which Go writes without quotes and then reads as a merge key.
        let text = json::to_string(&value);
        let lost = ["-0", "\u{85}", "\u{2028}", "\u{2029}", "\\u202", r#""\u003c\u003c":"#];
        if lost.iter().any(|part| text.contains(part)) {
            return;
        }
        let written = yaml::from_json(&value);
        let again = yaml::to_json(&written);
        assert_eq!(Ok(json::to_string(&value)), again.map(|v| json::to_string(&v)), "{written}");
    }
}

conjector_fuzz::target!(run);
