//! What is held of one stream while an import is planned over it.
//!
//! Events that the plan adds are held at once, so that a later row of the same file meets them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::envelope::{EventContext, ImportRef};
use domain::events::{Authors, Body, CaseEvent, Entities, EntityRole, Kind, RecordedEvent};
use domain::ids::{EntityId, EventId, ImportId};
use domain::journey::{Coverage, Dispute, Journey, KnownAt, KnownEvent};
use domain::time::Occurred;

/// What stands for the list of an act that belongs to no row.
pub(super) const NO_LIST: &str = "extract";

/// An event as it is held.
#[derive(Debug, Clone)]
pub(super) struct HeldEvent {
    pub(super) id: EventId,
    pub(super) occurred: Occurred,
    /// The days that it had before they were corrected.
    pub(super) earlier_days: BTreeSet<NaiveDate>,
    pub(super) entities: Entities,
    pub(super) authors: Authors,
    pub(super) body: Body,
    /// Who last asserted it so.
    pub(super) asserted: Asserted,
    /// Every file that asserted it or added to it, each with the code of the list.
    pub(super) said_by: Vec<(ImportId, String)>,
    /// Code of the list that it came from.
    pub(super) sheet: Option<String>,
    /// The row that it came from; 0 where it came from none.
    pub(super) row: u32,
    pub(super) withdrawn: bool,
    /// Whether somebody recorded it by hand, or an amendment of it.
    pub(super) by_hand: bool,
    /// Whether no row states it: it follows from what a file no longer names.
    pub(super) inferred: bool,
    /// Whether it is withdrawn only because no row of a file named it.
    pub(super) by_absence: bool,
}

/// Who asserted an event as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asserted {
    /// Somebody recorded it by hand.
    ByHand,
    /// An extract held it.
    ByExtract {
        /// The import.
        import: ImportId,
        /// The day that it describes.
        as_at: NaiveDate,
    },
}

impl Asserted {
    /// The import, where an extract held it.
    pub(super) fn import(self) -> Option<ImportId> {
        if let Asserted::ByExtract { import, .. } = self { Some(import) } else { None }
    }
}

/// All that is held of the stream.
pub(super) struct Held {
    pub(super) events: Vec<HeldEvent>,
    pub(super) disputes: Vec<Dispute>,
    /// How much of the history the files held so far.
    pub(super) coverage: Coverage,
    /// Claims in dispute that this plan adds.
    pub(super) new_disputes: Vec<CaseEvent>,
    /// Processes that an event of any standing belongs to.
    used: BTreeSet<EntityId>,
}

impl Held {
    pub(super) fn new(history: &[RecordedEvent]) -> Self {
        let journey = Journey::known(history, KnownAt::NOW);
        let contexts: BTreeMap<EventId, &RecordedEvent> =
            history.iter().map(|event| (event.event_id, event)).collect();
        let standing = journey.events.iter().map(|event| held(event, &contexts, false));
        let withdrawn = journey.withdrawn.iter().map(|event| held(event, &contexts, true));
        let events: Vec<HeldEvent> = standing.chain(withdrawn).collect();
        let used = events.iter().flat_map(|event| event.entities.iter().map(|(_, id)| id)).collect();
        let (disputes, coverage) = (journey.disputes, journey.coverage);
        Held { events, disputes, coverage, new_disputes: Vec::new(), used }
    }

    /// Adds an event of the plan.
    pub(super) fn add(&mut self, event: HeldEvent) {
        self.used.extend(event.entities.iter().map(|(_, id)| id));
        self.events.push(event);
    }

    pub(super) fn get(&self, id: EventId) -> Option<&HeldEvent> {
        self.events.iter().find(|event| event.id == id)
    }

    pub(super) fn get_mut(&mut self, id: EventId) -> Option<&mut HeldEvent> {
        self.events.iter_mut().find(|event| event.id == id)
    }

    /// The lists of a file from which something is held.
    pub(super) fn sheets_of(&self, import: ImportId) -> BTreeSet<&str> {
        let said = self.events.iter().flat_map(|event| &event.said_by);
        said.filter(|(by, sheet)| *by == import && sheet != NO_LIST)
            .map(|(_, sheet)| sheet.as_str())
            .collect()
    }

    /// Events of a kind, and of a process where one is given.
    pub(super) fn of_kind(
        &self,
        kind: Kind,
        process: Option<(EntityRole, EntityId)>,
    ) -> impl Iterator<Item = &HeldEvent> {
        self.events
            .iter()
            .filter(move |event| event.body.kind() == kind)
            .filter(move |event| process.is_none_or(|(role, id)| event.entities.get(role) == Some(id)))
    }

    /// Takes an id for a new process; `false` where an event, also a withdrawn one, belongs to it.
    pub(super) fn reserve(&mut self, id: EntityId) -> bool {
        self.used.insert(id)
    }

    /// Whether the same claim is in dispute already.
    pub(super) fn is_disputed(&self, claim: &CaseEvent) -> bool {
        self.new_disputes.contains(claim)
            || self.disputes.iter().any(|dispute| {
                dispute.claim.body == claim.body
                    && dispute.claim.occurred.earliest_day() == claim.occurred.earliest_day()
            })
    }
}

impl HeldEvent {
    pub(super) fn kind(&self) -> Kind {
        self.body.kind()
    }

    pub(super) fn case_event(&self) -> CaseEvent {
        CaseEvent {
            occurred: self.occurred,
            entities: self.entities.clone(),
            authors: self.authors,
            body: self.body.clone(),
        }
    }

    /// The day by which states are put in order.
    pub(super) fn order_day(&self) -> Option<NaiveDate> {
        self.occurred.latest_day()
    }
}

fn held(event: &KnownEvent, contexts: &BTreeMap<EventId, &RecordedEvent>, withdrawn: bool) -> HeldEvent {
    let amendments =
        || event.amendments.iter().filter_map(|amendment| contexts.get(&amendment.event_id).copied());
    let said: Vec<&EventContext> =
        std::iter::once(&event.context).chain(amendments().map(|amendment| &amendment.context)).collect();
    // A file about an earlier day may have added to it after it was withdrawn.
    let withdrawal = amendments()
        .fold(None, |last, it| if it.event.body.kind() == Kind::EventWithdrawn { Some(it) } else { last });
    let last = said.get(1..).and_then(<[_]>::last).copied();
    HeldEvent {
        id: event.event_id,
        occurred: event.occurred,
        earlier_days: {
            let first = contexts.get(&event.event_id).copied().into_iter();
            first.chain(amendments()).filter_map(day_told).collect()
        },
        entities: event.entities.clone(),
        authors: event.authors,
        body: event.body.clone(),
        asserted: said.iter().map(|context| asserted(context)).fold(Asserted::ByHand, later),
        said_by: said.iter().filter_map(|context| context.import.as_ref()).map(said_by).collect(),
        sheet: event.context.import.as_ref().map(|import| import.sheet.clone()),
        row: event.context.import.as_ref().map_or(0, |import| import.row),
        withdrawn,
        by_hand: said.iter().any(|context| context.import.is_none()),
        inferred: last.is_none() && event.context.import.as_ref().is_some_and(|it| it.sheet == NO_LIST),
        by_absence: withdrawn && withdrawal.is_some_and(|it| is_of_no_row(&it.context)),
    }
}

/// The day that an event, or a correction of it, gave.
fn day_told(recorded: &RecordedEvent) -> Option<NaiveDate> {
    if let Body::EventCorrected(corrected) = &recorded.event.body {
        return corrected.replacement.occurred.day();
    }
    recorded.event.occurred.day()
}

fn said_by(import: &ImportRef) -> (ImportId, String) {
    (import.import, import.sheet.clone())
}

/// Who asserts an event after another act on it: of two files the one about the later day, as a file about an earlier day
/// only adds.
fn later(held: Asserted, next: Asserted) -> Asserted {
    match (held, next) {
        (Asserted::ByExtract { as_at: held_day, .. }, Asserted::ByExtract { as_at, .. })
            if as_at < held_day =>
        {
            held
        }
        (Asserted::ByExtract { .. } | Asserted::ByHand, next) => next,
    }
}

/// Whether an act of an import belongs to no row of its file.
fn is_of_no_row(context: &EventContext) -> bool {
    context.import.as_ref().is_some_and(|import| import.sheet == NO_LIST)
}

fn asserted(context: &EventContext) -> Asserted {
    match &context.import {
        Some(import) => Asserted::ByExtract { import: import.import, as_at: import.as_at },
        None => Asserted::ByHand,
    }
}
