//! What the targets share: an entry that tells panics that are caught from those that are not, and the cutting of inputs.

pub use libfuzzer_sys;

/// The entry of a target: a function from text.
///
/// libFuzzer's Rust side ends the process at every panic. Here only those count that leave the library: the YAML reader
/// catches those of its parser.
#[macro_export]
macro_rules! target {
    ($run:path) => {
        $crate::libfuzzer_sys::fuzz_target!(
            init: $crate::count_only_escaping_panics(),
            |data: &[u8]| {
                if let Ok(text) = std::str::from_utf8(data) {
                    $run(text);
                }
            }
        );
    };
}

/// Takes back the hook that ends the process before a panic can be caught.
pub fn count_only_escaping_panics() {
    drop(std::panic::take_hook());
}

/// Cuts an input at its first line of three percent signs, which stand in no JSON, YAML or template that matters.
pub fn halves(text: &str) -> Option<(&str, &str)> {
    text.split_once("\n%%%\n")
}
