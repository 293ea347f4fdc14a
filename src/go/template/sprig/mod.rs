//! Masterminds' sprig (v3, `TxtFuncMap`): the functions that templates of this field use beside Go's own.
//!
//! Left out with a clear error: what needs the clock, the network, randomness or keys.

mod cast;
mod collections;
mod encoding;
mod numbers;
mod strings;
mod types;

use super::functions::Functions;

/// Adds all sprig functions.
pub fn register(functions: &mut Functions) {
    strings::register(functions);
    collections::register(functions);
    numbers::register(functions);
    encoding::register(functions);
    types::register(functions);
    for name in UNAVAILABLE {
        functions.add(name, "any...", |_| {
            Err("not available here: it depends on the clock, the network, randomness or keys".into())
        });
    }
}

/// Functions whose result is not determined by their arguments.
const UNAVAILABLE: &[&str] = &[
    "ago",
    "now",
    "htmlDate",
    "dateModify",
    "date_modify",
    "mustDateModify",
    "must_date_modify",
    "unixEpoch",
    "uuidv4",
    "randAlphaNum",
    "randAlpha",
    "randAscii",
    "randNumeric",
    "randBytes",
    "randInt",
    "shuffle",
    "getHostByName",
    "genPrivateKey",
    "derivePassword",
    "buildCustomCert",
    "genCA",
    "genCAWithKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "encryptAES",
    "decryptAES",
    "bcrypt",
    "htpasswd",
    "expandenv",
];
