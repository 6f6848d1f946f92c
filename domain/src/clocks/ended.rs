//! What the table of endings does to the clocks of a rule.
//!
//! Invariant: a clock closes on the day on which [`crate::processes`] says that its process is over, whatever its rule.

use crate::processes::{End, Processes};
use crate::rules::{Effect, Ending, Subject};

use super::case::{Case, Cases, Stop};
use super::compiled::{Part, Track};
use super::ends::Ends;
use super::over::Over;

/// The processes of a journey, as the clocks of rules see their ends.
pub(super) struct Ended<'a, 'j> {
    pub(super) processes: &'a Processes<'j>,
}

impl<'j> Cases<'j> {
    /// Gives each case what the table ends it by.
    pub(super) fn end(&mut self, track: &Track<'_>, ended: &Ended<'_, 'j>) {
        let readings = self.readings.iter_mut().map(|reading| &mut reading.case);
        for case in self.cases.iter_mut().chain(readings) {
            let found = ended.of_case(track, case);
            (case.ended, case.over) = found;
        }
    }
}

impl<'j> Ended<'_, 'j> {
    /// The events that end a case, with what each of them does to its clock, and when nothing of it can begin any more. What
    /// may have ended it leaves open whether something can.
    fn of_case(&self, track: &Track<'_>, case: &Case<'j>) -> (Vec<(Part, Stop<'j>)>, Vec<Over<'j>>) {
        let shape = track.shape;
        let part = |end: &End<'j>| {
            let line = end.line?;
            let part = match (track.effect(line)?, end.before_it_began) {
                (Effect::NotRequired, _) => Part::NotRequired,
                (Effect::Stops, _) => Part::Stop,
                (Effect::Closes, true) if line.lasting => Part::NotApplicable,
                // Whether it closes a clock that began before it is judged with the clock.
                (Effect::Closes, _) => Part::EndedBy,
            };
            Some((part, Stop::new(end.event, end.sure)))
        };
        let own = match shape.per {
            Subject::Process(role) => self.processes.get(role, case.entity).map(|process| process.ends()),
            Subject::Child | Subject::Event => None,
        };
        let own = own.unwrap_or_default();
        let adrift = self.of_adrift(shape.per, case);
        let own = if adrift.is_empty() { own } else { &adrift };
        let of_role = own.iter().filter_map(part);
        let closes = |line: &&Ending| track.effect(line) == Some(Effect::Closes);
        let own_over = own.iter().filter(|end| end.sure && !end.before_it_began).filter_map(|end| {
            end.line.as_ref().copied().filter(closes).map(|line| Over::new(end.event, line, None))
        });
        if !track.is_named_by_any() {
            return (of_role.collect(), own_over.collect());
        }
        // What names the rule and says nothing of processes in its role ends its clocks as it does those of the child.
        let apart = |line: &Ending| match shape.per {
            Subject::Process(role) => line.within != Some(role) && !line.ends_role(role),
            Subject::Child | Subject::Event => true,
        };
        let named = || self.processes.of_line(|line| track.is_named_by(line) && apart(line));
        let over = named().filter(|end| end.sure && self.is_about(shape.per, case, end)).filter_map(|end| {
            let line = end.line.filter(closes)?;
            let again = self.processes.begun_again(line, end.event).map(Ends::of);
            Some(Over::new(end.event, line, again))
        });
        let over = own_over.chain(over).collect();
        let seen = named().filter_map(|end| self.seen_by(shape.per, case, end));
        (of_role.chain(seen.filter_map(|end| part(&end))).collect(), over)
    }

    /// What ends a case of a start that names no process.
    fn of_adrift(&self, per: Subject, case: &Case<'j>) -> Vec<End<'j>> {
        let (Some(adrift), Some(role)) = (&case.adrift, per.role()) else { return Vec::new() };
        let Some(began) = Ends::of_first(case.start()) else { return Vec::new() };
        let ends = adrift.ends(role, self.processes).into_iter();
        let ends = ends.map(|end| End { before_it_began: Ends::of(end.event).surely_before(began), ..end });
        ends.filter(|end| !end.before_it_began || end.line.is_some_and(|line| line.lasting)).collect()
    }

    /// Whether an ending of a rule's clocks reaches a case: a dispute of one period of care says nothing of the next.
    fn is_about(&self, per: Subject, case: &Case<'j>, end: &End<'j>) -> bool {
        let (Subject::Process(_), Some(role)) = (per, end.line.and_then(|line| line.within)) else {
            return true;
        };
        let entity = end.event.entities.get(role);
        let Some(around) = entity.and_then(|entity| self.processes.get(role, entity)) else { return false };
        let began = Ends::of_first(case.start());
        !around.opened.is_some_and(|opened| began.is_some_and(|began| began.surely_before(Ends::of(opened))))
    }

    /// An ending of a rule's clocks as one case sees it: nothing where the case began later and could begin again, or before
    /// the process that ended.
    fn seen_by(&self, per: Subject, case: &Case<'j>, end: End<'j>) -> Option<End<'j>> {
        let began = Ends::of_first(case.start()).filter(|_| self.is_about(per, case, &end))?;
        let before = Ends::of(end.event).surely_before(began);
        let lasting = end.line.is_some_and(|line| line.lasting);
        (!before || lasting).then_some(End { before_it_began: before, ..end })
    }
}
