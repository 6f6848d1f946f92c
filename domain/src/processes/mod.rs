//! The processes of a journey, and what ended each: the one answer to "does it run on this day?".
//!
//! Journeys, statuses, clocks, figures and observations all ask here, with the table of endings of the rule book, so they
//! cannot disagree. What it does not do: it judges no limit and knows no rule.
//!
//! Invariants: an end that surely lies before its process began ends nothing (a placeholder, a slip: it is observed), and a
//! process runs from the day on which it may have begun to the day before it may have ended. To which of several
//! processes another belongs is taken from the record and never guessed: where it is not stated, the end of one of them may
//! have ended it, and answers that hang on that cannot be told.

mod answered;
mod before;
mod derived;
mod happened;
mod joined;
mod lasting;
mod members;
mod once;
mod owner;
mod parents;
mod places;
mod reading;
mod relinked;
mod runs;
mod strays;
mod twice;

pub(crate) use before::takes_place_within;
pub use derived::{DerivedEvent, derived, derived_of};
pub(crate) use lasting::holds_acts;
pub use lasting::lasts;
pub use members::MemberEnds;
pub(crate) use once::DoneOnce;
pub(crate) use owner::own_of;
pub use reading::Reading;
pub use runs::Runs;
pub(crate) use strays::Strays;
pub(crate) use twice::{Twice, is_visit};

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::events::{Body, EntityRole, Kind, Stage};
use crate::ids::{EntityId, EventId};
use crate::journey::KnownEvent;
use crate::rules::{Ending, Endings, Support};

use answered::Answers;
use happened::{Happened, happened};
use parents::Belongs;
use places::Places;

/// One process of a journey.
#[derive(Debug, Clone)]
pub struct Process<'j> {
    /// What it is.
    pub role: EntityRole,
    /// Which one.
    pub entity: EntityId,
    /// The event that opened it; `None` where none is known.
    pub opened: Option<&'j KnownEvent>,
    /// Whether any event is about it, rather than only naming it.
    pub has_own_events: bool,
    /// The first event in practice order that names it.
    first: &'j KnownEvent,
    /// Processes to which it belongs, as far as an event names both.
    parents: Vec<(EntityRole, EntityId)>,
    /// What ended it or its clocks, the earliest first.
    ends: Vec<End<'j>>,
}

/// What ended a process, or the clocks of it.
#[derive(Debug, Clone, Copy)]
pub struct End<'j> {
    /// The event; for a birthday the record of the birth, dated to that birthday.
    pub event: &'j KnownEvent,
    /// The line of the table; `None` for the process's own end.
    pub line: Option<&'j Ending>,
    /// Whether it lies before the process began, which then never ran where the line is a lasting one.
    pub before_it_began: bool,
    /// Whether it reaches the process for all that is known. Where the process states no parent and several may be it, the
    /// end of one of them may be its own.
    pub sure: bool,
}

impl End<'_> {
    /// Whether it surely ends processes in this role, rather than clocks of them only.
    fn ends(&self, role: EntityRole) -> bool {
        self.sure && self.may_end(role)
    }

    fn may_end(&self, role: EntityRole) -> bool {
        self.line.is_none_or(|line| line.ends_role(role) && (line.lasting || !self.before_it_began))
    }
}

/// Every process of a journey, and everything that ended something.
#[derive(Debug, Default)]
pub struct Processes<'j> {
    list: Vec<Process<'j>>,
    places: Places,
    happened: Vec<Happened<'j>>,
    /// What begins something that has no process of its own, in practice order.
    supports: Vec<(Support, &'j KnownEvent)>,
    /// Events that name no process of their own, each with the only one that ran in its role.
    unnamed: BTreeMap<EventId, EntityId>,
    /// Cases that another authority handed over.
    handed_over: Vec<&'j KnownEvent>,
    /// Acts that name no process, where each of as many processes has one of them.
    answers: Answers<'j>,
}

impl<'j> Processes<'j> {
    /// The processes of events in practice order. `derived` are those of the same events.
    #[must_use]
    pub fn of(events: &[&'j KnownEvent], derived: &'j [DerivedEvent], endings: &'j Endings) -> Self {
        let mut found = Self::default();
        let withins: Vec<EntityRole> = endings.withins().collect();
        for event in events.iter().copied() {
            found.name(event, &withins);
            found.supports.extend(Support::begun_by(event.kind()).map(|support| (support, event)));
            found.handed_over.extend((event.kind() == Kind::TransferInNotified).then_some(event));
        }
        found.happened = happened(events, derived, endings, &found);
        // What names its process ends it first; then it is known which processes run when one ends that is not named.
        let (named, unnamed): (Vec<usize>, Vec<usize>) =
            (0..found.happened.len()).partition(|at| found.happened.get(*at).is_some_and(Happened::is_named));
        named.into_iter().for_each(|at| found.end_by(at));
        let mut unnamed = unnamed.into_iter().peekable();
        for event in events.iter().copied() {
            found.place_unnamed(event);
            // What it ends is over for those after it.
            let of_event = |it: &Happened<'_>| std::ptr::eq(it.event, event);
            while let Some(at) = unnamed.next_if(|at| found.happened.get(*at).is_some_and(of_event)) {
                found.end_by(at);
            }
        }
        unnamed.for_each(|at| found.end_by(at));
        found.settle_unnamed_ends();
        found.settle_answers(events);
        for place in 0..found.list.len() {
            found.settle(place);
        }
        for process in &mut found.list {
            process.ends.sort_by_key(|end| {
                let occurred = end.event.occurred;
                (occurred.earliest_day().is_none(), occurred.earliest_day(), occurred.latest_day())
            });
        }
        found
    }

    /// Every process, in the order in which the journey first names it.
    pub fn iter(&self) -> impl Iterator<Item = &Process<'j>> {
        self.list.iter()
    }

    /// Every process in a role, in that order.
    pub fn in_role(&self, role: EntityRole) -> impl Iterator<Item = &Process<'j>> {
        self.places.of_role(role).filter_map(|place| self.list.get(place))
    }

    /// How many processes there are in a role.
    pub(crate) fn number_in(&self, role: EntityRole) -> usize {
        self.places.number(role)
    }

    /// The process in this role.
    #[must_use]
    pub fn get(&self, role: EntityRole, entity: EntityId) -> Option<&Process<'j>> {
        self.places.get(role, entity).and_then(|at| self.list.get(at))
    }

    /// Whether a process is over on a day.
    #[must_use]
    pub fn is_over(&self, role: EntityRole, entity: EntityId, day: NaiveDate) -> bool {
        self.get(role, entity).is_some_and(|process| process.is_over(day))
    }

    /// The event that began what has no process of its own and lasts on a day; `None` where nothing does.
    #[must_use]
    pub fn supported(&self, support: Support, day: NaiveDate) -> Option<&'j KnownEvent> {
        let begun = |(begun, event): &(Support, &'j KnownEvent)| {
            let may_have = event.occurred.earliest_day().is_none_or(|begun| begun <= day);
            (*begun == support && may_have && !is_still_in_care(&event.body)).then_some(*event)
        };
        let last = self.supports.iter().rev().find_map(begun)?;
        (!self.support_is_over(support, last, day)).then_some(last)
    }

    /// Whether anything ever began what has no process of its own.
    #[must_use]
    pub fn has_begun(&self, support: Support) -> bool {
        self.supports.iter().any(|(begun, event)| *begun == support && !is_still_in_care(&event.body))
    }

    /// Whether what an event began, and has no process of its own, is over on a day by the table.
    #[must_use]
    pub fn support_is_over(&self, support: Support, begun: &KnownEvent, day: NaiveDate) -> bool {
        self.is_over_by(support, begun, day, |_| true)
    }

    /// The same for what a figure counts: young people whose support ended at 21 stay in the cohort of their age, so that
    /// of a leaver only what ends it for good counts.
    #[must_use]
    pub fn leaves_the_count(&self, support: Support, begun: &KnownEvent, day: NaiveDate) -> bool {
        self.is_over_by(support, begun, day, |line| line.lasting || support == Support::Allocation)
    }

    fn is_over_by(
        &self,
        support: Support,
        begun: &KnownEvent,
        day: NaiveDate,
        counts: impl Fn(&Ending) -> bool,
    ) -> bool {
        self.happened.iter().any(|it| {
            it.line.ends_support(support)
                && counts(it.line)
                && may_have_happened(it.event, day)
                && (it.line.lasting || !it.event.is_surely_before(begun))
        })
    }

    /// Processes that should not have run any more when something else ended, and did; each with what ended. They go on.
    #[must_use]
    pub fn contradictions(&self) -> Vec<(&Process<'j>, &'j KnownEvent)> {
        let of = |it: &Happened<'j>| {
            let (line, event) = (it.line, it.event);
            let own = line
                .within
                .and_then(|role| self.named_by(event, role).or_else(|| self.parent_of(event, role)));
            // Where another of the same role runs on, what runs may belong to that one, unless it says that it does not.
            let another = self.list.iter().any(|other| {
                Some(other.role) == line.within && Some(other.entity) != own && other.is_running_at(event)
            });
            let is_own = move |process: &Process<'j>| {
                let named = line.within.zip(own);
                named.is_some_and(|(role, own)| self.stated_parents(process, role).contains(&own))
            };
            let runs = move |process: &&Process<'j>| {
                line.contradicts.contains(&process.role)
                    && process.is_running_at(event)
                    && (!another || is_own(process))
            };
            self.list.iter().filter(runs).map(move |process| (process, event))
        };
        self.happened.iter().flat_map(of).collect()
    }

    /// What happened of a line that names these rules, for clocks that belong to no process.
    pub(crate) fn of_line(&self, names: impl Fn(&Ending) -> bool) -> impl Iterator<Item = End<'j>> {
        let named = self.happened.iter().filter(move |it| names(it.line));
        named.map(|it| End { event: it.event, line: Some(it.line), before_it_began: false, sure: it.sure })
    }

    /// What first began again of that which a line ended by an event: a process or a support of the kind, or a case that
    /// another authority handed over. `None` where nothing did, or nothing of the kind can.
    pub(crate) fn begun_again(&self, line: &Ending, ended: &KnownEvent) -> Option<&'j KnownEvent> {
        let of_line =
            |role: EntityRole| line.within.map_or_else(|| line.ends_role(role), |within| within == role);
        let opened =
            self.list.iter().filter(|process| of_line(process.role)).filter_map(|process| process.opened);
        let supports = self.supports.iter().filter(|(support, _)| line.ends_support(*support));
        let begun = opened.chain(supports.map(|(_, event)| *event)).chain(self.handed_over.iter().copied());
        let again = begun.filter(|event| !line.lasting && !surely_earlier_day(event, ended));
        let later = again.filter(|event| !std::ptr::eq(*event, ended) && event.event_id != ended.event_id);
        later.min_by_key(|event| (event.occurred.earliest_day(), event.occurred.latest_day()))
    }

    /// Notes the processes that an event names, and which belong to which.
    fn name(&mut self, event: &'j KnownEvent, withins: &[EntityRole]) {
        let own = event.kind().own_role();
        if let Some((role, entity)) = owner::begun_unnamed(event) {
            self.process(role, entity, event).take(event);
        }
        for (role, entity) in event.entities.iter() {
            let parents = event.entities.iter().filter(|(of, _)| *of != role && withins.contains(of));
            let process = self.process(role, entity, event);
            for parent in parents {
                if !process.parents.contains(&parent) {
                    process.parents.push(parent);
                }
            }
            if own == Some(role) {
                process.take(event);
            }
        }
    }

    fn process(&mut self, role: EntityRole, entity: EntityId, first: &'j KnownEvent) -> &mut Process<'j> {
        let at = self.places.get(role, entity).unwrap_or_else(|| {
            let at = self.list.len();
            self.list.push(Process {
                role,
                entity,
                opened: None,
                has_own_events: false,
                first,
                parents: Vec::new(),
                ends: Vec::new(),
            });
            self.places.add(role, entity, at);
            at
        });
        self.list.get_mut(at).expect("the place was just found or filled")
    }

    fn end_by(&mut self, at: usize) {
        let Some(it) = self.happened.get(at).copied() else { return };
        let named = it.line.within.and_then(|role| {
            let named = self.named_by(it.event, role).or_else(|| self.parent_of(it.event, role));
            Some((role, named?))
        });
        let own_place =
            named.filter(|_| it.is_about_its_own_process()).map(|(role, own)| self.places.get(role, own));
        let reached = |place: usize| {
            let process = self.list.get(place).filter(|process| it.concerns(process.role))?;
            let before_it_began = it.reaches(process)?;
            let sure = match self.belongs(process, &it, named) {
                Belongs::No => return None,
                Belongs::Perhaps => false,
                Belongs::Surely => it.sure,
            };
            Some((place, End { event: it.event, line: Some(it.line), before_it_began, sure }))
        };
        let ended: Vec<(usize, End<'j>)> = match own_place {
            // Most lines end the one process that their event names: nothing is looked through.
            Some(place) => place.into_iter().filter_map(reached).collect(),
            None => it.roles().flat_map(|role| self.places.of_role(role)).filter_map(reached).collect(),
        };
        for (place, end) in ended {
            if let Some(process) = self.list.get_mut(place) {
                process.ends.push(end);
            }
        }
    }
}

impl<'j> Process<'j> {
    fn take(&mut self, event: &'j KnownEvent) {
        self.has_own_events = true;
        match event.kind().stage() {
            Stage::Opens if self.opened.is_none() => {
                self.opened = Some(event);
                // Ends that were known before: one that surely came before the start ends nothing.
                self.ends.retain(|end| !surely_earlier_day(end.event, event));
            }
            Stage::Ends if self.opened.is_none_or(|opened| !surely_earlier_day(event, opened)) => {
                self.ends.push(End { event, line: None, before_it_began: false, sure: true });
            }
            Stage::Opens | Stage::Continues | Stage::Ends | Stage::Accompanies | Stage::Apart => {}
        }
    }

    /// The event with which it began, as far as is known.
    fn began(&self) -> &'j KnownEvent {
        self.opened.unwrap_or(self.first)
    }

    /// What ended it or its clocks, the earliest first.
    #[must_use]
    pub fn ends(&self) -> &[End<'j>] {
        &self.ends
    }

    /// What ended the process itself; `None` where nothing did.
    #[must_use]
    pub fn end(&self) -> Option<&End<'j>> {
        self.ends.iter().find(|end| end.ends(self.role))
    }

    /// The end that was recorded for it.
    #[must_use]
    pub fn own_end(&self) -> Option<&'j KnownEvent> {
        self.ends.iter().find(|end| end.line.is_none() && end.sure).map(|end| end.event)
    }

    /// The ends that name no process, where one of them is its own and the last one counts for certain; empty elsewhere.
    pub(crate) fn settled_ends(&self) -> Vec<&End<'j>> {
        let is_settled = self.own_end().is_some_and(|end| end.entities.get(self.role).is_none());
        let own = self.ends.iter().filter(|end| end.line.is_none());
        let several = own.clone().any(|end| !end.sure);
        own.filter(|_| is_settled && several).collect()
    }

    /// Whether it is over on a day: what ended it may have happened by then.
    #[must_use]
    pub fn is_over(&self, day: NaiveDate) -> bool {
        let over =
            |end: &End<'j>| end.ends(self.role) && (end.before_it_began || may_have_happened(end.event, day));
        self.ends.iter().any(over)
    }

    /// Whether it may be over on a day: it is, or what ended one of several to which it may belong has happened.
    #[must_use]
    pub fn may_be_over(&self, day: NaiveDate) -> bool {
        let over = |end: &End<'j>| {
            end.may_end(self.role) && (end.before_it_began || may_have_happened(end.event, day))
        };
        self.ends.iter().any(over)
    }

    /// Whether an own end of it or of another is recorded that `counts`, and nothing tells of which.
    pub(crate) fn may_have_ended_by(&self, counts: impl Fn(&KnownEvent) -> bool) -> bool {
        let may_be_its = |end: &End<'j>| end.line.is_none() && !end.sure && counts(end.event);
        self.own_end().is_none() && self.ends.iter().any(may_be_its)
    }

    /// Whether it is over on a day for all that the dates leave open.
    #[must_use]
    pub fn is_surely_over(&self, day: NaiveDate) -> bool {
        let happened = |event: &KnownEvent| event.occurred.latest_day().is_some_and(|latest| latest <= day);
        let over = |end: &End<'j>| end.ends(self.role) && (end.before_it_began || happened(end.event));
        self.ends.iter().any(over)
    }

    /// Whether it was opened by a day and is not over on it.
    #[must_use]
    pub fn runs_on(&self, day: NaiveDate) -> bool {
        self.opened.is_some_and(|opened| may_have_happened(opened, day)) && !self.is_over(day)
    }

    /// Whether, by its own events, it ran when another event happened.
    pub(crate) fn is_running_at(&self, event: &KnownEvent) -> bool {
        let begun = self.opened.is_some_and(|opened| !event.is_surely_before(opened));
        let ended = |end: &End<'j>| end.line.is_none() && end.sure && end.event.is_surely_before(event);
        begun && !self.ends.iter().any(ended)
    }
}

fn may_have_happened(event: &KnownEvent, day: NaiveDate) -> bool {
    event.occurred.earliest_day().is_none_or(|earliest| earliest <= day)
}

/// Whether the day of one event surely lies before that of another.
fn surely_earlier_day(one: &KnownEvent, other: &KnownEvent) -> bool {
    one.occurred.latest_day().zip(other.occurred.earliest_day()).is_some_and(|(one, other)| one < other)
}

/// An eligible child is looked after still; the other categories have left care.
fn is_still_in_care(body: &Body) -> bool {
    matches!(body, Body::CareLeaverEligibilityRecorded(recorded) if recorded.category.as_str() == "eligible")
}
