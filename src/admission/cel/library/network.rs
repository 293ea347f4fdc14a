//! URLs, addresses and networks.

use std::sync::Arc;

use super::kubernetes::Opaque;
use super::{Function, costs};
use crate::admission::cel::value::{Failure, Outcome, Val};
use crate::go::netip::{Addr, parse_addr, parse_prefix};
use crate::go::strconv::quote;
use crate::go::url::Url;

pub(super) const FUNCTIONS: &[Function] = &[
    Function { name: "url", signatures: "(string)url", run: url, cost: costs::read },
    Function { name: "isURL", signatures: "(string)bool", run: is_url, cost: costs::one },
    Function { name: "getScheme", signatures: "@(url)string", run: scheme, cost: costs::one },
    Function { name: "getHost", signatures: "@(url)string", run: host, cost: costs::one },
    Function { name: "getHostname", signatures: "@(url)string", run: hostname, cost: costs::one },
    Function { name: "getPort", signatures: "@(url)string", run: port, cost: costs::one },
    Function { name: "getEscapedPath", signatures: "@(url)string", run: escaped_path, cost: costs::one },
    Function { name: "getQuery", signatures: "@(url)map<string,list<string>>", run: query, cost: costs::one },
    Function { name: "ip", signatures: "(string)ip @(cidr)ip", run: ip, cost: costs::text },
    Function { name: "isIP", signatures: "(string)bool", run: is_ip, cost: costs::read },
    Function { name: "ip.isCanonical", signatures: "(string)bool", run: is_canonical, cost: costs::copy },
    Function { name: "family", signatures: "@(ip)int", run: family, cost: costs::one },
    Function { name: "isUnspecified", signatures: "@(ip)bool", run: |a| check(a, is_unspecified), cost: costs::one },
    Function { name: "isLoopback", signatures: "@(ip)bool", run: |a| check(a, is_loopback), cost: costs::one },
    Function {
        name: "isLinkLocalMulticast",
        signatures: "@(ip)bool",
        run: |a| check(a, is_local_multicast),
        cost: costs::one,
    },
    Function {
        name: "isLinkLocalUnicast",
        signatures: "@(ip)bool",
        run: |a| check(a, is_local_unicast),
        cost: costs::one,
    },
    Function {
        name: "isGlobalUnicast",
        signatures: "@(ip)bool",
        run: |a| check(a, is_global_unicast),
        cost: costs::one,
    },
    Function { name: "cidr", signatures: "(string)cidr", run: cidr, cost: costs::read },
    Function { name: "isCIDR", signatures: "(string)bool", run: is_cidr, cost: costs::read },
    Function {
        name: "containsIP",
        signatures: "@(cidr,string)bool @(cidr,ip)bool",
        run: contains_ip,
        cost: costs::one,
    },
    Function {
        name: "containsCIDR",
        signatures: "@(cidr,string)bool @(cidr,cidr)bool",
        run: contains_cidr,
        cost: costs::one,
    },
    Function { name: "prefixLength", signatures: "@(cidr)int", run: prefix_length, cost: costs::one },
    Function { name: "masked", signatures: "@(cidr)cidr", run: masked, cost: costs::one },
];

/// A URL as a request has it: absolute, or an absolute path.
///
/// Errors: Go's text of `url.ParseRequestURI`.
pub(super) fn request_url(text: &str) -> Result<Url, String> {
    if text.is_empty() {
        return Err("parse \"\": empty url".into());
    }
    let url = Url::parse(text)?;
    if url.scheme.is_empty() && !text.starts_with('/') && text != "*" {
        return Err(format!("parse {}: invalid URI for request", quote(text)));
    }
    Ok(url)
}

fn url<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [Val::String(text)] = args else { return Err(Failure::overload()) };
    match request_url(text) {
        Ok(url) => Ok(Val::opaque(Opaque::Url(url, text.to_string()))),
        Err(e) => Err(Failure::new(format!("URL parse error during conversion from string: {e}"))),
    }
}

fn is_url<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::String(text)] => Ok(Val::Bool(request_url(text).is_ok())),
        _ => Err(Failure::overload()),
    }
}

fn as_url<'b>(args: &'b [Val<'_>]) -> Result<(&'b Url, &'b str), Failure> {
    match args {
        [Val::Opaque(opaque)] => match &**opaque {
            Opaque::Url(url, text) => Ok((url, text)),
            _ => Err(Failure::overload()),
        },
        _ => Err(Failure::overload()),
    }
}

fn scheme<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    as_url(args).map(|(url, _)| Val::text(url.scheme.clone()))
}

fn host<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    as_url(args).map(|(url, _)| Val::text(url.host.clone()))
}

fn hostname<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    as_url(args).map(|(url, _)| Val::text(url.hostname().to_owned()))
}

fn port<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (url, _) = as_url(args)?;
    let port = url.host.rsplit_once(':').map_or("", |(_, port)| port);
    let port = if port.bytes().all(|b| b.is_ascii_digit()) { port } else { "" };
    Ok(Val::text(port.to_owned()))
}

/// The path as it was written, where that is a valid way to write it.
fn escaped_path<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (url, text) = as_url(args)?;
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let raw = match text.contains("://") || text.starts_with("//") {
        true => rest.trim_start_matches("//").find('/').map_or("", |i| &rest.trim_start_matches("//")[i..]),
        false => rest,
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@/[]%".contains(&b);
    if raw.bytes().all(plain) {
        return Ok(Val::text(raw.to_owned()));
    }
    let shown = Url { path: url.path.clone(), ..Url::default() }.to_string();
    Ok(Val::text(shown))
}

fn query<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (url, _) = as_url(args)?;
    let mut members: Vec<(String, Vec<Val<'a>>)> = Vec::new();
    for pair in url.raw_query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(key), Some(value)) = (unescape(key), unescape(value)) else { continue };
        match members.iter_mut().find(|(k, _)| *k == key) {
            Some((_, values)) => values.push(Val::text(value)),
            None => members.push((key, vec![Val::text(value)])),
        }
    }
    let members = members.into_iter().map(|(key, values)| (Val::text(key), Val::list(values))).collect();
    Ok(Val::Map(Arc::new(members)))
}

/// Decodes a part of a query: `+` and `%41`.
fn unescape(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(b) = bytes.next() {
        out.push(match b {
            b'+' => b' ',
            b'%' => {
                let digit = |b: u8| char::from(b).to_digit(16);
                (digit(bytes.next()?)? * 16 + digit(bytes.next()?)?) as u8
            }
            other => other,
        });
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}

/// An address as Go writes it.
pub(super) fn text(address: &Addr) -> String {
    match address {
        Addr::V4(bytes) => std::net::Ipv4Addr::from(*bytes).to_string(),
        Addr::V6(bytes, _) => std::net::Ipv6Addr::from(*bytes).to_string(),
    }
}

fn address(text: &str) -> Result<Addr, String> {
    match parse_addr(text) {
        Err(e) => Err(format!("IP Address {} parse error during conversion from string: {e}", quote(text))),
        Ok(Addr::V6(_, true)) => Err(format!("IP address {} with zone value is not allowed", quote(text))),
        Ok(Addr::V6(bytes, _)) if is_mapped(&bytes) => Err(mapped(text)),
        Ok(address) => Ok(address),
    }
}

/// An IPv4 address written as an IPv6 one.
fn is_mapped(bytes: &[u8; 16]) -> bool {
    bytes[..10].iter().all(|b| *b == 0) && bytes[10..12] == [0xff, 0xff]
}

fn mapped(text: &str) -> String {
    format!("IPv4-mapped IPv6 address {} is not allowed", quote(text))
}

fn ip<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::String(text)] => address(text).map(|a| Val::opaque(Opaque::Ip(a))).map_err(Failure::new),
        _ => as_cidr(args).map(|(a, _)| Val::opaque(Opaque::Ip(a))),
    }
}

fn is_ip<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::String(text)] => Ok(Val::Bool(address(text).is_ok())),
        _ => Err(Failure::overload()),
    }
}

fn is_canonical<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [Val::String(written)] = args else { return Err(Failure::overload()) };
    address(written).map(|a| Val::Bool(text(&a) == **written)).map_err(Failure::new)
}

fn as_ip(value: Option<&Val<'_>>) -> Result<Addr, Failure> {
    match value {
        Some(Val::Opaque(opaque)) => match **opaque {
            Opaque::Ip(address) => Ok(address),
            _ => Err(Failure::overload()),
        },
        _ => Err(Failure::overload()),
    }
}

fn family<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    as_ip(args.first()).map(|a| Val::Int(if matches!(a, Addr::V4(_)) { 4 } else { 6 }))
}

fn check<'a>(args: &[Val<'a>], holds: fn(&Addr) -> bool) -> Outcome<'a> {
    as_ip(args.first()).map(|a| Val::Bool(holds(&a)))
}

fn bytes(address: &Addr) -> &[u8] {
    match address {
        Addr::V4(bytes) => bytes,
        Addr::V6(bytes, _) => bytes,
    }
}

fn is_unspecified(address: &Addr) -> bool {
    bytes(address).iter().all(|b| *b == 0)
}

fn is_loopback(address: &Addr) -> bool {
    match address {
        Addr::V4([first, ..]) => *first == 127,
        Addr::V6(bytes, _) => *bytes == std::net::Ipv6Addr::LOCALHOST.octets(),
    }
}

fn is_local_multicast(address: &Addr) -> bool {
    match address {
        Addr::V4(bytes) => bytes[..3] == [224, 0, 0],
        Addr::V6(bytes, _) => bytes[0] == 0xff && bytes[1] & 0x0f == 2,
    }
}

fn is_local_unicast(address: &Addr) -> bool {
    match address {
        Addr::V4(bytes) => bytes[..2] == [169, 254],
        Addr::V6(bytes, _) => bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80,
    }
}

fn is_global_unicast(address: &Addr) -> bool {
    let multicast = match address {
        Addr::V4(bytes) => bytes[0] & 0xf0 == 0xe0 || *bytes == [255; 4],
        Addr::V6(bytes, _) => bytes[0] == 0xff,
    };
    !multicast && !is_unspecified(address) && !is_loopback(address) && !is_local_unicast(address)
}

fn network(text: &str) -> Result<(Addr, u8), String> {
    match parse_prefix(text) {
        Err(e) => Err(format!("network address parse error during conversion from string: {e}")),
        Ok((Addr::V6(bytes, _), _)) if is_mapped(&bytes) => Err(mapped(text)),
        Ok(prefix) => Ok(prefix),
    }
}

fn cidr<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let [Val::String(text)] = args else { return Err(Failure::overload()) };
    match network(text) {
        Ok((address, bits)) => Ok(Val::opaque(Opaque::Cidr(address, bits))),
        Err(e) => Err(Failure::new(format!("network address parse error during conversion from string: {e}"))),
    }
}

fn is_cidr<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    match args {
        [Val::String(text)] => Ok(Val::Bool(network(text).is_ok())),
        _ => Err(Failure::overload()),
    }
}

fn as_cidr(args: &[Val<'_>]) -> Result<(Addr, u8), Failure> {
    match args.first() {
        Some(Val::Opaque(opaque)) => match **opaque {
            Opaque::Cidr(address, bits) => Ok((address, bits)),
            _ => Err(Failure::overload()),
        },
        _ => Err(Failure::overload()),
    }
}

/// The address with all bits behind the first ones cleared.
fn mask(address: Addr, bits: u8) -> Addr {
    let clear = |bytes: &mut [u8]| {
        for (i, byte) in bytes.iter_mut().enumerate() {
            let kept = usize::from(bits).saturating_sub(i * 8).min(8);
            *byte &= (0xff00u16 >> kept) as u8;
        }
    };
    match address {
        Addr::V4(mut bytes) => {
            clear(&mut bytes);
            Addr::V4(bytes)
        }
        Addr::V6(mut bytes, zone) => {
            clear(&mut bytes);
            Addr::V6(bytes, zone)
        }
    }
}

fn same_family(a: &Addr, b: &Addr) -> bool {
    bytes(a).len() == bytes(b).len()
}

fn contains_ip<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (network, bits) = as_cidr(args)?;
    let inner = match args.get(1) {
        Some(Val::String(text)) => address(text).map_err(|_| Failure::new("no such overload"))?,
        other => as_ip(other)?,
    };
    Ok(Val::Bool(same_family(&network, &inner) && mask(network, bits) == mask(inner, bits)))
}

fn contains_cidr<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    let (outer, bits) = as_cidr(args)?;
    let (inner, inner_bits) = match args.get(1) {
        Some(Val::String(text)) => network(text)
            .map_err(|e| Failure::new(format!("network address parse error during conversion from string: {e}")))?,
        _ => as_cidr(args.get(1..).unwrap_or_default())?,
    };
    let fits = bits <= inner_bits && same_family(&outer, &inner) && mask(outer, bits) == mask(inner, bits);
    Ok(Val::Bool(fits))
}

fn prefix_length<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    as_cidr(args).map(|(_, bits)| Val::Int(i64::from(bits)))
}

fn masked<'a>(args: &[Val<'a>]) -> Outcome<'a> {
    as_cidr(args).map(|(address, bits)| Val::opaque(Opaque::Cidr(mask(address, bits), bits)))
}
