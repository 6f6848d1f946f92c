//! Which events each clock hears.
//!
//! Many rules ask the same of an event, and most rules nothing that a journey holds: each question is answered once for
//! each event, and rules that nothing starts are not told of any.

use crate::events::EntityRole;
use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::processes::Processes;
use crate::rules::EventMatch;

use super::case::{Cases, Stop};
use super::compiled::{Compiled, Listeners, Part, Subscription};
use super::index::Index;

/// Whether an event is what a rule asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    No,
    /// It does not state the fact that is asked for.
    Perhaps,
    Surely,
}

impl Heard {
    fn of(question: &EventMatch, event: &KnownEvent, index: &Index<'_>) -> Self {
        let holds = question.holds(&event.body);
        if !(holds || question.may_hold(&event.body)) || !index.fits(question, event) {
            Self::No
        } else if holds {
            Self::Surely
        } else {
            Self::Perhaps
        }
    }

    /// Whether it is heard, as a part of the rule that may or may not take what is not stated.
    fn is_for(self, part: Part) -> bool {
        self == Self::Surely || (self == Self::Perhaps && part == Part::Stop)
    }
}

/// Tells the clocks, one list of cases for each track, of every event to which they listen, in practice order.
pub(super) fn hear_all<'j>(
    compiled: &Compiled<'_>,
    index: &Index<'j>,
    processes: &Processes<'j>,
    all: &mut [Cases<'j>],
) {
    let may_start: Vec<bool> =
        compiled.tracks.iter().map(|track| track.may_start(|matches| index.has_any(matches))).collect();
    let mut by_kind: Vec<Option<Vec<Subscription<'_>>>> = Vec::new();
    let mut answers: Vec<Option<Heard>> = Vec::new();
    let mut parents = Parents::default();
    for event in index.events.iter().copied() {
        let kind = event.kind() as usize;
        let Some(listeners) = compiled.listeners(event.kind()) else { continue };
        if by_kind.len() <= kind {
            by_kind.resize_with(kind + 1, || None);
        }
        let Some(subscriptions) =
            by_kind.get_mut(kind).map(|held| held.get_or_insert_with(|| of_started(listeners, &may_start)))
        else {
            continue;
        };
        answers.clear();
        answers.resize(listeners.questions.len(), None);
        parents.clear();
        for subscription in subscriptions.iter() {
            let answer =
                answers.get_mut(subscription.question).zip(listeners.questions.get(subscription.question));
            let Some((answer, question)) = answer else { continue };
            let heard = *answer.get_or_insert_with(|| Heard::of(question, event, index));
            let to = all.get_mut(subscription.track).zip(compiled.tracks.get(subscription.track));
            let Some((cases, track)) = to.filter(|_| heard.is_for(subscription.part)) else { continue };
            let stop = Stop::new(event, heard == Heard::Surely);
            cases.hear(track, subscription, stop, |role| parents.of(event, role, processes));
        }
    }
}

/// The processes to which one event belongs without naming them, each found once.
#[derive(Default)]
struct Parents(Vec<(EntityRole, Option<EntityId>)>);

impl Parents {
    fn clear(&mut self) {
        self.0.clear();
    }

    fn of(&mut self, event: &KnownEvent, role: EntityRole, processes: &Processes<'_>) -> Option<EntityId> {
        if let Some((_, held)) = self.0.iter().find(|(of, _)| *of == role) {
            return *held;
        }
        let found = processes.parent_of(event, role);
        self.0.push((role, found));
        found
    }
}

/// Who listens on behalf of a rule that something starts.
fn of_started<'b>(listeners: &Listeners<'b>, may_start: &[bool]) -> Vec<Subscription<'b>> {
    let of_started = |it: &&Subscription<'_>| may_start.get(it.track).is_some_and(|may| *may);
    listeners.subscriptions.iter().filter(of_started).copied().collect()
}
