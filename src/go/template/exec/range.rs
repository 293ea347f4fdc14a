//! Loops.

use super::{Operand, State, Stop, Walked};
use crate::go::template::ast::Branch;
use crate::go::template::format;
use crate::go::template::value::Value;

impl<'d> State<'d, '_> {
    /// Runs the body of a range for all that its pipeline gives.
    pub(super) fn range(&mut self, dot: &Operand<'d>, branch: &'d Branch) -> Walked<()> {
        let outer = self.variables.mark();
        self.pipe(dot, &branch.pipe)?;
        let value = self.pop();
        let value = match &value {
            Value::Object(object) if !object.is_nil() => object.pointee().unwrap_or(value),
            _ => value,
        };
        let ran = self.iterate(branch, &value)?;
        if !ran && let Some(list) = &branch.otherwise {
            self.list(dot, list)?;
        }
        self.variables.leave(outer);
        Ok(())
    }

    /// Runs the body for each item; false when there was none.
    fn iterate(&mut self, branch: &'d Branch, value: &Value<'d>) -> Walked<bool> {
        match value {
            Value::List(list) => {
                let any = list.element == "interface {}";
                for i in 0..list.len() {
                    let item = Operand { value: list.get(i).unwrap_or(Value::Nil), any };
                    if self.iteration(branch, Some(Value::int(i as i64)), item)? {
                        break;
                    }
                }
                Ok(!list.is_empty())
            }
            Value::Map(map) => {
                let any = map.element == "interface {}";
                let mut ran = false;
                // What a body changes in the map does not change what is gone through.
                for (key, value) in map.keys_and_values() {
                    ran = true;
                    if self.iteration(branch, Some(key), Operand { value, any })? {
                        break;
                    }
                }
                Ok(ran)
            }
            Value::Int(..) | Value::Uint(..) if branch.pipe.variables.len() > 1 => {
                self.error(format_args!("can't use {} to iterate over more than one variable", format::print(value)))
            }
            Value::Int(n, kind) => self.count(branch, (*n).try_into().unwrap_or(0), |i| Value::Int(i as i64, *kind)),
            Value::Uint(n, kind) => self.count(branch, *n, |i| Value::Uint(i, *kind)),
            Value::Missing | Value::Nil => Ok(false),
            _ => self.error(format_args!("range can't iterate over {}", format::print(value))),
        }
    }

    /// Runs the body for each number below `n`; false when there was none.
    fn count(&mut self, branch: &'d Branch, n: u64, number: impl Fn(u64) -> Value<'d>) -> Walked<bool> {
        for i in 0..n {
            self.steps += 1;
            self.within_limits()?;
            if self.iteration(branch, None, Operand::concrete(number(i)))? {
                break;
            }
        }
        Ok(n > 0)
    }

    /// One run of a range's body; true when it breaks.
    fn iteration(&mut self, branch: &'d Branch, index: Option<Value<'d>>, item: Operand<'d>) -> Walked<bool> {
        let mark = self.variables.mark();
        let names = &branch.pipe.variables;
        if branch.pipe.assigns {
            match names.as_slice() {
                [one] => self.assign(one, item.clone())?,
                [first, second, ..] => {
                    self.assign(first, Operand::concrete(index.unwrap_or(Value::Missing)))?;
                    self.assign(second, item.clone())?;
                }
                [] => {}
            }
        } else {
            if !names.is_empty() {
                self.variables.set_last(1, item.clone());
            }
            if names.len() > 1 {
                self.variables.set_last(2, Operand::concrete(index.unwrap_or(Value::Missing)));
            }
        }
        let walked = self.list(&item, &branch.then);
        self.variables.leave(mark);
        match walked {
            Ok(()) | Err(Stop::Continue) => Ok(false),
            Err(Stop::Break) => Ok(true),
            Err(error) => Err(error),
        }
    }
}
