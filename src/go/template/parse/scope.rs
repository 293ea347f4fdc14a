//! The variables that there are while a template runs, followed while it is read, so that running it finds them by their
//! place.

use crate::go::template::ast::{Pipe, Variable};

/// The variables of a template at one place.
pub(super) struct Scope {
    names: Vec<String>,
    /// False from a declaration in parentheses on: it may be passed over, as an argument of `or` is.
    certain: bool,
}

impl Scope {
    /// The scope at the start of a template.
    pub(super) fn new() -> Scope {
        Scope { names: vec!["$".to_owned()], certain: true }
    }

    /// Where the scope stands now.
    pub(super) fn mark(&self) -> usize {
        self.names.len()
    }

    /// Ends what was declared since the mark.
    pub(super) fn leave(&mut self, mark: usize) {
        self.names.truncate(mark);
    }

    /// The variable that `name` stands for.
    pub(super) fn read(&self, name: &str) -> Variable {
        Variable { name: name.to_owned(), slot: self.slot(name) }
    }

    /// What a pipeline does once its commands have run.
    pub(super) fn run(&mut self, pipe: &mut Pipe, in_parentheses: bool) {
        if pipe.variables.is_empty() {
            return;
        }
        if pipe.assigns {
            for variable in &mut pipe.variables {
                variable.slot = self.slot(&variable.name);
            }
            return;
        }
        self.certain &= !in_parentheses;
        self.names.extend(pipe.variables.iter().map(|variable| variable.name.clone()));
    }

    fn slot(&self, name: &str) -> Option<usize> {
        self.names.iter().rposition(|n| n == name).filter(|_| self.certain)
    }
}
