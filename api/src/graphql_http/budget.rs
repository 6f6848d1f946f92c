//! How large a document may be, checked before validation and execution.
//!
//! Fragments are counted wherever they are spread, each measured once, so that a chain of fragments that
//! doubles at every step is refused in linear time. Cost that depends on arguments (`first`) is the schema's.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use thiserror::Error;

/// Longest operation text, in bytes.
const TEXT_LIMIT: usize = 16 * 1024;

/// Limits of one document, fragments spread out. Each is the largest allowed number.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Levels of fields. A root field of introspection may go to `introspection_depth` instead.
    pub depth: usize,
    /// Levels of fields under `__schema` and `__type`; the usual introspection query has 15.
    pub introspection_depth: usize,
    /// Fields in all.
    pub fields: usize,
    /// Aliases in all.
    pub aliases: usize,
    /// Root fields of one operation.
    pub root_fields: usize,
    /// Times that one field stands in one selection set (with whatever aliases).
    pub repeats: usize,
    /// Directives at one place.
    pub directives: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            depth: 12,
            introspection_depth: 20,
            fields: 1_000,
            aliases: 20,
            root_fields: 5,
            repeats: 5,
            directives: 4,
        }
    }
}

/// A document that is too large, with what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OverBudget {
    /// The text is too long.
    #[error("the document has {length} bytes: at most {TEXT_LIMIT} are read")]
    Text {
        /// Its length in bytes.
        length: usize,
    },
    /// Too many of something.
    #[error("the document has more than {limit} {what}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The largest allowed number.
        limit: usize,
    },
    /// A fragment spreads itself.
    #[error("fragment {name} spreads itself")]
    Circle {
        /// The fragment.
        name: String,
    },
}

pub(super) fn check_length(text: &str) -> Result<(), OverBudget> {
    if text.len() > TEXT_LIMIT { Err(OverBudget::Text { length: text.len() }) } else { Ok(()) }
}

impl Budget {
    /// Whether every operation of the document is within the budget.
    ///
    /// # Errors
    /// [`OverBudget`] names the first limit that is passed.
    pub fn check(&self, document: &ExecutableDocument) -> Result<(), OverBudget> {
        let mut measuring = Measuring { budget: self, document, fragments: HashMap::new() };
        for (_, operation) in document.operations.iter() {
            measuring.operation(&operation.node)?;
        }
        Ok(())
    }
}

/// What a selection costs with its fragments spread out.
#[derive(Clone, Copy, Default)]
struct Size {
    depth: usize,
    fields: usize,
    aliases: usize,
    root_fields: usize,
}

impl Size {
    fn beside(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
            root_fields: self.root_fields.saturating_add(other.root_fields),
        }
    }
}

struct Measuring<'a> {
    budget: &'a Budget,
    document: &'a ExecutableDocument,
    /// `None` while a fragment is being measured.
    fragments: HashMap<&'a str, Option<Size>>,
}

impl<'a> Measuring<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<(), OverBudget> {
        let Budget { depth, fields, aliases, root_fields, directives, .. } = *self.budget;
        within("directives at one place", operation.directives.len(), directives)?;
        let size = self.selection_set(&operation.selection_set.node)?;
        within("levels of fields", size.depth, depth)?;
        within("fields", size.fields, fields)?;
        within("aliases", size.aliases, aliases)?;
        within("root fields", size.root_fields, root_fields)
    }

    fn selection_set(&mut self, set: &'a SelectionSet) -> Result<Size, OverBudget> {
        let mut repeats: HashMap<&str, usize> = HashMap::new();
        let mut size = Size::default();
        for item in &set.items {
            within("directives at one place", item.node.directives().len(), self.budget.directives)?;
            let of_item = match &item.node {
                Selection::Field(field) => {
                    let seen = repeats.entry(field.node.name.node.as_str()).or_default();
                    *seen += 1;
                    within("repeats of one field in one place", *seen, self.budget.repeats)?;
                    self.field(&field.node)?
                }
                Selection::InlineFragment(inline) => self.selection_set(&inline.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            };
            size = size.beside(of_item);
            within("fields", size.fields, self.budget.fields)?;
        }
        Ok(size)
    }

    fn field(&mut self, field: &'a Field) -> Result<Size, OverBudget> {
        let inner = self.selection_set(&field.selection_set.node)?;
        let introspects = matches!(field.name.node.as_str(), "__schema" | "__type");
        // Introspection is measured by its own limit and weighs nothing in the depth around it.
        let depth = if introspects {
            within("levels of introspection", inner.depth + 1, self.budget.introspection_depth)?;
            1
        } else {
            inner.depth + 1
        };
        Ok(Size {
            depth,
            fields: inner.fields.saturating_add(1),
            aliases: inner.aliases + usize::from(field.alias.is_some()),
            root_fields: 1,
        })
    }

    fn fragment(&mut self, name: &'a str) -> Result<Size, OverBudget> {
        match self.fragments.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(OverBudget::Circle { name: name.to_owned() }),
            None => {}
        }
        // A missing fragment is the validator's to refuse.
        let Some((_, fragment)) = self.document.fragments.iter().find(|(held, _)| held.as_str() == name)
        else {
            return Ok(Size::default());
        };
        self.fragments.insert(name, None);
        let size = self.selection_set(&fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(size));
        Ok(size)
    }
}

fn within(what: &'static str, found: usize, limit: usize) -> Result<(), OverBudget> {
    if found > limit { Err(OverBudget::TooMany { what, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn check(text: &str) -> Result<(), OverBudget> {
        Budget::default().check(&parse_query(text).unwrap())
    }

    fn nested(levels: usize) -> String {
        format!("{}{}", "{a".repeat(levels), "}".repeat(levels))
    }

    fn times(count: usize, item: impl Fn(usize) -> String) -> String {
        (0..count).map(item).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_limit_holds_at_its_edge() {
        let too_many = |what, limit| Err(OverBudget::TooMany { what, limit });
        let aliases = |count| format!("{{ r {{ {} }} }}", times(count, |n| format!("a{n}: f{n}")));
        let roots = |count| format!("{{ {} }}", times(count, |n| format!("f{n}")));
        let repeats = |count| format!("{{ r {{ {} }} }}", times(count, |n| format!("a{n}: f")));
        let directives = |count| format!("{{ r {} }}", times(count, |_| "@skip(if: true)".into()));
        let fields = |count| format!("{{ r {{ {} }} }}", times(count, |n| format!("f{n}")));
        for (within, past, what, limit) in [
            (nested(12), nested(13), "levels of fields", 12),
            (aliases(20), aliases(21), "aliases", 20),
            (roots(5), roots(6), "root fields", 5),
            (repeats(5), repeats(6), "repeats of one field in one place", 5),
            (directives(4), directives(5), "directives at one place", 4),
            (fields(999), fields(1000), "fields", 1_000),
        ] {
            assert_eq!(check(&within), Ok(()), "{what}");
            assert_eq!(check(&past), too_many(what, limit), "{what}");
        }
    }

    #[test]
    fn fragments_that_double_are_refused_at_once() {
        let doubling = times(40, |n| format!("fragment f{n} on Q {{ ...f{m} ...f{m} }}", m = n + 1));
        let bomb = format!("{{ ...f0 }} {doubling} fragment f40 on Q {{ a }}");
        assert!(matches!(check(&bomb), Err(OverBudget::TooMany { .. })));
        assert!(matches!(
            check("{ ...a } fragment a on Q { ...b } fragment b on Q { ...a }"),
            Err(OverBudget::Circle { .. })
        ));
        assert!(matches!(
            check(&format!("{{ ...a }} fragment a on Q {}", nested(13))),
            Err(OverBudget::TooMany { what: "levels of fields", .. })
        ));
    }

    #[test]
    fn the_usual_introspection_is_within_the_budget() {
        let deep = format!("{{ __schema {{ types {{ fields {{ args {{ type {} }} }} }} }} }}", nested(10));
        assert_eq!(check(&deep), Ok(()));
    }
}
