//! URLs as dicts.

use std::collections::BTreeMap;

use super::super::functions::Functions;
use super::super::value::{Key, Map, Value};
use crate::go::url::Url;

pub(super) fn register(f: &mut Functions) {
    f.add("urlParse", "string", |c| {
        let url = Url::parse(c.str(0)).map_err(|e| format!("unable to parse url: {e}"))?;
        let userinfo = url.userinfo();
        let hostname = url.hostname().to_owned();
        let members = [
            ("scheme", url.scheme),
            ("host", url.host),
            ("hostname", hostname),
            ("path", url.path),
            ("query", url.raw_query),
            ("opaque", url.opaque),
            ("fragment", url.fragment),
            ("userinfo", userinfo),
        ];
        let members = members.map(|(name, text)| (Key::Str(name.into()), Value::string(text)));
        Ok(Value::map(BTreeMap::from(members)))
    });
    f.add("urlJoin", "map[string]interface {}", |c| {
        let Value::Map(map) = c.arg(0) else { return Ok(Value::borrowed("")) };
        let userinfo = member(&map, "userinfo")?;
        let user = match userinfo.is_empty() {
            true => None,
            false => {
                let url = Url::parse(&format!("proto://{userinfo}@host"));
                url.map_err(|e| format!("unable to parse userinfo in dict: {e}"))?.user
            }
        };
        let url = Url {
            scheme: member(&map, "scheme")?,
            host: member(&map, "host")?,
            path: member(&map, "path")?,
            raw_query: member(&map, "query")?,
            opaque: member(&map, "opaque")?,
            fragment: member(&map, "fragment")?,
            user,
            force_query: false,
        };
        Ok(Value::string(url.to_string()))
    });
}

fn member(map: &Map<'_>, key: &str) -> Result<String, String> {
    match map.get(key) {
        None => Ok(String::new()),
        Some(Value::Str(text)) => Ok(text.to_string()),
        Some(Value::Missing | Value::Nil) => {
            Err("runtime error: invalid memory address or nil pointer dereference".into())
        }
        Some(other) => Err(format!("unable to parse {key} key, must be of type string, but {} found", other.kind())),
    }
}
