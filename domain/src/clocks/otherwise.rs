//! What an act that may be of one of several processes leaves open.
//!
//! Such an act names no process of the clock's role, and several can be meant ([`super::names`]). It stops, excuses, extends
//! or shows something of one of them, so that a clock which it would change cannot be told.

use crate::events::EntityRole;
use crate::journey::KnownEvent;
use crate::rules::UnlinkedStops;

use super::State;
use super::ends::Ends;
use super::judge::Judge;
use super::run::Run;
use super::verdict::Verdict;

impl<'j> Judge<'_, '_, 'j> {
    /// Whether a clock may be in another state than it seems, because of an act that may be of its process. Of what is past
    /// its last day nothing that came later makes anything else: neither an act nor an end of the process.
    pub(super) fn may_be_otherwise(&self, run: &Run<'_, 'j>, verdict: &Verdict, state: State) -> bool {
        let Some(role) = self.track.shape.per.role() else { return false };
        if self.may_not_be_without(run.started_by) {
            return !matches!(state, State::CannotTell(_) | State::HistoryIncomplete);
        }
        let is_past = matches!(state, State::Overdue | State::Late);
        let counts = |event: &KnownEvent| !(is_past && verdict.comes_too_late(event));
        if let Some(adrift) = &run.case.adrift {
            let is_open = matches!(state, State::Running | State::DueSoon | State::Overdue | State::Late);
            let follows = |event: &KnownEvent| !Ends::of(event).surely_before(run.start);
            // An answer before the start contradicts the record of the one process that it names.
            let contradicts = || run.stops.iter().any(|stop| !follows(stop.event));
            return adrift.carries_on || is_open && (contradicts() || self.may_be_set(role, follows));
        }
        let is_own = |event: &KnownEvent| self.around.processes.may_be_of(event, role, run.case.entity);
        let stops = || self.unlinked_stops().any(|event| counts(event) && is_own(event));
        let ends = || self.may_have_ended(run, role, is_own, counts);
        match state {
            State::Running | State::DueSoon | State::Overdue => {
                let sets = |event: &KnownEvent| {
                    is_own(event) && !(state == State::Overdue && self.extends_to_the_past(event))
                };
                stops() || ends() || self.may_be_set(role, sets) || self.may_not_be_first(run, is_own)
            }
            // What was late when its process ended, and was never done.
            State::Late if run.stops.is_empty() => stops() || ends() || self.may_be_set(role, is_own),
            // What shows that it was done counts only where no stop is held.
            State::Late => {
                let sets = |event: &KnownEvent| !self.shows(event) && is_own(event);
                self.may_not_be_first(run, is_own) || self.may_be_set(role, sets)
            }
            State::Met | State::TooEarly => {
                let only_shown = !run.stops.is_empty() && run.stops.iter().all(|stop| stop.by_then);
                self.may_not_be_first(run, is_own)
                    || self.track.shape.due_by.is_some() && self.may_be_set(role, is_own)
                    || only_shown && stops()
                    || self.track.shape.chain.is_some() && ends()
            }
            // What was not required counts where it was done all the same.
            State::NotApplicable => stops(),
            State::CannotTell(_) | State::HistoryIncomplete => false,
        }
    }

    /// Whether what closes or excuses a clock and names no process may be of its own. What excuses it does so on whatever
    /// day it was found.
    fn may_have_ended(
        &self,
        run: &Run<'_, 'j>,
        role: EntityRole,
        is_own: impl Fn(&KnownEvent) -> bool,
        counts: impl Fn(&KnownEvent) -> bool,
    ) -> bool {
        let excuses = |event: &KnownEvent| self.index.is_named(&self.track.shape.not_required, event);
        let begun = self.begun(run);
        let may_close = |event: &KnownEvent| {
            !Ends::of(event).surely_before(begun) && (counts(event) || excuses(event)) && is_own(event)
        };
        self.cases.unlinked_ends.iter().any(|event| may_close(event))
            || self.around.processes.get(role, run.case.entity).is_some_and(|it| it.may_have_ended_by(counts))
    }

    fn unlinked_stops(&self) -> impl Iterator<Item = &'j KnownEvent> + '_ {
        let counts = self.track.shape.unlinked_stops == UnlinkedStops::CannotTell;
        self.cases.unlinked_stops.iter().copied().filter(move |_| counts)
    }

    /// Whether what shows that a clock was stopped, extends it or sets its last day may be of its process.
    fn may_be_set(&self, role: EntityRole, is_own: impl Fn(&KnownEvent) -> bool) -> bool {
        let setting = self.unlinked_setting.get_or_init(|| self.find_unlinked_setting(role));
        setting.iter().any(|event| is_own(event))
    }

    /// Whether an act extends a clock to a day that has passed, too.
    fn extends_to_the_past(&self, event: &KnownEvent) -> bool {
        let extension = self.track.shape.extension.iter().filter(|it| it.event.kind == event.kind());
        let mut new_ends = extension.filter_map(|it| it.new_end(&event.body));
        new_ends.next().is_some_and(|new_end| new_end < self.question.as_at)
    }

    /// Whether an act only shows that a clock was stopped.
    fn shows(&self, event: &KnownEvent) -> bool {
        self.index.is_named(&self.track.shape.shown_by, event)
    }

    /// What shows that a clock was stopped, extends it or sets its last day, and belongs to no process in a role that could be
    /// told.
    fn find_unlinked_setting(&self, role: EntityRole) -> Vec<&'j KnownEvent> {
        let shape = self.track.shape;
        let extension = shape.extension.iter().map(|it| &it.event);
        let due_by = shape.due_by.iter().flat_map(|it| &it.events);
        let matches = shape.shown_by.iter().chain(extension).chain(due_by).filter(|one| !one.of_child);
        let found = matches.flat_map(|one| self.index.matching(std::slice::from_ref(one)));
        let processes = self.around.processes;
        let is_named = |event: &KnownEvent| {
            event.entities.get(role).is_some() || processes.parent_of(event, role).is_some()
        };
        found.filter(|event| !is_named(event)).collect()
    }

    /// Whether what starts a clock only where it names no process in a role, as a referral without a contact, may be of one.
    fn may_not_be_without(&self, started_by: &KnownEvent) -> bool {
        let mut starts = self.track.shape.start.iter().filter(|one| one.kind == started_by.kind());
        starts
            .any(|one| one.without.is_some_and(|role| self.around.processes.has_candidate(started_by, role)))
    }

    /// Whether a link of a chain that begins with one occurrence may begin with another.
    fn may_not_be_first(&self, run: &Run<'_, 'j>, is_own: impl Fn(&KnownEvent) -> bool) -> bool {
        let begins_once =
            self.track.shape.chain.is_some_and(|chain| !chain.repeats || chain.from_occurrence > 1);
        let mut stops = self.unlinked_stops().filter(|_| begins_once);
        stops.any(|event| !run.start.surely_before(Ends::of(event)) && is_own(event))
    }
}
