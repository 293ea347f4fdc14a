//! Regular expressions. A bad pattern gives the error of Go's panic where a function has no `must` before its name.

use super::super::functions::{Call, Functions};
use super::super::value::Value;
use super::cast::strings;
use super::strings::fits;
use crate::go::regexp::Regexp;

type Compile = fn(&str) -> Result<Regexp, String>;
type Result<T, E> = std::result::Result<T, E>;

const MUST: Compile = Regexp::must_compile;
const TRY: Compile = Regexp::compile;

pub(super) fn register(f: &mut Functions) {
    let (two, three, counted) = ("string,string", "string,string,string", "string,string,int");
    f.add("regexMatch", two, |c| Ok(Value::Bool(TRY(c.str(0)).is_ok_and(|r| r.is_match(c.str(1))))));
    f.add("mustRegexMatch", two, |c| Ok(Value::Bool(TRY(c.str(0))?.is_match(c.str(1)))));
    f.add("regexFind", two, |c| find(c, MUST));
    f.add("mustRegexFind", two, |c| find(c, TRY));
    f.add("regexFindAll", counted, |c| find_all(c, MUST));
    f.add("mustRegexFindAll", counted, |c| find_all(c, TRY));
    f.add("regexReplaceAll", three, |c| replace(c, MUST));
    f.add("mustRegexReplaceAll", three, |c| replace(c, TRY));
    f.add("regexReplaceAllLiteral", three, |c| replace_literal(c, MUST));
    f.add("mustRegexReplaceAllLiteral", three, |c| replace_literal(c, TRY));
    f.add("regexSplit", counted, |c| split(c, MUST));
    f.add("mustRegexSplit", counted, |c| split(c, TRY));
    f.add("regexQuoteMeta", "string", |c| {
        let escaped = |c: char| (r"\.+*?()|[]{}^$".contains(c)).then_some('\\').into_iter().chain([c]);
        Ok(Value::string(c.str(0).chars().flat_map(escaped).collect::<String>()))
    });
}

fn find<'d>(c: &Call<'_, 'd>, compile: Compile) -> Result<Value<'d>, String> {
    Ok(Value::string(compile(c.str(0))?.find(c.str(1)).unwrap_or_default()))
}

fn find_all<'d>(c: &Call<'_, 'd>, compile: Compile) -> Result<Value<'d>, String> {
    let limit = usize::try_from(c.int(2)).unwrap_or(usize::MAX);
    Ok(strings(compile(c.str(0))?.find_all(c.str(1)).take(limit)))
}

fn replace<'d>(c: &Call<'_, 'd>, compile: Compile) -> Result<Value<'d>, String> {
    let regexp = compile(c.str(0))?;
    let (text, template) = (c.str(1), c.str(2));
    // A group may be as long as the text.
    let groups = template.matches('$').count();
    fits(regexp.find_all(text).count(), template.len() + groups)?;
    fits(groups, text.len())?;
    Ok(Value::string(regexp.replace_all(text, template)))
}

fn replace_literal<'d>(c: &Call<'_, 'd>, compile: Compile) -> Result<Value<'d>, String> {
    let regexp = compile(c.str(0))?;
    fits(regexp.find_all(c.str(1)).count(), c.str(2).len())?;
    Ok(Value::string(regexp.replace_all_literal(c.str(1), c.str(2))))
}

fn split<'d>(c: &Call<'_, 'd>, compile: Compile) -> Result<Value<'d>, String> {
    Ok(strings(compile(c.str(0))?.split(c.str(1), c.int(2)).into_iter()))
}
