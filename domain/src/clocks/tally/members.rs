//! What a tally looks at: the members of its base, each once.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Months, NaiveDate};

use crate::events::{EntityRole, Kind, Stage};
use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::processes::Process;
use crate::rules::{Figure, Lies, Members, Once, StandIn, Tally};

use super::Teller;
use super::open::{IsOpen, after, before};
use super::turned::may_have_turned;
use crate::clocks::Clock;
use crate::clocks::compiled::Count;
use crate::clocks::ends::Ends;
use crate::clocks::judged::Acts;
use crate::clocks::marks::twins;

/// A member before it is judged.
#[derive(Clone)]
pub(super) struct Member<'a, 'b, 'j> {
    pub(super) event: &'j KnownEvent,
    /// What stated last how it stands, where that is another event.
    pub(super) restated: Option<&'j KnownEvent>,
    /// Its process.
    pub(super) entity: Option<EntityId>,
    /// What its process is.
    pub(super) role: Option<EntityRole>,
    pub(super) day: Ends<NaiveDate>,
    pub(super) clock: Option<&'a Clock<'b>>,
    /// What stopped that clock.
    pub(super) stop: Option<&'j KnownEvent>,
    /// The member before it; `None` for the first.
    pub(super) previous: Option<Ends<NaiveDate>>,
    /// Other events that may be the one that makes it a member.
    pub(super) rivals: Vec<&'j KnownEvent>,
    /// Whether the dates settle that it is a member.
    pub(super) sure: bool,
}

impl<'a, 'b, 'j> Member<'a, 'b, 'j> {
    fn of(event: &'j KnownEvent, day: Ends<NaiveDate>) -> Self {
        let (entity, role) = (event.own_entity(), event.kind().own_role());
        let (clock, stop, previous) = (None, None, None);
        Self {
            event,
            restated: None,
            entity,
            role,
            day,
            clock,
            stop,
            previous,
            rivals: Vec::new(),
            sure: true,
        }
    }

    /// The event that says how it stands.
    pub(super) fn stated(&self) -> &'j KnownEvent {
        self.restated.unwrap_or(self.event)
    }

    /// The same member, as another of its events tells it.
    pub(super) fn told_by(&self, event: &'j KnownEvent) -> Self {
        Self { event, rivals: Vec::new(), ..self.clone() }
    }
}

/// An act that makes a member, told once.
struct Act<'j> {
    event: &'j KnownEvent,
    /// Those that may as well be the one that is told.
    rivals: Vec<&'j KnownEvent>,
    /// The process that it ended by the table, where that is no process of the event's own.
    ended: Option<(EntityRole, EntityId)>,
}

impl<'j> Act<'j> {
    fn of(event: &'j KnownEvent) -> Self {
        Self { event, rivals: Vec::new(), ended: None }
    }

    fn into_member<'a, 'b>(self) -> Member<'a, 'b, 'j> {
        Member { rivals: self.rivals, ..Self::member(self.event, self.ended) }
    }

    fn member<'a, 'b>(event: &'j KnownEvent, ended: Option<(EntityRole, EntityId)>) -> Member<'a, 'b, 'j> {
        let mut member = Member::of(event, Ends::of(event));
        if let Some((role, entity)) = ended {
            (member.role, member.entity) = (Some(role), Some(entity));
        }
        member
    }
}

impl<'b, 'j> Teller<'_, 'b, 'j> {
    pub(super) fn each_member(&self, count: &Count<'b>, mut each: impl FnMut(&Member<'_, 'b, 'j>)) {
        let tally = count.tally;
        // Where only what counts is listed, a clock that has not turned need not be looked up.
        let only_turned = tally.figure == Figure::Count && tally.counts.as_ref().is_some_and(|it| it.turned);
        match &tally.members {
            Members::Events(events) => {
                let found = self.index.matching(events);
                let found = match &tally.stand_in {
                    None => found,
                    Some(stand_in) => self.with_stand_ins(found, stand_in),
                };
                let mut acts = self.each_once(found, tally);
                acts.extend(tally.ended.into_iter().flat_map(|role| self.ended_by_table(role)));
                if tally.ended.is_some() {
                    acts.sort_by_key(|act| (act.event.occurred.latest_day(), act.ended.is_some()));
                }
                let acts = match tally.once {
                    None => acts,
                    Some(once) => {
                        acts.retain(|act| !self.is_no_member(tally, act));
                        once_a_year(acts, once)
                    }
                };
                self.of_events(tally, acts.into_iter(), each);
            }
            Members::AnyEvent => {
                let events = self.index.recorded.iter().copied();
                self.of_events(tally, events.map(Act::of), each);
            }
            Members::Open(open) => {
                let as_at = Ends::exact(self.question.as_at);
                let member = |is_open: IsOpen<'j>| Member {
                    entity: open.per.and_then(|role| is_open.event.entities.get(role)),
                    restated: is_open.restated,
                    rivals: is_open.rivals,
                    sure: is_open.sure,
                    ..Member::of(is_open.event, as_at)
                };
                let one = if open.one_per_child { 1 } else { usize::MAX };
                let mut found = self.open_on(open, self.question.as_at);
                // Of several of a child, one that is surely open stands for the child.
                if open.one_per_child {
                    found.sort_by_key(|is_open| !is_open.sure);
                }
                found.into_iter().take(one).map(member).for_each(|member| each(&member));
            }
            Members::Clocks { rules, states } => {
                let listed = |clock: &Clock<'b>| {
                    (states.is_empty() || states.iter().any(|state| state == clock.state.name()))
                        && (!only_turned || may_have_turned(clock))
                };
                let of_rules = |clock: &Clock<'b>| rules.is_empty() || rules.contains(&clock.rule.id);
                // A delay that two clocks tell is one member.
                let again = |clock: &Clock<'b>| {
                    clock.marks.repeated
                        && twins(clock, &self.judged.clocks).any(|twin| of_rules(twin) && listed(twin))
                };
                let mut tell = |(clock, acts): (&Clock<'b>, Acts<'j>)| {
                    if listed(clock) && !again(clock) {
                        each(&self.of_clock(clock, acts));
                    }
                };
                match &count.tracks {
                    None => self.judged.iter().for_each(tell),
                    Some(tracks) => {
                        tracks.iter().for_each(|track| self.judged.of_track(*track).for_each(&mut tell));
                    }
                }
            }
        }
    }

    /// Each act once: a process that was entered twice begins once and ends once.
    fn each_once(&self, events: Vec<&'j KnownEvent>, tally: &Tally) -> Vec<Act<'j>> {
        let begun = self.index.matching(&tally.else_last);
        let mut held: Vec<Act<'j>> = Vec::with_capacity(events.len());
        let mut seen: BTreeMap<(Option<Kind>, EntityId), usize> = BTreeMap::new();
        for event in events {
            let process = process_of(event, tally, &begun);
            let place = process.map(|process| *seen.entry(process).or_insert(held.len()));
            match place.and_then(|place| held.get_mut(place)) {
                None => held.push(Act::of(event)),
                Some(held) if held.event.is_level_with(event) => held.rivals.push(event),
                Some(_) => {}
            }
        }
        held
    }

    fn of_events(
        &self,
        tally: &Tally,
        acts: impl Iterator<Item = Act<'j>>,
        mut each: impl FnMut(&Member<'_, 'b, 'j>),
    ) {
        let has = tally.counts.as_ref().and_then(|counts| counts.has.as_ref());
        let since_previous = has.is_some_and(|has| has.lies == Lies::SincePrevious);
        // Of several whose order is not known, none is the previous one of another.
        let (mut previous, mut last): (Option<Ends<NaiveDate>>, Option<&'j KnownEvent>) = (None, None);
        for act in acts {
            let event = act.event;
            let before = last.replace(event).filter(|_| since_previous);
            if let Some(before) = before.filter(|before| !before.is_level_with(event)) {
                previous = Some(Ends::of(before));
            }
            each(&Member { previous, ..act.into_member() });
        }
    }

    /// Whether what the rule leaves out is not to take the place of another act of its year.
    fn is_no_member(&self, tally: &Tally, act: &Act<'j>) -> bool {
        let member = Act::member(act.event, act.ended);
        let day = member.day.certain().or(member.day.latest).unwrap_or(self.question.as_at);
        self.is_left_out(tally, &member, day) == Some(true)
    }

    /// Ends by the table of processes in a role that have no end of their own in the record.
    fn ended_by_table(&self, role: EntityRole) -> impl Iterator<Item = Act<'j>> + '_ {
        let ended = move |process: &&Process<'j>| process.role == role && process.own_end().is_none();
        let processes = self.processes.iter().filter(ended).filter(|process| process.opened.is_some());
        processes.filter_map(|process| {
            let end = process.end().filter(|end| !end.before_it_began)?;
            Some(Act { ended: Some((process.role, process.entity)), ..Act::of(end.event) })
        })
    }

    fn of_clock<'c>(&self, clock: &'c Clock<'b>, acts: Acts<'j>) -> Member<'c, 'b, 'j> {
        let end = clock.ended();
        let day = match end {
            Some(end) => Ends { earliest: end.earliest_day(), latest: end.latest_day() },
            None => Ends::exact(self.question.as_at),
        };
        Member {
            entity: Some(clock.entity),
            clock: Some(clock),
            stop: acts.stop,
            ..Member::of(acts.start, day)
        }
    }

    /// The members and their stand-ins, in practice order; of several near each other, which tell of one act, a member or
    /// else the first.
    fn with_stand_ins(&self, members: Vec<&'j KnownEvent>, stand_in: &StandIn) -> Vec<&'j KnownEvent> {
        let near = |one: &KnownEvent, other: &KnownEvent| {
            let (at, of) = (Ends::of(one), Ends::of(other));
            let from = of.earliest.and_then(|day| before(day, stand_in.within));
            let to = of.latest.and_then(|day| after(day, stand_in.within));
            at.latest.zip(from).is_none_or(|(latest, from)| from <= latest)
                && at.earliest.zip(to).is_none_or(|(earliest, to)| earliest <= to)
        };
        let mut kept: Vec<&KnownEvent> = Vec::new();
        for event in members.into_iter().chain(self.index.matching(&stand_in.events)) {
            if !kept.iter().any(|held| near(event, held)) {
                kept.push(event);
            }
        }
        let kept: BTreeSet<_> = kept.iter().map(|event| event.event_id).collect();
        self.index.events.iter().copied().filter(|event| kept.contains(&event.event_id)).collect()
    }
}

/// By what two events are one act: the process that the rule names, or of which it says that it is about; else one process
/// of which both are the beginning, or both the end.
fn process_of(event: &KnownEvent, tally: &Tally, begun: &[&KnownEvent]) -> Option<(Option<Kind>, EntityId)> {
    if let Some(role) = tally.per {
        let before = begun.iter().rev().find(|begun| !event.is_surely_before(begun));
        let last = before.and_then(|begun| begun.entities.get(role));
        let own = || event.own_entity().filter(|_| !tally.else_last.is_empty());
        return event.entities.get(role).or(last).or_else(own).map(|entity| (None, entity));
    }
    match event.kind().stage() {
        Stage::Opens | Stage::Ends => event.own_entity().map(|entity| (Some(event.kind()), entity)),
        Stage::Continues | Stage::Accompanies | Stage::Apart => None,
    }
}

/// Of the acts of each year to 31 March the first or the last. One without a certain day may belong to any year: it stays.
fn once_a_year(acts: Vec<Act<'_>>, once: Once) -> Vec<Act<'_>> {
    let year_of = |act: &Act<'_>| act.event.occurred.day().and_then(year_to_march);
    let mut kept: Vec<Act<'_>> = Vec::with_capacity(acts.len());
    for act in acts {
        let year = year_of(&act);
        let same = kept.iter_mut().find(|held| year.is_some() && year_of(held) == year);
        match (same, once) {
            (None, _) => kept.push(act),
            (Some(held), _) if held.event.is_level_with(act.event) => held.rivals.push(act.event),
            (Some(held), Once::LastInYear) => *held = act,
            (Some(_), Once::FirstInYear) => {}
        }
    }
    kept
}

/// The calendar year in which the year to 31 March ends that holds a day.
fn year_to_march(day: NaiveDate) -> Option<i32> {
    day.checked_add_months(Months::new(9)).map(|shifted| shifted.year())
}
