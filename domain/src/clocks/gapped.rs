//! A chain that begins at a later occurrence, in a history that holds fewer of them than that: a list gives the latest review
//! alone, which may be the first or the tenth.
//!
//! What follows the last one held is overdue where it is by this rule and by the one before it: whichever of the two asks for
//! it. Where only one of them is, nothing is said, and the clock of the rule before stays `history_incomplete`.

use crate::rules::Chain;

use super::case::Case;
use super::judge::Judge;
use super::judged::Judged;
use super::whichever::of_both;
use super::{Clock, State, Why};

impl<'b, 'j> Judge<'_, 'b, 'j> {
    /// Adds the clock of what follows the last occurrence that is held, where earlier ones may be missing.
    pub(super) fn link_behind_a_gap(&self, case: &Case<'j>, chain: Chain, to: &mut Judged<'b, 'j>) {
        let begins_here = chain.repeats && case.stops.len() < chain.from_occurrence;
        let Some(last) = case.stops.last().filter(|last| begins_here && last.sure) else { return };
        let mut judged = Judged::with_capacity(1, 1);
        self.link((case, case.stops.len()), last, Vec::new(), &mut judged);
        let own = judged.clocks.pop().zip(judged.acts.pop());
        let Some((own, acts)) = own.filter(|(own, _)| is_breach(own)) else { return };
        let before = self.before_it(case.entity, None).into_iter().find(|other| {
            let is_of_last = other.start.event_id == own.start.event_id && other.stop.is_none();
            let is_over = other.due_latest.is_some() && other.due_latest <= own.due_latest;
            other.state == State::HistoryIncomplete && is_of_last && is_over
        });
        if let Some(other) = before {
            let state = own.state;
            to.add(Clock { state, ..of_both(own, &other, Why::VersionNotSettled) }, acts);
        }
    }
}

/// Whether the last day passed without the act.
fn is_breach(clock: &Clock<'_>) -> bool {
    matches!(clock.state, State::Overdue | State::Late) && clock.stop.is_none()
}
