//! What a family's and a set's own figures rest on: its stream, and what only its members' streams say.
//!
//! A lead professional may be recorded for the household, for each child, or for one of them; it is one family's. Acts of
//! children without a household are each a family of their own; children of whom one act was recorded together are one
//! family with all that was recorded of them, and with a household of which the act is one too. Sets that have no stream are known by the process that their children's applications name.
//!
//! Where every member has ended (died, come of age, been adopted), so has what the family or the set did for them: the
//! ending of the last one is the group's, also where it has no stream. Whoever left before is no member; of whom nothing is
//! known keeps no group open.
//!
//! Memory: the acts of children that are asked about, what ended each member, and nothing else of the children.

use std::collections::{BTreeMap, BTreeSet};

use crate::envelope::Category;
use crate::events::{EntityRole, Kind, Stage};
use crate::ids::{EntityId, EventId, StreamId};
use crate::processes::MemberEnds;
use crate::rules::Endings;

use super::super::{MembersEnded, RecordedKinds};
use super::{Copies, Group, Groups, Journey, KnownEvent, same_act};

/// Acts of children that figures of families or of sets ask about.
#[derive(Clone, Debug)]
pub struct Acts {
    category: Category,
    asked: RecordedKinds,
    held: BTreeMap<Whose, Vec<KnownEvent>>,
    ends: MemberEnds,
    /// What ended each of the members; `None` of one whom nothing did.
    ended: BTreeMap<Whose, BTreeMap<StreamId, Option<MembersEnded>>>,
}

/// To whom an act of a child belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    /// The group with this stream.
    Group(StreamId),
    /// A set without a stream.
    Set(EntityId),
    /// Nobody but the child.
    Alone(StreamId),
}

impl Acts {
    /// None yet. `asked` are the kinds that the figures of the category ask about, `endings` say what ends a member.
    #[must_use]
    pub fn of(category: Category, asked: RecordedKinds, endings: &'static Endings) -> Self {
        let ended = |role| {
            let ends = |kind: &Kind| asked.contains(*kind) && kind.stage() == Stage::Ends;
            Kind::ALL.iter().filter(|kind| ends(kind)).any(|kind| kind.own_role() == role)
        };
        let begins = |kind: &Kind| kind.stage() == Stage::Opens && ended(kind.own_role());
        let begun: RecordedKinds = Kind::ALL.iter().copied().filter(begins).collect();
        let ends = MemberEnds::of(endings);
        Self { category, asked: asked.and(begun), held: BTreeMap::new(), ends, ended: BTreeMap::new() }
    }

    /// Takes the acts that a child's own stream holds.
    pub fn take(&mut self, child: StreamId, journey: &Journey, groups: &Groups) {
        self.take_end(child, journey, groups);
        let own = |event: &&KnownEvent| event.stream == child && self.asked.contains(event.kind());
        let mut own = journey.events.iter().filter(own).peekable();
        if own.peek().is_none() {
            return;
        }
        let of_child: Vec<&Group> = groups.of_child(child, journey).collect();
        let households = of_child.iter().filter(|group| group.category == self.category);
        let spans: Vec<(StreamId, Vec<_>)> =
            households.map(|group| (group.stream, group.spans_of(child, journey))).collect();
        let mut found: Vec<(Whose, KnownEvent)> = Vec::new();
        let sets = sets_of_applications(journey);
        for event in own {
            let within = spans.iter().find(|(_, spans)| spans.iter().any(|span| span.holds(&event.occurred)));
            let whose = match self.category {
                Category::Proceedings => set_of(event, &sets, groups),
                Category::Household => within.map(|(stream, _)| Whose::Group(*stream)),
                Category::Child
                | Category::Adopter
                | Category::Worker
                | Category::Authority
                | Category::System => None,
            };
            found.push((whose.unwrap_or(Whose::Alone(child)), event.clone()));
        }
        if found.iter().any(|(whose, _)| !matches!(whose, Whose::Group(_))) {
            let end = self.ends.end_of(journey);
            for whose in found.iter().map(|(whose, _)| *whose) {
                if !matches!(whose, Whose::Group(_)) {
                    self.ended.entry(whose).or_default().insert(child, end.clone());
                }
            }
        }
        found.into_iter().for_each(|(whose, event)| self.held.entry(whose).or_default().push(event));
    }

    /// Takes what ended a member of the groups to which the child belongs still.
    fn take_end(&mut self, child: StreamId, journey: &Journey, groups: &Groups) {
        let named = groups.by_member.get(&child).into_iter().flatten();
        let of_category =
            named.filter_map(|at| groups.groups.get(*at)).filter(|it| it.category == self.category);
        let mut mine = of_category.filter(|group| group.is_member_still(child, journey)).peekable();
        if mine.peek().is_none() {
            return;
        }
        let end = self.ends.end_of(journey);
        mine.for_each(|group| {
            self.ended.entry(Whose::Group(group.stream)).or_default().insert(child, end.clone());
        });
    }

    /// Takes over another part.
    pub fn merge(&mut self, other: Self) {
        for (group, ended) in other.ended {
            self.ended.entry(group).or_default().extend(ended);
        }
        for (whose, events) in other.held {
            self.held.entry(whose).or_default().extend(events);
        }
    }

    /// Every family or every set with what is known of it. One without a stream goes by the stream of its first child.
    #[must_use]
    pub fn journeys(mut self, groups: &Groups) -> Vec<(StreamId, Journey)> {
        if self.category == Category::Household {
            self.join_families(groups);
        }
        let mut all = Vec::new();
        for group in groups.iter().filter(|group| group.category == self.category) {
            let whose = Whose::Group(group.stream);
            let events = self.held.remove(&whose).unwrap_or_default();
            let set = if group.sets.len() == 1 { group.sets.first().copied() } else { None };
            let mut journey = whole(group.journey.clone(), events, set);
            journey.members_ended = self.ended.remove(&whose).and_then(last_end);
            all.push((group.stream, journey));
        }
        all.extend(self.without_streams().into_iter().map(Streamless::journey));
        all
    }

    /// Puts together whose acts are one family's: children whom no household names, by an act that was recorded of several of
    /// them, and with a household, by an act of it.
    fn join_families(&mut self, groups: &Groups) {
        let (mut seen, mut owners) = (Copies::default(), BTreeMap::<EventId, Whose>::new());
        for group in groups.iter().filter(|group| group.category == self.category) {
            let acts = group.journey.events.iter().filter(|event| self.asked.contains(event.kind()));
            for event in acts {
                seen.hold(event);
                owners.insert(event.event_id, Whose::Group(group.stream));
            }
        }
        let mut families = Families::default();
        for (whose, events) in &self.held {
            for event in events {
                let copies = seen.of(event).filter_map(|copy| owners.get(&copy.event_id));
                copies.for_each(|other| families.join(*whose, *other));
                seen.hold(event);
                owners.insert(event.event_id, *whose);
            }
        }
        for (whose, events) in std::mem::take(&mut self.held) {
            self.held.entry(families.of(whose)).or_default().extend(events);
        }
        for (whose, ended) in std::mem::take(&mut self.ended) {
            self.ended.entry(families.of(whose)).or_default().extend(ended);
        }
    }

    /// The families and sets that only their members' streams tell of; copies of one act are one of them.
    fn without_streams(mut self) -> Vec<Streamless> {
        let mut all: Vec<Streamless> = Vec::new();
        let (mut seen, mut places) = (Copies::default(), BTreeMap::<EventId, usize>::new());
        for (whose, events) in self.held {
            let Some(child) = events.iter().map(|event| event.stream).min() else { continue };
            let ended = self.ended.remove(&whose).unwrap_or_default();
            let mut own = Vec::new();
            for event in events {
                let place: Option<&usize> = seen.of(&event).next().and_then(|act| places.get(&act.event_id));
                match place.copied().and_then(|place| all.get_mut(place)) {
                    None => own.push(event),
                    // Another child's copy: whoever is in it is one of the family.
                    Some(family) => family.ended.extend(ended.clone()),
                }
            }
            if own.is_empty() {
                continue;
            }
            for event in &own {
                seen.hold(event);
                places.insert(event.event_id, all.len());
            }
            all.push(Streamless { whose, child, events: own, ended });
        }
        all
    }
}

/// Who belongs to one family: each but the first of a family with another one of it.
#[derive(Default)]
struct Families(BTreeMap<Whose, Whose>);

impl Families {
    /// The first of the family, which is a household where one belongs to it.
    fn of(&self, mut one: Whose) -> Whose {
        while let Some(other) = self.0.get(&one) {
            one = *other;
        }
        one
    }

    /// Two households stay two.
    fn join(&mut self, one: Whose, other: Whose) {
        let (one, other) = (self.of(one), self.of(other));
        let are_households = matches!((one, other), (Whose::Group(_), Whose::Group(_)));
        if one != other && !are_households {
            self.0.insert(one.max(other), one.min(other));
        }
    }
}

/// A family or a set without a stream of its own.
struct Streamless {
    whose: Whose,
    /// Its first child, by whose stream it goes.
    child: StreamId,
    events: Vec<KnownEvent>,
    /// What ended each of its children.
    ended: BTreeMap<StreamId, Option<MembersEnded>>,
}

impl Streamless {
    fn journey(self) -> (StreamId, Journey) {
        let set = match self.whose {
            Whose::Set(set) => Some(set),
            Whose::Group(_) | Whose::Alone(_) => None,
        };
        let mut journey = whole(Journey::default(), self.events, set);
        journey.members_ended = last_end(self.ended);
        (self.child, journey)
    }
}

/// What ended the last of some members; `None` where one has not ended.
fn last_end(members: BTreeMap<StreamId, Option<MembersEnded>>) -> Option<MembersEnded> {
    let all: Option<Vec<MembersEnded>> = members.into_values().collect();
    all?.into_iter().max_by_key(|end| end.event.occurred.latest_day())
}

/// The set of each application that a child's events name beside it: an order mostly names its application only.
fn sets_of_applications(journey: &Journey) -> BTreeMap<EntityId, EntityId> {
    let both = |event: &KnownEvent| {
        Some((event.entities.get(EntityRole::Application)?, event.entities.get(EntityRole::Proceedings)?))
    };
    journey.events.iter().filter_map(both).collect()
}

/// The set to which an act belongs: by its process, else by its application.
fn set_of(event: &KnownEvent, sets: &BTreeMap<EntityId, EntityId>, groups: &Groups) -> Option<Whose> {
    let application = event.entities.get(EntityRole::Application);
    let named = application.and_then(|application| sets.get(&application)).copied();
    let set = event.entities.get(EntityRole::Proceedings).or(named);
    let stream = set.and_then(|set| groups.by_set.get(&set)).and_then(|at| groups.groups.get(*at));
    stream.map(|group| Whose::Group(group.stream)).or_else(|| set.or(application).map(Whose::Set))
}

/// A group's journey with its members' acts, one act once.
fn whole(mut journey: Journey, members: Vec<KnownEvent>, set: Option<EntityId>) -> Journey {
    let mut by_child: BTreeMap<StreamId, Vec<KnownEvent>> = BTreeMap::new();
    members.into_iter().for_each(|event| by_child.entry(event.stream).or_default().push(event));
    let mut events = std::mem::take(&mut journey.events);
    events.append(&mut journey.withdrawn);
    for (_, own) in by_child {
        let copies: Vec<&KnownEvent> = own.iter().collect();
        let known: BTreeSet<usize> =
            same_act::pairs(&events, &copies, |_| true).into_iter().map(|(_, copy)| copy).collect();
        let new = own.into_iter().enumerate().filter(|(at, _)| !known.contains(at));
        events.extend(new.map(|(_, event)| event));
    }
    if let Some(set) = set {
        let unnamed = |event: &&mut KnownEvent| event.entities.get(EntityRole::Proceedings).is_none();
        events.iter_mut().filter(unnamed).for_each(|it| it.entities.insert(EntityRole::Proceedings, set));
    }
    let early: BTreeSet<_> =
        events.iter().filter(|end| is_not_the_last(end, &events)).map(|it| it.event_id).collect();
    events.retain(|event| !early.contains(&event.event_id));
    journey.last_position = events.iter().map(|event| event.position).max().max(journey.last_position);
    journey.set_events(events);
    journey
}

/// Whether an event ends one child's process while another's of the same role still runs: for the group nothing has ended.
fn is_not_the_last(end: &KnownEvent, events: &[KnownEvent]) -> bool {
    let kind = end.kind();
    let Some(ended) = end.own_entity() else { return false };
    let Some(role) = kind.own_role().filter(|_| kind.stage() == Stage::Ends) else { return false };
    let of_role = |event: &&KnownEvent| event.kind().own_role() == Some(role) && !event.is_withdrawn();
    let starts = events.iter().filter(of_role).filter(|event| event.kind().stage() == Stage::Opens);
    let mut others = starts.filter(|start| start.own_entity().is_some_and(|id| id != ended));
    others.any(|start| {
        let begun = start.occurred.earliest_day() <= end.occurred.latest_day();
        let over = |event: &KnownEvent| {
            event.kind().stage() == Stage::Ends
                && event.own_entity() == start.own_entity()
                && event.occurred.latest_day() <= end.occurred.latest_day()
        };
        begun && !events.iter().filter(of_role).any(over)
    })
}
