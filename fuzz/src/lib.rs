//! What the targets share: their entry, and the cutting of inputs.

pub use libfuzzer_sys;

/// The entry of a target: a function from text. Every panic is a finding; the library catches none.
#[macro_export]
macro_rules! target {
    ($run:path) => {
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| {
            if let Ok(text) = std::str::from_utf8(data) {
                $run(text);
            }
        });
    };
}

/// Cuts an input at its first line of three percent signs, which stand in no JSON, YAML or template that matters.
pub fn halves(text: &str) -> Option<(&str, &str)> {
    text.split_once("\n%%%\n")
}
