//! The events of one process as one clock sees them.

use crate::events::EntityRole;
use crate::ids::EntityId;
use crate::journey::KnownEvent;

use super::compiled::{Compiled, Part, Subscription, Track};

/// Everything of one process that a clock asks for, each list in practice order.
#[derive(Debug)]
pub(super) struct Case<'j> {
    pub(super) entity: EntityId,
    /// By alternative of the rule's starts.
    pub(super) starts: Vec<Vec<&'j KnownEvent>>,
    pub(super) stops: Vec<&'j KnownEvent>,
    pub(super) not_applicable: Vec<&'j KnownEvent>,
    pub(super) not_required: Vec<&'j KnownEvent>,
    pub(super) ended_by: Vec<&'j KnownEvent>,
    pub(super) counted_from: Vec<&'j KnownEvent>,
    pub(super) extensions: Vec<&'j KnownEvent>,
    /// Processes in the role of `Track::through` that events of this process name.
    links: Vec<EntityId>,
}

/// A start that names no process of the clock and may be found through another one.
#[derive(Debug)]
struct Distant<'j> {
    alternative: usize,
    through: EntityId,
    event: &'j KnownEvent,
}

/// The cases of one clock, in the order in which their first event stands.
#[derive(Debug, Default)]
pub(super) struct Cases<'j> {
    pub(super) cases: Vec<Case<'j>>,
    /// Stops that name no process of the clock, in practice order.
    pub(super) unlinked_stops: Vec<&'j KnownEvent>,
    distant: Vec<Distant<'j>>,
}

/// Sorts the events to the clocks that listen to them. `events` are in practice order.
pub(super) fn gather<'j>(
    compiled: &Compiled<'_>,
    events: impl Iterator<Item = &'j KnownEvent>,
) -> Vec<Cases<'j>> {
    let mut all: Vec<Cases<'j>> = compiled.tracks.iter().map(|_| Cases::default()).collect();
    for event in events {
        for subscription in compiled.subscriptions(event.kind()) {
            let heard = subscription.matcher.conditions.iter().all(|condition| condition.holds(&event.body));
            if let Some((cases, track)) =
                all.get_mut(subscription.track).zip(compiled.tracks.get(subscription.track)).filter(|_| heard)
            {
                cases.hear(track, subscription, event);
            }
        }
    }
    all.iter_mut().for_each(Cases::find_distant_starts);
    all
}

impl<'j> Cases<'j> {
    fn hear(&mut self, track: &Track<'_>, subscription: &Subscription<'_>, event: &'j KnownEvent) {
        let linked = track.through.and_then(|role| event.entities.get(role));
        match (event.entities.get(track.shape.per), subscription.part) {
            (Some(entity), part) => {
                let case = self.case(entity, track.shape.start.len());
                case.links.extend(linked);
                case.add(part, event);
            }
            (None, Part::Start(alternative)) => {
                let through =
                    subscription.matcher.through.and_then(|role: EntityRole| event.entities.get(role));
                self.distant.extend(through.map(|through| Distant { alternative, through, event }));
            }
            (None, Part::Stop) => self.unlinked_stops.push(event),
            (
                None,
                Part::NotApplicable | Part::NotRequired | Part::EndedBy | Part::CountedFrom | Part::Extension,
            ) => {}
        }
    }

    /// The case of a process. A journey touches the same process again soon, so the search begins at the end.
    fn case(&mut self, entity: EntityId, alternatives: usize) -> &mut Case<'j> {
        let at = self.cases.iter().rposition(|case| case.entity == entity);
        let at = at.unwrap_or_else(|| {
            self.cases.push(Case::new(entity, alternatives));
            self.cases.len() - 1
        });
        self.cases.get_mut(at).expect("the place was just found or filled")
    }

    fn find_distant_starts(&mut self) {
        for distant in &self.distant {
            let linked = self.cases.iter_mut().filter(|case| case.links.contains(&distant.through));
            linked.for_each(|case| case.add(Part::Start(distant.alternative), distant.event));
        }
    }
}

impl<'j> Case<'j> {
    fn new(entity: EntityId, alternatives: usize) -> Self {
        Self {
            entity,
            starts: vec![Vec::new(); alternatives],
            stops: Vec::new(),
            not_applicable: Vec::new(),
            not_required: Vec::new(),
            ended_by: Vec::new(),
            counted_from: Vec::new(),
            extensions: Vec::new(),
            links: Vec::new(),
        }
    }

    fn add(&mut self, part: Part, event: &'j KnownEvent) {
        let list = match part {
            Part::Start(alternative) => match self.starts.get_mut(alternative) {
                Some(list) => list,
                None => return,
            },
            Part::Stop => &mut self.stops,
            Part::NotApplicable => &mut self.not_applicable,
            Part::NotRequired => &mut self.not_required,
            Part::EndedBy => &mut self.ended_by,
            Part::CountedFrom => &mut self.counted_from,
            Part::Extension => &mut self.extensions,
        };
        list.push(event);
    }

    /// The first alternative that the record holds; empty where it holds none.
    pub(super) fn start(&self) -> &[&'j KnownEvent] {
        self.starts.iter().find(|events| !events.is_empty()).map_or(&[], Vec::as_slice)
    }
}
