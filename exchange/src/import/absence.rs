//! What it means that a file no longer names a record.
//!
//! Only the newest file about a list may say so, only of records that an older file of the same list
//! asserted, and only where the list's window should have held the record. A record of a row is
//! judged with its row. Withdrawal is marked inferred.

use chrono::NaiveDate;
use domain::events::{EntityRole, Kind};
use domain::ids::{EntityId, EventId};

use super::extracts::Standing;
use super::fill::list_of;
use super::held::{Asserted, HeldEvent, NO_LIST};
use super::planning::Planner;
use super::records::Resolution;
use super::withdrawn::WhyWithdrawn;
use crate::layout::{Act, Blank, EventRule, List, Role, Window};

/// The records that stand one by one in a list, so that a missing one means something.
pub(super) fn listed(list: &'static List) -> impl Iterator<Item = &'static EventRule> {
    list.events.iter().filter(|rule| {
        let by_key = list.column(&rule.on).is_some_and(|column| column.role == Role::Key);
        by_key && rule.act == Act::Opens && rule.absence == Blank::Withdraws
    })
}

/// The role under which a record names the one that encloses it, in its row or in the element around it; `None`
/// where the list says nothing about the absence of the other.
pub(super) fn enclosing(list: &List, rule: &EventRule) -> Option<EntityRole> {
    let role = rule.within.first().copied()?;
    let other = list.events.iter().find(|other| other.opened() == Some(role));
    other.is_none_or(|other| other.absence == Blank::Withdraws).then_some(role)
}

/// Whether the file, by its scope and standing, should name this held record in `list`.
pub(super) fn is_expected(planner: &Planner<'_>, event: &HeldEvent, list: &'static List) -> bool {
    could_name(planner, event, list) && is_in_window(planner, event, list)
}

/// Whether the file should name a record of which a file about a later day, imported before it, told first.
pub(super) fn is_expected_between(planner: &Planner<'_>, event: &HeldEvent, list: &'static List) -> bool {
    let told_later =
        matches!(event.asserted, Asserted::ByExtract { as_at, .. } if as_at > planner.import.as_at);
    let from_list = event.sheet.as_deref() == Some(planner.import.sheet(list).as_str());
    let rule = listed(list).find(|rule| rule.kind == event.kind());
    let could = rule.is_some_and(|rule| is_whole(planner, list, rule));
    told_later
        && from_list
        && could
        && !planner.is_unsaid(list, event.kind())
        && is_in_window(planner, event, list)
}

/// Whether the file is the newest about a list, and could name a record of it that an older file held.
pub(super) fn could_name(planner: &Planner<'_>, event: &HeldEvent, list: &'static List) -> bool {
    let import = &planner.import;
    let sheet = import.sheet(list);
    let older = match event.asserted {
        Asserted::ByExtract { import: other, as_at } => {
            as_at < import.as_at
                && import.prior.iter().any(|extract| extract.import == other && other != import.id)
        }
        Asserted::ByHand => false,
    };
    let rule = listed(list).find(|rule| rule.kind == event.kind());
    let from_list = event.sheet.as_deref() == Some(sheet.as_str());
    match rule {
        Some(rule) if older && from_list && speaks_last(planner, event, list) => {
            is_whole(planner, list, rule) && !planner.is_unsaid(list, event.kind())
        }
        Some(_) | None => false,
    }
}

/// Whether no file about a later day says whether a record was: this one is the newest about the list, or the record lies
/// before the windows of all that are newer.
fn speaks_last(planner: &Planner<'_>, event: &HeldEvent, list: &List) -> bool {
    if planner.spared.contains(&event.id) {
        return false;
    }
    match planner.import.standing(&list.code) {
        Standing::Newest => true,
        Standing::Equal => false,
        Standing::Older => {
            let mut newer = planner.import.newer_days(&list.code);
            newer.all(|day| !is_in_window_of(planner, event, list, day))
        }
    }
}

/// Whether the list could name every record of a rule: the column of its day is there, and no row names nobody, which
/// may be about any of them.
fn is_whole(planner: &Planner<'_>, list: &List, rule: &EventRule) -> bool {
    planner.import.holds(list).is_some_and(|scope| scope.unnamed == 0 && scope.fields.contains(&rule.on))
}

pub(super) fn is_in_window(planner: &Planner<'_>, event: &HeldEvent, list: &List) -> bool {
    is_in_window_of(planner, event, list, planner.import.as_at)
}

/// Whether the window of a list as at a day holds a record.
pub(super) fn is_in_window_of(
    planner: &Planner<'_>,
    event: &HeldEvent,
    list: &List,
    as_at: NaiveDate,
) -> bool {
    let Some((window, from)) = list.window.zip(list.window_from(as_at)) else {
        return false;
    };
    let Some(began) = event.occurred.day().filter(|day| *day <= as_at) else {
        return false;
    };
    match window {
        Window::Starts => began >= from,
        Window::Open => match end_of(planner, event, list) {
            Some(ended) => ended.occurred.earliest_day().is_some_and(|day| day >= from),
            // An end that fell between two files would stand in the newer one only while its window reaches back.
            None => {
                let last = last_open(planner, event, list).and_then(|day| day.succ_opt());
                last.is_some_and(|next| next >= from)
            }
        },
    }
}

/// The end of a record that is held, the last one first.
pub(super) fn end_of<'h>(planner: &'h Planner<'_>, event: &HeldEvent, list: &List) -> Option<&'h HeldEvent> {
    let role = event.kind().own_role()?;
    let process = (role, event.entities.get(role)?);
    let ends = list.ends_of(role).flat_map(|end| planner.held.of_kind(end, Some(process)));
    ends.filter(|end| !end.withdrawn).max_by_key(|end| end.occurred.latest_day())
}

/// The last day on which a record without an end is known to have been open: that of the last file that held it.
pub(super) fn last_open(planner: &Planner<'_>, event: &HeldEvent, list: &List) -> Option<NaiveDate> {
    let Asserted::ByExtract { as_at, .. } = event.asserted else { return None };
    let ends: Vec<Kind> = event.kind().own_role().into_iter().flat_map(|role| list.ends_of(role)).collect();
    if ends.is_empty() {
        return planner.import.previous(&list.code);
    }
    let (began, coverage) = (event.occurred.day()?, &planner.held.coverage);
    let told = |end: &Kind| {
        let until = coverage.complete_until(*end, began)?.unwrap_or(NaiveDate::MAX);
        let gap = coverage.first_gap(*end, began).and_then(|day| day.pred_opt());
        Some(gap.map_or(until, |day| until.min(day)))
    };
    let told = ends.iter().map(told).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().min());
    Some(told.map_or(as_at, |day| day.max(as_at)))
}

impl Planner<'_> {
    /// Withdraws every held record that the file should name and does not.
    pub(super) fn withdraw_absent(&mut self, resolutions: &[Resolution]) {
        let named = named(resolutions);
        for list in self.import.lists() {
            for rule in listed(list) {
                let gone: Vec<EventId> = self
                    .held
                    .of_kind(rule.kind, None)
                    .filter(|event| !event.withdrawn && !named.contains(&event.id))
                    .filter(|event| !self.is_in_question(event.id))
                    .filter(|event| is_expected(self, event, list))
                    .filter(|event| self.is_enclosed(event, enclosing(list, rule), &named))
                    .map(|event| event.id)
                    .collect();
                for id in gone {
                    self.withdraw_record(id);
                }
            }
        }
    }

    /// A record within another is judged only where the file names the other.
    pub(super) fn is_enclosed(
        &self,
        event: &HeldEvent,
        within: Option<EntityRole>,
        named: &[EventId],
    ) -> bool {
        let Some(role) = within else {
            return true;
        };
        let Some(id) = event.entities.get(role) else {
            return true;
        };
        named
            .iter()
            .filter_map(|named| self.held.get(*named))
            .any(|other| other.kind().own_role() == Some(role) && other.entities.get(role) == Some(id))
    }

    pub(super) fn is_in_question(&self, id: EventId) -> bool {
        self.questions.iter().any(|question| question.held == id && !question.inferred)
    }

    /// Withdraws the opening and everything that belongs to its process, unless somebody recorded any of it by hand: what
    /// a file does not say takes nothing away from that.
    pub(super) fn withdraw_record(&mut self, id: EventId) {
        let Some(opening) = self.held.get(id).cloned() else { return };
        let going = self.belonging_to(&opening);
        let by_hand = going.iter().filter_map(|id| self.held.get(*id)).find(|event| event.by_hand);
        if let Some(by_hand) = by_hand.map(HeldEvent::kind) {
            self.note_kept(&opening, by_hand);
            return;
        }
        if !self.aside.holds(opening.id) {
            self.note_withdrawn(&opening, WhyWithdrawn::NotListed);
        }
        for id in going {
            if id == opening.id || self.held.get(id).is_some_and(|event| is_only_beside(event, &opening)) {
                // The withdrawal belongs to no row: it is about a row that is not there.
                self.withdraw(id, usize::MAX);
            }
        }
    }

    /// The opening, and everything that belongs to its process or to one that began within it.
    fn belonging_to(&self, opening: &HeldEvent) -> Vec<EventId> {
        let mut processes: Vec<(EntityRole, EntityId)> = process_of(opening).into_iter().collect();
        let mut going = vec![opening.id];
        loop {
            let belongs = |event: &&HeldEvent| {
                !event.withdrawn && !going.contains(&event.id) && is_of(event, &processes)
            };
            let more: Vec<&HeldEvent> = self.held.events.iter().filter(belongs).collect();
            if more.is_empty() {
                return going;
            }
            going.extend(more.iter().map(|event| event.id));
            processes.extend(more.into_iter().filter_map(process_of));
        }
    }
}

/// Whether only rows of the list that held an opening, or of the elements inside them, ever said an event.
fn is_only_beside(event: &HeldEvent, opening: &HeldEvent) -> bool {
    let Some((layout, list)) = opening.sheet.as_deref().and_then(list_of) else { return true };
    let is_inside = |sheet: &str| {
        let mut around = layout.lists.iter().find(|other| layout.sheet(&other.code) == sheet);
        while let Some(other) = around {
            if other.code == list.code {
                return true;
            }
            around = other.parent.as_deref().and_then(|parent| layout.list(parent));
        }
        false
    };
    event.said_by.iter().all(|(_, sheet)| sheet == NO_LIST || is_inside(sheet))
}

/// The process that an event opens, or is an act of.
fn process_of(event: &HeldEvent) -> Option<(EntityRole, EntityId)> {
    let role = event.kind().own_role()?;
    event.entities.get(role).map(|id| (role, id))
}

fn is_of(event: &HeldEvent, processes: &[(EntityRole, EntityId)]) -> bool {
    processes.iter().any(|(role, id)| event.entities.get(*role) == Some(*id))
}

/// The held openings that the file names.
pub(super) fn named(resolutions: &[Resolution]) -> Vec<EventId> {
    resolutions.iter().filter_map(opening_of).collect()
}

fn opening_of(resolution: &Resolution) -> Option<EventId> {
    match resolution {
        Resolution::Held { opening, .. } => Some(*opening),
        Resolution::New { .. }
        | Resolution::Duplicate { .. }
        | Resolution::Earlier { .. }
        | Resolution::Exclusive { .. }
        | Resolution::Undecided => None,
    }
}
