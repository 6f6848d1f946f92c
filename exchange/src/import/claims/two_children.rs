//! Two children under one identifier in one file: we cannot tell to which of them a row belongs.
//!
//! One list says of a child one date of birth, as its source holds one. Rows of one list that give the same identifier two
//! are about two children, or one of them is wrong: nothing of them is recorded until the source says which. Lists of one
//! file may come from several places, so that all that is told of the child has to differ between them: date of birth, sex and
//! ethnicity. What they tell differently of one child is in dispute (`person.rs`).

use chrono::NaiveDate;

use super::super::identity::says_nothing;
use super::super::planning::days_apart;
use super::Gathering;
use super::values::{Row, Stated};
use crate::extract::{SourceRow, SubjectRows};
use crate::layout::PersonRule;

/// The field of the date of birth.
const BORN: &str = "born_on";

/// What is told of a child beside the date of birth.
const PARTICULARS: [&str; 2] = ["sex", "ethnicity"];

/// A date of birth that is so near to another may be a slip in the day.
const SLIP_DAYS: i64 = 31;

impl Gathering {
    /// Refuses every row of an identifier that a list gives to two children; whether it does.
    pub(super) fn refuse_two_children(&mut self, rule: &'static PersonRule, rows: &SubjectRows) -> bool {
        let Some((first, second)) = self.two_children(rule, rows) else { return false };
        let place =
            |row: &SourceRow| row.value(BORN).map_or_else(|| row.place.clone(), |it| it.place.clone());
        let reason = format!(
            "the file gives this identifier to two children, by their dates of birth ({} and {}): nothing of either is \
             recorded; give each child an identifier, or correct the date of birth, and import again",
            place(first),
            place(second)
        );
        for (row, source) in rows.rows.iter().enumerate() {
            self.refuse_whole(row, source, &reason);
        }
        true
    }

    /// Two rows that are about two children.
    fn two_children<'r>(
        &self,
        rule: &'static PersonRule,
        rows: &'r SubjectRows,
    ) -> Option<(&'r SourceRow, &'r SourceRow)> {
        let as_at = self.as_at;
        let born = |(index, source): (usize, &'r SourceRow)| {
            let born = source.date(BORN).filter(|_| source.parent.is_none() && source.refusal.is_none())?;
            Some((Row { index, source, as_at }, born))
        };
        let told: Vec<(Row<'r>, NaiveDate)> = rows.rows.iter().enumerate().filter_map(born).collect();
        for (nth, (first, born)) in told.iter().enumerate() {
            let another = told.iter().skip(nth + 1).find(|(row, other)| {
                let (apart, differing) = (days_apart(*born, *other), differing(rule, first, row));
                if row.source.list.code == first.source.list.code {
                    apart > SLIP_DAYS || (apart > 0 && differing > 0)
                } else {
                    apart > SLIP_DAYS && differing == PARTICULARS.len()
                }
            });
            if let Some((second, _)) = another {
                return Some((first.source, second.source));
            }
        }
        None
    }
}

/// How many of sex and ethnicity two rows state differently.
fn differing(rule: &'static PersonRule, first: &Row<'_>, second: &Row<'_>) -> usize {
    let differs = |field: &&&str| {
        let Some(fact) = rule.facts.get(**field) else { return false };
        match (first.field(fact), second.field(fact)) {
            (Stated::Value(ours), Stated::Value(theirs)) => {
                ours != theirs && !says_nothing(field, &ours) && !says_nothing(field, &theirs)
            }
            _ => false,
        }
    };
    PARTICULARS.iter().filter(differs).count()
}
