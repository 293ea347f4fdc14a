//! Masterminds' sprig (v3, `TxtFuncMap`): the functions that templates of this field use beside Go's own.
//!
//! Left out with a clear error: what needs the clock, the network, randomness or keys.

mod casing;
mod cast;
mod collections;
mod dates;
mod decimal;
mod encoding;
mod numbers;
mod regex;
mod semver;
mod strings;
mod types;
mod urls;

use super::functions::Functions;
use super::value::Value;

/// Adds all sprig functions.
pub fn register(functions: &mut Functions) {
    strings::register(functions);
    casing::register(functions);
    collections::register(functions);
    numbers::register(functions);
    encoding::register(functions);
    dates::register(functions);
    semver::register(functions);
    urls::register(functions);
    regex::register(functions);
    types::register(functions);
    for (name, params) in UNAVAILABLE {
        functions.add(name, params, |_| unavailable());
    }
}

fn unavailable<'d>() -> Result<Value<'d>, String> {
    Err("not available here: it depends on the clock, the network, randomness or keys".into())
}

/// Functions whose result is not determined by their arguments, with their parameters.
const UNAVAILABLE: &[(&str, &str)] = &[
    ("ago", "any"),
    ("now", ""),
    ("uuidv4", ""),
    ("randAlphaNum", "int"),
    ("randAlpha", "int"),
    ("randAscii", "int"),
    ("randNumeric", "int"),
    ("randBytes", "int"),
    ("randInt", "int,int"),
    ("shuffle", "string"),
    ("getHostByName", "string"),
    ("genPrivateKey", "string"),
    ("derivePassword", "uint32,string,string,string,string"),
    ("buildCustomCert", "string,string"),
    ("genCA", "string,int"),
    ("genCAWithKey", "string,int,string"),
    ("genSelfSignedCert", "string,[]interface {},[]interface {},int"),
    ("genSelfSignedCertWithKey", "string,[]interface {},[]interface {},int,string"),
    ("genSignedCert", "string,[]interface {},[]interface {},int,sprig.certificate"),
    ("genSignedCertWithKey", "string,[]interface {},[]interface {},int,sprig.certificate,string"),
    ("encryptAES", "string,string"),
    ("bcrypt", "string"),
    ("htpasswd", "string,string"),
];
