//! What of the table has happened in a journey.

use std::collections::BTreeSet;

use crate::events::{EntityRole, Stage};
use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::rules::{Ending, Endings, Ends, EventMatch, Standing};

use super::parents::Belongs;
use super::{DerivedEvent, Process, Processes, surely_earlier_day};

/// A line of the table and the event by which it happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happened<'j> {
    pub(super) line: &'j Ending,
    /// Dated to the day on which it takes effect.
    pub(super) event: &'j KnownEvent,
    /// The event as it was recorded, before any delay: what ran then is what it may be about.
    pub(super) cause: &'j KnownEvent,
    /// Whether it stands for all that is known. What undoes it may be of another process, and then leaves it open.
    pub(super) sure: bool,
}

impl<'j> Happened<'j> {
    /// Whether it does anything to processes in this role, or to their clocks.
    pub(super) fn concerns(&self, role: EntityRole) -> bool {
        self.line.ends_role(role) || (self.line.within == Some(role) && !self.line.not_required.is_empty())
    }

    /// The roles of the processes to which, or to the clocks of which, it does something; each once.
    pub(super) fn roles(&self) -> impl Iterator<Item = EntityRole> + use<'j> {
        let line = self.line;
        let ended = line.ends.iter().filter_map(|ends| match ends {
            Ends::Process(role) => Some(*role),
            Ends::Support(_) => None,
        });
        let within = line.within.filter(|role| !line.not_required.is_empty() && !line.ends_role(*role));
        ended.chain(within)
    }

    /// Whether it reaches no other process than the one that its event names.
    pub(super) fn is_about_its_own_process(&self) -> bool {
        let own = self.line.within.map(Ends::Process);
        self.line.ends.iter().all(|ends| Some(*ends) == own || matches!(ends, Ends::Support(_)))
    }

    /// Whether its event names its own process, so far as it has one.
    pub(super) fn is_named(&self) -> bool {
        let own = self.event.kind().own_role();
        own.is_none_or(|own| self.event.entities.get(own).is_some())
    }

    /// Whether it lies before the process began; `None` where it then does not reach it. What is found not to be required
    /// is not, whatever day the finding bears; and an end of the process itself is kept for clocks that began before it.
    pub(super) fn reaches(&self, process: &Process<'j>) -> Option<bool> {
        let before = surely_earlier_day(self.event, process.began());
        let line = self.line;
        let is_next =
            self.event.kind().stage() == Stage::Opens && self.event.kind().own_role() == Some(process.role);
        // What begins a process ends those before it, and neither itself nor another of the same day.
        // Stated again, it ends itself as little as before; only a day that it states can.
        let at_once = line.on_day.is_none() && line.after.is_none();
        let is_own = at_once && self.event.entities.get(process.role) == Some(process.entity);
        if is_next && (is_own || !surely_earlier_day(process.began(), self.event)) {
            return None;
        }
        let began_so = |opened: &KnownEvent| line.begun_with.iter().any(|one| one.matches(&opened.body));
        if !line.begun_with.is_empty() && !process.opened.is_some_and(began_so) {
            return None;
        }
        let whenever = line.lasting || !line.not_required.is_empty() || self.is_about_its_own_process();
        (whenever || !before).then_some(before)
    }
}

/// What has happened, by order of the events and then of birthdays.
pub(super) fn happened<'j>(
    events: &[&'j KnownEvent],
    derived: &'j [DerivedEvent],
    endings: &'j Endings,
    processes: &Processes<'j>,
) -> Vec<Happened<'j>> {
    let mut all = Vec::new();
    for (place, event) in events.iter().copied().enumerate() {
        for line in endings.of_kind(event.kind()).filter(|line| line.after.is_none() && line.on_day.is_none())
        {
            let stands = || stands(line, event, Some(place), events, processes);
            if let Some(sure) = line.is_caused_by(event).then(stands).flatten() {
                all.push(Happened { line, event, cause: event, sure });
            }
        }
    }
    for one in derived {
        let Some(line) = endings.lines().get(one.line) else { continue };
        let cause = one.from.and_then(|from| events.get(from)).copied().unwrap_or(&one.event);
        if let Some(sure) = stands(line, cause, one.from, events, processes) {
            all.push(Happened { line, event: &one.event, cause, sure });
        }
    }
    all
}

/// Whether the latest event of the kinds that a standing names, up to the day of the cause, makes it so.
fn is_so(standing: &Standing, cause: &KnownEvent, events: &[&KnownEvent]) -> bool {
    let asked = |event: &&&KnownEvent| {
        standing.0.iter().any(|one| one.kind == event.kind()) && !surely_earlier_day(cause, event)
    };
    events.iter().rev().find(asked).is_some_and(|event| standing.holds(&event.body))
}

/// Whether it stands for certain; `None` where something excepts or undoes it. `cause` is the event before any delay, `place`
/// where it stands.
fn stands(
    line: &Ending,
    cause: &KnownEvent,
    place: Option<usize>,
    events: &[&KnownEvent],
    processes: &Processes<'_>,
) -> Option<bool> {
    let runs = |role: EntityRole| processes.in_role(role).any(|process| process.is_running_at(cause));
    // What begins on the day of the cause runs beside it, whichever the usual order of the two is.
    let runs_that_day = |role: EntityRole| {
        let begins_with = |process: &Process<'_>| {
            process
                .opened
                .is_some_and(|opened| cause.is_surely_before(opened) && !surely_earlier_day(cause, opened))
        };
        runs(role) || processes.in_role(role).any(begins_with)
    };
    let is = |matches: &[EventMatch], event: &KnownEvent| matches.iter().any(|one| one.matches(&event.body));
    let undoes = |(at, event): (usize, &KnownEvent)| {
        let later = match place {
            Some(place) => at > place,
            None => !surely_earlier_day(event, cause),
        };
        if later && is(&line.undone_by, event) {
            of_one_process(line, cause, event, processes)
        } else {
            Belongs::No
        }
    };
    let undone = match line.undone_by.as_slice() {
        [] => Belongs::No,
        _ => events.iter().copied().enumerate().map(undoes).max().unwrap_or(Belongs::No),
    };
    let stands = undone != Belongs::Surely
        && line.while_running.is_none_or(runs)
        && !line.unless_running.iter().any(|role| runs_that_day(*role))
        && !line.unless.as_ref().is_some_and(|standing| is_so(standing, cause, events));
    stands.then_some(undone == Belongs::No)
}

/// Whether an act that undoes another is of the same process. Of two that name none, it is where the same ones ran when each
/// of them was done, and it is not where another began in between.
fn of_one_process(
    line: &Ending,
    cause: &KnownEvent,
    undoing: &KnownEvent,
    processes: &Processes<'_>,
) -> Belongs {
    let Some(role) = line.within else { return Belongs::Surely };
    let named = |event: &KnownEvent| processes.named_by(event, role);
    let ran = |event: &KnownEvent| -> BTreeSet<EntityId> {
        processes.open_to(role, event).map(|process| process.entity).collect()
    };
    match (named(cause), named(undoing)) {
        (None, None) => {
            let (then, later) = (ran(cause), ran(undoing));
            let is_known = !then.is_empty() && !later.is_empty();
            // What began since is what the later act is about: the one before it was decided then.
            let began_since = !line.decided_anew && later.difference(&then).next().is_some();
            match then.intersection(&later).count() {
                0 => Belongs::of(!is_known),
                _ if began_since => Belongs::No,
                shared if shared == then.len() && shared == later.len() => Belongs::Surely,
                _ => Belongs::Perhaps,
            }
        }
        (of_cause, of_undoing) => Belongs::of(of_cause == of_undoing),
    }
}
