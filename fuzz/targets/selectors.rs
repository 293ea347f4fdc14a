//! A selector that was printed reads back as one that selects the same. An input is a selector as text, or as JSON.

#![no_main]

use conjector::go::json;
use conjector::k8s::labels::Selector;

/// Sets of labels to try.
const SETS: [&[(&str, &str)]; 5] =
    [&[], &[("a", "b")], &[("a", "")], &[("a", "1"), ("b", "2")], &[("app", "web"), ("tier", "x")]];

fn run(text: &str) {
    if let Ok(value) = json::parse(text)
        && let Ok(selector) = Selector::parse(&value)
    {
        matches(&selector);
    }
    let Ok(selector) = Selector::from_text(text) else { return };
    let printed = selector.to_string();
    let again = Selector::from_text(&printed).map_err(|e| e.to_string());
    assert_eq!(Ok(matches(&selector)), again.map(|again| matches(&again)), "{printed}");
}

fn matches(selector: &Selector) -> [bool; SETS.len()] {
    SETS.map(|set| selector.matches(|key| set.iter().find(|(k, _)| *k == key).map(|(_, v)| *v)))
}

conjector_fuzz::target!(run);
