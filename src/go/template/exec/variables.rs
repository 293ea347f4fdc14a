//! The variables of a rendering.

use super::{Operand, State, Walked};
use crate::go::template::ast::Variable;

/// The variables of all templates that are running, those of the innermost one from `base` on.
pub(super) struct Variables<'d> {
    all: Vec<(&'d str, Operand<'d>)>,
    base: usize,
}

impl<'d> Variables<'d> {
    /// `$` alone.
    pub(super) fn new(dot: Operand<'d>) -> Variables<'d> {
        Variables { all: vec![("$", dot)], base: 0 }
    }

    /// Starts a template with its own `$`; what is given back goes to [`Variables::exit`].
    pub(super) fn enter(&mut self, dot: Operand<'d>) -> usize {
        let outer = std::mem::replace(&mut self.base, self.all.len());
        self.all.push(("$", dot));
        outer
    }

    /// Ends a template.
    pub(super) fn exit(&mut self, outer: usize) {
        self.all.truncate(self.base);
        self.base = outer;
    }

    /// How many there are now.
    pub(super) fn mark(&self) -> usize {
        self.all.len()
    }

    /// Ends those that came since the mark.
    pub(super) fn leave(&mut self, mark: usize) {
        self.all.truncate(mark);
    }

    pub(super) fn declare(&mut self, variable: &'d Variable, value: Operand<'d>) {
        self.all.push((&variable.name, value));
    }

    /// Sets the one that was declared as the `back`th last.
    pub(super) fn set_last(&mut self, back: usize, value: Operand<'d>) {
        let i = self.all.len() - back;
        self.all[i].1 = value;
    }

    /// The place of a variable.
    fn position(&self, variable: &Variable) -> Option<usize> {
        match variable.slot {
            Some(slot) => {
                let i = self.base + slot;
                debug_assert_eq!(self.all.get(i).map(|(name, _)| *name), Some(variable.name.as_str()));
                Some(i)
            }
            None => self.all[self.base..].iter().rposition(|(name, _)| *name == variable.name).map(|i| self.base + i),
        }
    }

    /// What a variable holds.
    #[inline]
    pub(super) fn get(&self, variable: &Variable) -> Option<&Operand<'d>> {
        self.position(variable).and_then(|i| self.all.get(i)).map(|(_, value)| value)
    }
}

impl<'d> State<'d, '_> {
    pub(super) fn find(&self, variable: &Variable) -> Walked<&Operand<'d>> {
        match self.variables.get(variable) {
            Some(value) => Ok(value),
            None => self.error(format_args!("undefined variable: {}", variable.name)),
        }
    }

    pub(super) fn assign(&mut self, variable: &Variable, value: Operand<'d>) -> Walked<()> {
        self.find(variable)?;
        if let Some(i) = self.variables.position(variable) {
            self.variables.all[i].1 = value;
        }
        Ok(())
    }
}
