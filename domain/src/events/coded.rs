//! The codes in the facts of an event, each with its field and its list.

use std::collections::BTreeSet;

use super::Code;

/// A code where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeAt<'a> {
    /// The field of the details.
    pub field: &'static str,
    /// Id of the list from which the field takes its codes.
    pub list: &'static str,
    /// The code.
    pub code: &'a Code,
}

/// Facts whose codes can be looked through without writing them.
pub trait Coded {
    /// Hands over every code that belongs to a list, in the order of the fields.
    fn codes<'a>(&'a self, visit: &mut dyn FnMut(CodeAt<'a>));
}

/// A field that holds codes of a list.
pub(super) trait Codes {
    fn each<'a>(&'a self, field: &'static str, list: &'static str, visit: &mut dyn FnMut(CodeAt<'a>));
}

impl Codes for Code {
    fn each<'a>(&'a self, field: &'static str, list: &'static str, visit: &mut dyn FnMut(CodeAt<'a>)) {
        visit(CodeAt { field, list, code: self });
    }
}

impl Codes for Option<Code> {
    fn each<'a>(&'a self, field: &'static str, list: &'static str, visit: &mut dyn FnMut(CodeAt<'a>)) {
        self.iter().for_each(|code| visit(CodeAt { field, list, code }));
    }
}

impl Codes for BTreeSet<Code> {
    fn each<'a>(&'a self, field: &'static str, list: &'static str, visit: &mut dyn FnMut(CodeAt<'a>)) {
        self.iter().for_each(|code| visit(CodeAt { field, list, code }));
    }
}
