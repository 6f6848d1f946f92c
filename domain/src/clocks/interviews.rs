//! What a source says of the interview after the last missing episode, read as the acts that it tells of.
//!
//! `return_interview_recorded` states whether an interview was offered and accepted. Rules ask about `rhi_offered`,
//! `rhi_accepted` and `rhi_refused`. Each of them is of the episode that the child returned from last by then; where two
//! can be that one, of none that could be told.
//!
//! What it does not do: it says nothing of an interview that was held, and changes no journey.

use crate::events::missing::{RhiAccepted, RhiOffered, RhiRefused};
use crate::events::{Body, EntityRole, Kind};
use crate::ids::EntityId;
use crate::journey::{KnownEvent, put_in_order};

use super::ends::Ends;

/// The acts that a journey's statements tell of, in practice order.
#[derive(Debug, Default)]
pub(super) struct Interviews(Vec<KnownEvent>);

impl Interviews {
    /// Finds them among events in practice order.
    pub(super) fn of(events: &[&KnownEvent]) -> Self {
        let mut told = Vec::new();
        for event in events {
            let Body::ReturnInterviewRecorded(recorded) = &event.body else { continue };
            let offered = recorded.offered == Some(true) || recorded.accepted == Some(true);
            let refused = recorded.accepted == Some(false) && recorded.offered != Some(false);
            let acts: [Option<Body>; 3] = [
                offered.then(|| RhiOffered {}.into()),
                (recorded.accepted == Some(true)).then(|| RhiAccepted {}.into()),
                refused.then(|| RhiRefused { fallback: None }.into()),
            ];
            let episode = last_episode(event, events);
            told.extend(acts.into_iter().flatten().map(|body| {
                let mut act = KnownEvent { body, ..(*event).clone() };
                episode.into_iter().for_each(|it| act.entities.insert(EntityRole::MissingEpisode, it));
                act
            }));
        }
        Self(told)
    }

    /// The events as rules read them.
    pub(super) fn read<'j>(&'j self, mut events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        put_in_order(&mut events, &self.0);
        events
    }
}

/// The episode that the child returned from last by the day of a statement.
fn last_episode(stated: &KnownEvent, events: &[&KnownEvent]) -> Option<EntityId> {
    let returned = |event: &&&KnownEvent| {
        event.kind() == Kind::FoundOrReturned && !Ends::of(stated).surely_before(Ends::of(event))
    };
    let mut last_first = events.iter().filter(returned).rev();
    let last = last_first.next()?;
    let is_rival = |other: &&KnownEvent| {
        !Ends::of(other).surely_before(Ends::of(last)) && other.own_entity() != last.own_entity()
    };
    last.own_entity().filter(|_| !last_first.any(is_rival))
}
