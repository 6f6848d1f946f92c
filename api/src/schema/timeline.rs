//! The timeline of one child as a Relay connection.

use async_graphql::{Enum, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use domain::events::{CaseEvent, Kind};
use domain::journey::{Amendment as DomainAmendment, Change, Dispute, KnownEvent, Lateness};
use domain::time::When;
use projections::wording;
use uuid::Uuid;

use super::cursor;
use super::failure::fail;
use super::knowledge::Knowledge;
use super::scalars::{Date, Position};
use crate::child_view::ChildView;
use crate::errors::Code;

const LIST: &str = "timeline";

/// Everything known of one child, in practice order.
#[derive(SimpleObject)]
pub(super) struct TimelineConnection {
    /// The rows with their cursors.
    edges: Vec<TimelineEdge>,
    /// The rows.
    nodes: Vec<TimelineItem>,
    /// Where the page stands.
    page_info: PageInfo,
    /// All rows that match, of every page.
    total_count: usize,
    /// The knowledge that it rests on.
    knowledge: Knowledge,
}

/// A row with its cursor.
#[derive(SimpleObject)]
pub(super) struct TimelineEdge {
    /// Where it stands.
    cursor: String,
    /// The row.
    node: TimelineItem,
}

/// Where a page stands in its list.
#[derive(SimpleObject)]
pub(super) struct PageInfo {
    /// Whether there are rows after the page.
    pub(super) has_next_page: bool,
    /// Whether there are rows before the page.
    pub(super) has_previous_page: bool,
    /// Cursor of the first row.
    pub(super) start_cursor: Option<String>,
    /// Cursor of the last row.
    pub(super) end_cursor: Option<String>,
}

/// Whether an entry counts.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It counts.
    Held,
    /// It was withdrawn and counts nowhere.
    Withdrawn,
    /// A row of a source that contradicts what is held; it counts nowhere until it is resolved.
    Disputed,
}

/// One entry.
#[derive(SimpleObject, Clone)]
pub(super) struct TimelineItem {
    /// The event; corrections do not change it.
    event_id: Uuid,
    /// Its place in the ledger.
    position: Position,
    /// Its kind, such as `initial_conference_held`.
    kind: &'static str,
    /// A short title for the reader.
    title: &'static str,
    /// The lane in which it is drawn.
    lane: &'static str,
    /// Whether it counts.
    standing: Standing,
    /// When it happened, as known.
    occurred: Occurred,
    /// When the ledger recorded it; null for a disputed row.
    recorded_at: Option<DateTime<Utc>>,
    /// The time in the ledger's row, where a clock was ahead and it is not when the event was recorded; null else.
    stamped_at: Option<DateTime<Utc>>,
    /// From when it was known on the basis of the question; null for a disputed row.
    known_since: Option<DateTime<Utc>>,
    /// Calendar days from the event to its recording; null where that cannot be told.
    late_by_days: Option<i64>,
    /// Who recorded it: the stream of a worker, or an import. Never a name.
    recorded_by: Uuid,
    /// In which role.
    role: String,
    /// The team as recorded.
    team: Option<String>,
    /// When the source states that it was entered there: a day or an instant.
    source_recorded_at: Option<String>,
    /// The file row that it comes from.
    import: Option<ImportRow>,
    /// The facts, as label and value.
    details: Vec<Detail>,
    /// The processes that it belongs to.
    processes: Vec<Process>,
    /// What amended it, the oldest first.
    amendments: Vec<Amendment>,
    /// For a disputed row: the held event that it contradicts.
    contradicts: Option<Uuid>,
}

/// A label and what it stands for.
#[derive(SimpleObject, Clone)]
pub(super) struct Detail {
    /// The label.
    label: String,
    /// The value.
    value: String,
}

/// A process that an event belongs to.
#[derive(SimpleObject, Clone)]
pub(super) struct Process {
    /// What it is, such as `enquiry`.
    role: &'static str,
    /// Its id.
    id: Uuid,
}

/// Where in a source file an event comes from.
#[derive(SimpleObject, Clone)]
pub(super) struct ImportRow {
    /// The declared extract.
    import: Uuid,
    /// Its as-at day.
    as_at: Date,
    /// Code of the sheet, list or module.
    sheet: String,
    /// Row, from 1.
    row: u32,
}

/// What an amendment did.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AmendmentKind {
    /// Replaced the event.
    Corrected,
    /// Took it away.
    Withdrawn,
    /// Brought it back.
    Reinstated,
}

/// A later event that changed what is known of an earlier one.
#[derive(SimpleObject, Clone)]
pub(super) struct Amendment {
    /// The amending event.
    event_id: Uuid,
    /// Its place in the ledger.
    position: Position,
    /// What it did.
    kind: AmendmentKind,
    /// The other amendment that it withdraws or reinstates; null where it is about the event itself.
    undoes: Option<Uuid>,
    /// When the ledger recorded it.
    recorded_at: DateTime<Utc>,
    /// Whether a program inferred it from two extracts.
    inferred: bool,
    /// When the event had happened, as it stood before a correction.
    occurred_before: Option<Occurred>,
    /// The facts as they stood before a correction.
    details_before: Vec<Detail>,
}

/// When something happened in practice, as precisely as it was told. A date never has a time.
#[derive(Clone, Copy)]
pub(super) struct Occurred(pub(super) domain::time::Occurred);

/// When something happened in practice, as precisely as it was told. A date never has a time.
#[Object]
impl Occurred {
    /// The time in the extended date-time format: a day, an instant, `FROM/TO` or `unknown`; `~` marks an estimate.
    async fn text(&self) -> String {
        self.0.to_string()
    }

    /// The civil day, where it is known to the day.
    async fn day(&self) -> Option<Date> {
        self.0.day().map(Date)
    }

    /// The instant with its offset as entered, where the time of day is known.
    async fn instant(&self) -> Option<String> {
        if let When::At(instant, _) = self.0.when { Some(instant.to_rfc3339()) } else { None }
    }

    /// The earliest possible day; null where there is no lower end.
    async fn earliest_day(&self) -> Option<Date> {
        self.0.earliest_day().map(Date)
    }

    /// The latest possible day; null where there is no upper end.
    async fn latest_day(&self) -> Option<Date> {
        self.0.latest_day().map(Date)
    }

    /// Whether whoever told it said that it is an estimate.
    async fn estimated(&self) -> bool {
        self.0.estimated
    }
}

pub(super) fn connection(
    view: &ChildView,
    first: i32,
    after: Option<&str>,
    kinds: Option<&[String]>,
) -> Result<TimelineConnection> {
    let size = cursor::size(first)?;
    let kinds =
        kinds.map(|kinds| kinds.iter().map(|name| kind(name)).collect::<Result<Vec<Kind>>>()).transpose()?;
    let after = after.map(|after| cursor::read(LIST, &view.knowledge, after)).transpose()?;
    let mut rows = rows(view);
    rows.retain(|row| kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|kind| kind.name() == row.kind)));
    let total_count = rows.len();
    let page = cursor::page(rows, after.as_deref(), size, |row| row.position.0.to_string())?;
    let edge = |node: TimelineItem| TimelineEdge {
        cursor: cursor::write(LIST, &view.knowledge, &node.position.0.to_string()),
        node,
    };
    let edges: Vec<TimelineEdge> = page.rows.into_iter().map(edge).collect();
    Ok(TimelineConnection {
        nodes: edges.iter().map(|edge| edge.node.clone()).collect(),
        page_info: PageInfo {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: edges.first().map(|edge| edge.cursor.clone()),
            end_cursor: edges.last().map(|edge| edge.cursor.clone()),
        },
        edges,
        total_count,
        knowledge: Knowledge::of(&view.knowledge, Vec::new()),
    })
}

fn kind(name: &str) -> Result<Kind> {
    Kind::from_name(name).map_err(|_| fail(Code::BadArgument, format!("{name:?} is not a kind of event")))
}

/// Held entries in practice order, then withdrawn ones, then disputed rows.
fn rows(view: &ChildView) -> Vec<TimelineItem> {
    let journey = &view.replay.journey;
    let held = journey.events.iter().map(|event| known(event, Standing::Held));
    let withdrawn = journey.withdrawn.iter().map(|event| known(event, Standing::Withdrawn));
    held.chain(withdrawn).chain(journey.disputes.iter().map(disputed)).collect()
}

fn known(event: &KnownEvent, standing: Standing) -> TimelineItem {
    let facts = event.to_case_event();
    TimelineItem {
        event_id: event.event_id.as_uuid(),
        position: Position(event.position),
        standing,
        recorded_at: Some(event.recorded_at),
        stamped_at: event.context.stamped_at,
        known_since: Some(event.known_since),
        late_by_days: Lateness::of(event).map(|lateness| lateness.days),
        amendments: event.amendments.iter().map(amendment).collect(),
        ..of_facts(&facts, &event.context)
    }
}

fn disputed(dispute: &Dispute) -> TimelineItem {
    TimelineItem {
        event_id: dispute.event_id.as_uuid(),
        position: Position(dispute.position),
        standing: Standing::Disputed,
        contradicts: dispute.contradicts.map(|held| held.as_uuid()),
        ..of_facts(&dispute.claim, &dispute.context)
    }
}

/// The part of an entry that its facts and their source give; the rest is empty.
fn of_facts(facts: &CaseEvent, context: &domain::envelope::EventContext) -> TimelineItem {
    let kind = facts.body.kind();
    TimelineItem {
        event_id: Uuid::nil(),
        position: Position(domain::ids::Position(0)),
        kind: kind.name(),
        title: wording::title(kind),
        lane: wording::lane(kind).name(),
        standing: Standing::Held,
        occurred: Occurred(facts.occurred),
        recorded_at: None,
        stamped_at: None,
        known_since: None,
        late_by_days: None,
        recorded_by: context.recorded_by,
        role: context.role.to_string(),
        team: context.team.clone(),
        source_recorded_at: context.source_recorded_at.map(|time| time.to_string()),
        import: context.import.as_ref().map(|import| ImportRow {
            import: import.import.as_uuid(),
            as_at: Date(import.as_at),
            sheet: import.sheet.clone(),
            row: import.row,
        }),
        details: details(facts),
        processes: facts
            .entities
            .iter()
            .map(|(role, id)| Process { role: role.name(), id: id.as_uuid() })
            .collect(),
        amendments: Vec::new(),
        contradicts: None,
    }
}

fn details(facts: &CaseEvent) -> Vec<Detail> {
    wording::details(facts).into_iter().map(|(label, value)| Detail { label, value }).collect()
}

fn amendment(held: &DomainAmendment) -> Amendment {
    let (kind, before) = match &held.change {
        Change::Corrected { before } => (AmendmentKind::Corrected, Some(before.as_ref())),
        Change::Withdrawn => (AmendmentKind::Withdrawn, None),
        Change::Reinstated => (AmendmentKind::Reinstated, None),
    };
    Amendment {
        event_id: held.event_id.as_uuid(),
        position: Position(held.position),
        kind,
        undoes: held.of.map(|of| of.amendment().as_uuid()),
        recorded_at: held.recorded_at,
        inferred: held.inferred,
        occurred_before: before.map(|before| Occurred(before.occurred)),
        details_before: before.map(details).unwrap_or_default(),
    }
}
