//! A file against the ledger: does each row stand there, and do the source's own counts agree?
//!
//! The ledger is asked as the file's day knew it, on the basis of extracts, so that a newer file does not
//! make an older one differ. Every difference is named by child and explained as far as the ledger can.

mod measures;

use chrono::NaiveDate;
use domain::events::{Kind, RecordedEvent};
use domain::ids::EventId;
use domain::journey::{Basis, Journey, KnownAt, KnownEvent};

use crate::extract::{Place, Reading, SourceRow, Subject, SubjectRows};
use crate::layout::{List, Role};

/// What a reconciliation found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// Rows by list, in the order in which the lists were met.
    pub lists: Vec<ListCount>,
    /// Differences, in the order of the file.
    pub differences: Vec<Difference>,
    /// How many of the source's own counts were compared.
    pub compared: u64,
    /// How many of them agree.
    pub agreed: u64,
}

/// Rows of one list against the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListCount {
    /// Code of the list.
    pub list: String,
    /// Rows in the file.
    pub rows: u64,
    /// Rows whose record stands in the ledger.
    pub held: u64,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Whom it is about.
    pub subject: Subject,
    /// Where the file says so.
    pub place: Place,
    /// What was compared: a field, or `row`.
    pub measure: String,
    /// What the file states. For the analyst's report, not for a log.
    pub stated: String,
    /// What the ledger holds.
    pub held: String,
    /// Why they differ.
    pub explanation: Explanation,
    /// The events that the ledger counts.
    pub events: Vec<EventId>,
}

/// Why a file and the ledger differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Explanation {
    /// The row stands in the ledger as a claim in dispute.
    InDispute,
    /// A newer statement withdrew the record.
    Withdrawn,
    /// The row cannot be read, or names nobody.
    Unreadable,
    /// The ledger does not hold the row; import the file first.
    NotImported,
    /// The lists hold a shorter time than the count reaches back.
    HistoryIncomplete,
    /// The lists give only the newest of this kind.
    LatestOnly,
    /// The counts agree when the record of the row itself is left out.
    WithoutOwnRecord,
    /// No list holds events of this kind.
    NoListHoldsIt,
    /// The stated age is that of another day, or rounded otherwise.
    AgeOfAnotherDay,
    /// The ledger holds another date of birth than the row, which is in dispute or was corrected.
    OtherBirthDate,
    /// The file states an age and no date of birth, and the ledger holds none.
    NoBirthDate,
    /// Nothing in the ledger explains it: ask the source.
    Unexplained,
}

impl Explanation {
    /// The explanation as a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Explanation::InDispute => "the row contradicts what is held and stands in dispute",
            Explanation::Withdrawn => "the record was withdrawn",
            Explanation::Unreadable => "the row cannot be read",
            Explanation::NotImported => "the row is not in the ledger; import the file first",
            Explanation::HistoryIncomplete => {
                "the count reaches further back than the files that the ledger holds"
            }
            Explanation::LatestOnly => "the file gives only the newest of this kind",
            Explanation::WithoutOwnRecord => {
                "the source leaves the record of the row itself out of its count"
            }
            Explanation::NoListHoldsIt => "no list of the file holds events of this kind",
            Explanation::AgeOfAnotherDay => "the stated age is that of another day, or rounded otherwise",
            Explanation::OtherBirthDate => "the ledger holds another date of birth",
            Explanation::NoBirthDate => "an age is stated, and no date of birth",
            Explanation::Unexplained => "nothing in the ledger explains it; ask the source system",
        }
    }
}

/// Compares the rows of one subject with the history of its stream.
pub fn reconcile(into: &mut Reconciliation, as_at: NaiveDate, rows: &SubjectRows, history: &[RecordedEvent]) {
    let journey = Journey::known(history, KnownAt::end_of(Basis::Extract, as_at));
    let subject = Against { rows, journey: &journey, as_at };
    for row in &rows.rows {
        subject.row(into, row);
        let is_read = rows.subject == Subject::Nobody || row.refusal.is_none();
        for value in row.values.iter().filter(|value| is_read && value.column.role == Role::Derived) {
            measures::compare(into, &subject, row, value);
        }
    }
}

/// One subject's rows beside its journey.
struct Against<'a> {
    rows: &'a SubjectRows,
    journey: &'a Journey,
    as_at: NaiveDate,
}

impl Against<'_> {
    fn row(&self, into: &mut Reconciliation, row: &SourceRow) {
        let stands = self.stands(row);
        let code = &row.list.code;
        let index = into.lists.iter().position(|count| count.list == *code).unwrap_or_else(|| {
            into.lists.push(ListCount { list: code.clone(), rows: 0, held: 0 });
            into.lists.len() - 1
        });
        if let Some(count) = into.lists.get_mut(index) {
            count.rows += 1;
            count.held += u64::from(stands.is_ok());
        }
        if let Err(explanation) = stands {
            into.differences.push(Difference {
                subject: self.rows.subject.clone(),
                place: row.place.clone(),
                measure: "row".to_owned(),
                stated: "1 row".to_owned(),
                held: "no record".to_owned(),
                explanation,
                events: Vec::new(),
            });
        }
    }

    /// Whether the record of the row stands, or why it does not.
    fn stands(&self, row: &SourceRow) -> Result<(), Explanation> {
        if self.rows.subject == Subject::Nobody || row.refusal.is_some() {
            return Err(Explanation::Unreadable);
        }
        let Some((kind, key)) = record_of(row) else {
            return if self.journey.events.is_empty() { Err(self.absent()) } else { Ok(()) };
        };
        let Some(Reading::Date(day)) = key.map(|value| &value.reading) else {
            return Err(Explanation::Unreadable);
        };
        let is_it = |event: &&KnownEvent| event.kind() == kind && event.occurred.day() == Some(*day);
        if self.journey.events.iter().any(|event| is_it(&event)) {
            return Ok(());
        }
        if self.journey.withdrawn.iter().any(|event| is_it(&event)) {
            return Err(Explanation::Withdrawn);
        }
        let disputed = self.journey.disputes.iter().any(|dispute| dispute.claim.body.kind() == kind);
        Err(if disputed { Explanation::InDispute } else { self.absent() })
    }

    fn absent(&self) -> Explanation {
        if self.journey.disputes.is_empty() { Explanation::NotImported } else { Explanation::InDispute }
    }
}

/// The kind of event that founds the record of a row, and the row's key.
fn record_of(row: &SourceRow) -> Option<(Kind, Option<&crate::extract::SourceValue>)> {
    let kind = row.list.own_record()?.kind;
    let is_key = |list: &List, value: &&crate::extract::SourceValue| {
        value.column.role == Role::Key && list.record_of(value.column) == list.record
    };
    Some((kind, row.values.iter().find(|value| is_key(row.list, value))))
}
