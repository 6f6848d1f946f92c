//! The clocks of the rules that a rule follows: before later reviews the second one is due, and before that the first.

use crate::ids::EntityId;
use crate::journey::KnownEvent;

use super::Clock;
use super::case::Case;
use super::compiled::Track;
use super::ends::Ends;
use super::judge::Judge;
use super::judged::Judged;

impl<'b, 'j> Judge<'_, 'b, 'j> {
    /// The clocks of the rules that go before this one, of a process; where it is asked about from a change on, from then.
    pub(super) fn before_it(&self, entity: EntityId, change: Option<&'j KnownEvent>) -> Vec<Clock<'b>> {
        let around = self.around;
        let mut judged = Judged::with_capacity(1, 1);
        let mut rule = self.track.rule;
        while let Some(earlier) = &rule.follows {
            let of_rule =
                |track: &Track<'_>| track.rule.id == *earlier && track.shape.per == self.track.shape.per;
            let mut before = None;
            for (track, cases) in around.tracks.iter().zip(around.cases).filter(|(track, _)| of_rule(track)) {
                before = Some(track.rule);
                let judge = Judge::new(track, cases, around);
                let own = cases.cases.iter().filter(|case| case.entity == entity);
                own.for_each(|case| match change {
                    Some(change) => judge.clocks(&judge.since_change(case, change), &mut judged),
                    None => judge.clocks(case, &mut judged),
                });
            }
            let Some(before) = before else { break };
            rule = before;
        }
        judged.clocks
    }

    /// A case as it is where its process began with a change.
    fn since_change(&self, case: &Case<'j>, change: &'j KnownEvent) -> Case<'j> {
        let is_before = |event: &KnownEvent| Ends::of(event).surely_before(Ends::of(change));
        let mut case = case.clone();
        if self.track.shape.chain.is_none() {
            case.start_with(case.alternative(), change);
        }
        if !case.counted_from.is_empty() {
            case.counted_from = vec![change];
        }
        case.stops.retain(|stop| !is_before(stop.event));
        case.not_applicable.retain(|event| !self.is_of_series(event));
        case
    }
}
