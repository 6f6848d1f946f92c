//! Who the child is, put together from every row that says something about it.
//!
//! The first row that states a value gives it. A later row of the same file that
//! states another is a contradiction: it is kept as a claim in dispute.

use std::collections::{BTreeMap, BTreeSet};

use domain::envelope::SealedFields;
use domain::events::Kind;
use serde_json::Value;

use super::super::identity::says_nothing;
use super::values::{Facts, Row, Stated};
use super::{Claim, Gathering};
use crate::extract::SubjectRows;
use crate::layout::PersonRule;

/// What the rows of one file say of the child.
#[derive(Debug)]
pub(in crate::import) struct Person {
    /// The claim that the child is known.
    pub(in crate::import) claim: Claim,
    /// Rows that state otherwise, each with the fields that it states differently.
    pub(in crate::import) contradictions: Vec<Claim>,
    /// Rows that name the child by another identifier of a kind than an earlier row, each with the kind.
    pub(in crate::import) renamed: Vec<(usize, String)>,
}

/// What one row, or all rows so far, say of each field.
type Attributes = BTreeMap<&'static str, Stated<Value>>;

impl Gathering {
    /// Gathers who the child is from every row that carries it and is not refused.
    pub(super) fn person(&mut self, rule: &'static PersonRule, rows: &SubjectRows) {
        let lost: BTreeSet<usize> = self
            .claims
            .refused
            .iter()
            .filter(|refused| refused.whole_row)
            .map(|refused| refused.row)
            .collect();
        let as_at = self.as_at;
        let mut carried = rows
            .rows
            .iter()
            .enumerate()
            .filter(|(index, row)| row.parent.is_none() && !lost.contains(index))
            .map(|(index, source)| Row { index, source, as_at });
        let Some(first) = carried.next() else {
            return;
        };
        let (mut gathered, read) = attributes(rule, first);
        let Facts { mut sealed, mut remarks, mut silent, .. } = read;
        let (mut contradictions, mut renamed) = (Vec::new(), Vec::new());
        for row in carried {
            let (stated, read) = attributes(rule, row);
            if contradicts(&gathered, &stated) {
                contradictions.extend(claim(row, stated, Facts::default()));
            } else {
                fill(&mut gathered, stated);
            }
            let differs = |(name, text): (&String, &String)| {
                // The identifier by which the source knows the child may be spelled otherwise in each row.
                let is_other = name != "la_child_id" && sealed.get(name).is_some_and(|held| held != text);
                is_other.then(|| (row.index, name.clone()))
            };
            let others: Vec<(usize, String)> = read.sealed.0.iter().filter_map(differs).collect();
            renamed.extend(others);
            seal(&mut sealed, read.sealed);
            silent.extend(read.silent);
            remarks.extend(
                read.remarks.into_iter().filter(|remark| !remarks.contains(remark)).collect::<Vec<_>>(),
            );
        }
        self.claims.person = claim(first, gathered, Facts { sealed, remarks, silent, ..Facts::default() })
            .map(|claim| Person { claim, contradictions, renamed });
    }
}

fn attributes(rule: &'static PersonRule, row: Row<'_>) -> (Attributes, Facts) {
    let stated = rule.facts.iter().map(|(field, fact)| (field.as_str(), row.field(fact))).collect();
    (stated, row.facts(&rule.facts, &rule.sealed))
}

/// The claim of these attributes, with what else was read with them.
fn claim(row: Row<'_>, attributes: Attributes, read: Facts) -> Option<Claim> {
    let mut facts = read;
    for (field, stated) in attributes {
        match &stated {
            Stated::Value(_) | Stated::Blank => facts.stated.push(field),
            Stated::Unsure(_) => facts.unsure.push(field),
            Stated::Silent => {}
        }
        if let Some(value) = stated.value() {
            facts.details.insert(field.to_owned(), value);
        }
    }
    row.claim((Kind::ChildRegistered, "born_on"), (row.by_then(None), false), facts)
}

/// Adds what is not sealed yet; the first row that holds an identifier gives it.
fn seal(sealed: &mut SealedFields, more: SealedFields) {
    for (name, text) in more.0 {
        sealed.0.entry(name).or_insert(text);
    }
}

/// Whether `other` states a value that is stated differently already.
fn contradicts(held: &Attributes, other: &Attributes) -> bool {
    other.iter().any(|(field, next)| match (held.get(field), next) {
        (Some(Stated::Value(held)), Stated::Value(next)) => {
            held != next && !says_nothing(field, held) && !says_nothing(field, next)
        }
        (None | Some(_), _) => false,
    })
}

/// Takes over what the next row states and none before it stated: a blank is weaker than a value and stronger
/// than silence.
fn fill(held: &mut Attributes, next: Attributes) {
    for (field, next) in next {
        let slot = held.entry(field).or_insert(Stated::Silent);
        if weight(field, &next) > weight(field, slot) {
            *slot = next;
        }
    }
}

fn weight(field: &str, stated: &Stated<Value>) -> u8 {
    match stated {
        Stated::Value(value) if says_nothing(field, value) => 2,
        Stated::Value(_) => 3,
        Stated::Unsure(_) => 2,
        Stated::Blank => 1,
        Stated::Silent => 0,
    }
}
