//! Random histories: who said what, when it was recorded, and when a source claims to have known it.

use chrono::{Duration, NaiveDate};
use domain::envelope::{Category, EventContext, ImportRef};
use domain::events::record_keeping::{
    CorrectionReason, CoverageExtent, DisputeReason, EventCorrected, EventReinstated, EventWithdrawn,
    HistoryCoverageStated, SourceClaimDisputed,
};
use domain::events::{CaseEvent, EntityRole, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, ImportId, Position, Revision, StreamId};
use domain::journey::{Basis, KnownAt};
use domain::time::{Occurred, SourceTime};
use proptest::prelude::*;
use uuid::Uuid;

/// Half days since the first of January 2022: `2 d` is nine in the morning of day `d`, `2 d + 1` its last moment.
pub(crate) type Moment = u32;

pub(crate) fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 1, 1).unwrap() + Duration::days(i64::from(day))
}

/// When something happened: on a day, at a minute of it, or between two days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Day(u32),
    Time(u32, u32),
    Between(u32, u32),
}

/// Something that happened: a row of [`WHAT`], one of its details, and the number of its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fact {
    pub(crate) what: usize,
    pub(crate) detail: usize,
    pub(crate) number: u128,
    pub(crate) when: When,
}

/// What one entry of the ledger says. Numbers name earlier entries.
#[derive(Clone, Debug)]
pub(crate) enum Say {
    Happened(Fact),
    Corrected(usize, Fact),
    Withdrawn(usize),
    Reinstated(usize),
    Disputed(Fact),
    /// The whole history of every kind is held.
    Whole,
}

/// One entry of the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) say: Say,
    pub(crate) recorded: Moment,
    /// When the source states that it was entered there.
    pub(crate) source: Option<Moment>,
    /// The day of the extract that held it.
    pub(crate) extract: Option<u32>,
}

/// A kind, the details that it may have, and the role of its process.
pub(crate) type What = (Kind, &'static [&'static str], EntityRole);

pub(crate) const WHAT: &[What] = &[
    (Kind::StrategyDiscussionHeld, &[r#"{"initiated_enquiry":true}"#], EntityRole::Enquiry),
    (Kind::Section47EnquiryStarted, &["{}"], EntityRole::Enquiry),
    (Kind::InitialConferenceHeld, &[r#"{"kind":"initial"}"#], EntityRole::Enquiry),
    (Kind::ConferenceNotRequired, &["{}"], EntityRole::Enquiry),
    (Kind::AssessmentStarted, &[r#"{"kind":"single"}"#], EntityRole::Assessment),
    (Kind::AssessmentAuthorised, &[r#"{"factors":[]}"#], EntityRole::Assessment),
    (Kind::ReviewConferenceHeld, &["{}"], EntityRole::Plan),
    (Kind::ChildProtectionPlanEnded, &["{}"], EntityRole::Plan),
    (Kind::ApplicationIssued, &[r#"{"orders":["care"]}"#], EntityRole::Application),
    (
        Kind::TimetableExtended,
        &[r#"{"new_end":"2022-10-28"}"#, r#"{"new_end":"2022-12-23"}"#, r#"{"new_end":"2023-03-31"}"#],
        EntityRole::Application,
    ),
    (Kind::FinalOrderMade, &[r#"{"order":"care_order"}"#], EntityRole::Application),
    (Kind::ReferralReceived, &["{}"], EntityRole::Referral),
    (Kind::FoundOrReturned, &["{}"], EntityRole::MissingEpisode),
    (Kind::RhiHeld, &["{}"], EntityRole::MissingEpisode),
    (Kind::RhiRefused, &["{}"], EntityRole::MissingEpisode),
    (Kind::BecameLookedAfter, &["{}"], EntityRole::PeriodOfCare),
    (Kind::LookedAfterReviewHeld, &["{}"], EntityRole::PeriodOfCare),
    (Kind::CeasedToBeLookedAfter, &["{}"], EntityRole::PeriodOfCare),
    (Kind::LegalStatusChanged, &[r#"{"status":"C1"}"#, r#"{"status":"C2"}"#], EntityRole::PeriodOfCare),
    (Kind::PlacementStarted, &[r#"{"short_break":false,"placement_type":"U1"}"#], EntityRole::Placement),
    (Kind::PlacementEnded, &["{}"], EntityRole::Placement),
    (Kind::ChildProtectionPlanStarted, &["{}"], EntityRole::Plan),
    (Kind::CoreGroupHeld, &["{}"], EntityRole::Plan),
];

impl When {
    fn occurred(self) -> Occurred {
        let text = match self {
            Self::Day(day) => date(day).to_string(),
            Self::Time(day, minute) => format!("{}T{:02}:{:02}+00:00", date(day), minute / 60, minute % 60),
            Self::Between(from, to) => format!("{}/{}", date(from), date(to)),
        };
        text.parse().unwrap()
    }
}

impl Fact {
    /// The fact as an event.
    pub(crate) fn event(&self) -> CaseEvent {
        let (kind, details, role) = WHAT[self.what];
        let facts = format!("{{\"details\":{}}}", details[self.detail % details.len()]);
        let event =
            CaseEvent::read(self.when.occurred(), kind.name(), kind.schema_version(), &facts).unwrap();
        event.of(role, EntityId(Uuid::from_u128(self.number)))
    }
}

pub(crate) fn event_id(stream: u128, entry: usize) -> EventId {
    EventId(Uuid::from_u128((stream << 64) | (u128::try_from(entry).unwrap() + 1)))
}

/// The entry whose event has this id.
pub(crate) fn entry_of(id: EventId) -> usize {
    usize::try_from(id.0.as_u128() & u128::from(u64::MAX)).unwrap() - 1
}

/// The entries as the ledger holds them, in one stream.
pub(crate) fn recorded(stream: u128, entries: &[Entry]) -> Vec<RecordedEvent> {
    let one = |(number, entry): (usize, &Entry)| {
        let position = u64::try_from(number).unwrap() + 1;
        let mut context = EventContext::new(Uuid::from_u128(5), "social_worker");
        context.source_recorded_at = entry.source.map(source_time);
        context.import = entry.extract.map(|day| ImportRef {
            import: ImportId(Uuid::from_u128(6)),
            as_at: date(day),
            sheet: "list_1".to_owned(),
            row: 1,
        });
        RecordedEvent {
            position: Position(position),
            stream: StreamId(Uuid::from_u128(stream)),
            category: Category::Child,
            revision: Revision(u32::try_from(position).unwrap()),
            event_id: event_id(stream, number),
            command_id: CommandId(Uuid::from_u128(u128::from(position))),
            recorded_at: at(entry.recorded),
            context,
            event: said(stream, &entry.say, date(entry.recorded / 2)),
        }
    };
    entries.iter().enumerate().map(one).collect()
}

fn at(moment: Moment) -> chrono::DateTime<chrono::Utc> {
    assert!(moment.is_multiple_of(2), "a ledger records in the morning here");
    date(moment / 2).and_hms_opt(9, 0, 0).unwrap().and_utc()
}

/// A source states a time, or only a day, which is known by its end.
fn source_time(moment: Moment) -> SourceTime {
    if moment.is_multiple_of(2) { SourceTime::At(at(moment)) } else { SourceTime::On(date(moment / 2)) }
}

/// What may be asked: everything known by a moment.
pub(crate) fn known_at(basis: Basis, moment: Moment) -> KnownAt {
    if moment.is_multiple_of(2) {
        KnownAt { basis, until: Some(at(moment)) }
    } else {
        KnownAt::end_of(basis, date(moment / 2))
    }
}

fn said(stream: u128, say: &Say, on: NaiveDate) -> CaseEvent {
    let (reason, authorised_by, inferred) = (CorrectionReason::LateInformation, None, false);
    let on = Occurred::on(on);
    match say {
        Say::Happened(fact) => fact.event(),
        Say::Corrected(entry, fact) => {
            let (target, replacement) = (event_id(stream, *entry), Box::new(fact.event()));
            let changed = std::iter::once("occurred".to_owned()).collect();
            let body = EventCorrected { target, replacement, changed, reason, authorised_by, inferred };
            CaseEvent::new(on, body)
        }
        Say::Withdrawn(entry) => {
            let target = event_id(stream, *entry);
            CaseEvent::new(on, EventWithdrawn { target, reason, authorised_by, inferred })
        }
        Say::Reinstated(entry) => {
            let target = event_id(stream, *entry);
            CaseEvent::new(on, EventReinstated { target, reason, authorised_by, inferred })
        }
        Say::Disputed(fact) => {
            let (claim, reason) = (Box::new(fact.event()), DisputeReason::ContradictsHeldFact);
            CaseEvent::new(on, SourceClaimDisputed { claim, contradicts: None, reason })
        }
        Say::Whole => {
            let (kinds, extent) = (std::collections::BTreeSet::new(), CoverageExtent::Complete);
            CaseEvent::new(on, HistoryCoverageStated { kinds, extent, from: None, to: None, import: None })
        }
    }
}

/// Days on which something of these histories happens; everything is recorded later.
pub(crate) const DAYS: u32 = 420;

pub(crate) fn when(certain: bool) -> BoxedStrategy<When> {
    let (day, time) =
        ((0..DAYS).prop_map(When::Day), (0..DAYS, 0_u32..1440).prop_map(|(d, m)| When::Time(d, m)));
    let between = (0..DAYS, 1_u32..21).prop_map(|(from, length)| When::Between(from, from + length));
    if certain {
        prop_oneof![3 => day, 1 => time].boxed()
    } else {
        prop_oneof![4 => day, 2 => time, 1 => between].boxed()
    }
}

pub(crate) fn fact(certain: bool) -> impl Strategy<Value = Fact> {
    let part = (0..WHAT.len(), 0_usize..3, 1_u128..3, when(certain));
    part.prop_map(|(what, detail, number, when)| Fact { what, detail, number, when })
}

/// One entry before it is known what stands before it: which say, its fact, a number that picks a target, the days since
/// the entry before, and how the source's word differs.
type Seed = (u8, Fact, usize, u32, u8, u32);

fn seed(certain: bool) -> impl Strategy<Value = Seed> {
    (0_u8..24, fact(certain), any::<usize>(), 0_u32..40, 0_u8..6, 0_u32..120)
}

/// A history of up to `most` entries, the first of which says that the whole history is held.
pub(crate) fn history(certain: bool, most: usize) -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(seed(certain), 0..most).prop_map(|seeds| {
        let whole = Entry { say: Say::Whole, recorded: 0, source: None, extract: None };
        seeds.into_iter().fold(vec![whole], |mut entries, seed| {
            let entry = grown(&entries, seed);
            entries.push(entry);
            entries
        })
    })
}

fn grown(entries: &[Entry], (say, fact, pick, days, word, back): Seed) -> Entry {
    let recorded = entries.last().map_or(0, |entry| entry.recorded) + 2 * days;
    let target = pick % entries.len();
    let say = match say {
        // Most corrections keep the kind; one that does not is malformed history and changes nothing.
        0..=3 => Say::Corrected(target, kept_kind(entries, target, fact)),
        4 => Say::Corrected(target, fact),
        5..=6 => Say::Withdrawn(target),
        7 => Say::Reinstated(target),
        8 => Say::Disputed(fact),
        _ => Say::Happened(fact),
    };
    let earlier = recorded.saturating_sub(back);
    let (source, extract) = match word {
        0 => (Some(earlier & !1), None),
        1 => (Some(earlier | 1), None),
        2 => (None, Some(earlier / 2)),
        3 => (Some(earlier), Some(recorded / 2)),
        _ => (None, None),
    };
    Entry { say, recorded, source, extract }
}

fn kept_kind(entries: &[Entry], target: usize, fact: Fact) -> Fact {
    match entries[target].say {
        Say::Happened(held) | Say::Corrected(_, held) | Say::Disputed(held) => {
            Fact { what: held.what, ..fact }
        }
        Say::Withdrawn(_) | Say::Reinstated(_) | Say::Whole => fact,
    }
}
