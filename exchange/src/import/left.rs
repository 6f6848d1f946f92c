//! Records that the newest list no longer names, and whose end may lie between two files: they are open no more.
//!
//! A list of what was open in its window would name a record that was. So it ended after the last file that held it open,
//! and before the window began. Where only one kind of event can have ended it, that end is recorded in a span; where an
//! act of several kinds, or one that says more than an end, would have, the days are stated as a gap.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use domain::events::{Body, CaseEvent, Kind, RecordedEvent};
use domain::ids::{EventId, StreamId};
use domain::journey::{Journey, KnownAt, KnownEvent};
use domain::processes::{Processes, derived_of};
use domain::rules::RuleBook;
use domain::time::Occurred;

use super::absence;
use super::held::HeldEvent;
use super::planning::Planner;
use super::records::Resolution;
use crate::layout::{EventRule, List, Window};

/// No row: what follows from a record that no row names.
pub(super) const NO_ROW: usize = usize::MAX;

/// A record that its list no longer names, and that ended between two files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The stream of whom it is about.
    pub stream: StreamId,
    /// Code of its list.
    pub list: &'static str,
    /// The kind of event that opened it.
    pub kind: Kind,
    /// When it began.
    pub began: Option<NaiveDate>,
    /// First and last day on which it can have ended.
    pub between: (NaiveDate, NaiveDate),
    /// Whether an end was recorded; else it is left open whether and how it ended.
    pub ended: bool,
}

impl Planner<'_> {
    /// Ends every record that the file no longer names and need not name, as it may have ended before the list's window.
    pub(super) fn settle_left(&mut self, resolutions: &[Resolution], history: &[RecordedEvent]) {
        let (mut settled, mut gone) = (absence::named(resolutions), BTreeSet::new());
        for list in self.import.lists() {
            for rule in absence::listed(list) {
                let enclosing = absence::enclosing(list, rule);
                let left: Vec<(EventId, (NaiveDate, NaiveDate))> = self
                    .held
                    .of_kind(rule.kind, None)
                    .filter(|event| !event.withdrawn && !settled.contains(&event.id))
                    .filter(|event| !self.is_in_question(event.id))
                    .filter(|event| self.is_enclosed(event, enclosing, &settled))
                    .filter_map(|event| {
                        let around = enclosing.and_then(|role| event.entities.get(role));
                        let inside = around.is_some_and(|id| gone.contains(&id));
                        Some((event.id, self.left_between(event, list, inside)?))
                    })
                    .filter(|(id, (_, last))| !self.is_over(*id, *last, history))
                    .collect();
                for (id, between) in left {
                    self.leave(id, (list, rule), between);
                    settled.push(id);
                    let process = |event: &HeldEvent| event.entities.get(event.kind().own_role()?);
                    gone.extend(self.held.get(id).and_then(process));
                }
            }
        }
    }

    /// The days on which a record ended that no row names; `None` where it ended, or need not have. One inside a record
    /// that left has left with it, also where the file does not hold its list.
    pub(super) fn left_between(
        &self,
        event: &HeldEvent,
        list: &'static List,
        inside: bool,
    ) -> Option<(NaiveDate, NaiveDate)> {
        let role = event.kind().own_role().filter(|_| list.window == Some(Window::Open))?;
        let ends = list.ends_of(role).next().is_some() && absence::end_of(self, event, list).is_none();
        let from_list = event.sheet.as_deref() == Some(self.import.sheet(list).as_str());
        if !ends || !((inside && from_list) || absence::could_name(self, event, list)) {
            return None;
        }
        let first = absence::last_open(self, event, list)?.succ_opt()?;
        let last = list.window_from(self.import.as_at)?.pred_opt()?;
        (event.occurred.day()? < first && first <= last).then_some((first, last))
    }

    /// Whether something else ended the record already: no further action, a death, a birthday.
    pub(super) fn is_over(&self, id: EventId, day: NaiveDate, history: &[RecordedEvent]) -> bool {
        let journey = Journey::known(history, KnownAt::NOW);
        let endings = RuleBook::built_in().endings();
        let events: Vec<&KnownEvent> = journey.events.iter().collect();
        let derived = derived_of(&journey, &events, endings, self.import.as_at);
        let processes = Processes::of(&events, &derived, endings);
        let process = self.held.get(id).and_then(|event| {
            let role = event.kind().own_role()?;
            processes.get(role, event.entities.get(role)?)
        });
        process.is_some_and(|process| process.is_surely_over(day))
    }

    pub(super) fn leave(
        &mut self,
        id: EventId,
        (list, rule): (&'static List, &EventRule),
        between: (NaiveDate, NaiveDate),
    ) {
        let Some(opening) = self.held.get(id).cloned() else { return };
        let end = rule.left.and_then(|end| Body::of(end, serde_json::Value::Object(Default::default())).ok());
        let ended = end.is_some();
        match end {
            Some(body) => {
                let occurred = Occurred::within(Some(between.0), Some(between.1));
                let event =
                    CaseEvent { entities: opening.entities.clone(), ..CaseEvent::new(occurred, body) };
                if self.end_again(&event) {
                    return;
                }
                let id = self.emit(&event, SealedFields::none(), NO_ROW);
                self.hold(id, event, NO_ROW);
            }
            None if !self.leave_open(&opening, list, between) => return,
            None => {}
        }
        let began = opening.occurred.day();
        let (stream, kind, list) = (self.stream, opening.kind(), list.code.as_str());
        self.left.push(Left { stream, list, kind, began, between, ended });
    }

    /// States that an end may lie in these days; `false` where that is stated already.
    fn leave_open(
        &mut self,
        opening: &HeldEvent,
        list: &List,
        (first, last): (NaiveDate, NaiveDate),
    ) -> bool {
        let ends: Vec<Kind> =
            opening.kind().own_role().into_iter().flat_map(|role| list.ends_of(role)).collect();
        if ends.iter().all(|kind| self.held.coverage.first_gap(*kind, first) == Some(first)) {
            return false;
        }
        let gap = HistoryCoverageStated {
            kinds: ends.iter().map(|kind| kind.name().to_owned()).collect::<BTreeSet<_>>(),
            extent: CoverageExtent::None,
            from: Some(first),
            to: Some(last),
            import: Some(self.import.id),
        };
        self.held.coverage.add(gap.clone());
        let event = CaseEvent::new(self.by_now(&list.code), gap);
        self.emit(&event, SealedFields::none(), NO_ROW);
        true
    }
}
