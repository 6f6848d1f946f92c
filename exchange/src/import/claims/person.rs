//! Who the child is, put together from every row that says something about it.
//!
//! The first row that states a value gives it. A later row of the same file that
//! states another is a contradiction: it is kept as a claim in dispute.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::Code;
use domain::events::identity::{ChildRegistered, Sex};

use super::values::{Row, Stated};
use super::{Claim, Gathering};
use crate::extract::{Reading, SubjectRows};

/// What the rows of one file say of the child.
#[derive(Debug)]
pub(in crate::import) struct Person {
    /// The claim that the child is known.
    pub(in crate::import) claim: Claim,
    /// Rows that state otherwise, each with the fields that it states differently.
    pub(in crate::import) contradictions: Vec<Claim>,
}

/// The attributes of one row, in the order of [`FIELDS`].
struct Attributes {
    born: Stated<NaiveDate>,
    expected: Stated<NaiveDate>,
    sex: Stated<Sex>,
    ethnicity: Stated<Code>,
    disabilities: Stated<BTreeSet<Code>>,
    upn_unknown: Stated<Code>,
}

impl Attributes {
    fn of(row: Row<'_>) -> Self {
        Attributes {
            born: row.date("born_on"),
            expected: row.date("expected_on"),
            sex: sex(row),
            ethnicity: row.code("ethnicity"),
            disabilities: disabilities(row),
            upn_unknown: row.code("upn_unknown"),
        }
    }

    /// Takes over what this row states and none before it stated.
    fn fill(&mut self, next: Attributes) {
        fill(&mut self.born, next.born);
        fill(&mut self.expected, next.expected);
        fill(&mut self.sex, next.sex);
        fill(&mut self.ethnicity, next.ethnicity);
        fill(&mut self.disabilities, next.disabilities);
        fill(&mut self.upn_unknown, next.upn_unknown);
    }

    /// Whether `other` states a value that is stated here differently.
    fn contradicts(&self, other: &Attributes) -> bool {
        differs(&self.born, &other.born)
            || differs(&self.expected, &other.expected)
            || differs(&self.sex, &other.sex)
            || differs(&self.ethnicity, &other.ethnicity)
            || differs(&self.disabilities, &other.disabilities)
    }

    fn silent(&self) -> Vec<&'static str> {
        let table = [
            (is_silent(&self.born), "date_of_birth"),
            (is_silent(&self.expected), "expected_date_of_birth"),
            (is_silent(&self.sex), "sex"),
            (is_silent(&self.ethnicity), "ethnicity"),
            (is_silent(&self.disabilities), "disabilities"),
            (is_silent(&self.upn_unknown), "upn_unknown"),
        ];
        table.into_iter().filter(|(silent, _)| *silent).map(|(_, field)| field).collect()
    }

    fn facts(self) -> ChildRegistered {
        ChildRegistered {
            date_of_birth: self.born.value(),
            expected_date_of_birth: self.expected.value(),
            sex: self.sex.value(),
            ethnicity: self.ethnicity.value(),
            disabilities: self.disabilities.value().unwrap_or_default(),
            upn_unknown: self.upn_unknown.value(),
        }
    }
}

impl Gathering {
    /// Gathers who the child is from every row that carries it and is not refused.
    pub(super) fn person(&mut self, id: &str, rows: &SubjectRows) {
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
        let mut gathered = Attributes::of(first);
        let mut contradictions = Vec::new();
        let mut sealed = sealed_of(first, SealedFields::none());
        for row in carried {
            let stated = Attributes::of(row);
            if gathered.contradicts(&stated) {
                contradictions.push(claim(row, stated, SealedFields::none()));
            } else {
                gathered.fill(stated);
            }
            sealed = sealed_of(row, sealed);
        }
        let claim = claim(first, gathered, sealed.with("la_child_id", id));
        self.claims.person = Some(Person { claim, contradictions });
    }
}

fn claim(row: Row<'_>, attributes: Attributes, sealed: SealedFields) -> Claim {
    let silent = attributes.silent();
    let mut claim = row.by_then("born_on", None, attributes.facts());
    claim.silent = silent;
    claim.sealed = sealed;
    claim.codes(row, &[]).with_unrecognised(row, &["ethnicity", "sex", "disability"])
}

impl Claim {
    fn with_unrecognised(mut self, row: Row<'_>, columns: &[&'static str]) -> Self {
        for &field in columns {
            let unknown = |value: &&crate::extract::SourceValue| {
                matches!(value.reading, Reading::Code { known: false, .. })
            };
            if row.source.values_of(field).any(|value| unknown(&value)) {
                self.remarks.push(super::Remark { code: "code_unrecognised", field });
            }
        }
        self
    }
}

fn sealed_of(row: Row<'_>, sealed: SealedFields) -> SealedFields {
    let mut sealed = sealed;
    for field in ["upn", "former_upn"] {
        if let Stated::Value(text) = row.text(field) {
            sealed = sealed.with(field, text);
        }
    }
    sealed
}

fn sex(row: Row<'_>) -> Stated<Sex> {
    match row.code("sex") {
        Stated::Value(code) => Stated::Value(match code.as_str() {
            "1" => Sex::Male,
            "2" => Sex::Female,
            _ => Sex::NotKnown,
        }),
        Stated::Blank => Stated::Blank,
        Stated::Silent => Stated::Silent,
    }
}

fn disabilities(row: Row<'_>) -> Stated<BTreeSet<Code>> {
    let codes = row.codes("disability");
    match row.code("disability") {
        _ if !codes.is_empty() => Stated::Value(codes),
        Stated::Blank => Stated::Blank,
        Stated::Value(_) | Stated::Silent => Stated::Silent,
    }
}

/// A blank is weaker than a value and stronger than silence.
fn fill<T>(held: &mut Stated<T>, next: Stated<T>) {
    let stronger = match (&*held, &next) {
        (Stated::Value(_), _) | (Stated::Blank, Stated::Blank | Stated::Silent) => false,
        (Stated::Blank | Stated::Silent, Stated::Value(_)) | (Stated::Silent, _) => true,
    };
    if stronger {
        *held = next;
    }
}

fn differs<T: PartialEq>(held: &Stated<T>, next: &Stated<T>) -> bool {
    matches!((held, next), (Stated::Value(held), Stated::Value(next)) if held != next)
}

fn is_silent<T>(stated: &Stated<T>) -> bool {
    matches!(stated, Stated::Silent)
}
