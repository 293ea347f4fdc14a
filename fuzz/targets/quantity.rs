//! A quantity that was printed reads back as one of the same value and the same text, up to the largest suffix.

#![no_main]

use conjector::k8s::Quantity;
use conjector::k8s::quantity::Format;

fn run(text: &str) {
    let Ok(quantity) = Quantity::parse(text) else { return };
    let printed = quantity.to_string();
    // Go has no suffix beyond E: it drops the power of ten there.
    let bound = Quantity::parse("1e21").expect("a quantity");
    if quantity.compare(&bound).is_ge() || quantity.compare(&bound.negated()).is_le() {
        return;
    }
    let again = Quantity::parse(&printed);
    // A binary one that is no multiple of 1024 is printed without a suffix, and is a decimal one when read again.
    if quantity.format() != Format::BinarySi {
        assert_eq!(Ok(&printed), again.as_ref().map(ToString::to_string).as_ref());
    }
    assert!(again.is_ok_and(|again| again.compare(&quantity).is_eq()), "{printed}");
    for scale in [-9, -3, 0, 3] {
        let _ = quantity.scaled(scale);
        assert!(quantity.round_up(scale).compare(&quantity).is_ge() || quantity.sign() < 0, "{printed} to {scale}");
    }
    let _ = (quantity.decimal(), quantity.is_zero());
}

conjector_fuzz::target!(run);
