//! What the program prints: each file of `tests/cli` holds commands with their output, the folder beside it their files.

#[test]
fn commands_print_what_is_recorded() {
    trycmd::TestCases::new().env("NO_COLOR", "1").case("tests/cli/*.trycmd");
}
