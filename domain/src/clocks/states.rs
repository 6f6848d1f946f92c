//! What a later event says of a placement or of a legal status, read once for every rule, ending and figure.
//!
//! A state may be told by the event with which something began, or by one that changes it: `episode_changed`,
//! `placement_changed`, an order of the court. Rules ask about beginnings and about `legal_status_changed` only. So each
//! change is read as what these would state from that day on:
//!
//! - A legal status, also that which an order gives: `legal_status_changed`.
//! - Type, provider or length of a placement that goes on: its beginning stated again, with what stands since. It began when
//!   it began; only what is asked of it as it stands ([`States::restated`]) is another. On the day of its beginning, it began so.
//! - A placement for adoption that is told to be a temporary stay (T0 to T4): a stay elsewhere, which begins with that event
//!   and ends with the next one. No such stay ends a placement for adoption, so that one goes on.
//! - A placement that becomes or ceases to be one for adoption, and a move that an episode alone tells: the end of the
//!   placement and the beginning of another. What names the old one afterwards is of the new one.
//!
//! An episode that names no placement is of the one that began last and runs. What is not settled is not read: an order while
//! two periods of care run, an episode while no placement does, or while two run that may have begun last.
//!
//! What it does not do: it changes no journey. Pages, observations and figures about the record itself see every event as it
//! was recorded.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::events::looked_after::{LegalStatusChanged, PlacementEnded, PlacementStarted};
use crate::events::{Body, Code, Entities, EntityRole, Kind};
use crate::ids::{EntityId, EventId};
use crate::journey::{KnownEvent, sort};
use crate::processes::own_of;

use super::ends::Ends;
use super::interrupted::{is_placed_anew, is_temporary};

/// How the changes of a journey are read.
#[derive(Debug, Default)]
pub(super) struct States {
    /// What they are read as.
    told: Vec<KnownEvent>,
    /// What stands in the list as something else.
    hidden: BTreeSet<EventId>,
    /// Of what they are read as, what states again how a placement stands that began before.
    restated: BTreeSet<EventId>,
}

/// What a change states of a placement.
#[derive(Default)]
struct Stated<'j> {
    placement_type: Option<&'j Code>,
    provider: Option<&'j Code>,
    intended_until_eighteen: Option<bool>,
    /// Whether it says that the child moved to other carers.
    moved: bool,
}

/// A placement of which nothing is stated.
static NOTHING: PlacementStarted = PlacementStarted {
    placement_type: None,
    provider: None,
    short_break: None,
    distance_miles: None,
    intended_until_eighteen: None,
    matched: None,
};

/// A placement, as it stands at the event that is read.
struct Placement<'j> {
    /// What the record calls it.
    named: EntityId,
    /// What it is since it was last split.
    now: EntityId,
    opened: &'j KnownEvent,
    ended: Option<Ends<NaiveDate>>,
    stands: PlacementStarted,
    /// The event with which the child went elsewhere for a time.
    away: Option<&'j KnownEvent>,
}

/// A period of care.
struct Period {
    entity: EntityId,
    from: Ends<NaiveDate>,
    until: Option<Ends<NaiveDate>>,
}

impl States {
    /// Reads the changes among events in practice order.
    pub(super) fn of(events: &[&KnownEvent]) -> Self {
        if !events.iter().any(|event| tells_a_change(event)) {
            return Self::default();
        }
        let mut placements = placements(events);
        let periods = periods(events);
        let mut states = Self::default();
        for event in events.iter().copied() {
            if let Some(status) = status_of(event, &periods) {
                states.told.push(status);
                states.hidden.extend((event.kind() == Kind::EpisodeChanged).then_some(event.event_id));
            }
            match stated_of(event) {
                Some(stated) => states.change(event, &stated, &mut placements, |left, back| {
                    let days = left.occurred.earliest_day().zip(back.occurred.latest_day());
                    days.is_none_or(|(from, to)| is_placed_anew(events, from, to))
                }),
                None => states.follow(event, &placements),
            }
        }
        states
    }

    /// The events as rules read them.
    pub(super) fn read<'j>(&'j self, events: Vec<&'j KnownEvent>) -> Vec<&'j KnownEvent> {
        let mut read = events;
        if !self.told.is_empty() {
            read.retain(|event| !self.hidden.contains(&event.event_id));
            read.extend(&self.told);
            sort(&mut read);
        }
        read
    }

    /// Whether no change is read as something else.
    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// The events that state again how a placement stands that began before.
    pub(super) fn restated(&self) -> &BTreeSet<EventId> {
        &self.restated
    }

    /// Reads what an event states of a placement.
    fn change<'j>(
        &mut self,
        event: &'j KnownEvent,
        stated: &Stated<'_>,
        placements: &mut [Placement<'j>],
        anew: impl Fn(&KnownEvent, &KnownEvent) -> bool,
    ) {
        let Some(placement) = changed_by(event, placements) else { return };
        let left = placement.away.take_if(|_| stated.placement_type.is_some());
        if let Some(left) = left {
            self.told.push(end_of(placement, own_of(left), event));
        }
        if stated.is_temporary() && is_adoptive(&placement.stands) {
            return self.go_away(placement, event, stated);
        }
        let is_back = left.is_some_and(|left| stated.is_so(&placement.stands) && !anew(left, event));
        let moved = !is_back && stated.moves(event, placement);
        let returned_anew = left.is_some() && !is_back;
        let stands = stated.over(if moved { &NOTHING } else { &placement.stands });
        self.hidden.extend(is_back.then_some(event.event_id));
        if !moved && !returned_anew && stands == placement.stands {
            return;
        }
        self.hidden.insert(event.event_id);
        if began_on_its_day(placement, event) {
            return self.begin_so(placement, stands);
        }
        if moved || returned_anew || is_adoptive(&stands) != is_adoptive(&placement.stands) {
            self.told.push(end_of(placement, placement.now, event));
            placement.now = EntityId(event.event_id.0);
        } else {
            self.restated.insert(event.event_id);
        }
        placement.stands = stands;
        let entities = with_placement(&placement.opened.entities, placement.now);
        self.told.push(told_by(event, entities, placement.stands.clone().into()));
    }

    /// A child who is placed for adoption goes elsewhere for a time.
    fn go_away<'j>(&mut self, placement: &mut Placement<'j>, event: &'j KnownEvent, stated: &Stated<'_>) {
        self.hidden.insert(event.event_id);
        let entities = with_placement(&placement.opened.entities, own_of(event));
        let elsewhere = PlacementStarted { short_break: placement.stands.short_break, ..NOTHING.clone() };
        self.told.push(told_by(event, entities, stated.over(&elsewhere).into()));
        placement.away = Some(event);
    }

    /// A placement that was changed on the day on which it began, began so.
    fn begin_so(&mut self, placement: &mut Placement<'_>, stands: PlacementStarted) {
        let opened = placement.opened;
        self.hidden.insert(opened.event_id);
        self.told.retain(|told| told.event_id != opened.event_id);
        self.told.push(KnownEvent { body: stands.clone().into(), ..opened.clone() });
        placement.stands = stands;
    }

    /// What names a placement that was split is of its later part.
    fn follow(&mut self, event: &KnownEvent, placements: &[Placement<'_>]) {
        let Some(named) = event.entities.get(EntityRole::Placement) else { return };
        // A placement that ends while the child is elsewhere for a time ends that stay.
        let ends = placements.iter().filter(|it| it.named == named && event.kind() == Kind::PlacementEnded);
        let away = ends.filter_map(|it| Some(end_of(it, own_of(it.away?), event)));
        self.told.extend(away);
        let split = placements.iter().find(|it| it.named == named && it.now != named);
        let Some(placement) = split.filter(|it| it.opened.event_id != event.event_id) else { return };
        self.hidden.insert(event.event_id);
        let entities = with_placement(&event.entities, placement.now);
        self.told.push(KnownEvent { entities, ..event.clone() });
    }
}

impl Stated<'_> {
    /// What stands after it.
    fn over(&self, before: &PlacementStarted) -> PlacementStarted {
        let mut stands = before.clone();
        stands.placement_type = self.placement_type.cloned().or(stands.placement_type);
        stands.provider = self.provider.cloned().or(stands.provider);
        stands.intended_until_eighteen = self.intended_until_eighteen.or(stands.intended_until_eighteen);
        stands
    }

    fn is_temporary(&self) -> bool {
        self.placement_type.is_some_and(|it| is_temporary(it.as_str()))
    }

    /// Whether it states the type that stands.
    fn is_so(&self, stands: &PlacementStarted) -> bool {
        self.placement_type == stands.placement_type.as_ref()
    }

    /// Whether it tells of a move that the placement itself does not tell.
    fn moves(&self, event: &KnownEvent, placement: &Placement<'_>) -> bool {
        let began = Ends::of(placement.opened);
        self.moved && Ends::of(event).certain().is_some() && began.surely_before(Ends::of(event))
    }
}

fn tells_a_change(event: &KnownEvent) -> bool {
    matches!(event.kind(), Kind::EpisodeChanged | Kind::PlacementChanged) || status_by_order(event).is_some()
}

/// The placements of a journey, each once, as they began.
fn placements<'j>(events: &[&'j KnownEvent]) -> Vec<Placement<'j>> {
    let mut found: Vec<Placement<'j>> = Vec::new();
    for event in events.iter().copied() {
        let (Body::PlacementStarted(started), Some(named)) = (&event.body, event.own_entity()) else {
            continue;
        };
        if found.iter().any(|held| held.named == named) {
            continue;
        }
        let is_end =
            |other: &&KnownEvent| other.kind() == Kind::PlacementEnded && other.own_entity() == Some(named);
        let ended = events.iter().copied().filter(is_end).map(Ends::of).reduce(Ends::or_earlier);
        found.push(Placement {
            named,
            now: named,
            opened: event,
            ended,
            stands: started.clone(),
            away: None,
        });
    }
    found
}

fn periods(events: &[&KnownEvent]) -> Vec<Period> {
    let of = |kind: Kind| events.iter().copied().filter(move |event| event.kind() == kind);
    let period = |event: &KnownEvent| {
        let entity = event.own_entity()?;
        let ended = of(Kind::CeasedToBeLookedAfter).filter(|end| end.own_entity() == Some(entity));
        Some(Period { entity, from: Ends::of(event), until: ended.map(Ends::of).reduce(Ends::or_earlier) })
    };
    of(Kind::BecameLookedAfter).filter_map(period).collect()
}

/// What an event states of a placement; `None` where it is no change.
fn stated_of(event: &KnownEvent) -> Option<Stated<'_>> {
    if let Body::PlacementChanged(changed) = &event.body {
        Some(Stated {
            placement_type: changed.placement_type.as_ref(),
            provider: changed.provider.as_ref(),
            intended_until_eighteen: changed.intended_until_eighteen,
            moved: false,
        })
    } else if let Body::EpisodeChanged(changed) = &event.body {
        Some(Stated {
            placement_type: changed.placement_type.as_ref(),
            provider: changed.provider.as_ref(),
            intended_until_eighteen: None,
            moved: changed.placement_type.is_some()
                && changed.reason.as_ref().is_some_and(|it| matches!(it.as_str(), "P" | "B")),
        })
    } else {
        None
    }
}

/// The placement that an event changes: the one that it names, or else the one that began last and runs. `None` where two may
/// be that one.
fn changed_by<'a, 'j>(
    event: &KnownEvent,
    placements: &'a mut [Placement<'j>],
) -> Option<&'a mut Placement<'j>> {
    let at = Ends::of(event);
    let period = event.entities.get(EntityRole::PeriodOfCare);
    let named = event.entities.get(EntityRole::Placement);
    let is_over = |it: &Placement<'_>| it.ended.is_some_and(|end| is_by(end, at));
    let fits = |it: &Placement<'j>| {
        let own = it.opened.entities.get(EntityRole::PeriodOfCare);
        let of_period = period.zip(own).is_none_or(|(one, other)| one == other);
        let begun = !at.surely_before(Ends::of(it.opened));
        begun && !is_over(it) && named.map_or(of_period, |named| it.named == named)
    };
    let place = placements.iter().rposition(fits)?;
    let (earlier, last) = placements.get_mut(..=place)?.split_at_mut(place);
    let last = last.first_mut()?;
    let is_level = |it: &Placement<'j>| fits(it) && it.opened.is_level_with(last.opened);
    (!earlier.iter().any(is_level)).then_some(last)
}

/// The legal status that an event states, as a change of it.
fn status_of(event: &KnownEvent, periods: &[Period]) -> Option<KnownEvent> {
    if let Body::EpisodeChanged(changed) = &event.body {
        let status = changed.legal_status.clone()?;
        return Some(told_by(event, event.entities.clone(), LegalStatusChanged { status }.into()));
    }
    let status = Code::try_new(status_by_order(event)?).ok()?;
    let at = Ends::of(event);
    let runs = |it: &&Period| !at.surely_before(it.from) && !it.until.is_some_and(|until| is_by(until, at));
    let mut running = periods.iter().filter(runs);
    let (Some(period), None) = (running.next(), running.next()) else { return None };
    let mut entities = Entities::none();
    entities.insert(EntityRole::PeriodOfCare, period.entity);
    Some(told_by(event, entities, LegalStatusChanged { status }.into()))
}

/// The legal status of a looked-after child that an order gives (Children Act 1989, sections 31 and 38; Adoption and Children
/// Act 2002, section 21; the codes of SSDA903; not verified).
fn status_by_order(event: &KnownEvent) -> Option<&'static str> {
    if let Body::InterimOrderMade(made) = &event.body {
        (made.order.as_str() == "interim_care_order").then_some("C1")
    } else if let Body::FinalOrderMade(made) = &event.body {
        let given = [("care_order", "C2"), ("placement_order", "E1")];
        given.into_iter().find(|(order, _)| made.order.as_str() == *order).map(|(_, status)| status)
    } else {
        (event.kind() == Kind::PlacementOrderMade).then_some("E1")
    }
}

fn began_on_its_day(placement: &Placement<'_>, change: &KnownEvent) -> bool {
    let began = placement.opened.occurred.day().filter(|_| placement.now == placement.named);
    began.is_some() && began == change.occurred.day()
}

/// Whether an end lies on the day of something, or before it.
fn is_by(end: Ends<NaiveDate>, at: Ends<NaiveDate>) -> bool {
    end.latest.zip(at.earliest).is_some_and(|(end, at)| end <= at)
}

/// Placed for adoption: types A3 to A6 of SSDA903.
fn is_adoptive(stands: &PlacementStarted) -> bool {
    stands.placement_type.as_ref().is_some_and(|it| matches!(it.as_str(), "A3" | "A4" | "A5" | "A6"))
}

fn with_placement(entities: &Entities, placement: EntityId) -> Entities {
    let mut entities = entities.clone();
    entities.insert(EntityRole::Placement, placement);
    entities
}

/// The end of a placement, or of a stay elsewhere, that another event tells.
fn end_of(placement: &Placement<'_>, ends: EntityId, event: &KnownEvent) -> KnownEvent {
    let entities = with_placement(&placement.opened.entities, ends);
    told_by(event, entities, PlacementEnded::default().into())
}

/// The event, read as another one of its day.
fn told_by(event: &KnownEvent, entities: Entities, body: Body) -> KnownEvent {
    KnownEvent { entities, body, ..event.clone() }
}
