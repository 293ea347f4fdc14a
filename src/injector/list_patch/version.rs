//! The version of a template: the hash of its text.

use sha2::{Digest, Sha256};

/// The SHA-256 of a template's text, in hexadecimal.
pub(super) fn of(template: &str) -> String {
    Sha256::digest(template).iter().map(|byte| format!("{byte:02x}")).collect()
}
