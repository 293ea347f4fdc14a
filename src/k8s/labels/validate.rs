//! What the API server says of a LabelSelector in an object that is written.

use crate::go::json::{Value, to_string};
use crate::go::strconv::quote;
use crate::k8s::names;

/// What is wrong with a LabelSelector, each with its place below `place`; nothing for null.
///
/// ```
/// use conjector::go::json;
/// use conjector::k8s::labels;
///
/// let selector = json::parse(r#"{"matchExpressions":[{"key":"a","operator":"In"}]}"#).unwrap();
/// assert_eq!(labels::validate(&selector, "spec.selector"), [
///     "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
/// ]);
/// ```
///
/// Source: k8s.io/apimachinery 0.36, `ValidateLabelSelector` without exceptions; Go's order of `matchLabels` is random,
/// here it is that of the keys.
pub fn validate(selector: &Value, place: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let labels = selector["matchLabels"].as_object().map(|labels| labels.sorted()).unwrap_or_default();
    let labels = labels.into_iter().map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()));
    let mut errors = names::labels(labels, &format!("{place}.matchLabels"));
    for (i, expression) in selector["matchExpressions"].items().iter().enumerate() {
        let place = format!("{place}.matchExpressions[{i}]");
        let values = expression["values"].items();
        let operator = text(&expression["operator"]);
        match operator.as_str() {
            "In" | "NotIn" if values.is_empty() => errors
                .push(format!("{place}.values: Required value: must be specified when `operator` is 'In' or 'NotIn'")),
            "Exists" | "DoesNotExist" if !values.is_empty() => errors.push(format!(
                "{place}.values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            )),
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => errors.push(format!(
                "{place}.operator: Invalid value: {}: not a valid selector operator",
                to_string(&operator.as_str().into())
            )),
        }
        let key = text(&expression["key"]);
        let wrong =
            |place: &str, value: &str, reason: String| format!("{place}: Invalid value: {}: {reason}", quote(value));
        errors.extend(names::qualified_name(&key).into_iter().map(|e| wrong(&format!("{place}.key"), &key, e)));
        for (i, value) in values.iter().enumerate() {
            let (place, value) = (format!("{place}.values[{i}]"), text(value));
            errors.extend(names::label_value(&value).into_iter().map(|e| wrong(&place, &value, e)));
        }
    }
    errors
}
