//! The events of one process as one clock sees them.

use std::borrow::Borrow;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::events::EntityRole;
use crate::ids::EntityId;
use crate::journey::KnownEvent;
use crate::processes::Processes;
use crate::rules::{EarlyStop, EventMatch, Subject};

use super::adrift::{self, Adrift};
use super::compiled::{Compiled, Part, Subscription, Track};
use super::ended::Ended;
use super::ends::Ends;
use super::heard::hear_all;
use super::index::Index;
use super::neighbours::{Neighbours, Pairs};
use super::over::Over;
use super::owner::{Owner, unless_elsewhere};
use super::readings::Order;
use super::whichever::Reading;

/// Stands for the child as a whole: a stream holds one child.
const THE_CHILD: EntityId = EntityId(Uuid::nil());

/// An event that may stop a clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stop<'j> {
    pub(super) event: &'j KnownEvent,
    /// Whether it is one for all that is known. One that does not state what the rule asks for, or that may lie outside the
    /// process, is one in some readings only.
    pub(super) sure: bool,
    pub(super) order: Order,
    /// Whether it shows only that the act lies on its day or before it.
    pub(super) by_then: bool,
    /// Whether nothing but the end of the process, which may have come before it, leaves open whether it is one.
    pub(super) unless_after_end: bool,
}

impl Borrow<KnownEvent> for Stop<'_> {
    fn borrow(&self) -> &KnownEvent {
        self.event
    }
}

impl<'j> Stop<'j> {
    pub(super) fn new(event: &'j KnownEvent, sure: bool) -> Self {
        Self { event, sure, order: Order::Known, by_then: false, unless_after_end: false }
    }

    /// What shows that the act had been done by then.
    pub(super) fn by(event: &'j KnownEvent) -> Self {
        Self { event, sure: true, order: Order::Follows, by_then: true, unless_after_end: false }
    }
}

/// Everything of one process that a clock asks for, each list in practice order.
#[derive(Debug, Clone)]
pub(super) struct Case<'j> {
    pub(super) entity: EntityId,
    /// What starts it by the first alternative of the rule that the record holds; empty where it holds none.
    starts: Vec<&'j KnownEvent>,
    /// The place of that alternative among the rule's.
    alternative: usize,
    pub(super) stops: Vec<Stop<'j>>,
    pub(super) not_applicable: Vec<&'j KnownEvent>,
    pub(super) not_required: Vec<&'j KnownEvent>,
    pub(super) ended_by: Vec<&'j KnownEvent>,
    pub(super) counted_from: Vec<&'j KnownEvent>,
    /// What the table of endings ends it by.
    pub(super) ended: Vec<(Part, Stop<'j>)>,
    /// Ends of one of several processes to which its own may belong: they close it in some readings only.
    pub(super) perhaps_ended_by: Vec<&'j KnownEvent>,
    pub(super) perhaps_not_required: Vec<&'j KnownEvent>,
    /// When nothing of it can begin any more.
    pub(super) over: Vec<Over<'j>>,
    /// Processes in the role of `Track::through` that events of this process name.
    pub(super) links: Vec<EntityId>,
    /// What may have started it, and may belong to another process.
    pub(super) perhaps_started_by: Vec<&'j KnownEvent>,
    /// Whether it is one of a start that names no process.
    pub(super) adrift: Option<Adrift>,
}

/// A start that names no process of the clock and may be found through another one.
#[derive(Debug)]
pub(super) struct Distant<'j> {
    pub(super) alternative: usize,
    pub(super) through: EntityId,
    pub(super) event: &'j KnownEvent,
    /// Whether it also belongs to the only process that it can belong to, where none names it.
    pub(super) only_one: bool,
}

/// The cases of one clock, in the order in which their first event stands.
#[derive(Debug, Default)]
pub(super) struct Cases<'j> {
    pub(super) cases: Vec<Case<'j>>,
    /// Stops that name no process of the clock, in practice order.
    pub(super) unlinked_stops: Vec<&'j KnownEvent>,
    /// What excuses or closes the clock of one of several processes, and names none of them.
    pub(super) unlinked_ends: Vec<&'j KnownEvent>,
    distant: Vec<Distant<'j>>,
    /// Starts that name no process, and none is found.
    pub(super) adrift: Vec<adrift::Start<'j>>,
    /// Cases as they are where such a start is of one of several processes.
    pub(super) readings: Vec<Reading<'j>>,
}

/// Sorts the events to the clocks that listen to them.
pub(super) fn gather<'j>(
    compiled: &Compiled<'_>,
    index: &Index<'j>,
    ended: &Ended<'_, 'j>,
) -> Vec<Cases<'j>> {
    let cases_of = |track| Cases::of(track, index, ended.processes);
    let mut all: Vec<Cases<'j>> = compiled.tracks.iter().map(cases_of).collect();
    hear_all(compiled, index, ended.processes, &mut all);
    let is_heard =
        |cases: &Cases<'_>| !(cases.cases.is_empty() && cases.distant.is_empty() && cases.adrift.is_empty());
    for (cases, track) in all.iter_mut().zip(&compiled.tracks).filter(|(cases, _)| is_heard(cases)) {
        cases.find_distant_starts();
        cases.find_neighbours(track, ended.processes);
        cases.add_adrift(track, index, ended.processes);
        cases.end(track, ended);
        let beyond = Beyond::of(track, cases, index);
        let readings = cases.readings.iter_mut().map(|reading| &mut reading.case);
        for case in cases.cases.iter_mut().chain(readings) {
            if let Some(beyond) = &beyond {
                case.look_beyond(track, index, beyond);
            }
            case.take_settled_ends(track, &cases.unlinked_stops, index, ended.processes);
            if track.shape.leaves_out_short_breaks && track.shape.per.role() != Some(EntityRole::Placement) {
                case.not_applicable.retain(|event| !index.is_respite_in_care(event));
            }
            if track.shape.birthday.is_none() {
                case.keep_what_it_began_with();
            }
            case.drop_what_came_after(track);
            case.drop_undone(&track.shape.undone_by, index);
            case.take_endings();
        }
    }
    all
}

impl<'j> Cases<'j> {
    /// None yet, with room for as many as there can be: a case is large, and its list should not grow by moving what it holds.
    fn of(track: &Track<'_>, index: &Index<'j>, processes: &Processes<'j>) -> Self {
        let starts: usize = track.shape.start.iter().map(|one| index.number_of(one.kind)).sum();
        let most = match track.shape.per {
            _ if starts == 0 => 0,
            Subject::Process(role) => processes.number_in(role),
            Subject::Event => starts,
            Subject::Child => 1,
        };
        Self { cases: Vec::with_capacity(most), ..Self::default() }
    }

    /// Takes an event that a clock listens to; `parent_of` finds the process in a role to which it belongs without naming it.
    pub(super) fn hear(
        &mut self,
        track: &Track<'_>,
        subscription: &Subscription<'_>,
        heard: Stop<'j>,
        parent_of: impl FnOnce(EntityRole) -> Option<EntityId>,
    ) {
        let event = heard.event;
        let linked = track.through.and_then(|role| event.entities.get(role));
        // An act may name its own process only, and that one the process of the clock; or no process at all.
        let subject = subject_of(track.shape.per, subscription, event).or_else(|| {
            let role = track.shape.per.role()?;
            let is_start = matches!(subscription.part, Part::Start(_));
            let is_own = event.kind().own_role() == Some(role);
            (!is_start || is_own).then(|| parent_of(role)).flatten()
        });
        match (subject, subscription.part) {
            (Some(entity), part) => {
                let case = self.case(entity, track.shape.per);
                case.links.extend(linked);
                case.add(part, heard);
            }
            (None, Part::Start(alternative)) => {
                let through =
                    subscription.matcher.through.and_then(|role: EntityRole| event.entities.get(role));
                let only_one = subscription.matcher.only_one;
                self.distant.extend(through.map(|through| Distant { alternative, through, event, only_one }));
                if through.is_none() && adrift::has_own_clock(track, event) {
                    self.adrift.push(adrift::Start { alternative, event });
                }
            }
            // What counts for the whole child, or for any event, is not left over from a process.
            (None, Part::Stop) if track.shape.per.role().is_none() || subscription.matcher.of_child => {}
            (None, Part::Stop) => self.unlinked_stops.push(event),
            (None, Part::NotRequired | Part::EndedBy) if track.shape.per.role().is_some() => {
                if !subscription.matcher.of_child {
                    self.unlinked_ends.push(event);
                }
            }
            (None, Part::NotApplicable | Part::NotRequired | Part::EndedBy | Part::CountedFrom) => {}
        }
    }

    /// The case of a process. A journey touches the same process again soon, so the search begins at the end; what is one
    /// event's own can only be the last.
    fn case(&mut self, entity: EntityId, per: Subject) -> &mut Case<'j> {
        let asked_of = if per == Subject::Event { 1 } else { self.cases.len() };
        let back = self.cases.iter().rev().take(asked_of).position(|case| case.entity == entity);
        let at = back.map(|back| self.cases.len() - 1 - back).unwrap_or_else(|| {
            self.cases.push(Case::new(entity));
            self.cases.len() - 1
        });
        self.cases.get_mut(at).expect("the place was just found or filled")
    }

    /// How many clocks there can be: one a process, or one a link of a chain.
    pub(super) fn most_clocks(&self, track: &Track<'_>) -> usize {
        match track.shape.chain {
            Some(chain) if chain.repeats => self.cases.iter().map(|case| case.stops.len()).sum(),
            Some(_) | None => self.cases.len(),
        }
    }

    fn find_distant_starts(&mut self) {
        for distant in &self.distant {
            let linked = self.cases.iter_mut().filter(|case| case.links.contains(&distant.through));
            let heard = Stop::new(distant.event, true);
            linked.for_each(|case| case.add(Part::Start(distant.alternative), heard));
        }
    }

    /// Gives the starts that nothing names to the processes that began with them.
    fn find_neighbours(&mut self, track: &Track<'_>, processes: &Processes<'j>) {
        let (Some(role), Some(through)) = (track.shape.per.role(), track.through) else { return };
        if !self.distant.iter().any(|act| act.only_one) {
            return;
        }
        let (acts, cases) = (&self.distant, &self.cases);
        let Pairs { sure, perhaps } = Neighbours { acts, cases, role, through, processes }.pairs();
        for (act, case) in sure {
            let Some((act, case)) = self.distant.get(act).zip(self.cases.get_mut(case)) else { continue };
            case.add(Part::Start(act.alternative), Stop::new(act.event, true));
        }
        for (act, case) in perhaps {
            let Some((act, case)) = self.distant.get(act).zip(self.cases.get_mut(case)) else { continue };
            case.perhaps_started_by.push(act.event);
        }
    }
}

/// Whose case an event belongs to.
fn subject_of(per: Subject, heard: &Subscription<'_>, event: &KnownEvent) -> Option<EntityId> {
    match (per, heard.part) {
        (Subject::Process(role), _) => event.entities.get(role),
        (Subject::Child, _) => Some(THE_CHILD),
        (Subject::Event, Part::Start(_)) => Some(EntityId(event.event_id.0)),
        // What else belongs to it is found when the clock is judged: every later event of the child may.
        (
            Subject::Event,
            Part::Stop | Part::NotApplicable | Part::NotRequired | Part::EndedBy | Part::CountedFrom,
        ) => None,
    }
}

/// What a rule takes from the whole of the child's record: what it marks so, and everything for a clock per event. It is the
/// same for each of its cases.
struct Beyond<'j> {
    stops: Option<Vec<Stop<'j>>>,
    not_applicable: Option<Vec<&'j KnownEvent>>,
    not_required: Option<Vec<&'j KnownEvent>>,
    ended_by: Option<Vec<&'j KnownEvent>>,
}

impl<'j> Beyond<'j> {
    /// `None` where the rule takes nothing from beyond a process, or has no case.
    fn of(track: &Track<'_>, cases: &Cases<'j>, index: &Index<'j>) -> Option<Self> {
        if !track.beyond_process || cases.cases.is_empty() {
            return None;
        }
        let shape = track.shape;
        let is_beyond =
            |matches: &[EventMatch]| shape.per == Subject::Event || matches.iter().any(|one| one.of_child);
        let found = |matches: &[EventMatch]| is_beyond(matches).then(|| index.matching(matches));
        Some(Self {
            stops: is_beyond(&shape.stop).then(|| index.possibly_matching(&shape.stop)),
            not_applicable: found(&shape.not_applicable),
            not_required: found(&shape.not_required),
            ended_by: found(&shape.ended_by),
        })
    }
}

/// Whether an event lies on the day on which something began, or earlier.
pub(super) fn lies_at_start(event: &KnownEvent, begun: Ends<NaiveDate>) -> bool {
    Ends::of(event).latest.zip(begun.latest).is_some_and(|(at, begun)| at <= begun)
}

/// Whether an event of a known time lies before an instant, whatever the day.
pub(super) fn is_hours_before(event: &KnownEvent, start: Option<DateTime<Utc>>) -> bool {
    event.occurred.instant().zip(start).is_some_and(|(at, start)| at < start)
}

impl<'j> Case<'j> {
    pub(super) fn new(entity: EntityId) -> Self {
        Self {
            entity,
            starts: Vec::new(),
            alternative: 0,
            stops: Vec::new(),
            not_applicable: Vec::new(),
            not_required: Vec::new(),
            ended_by: Vec::new(),
            counted_from: Vec::new(),
            ended: Vec::new(),
            perhaps_ended_by: Vec::new(),
            perhaps_not_required: Vec::new(),
            over: Vec::new(),
            links: Vec::new(),
            perhaps_started_by: Vec::new(),
            adrift: None,
        }
    }

    pub(super) fn add(&mut self, part: Part, heard: Stop<'j>) {
        let list = match part {
            Part::Start(alternative) => return self.add_start(alternative, heard.event),
            Part::Stop => return self.add_stop(heard),
            Part::NotApplicable => &mut self.not_applicable,
            Part::NotRequired if heard.sure => &mut self.not_required,
            Part::NotRequired => &mut self.perhaps_not_required,
            Part::EndedBy if heard.sure => &mut self.ended_by,
            Part::EndedBy => &mut self.perhaps_ended_by,
            Part::CountedFrom => &mut self.counted_from,
        };
        list.push(heard.event);
    }

    /// An earlier alternative takes the place of a later one.
    fn add_start(&mut self, alternative: usize, event: &'j KnownEvent) {
        if self.starts.is_empty() || alternative < self.alternative {
            self.starts.clear();
            self.alternative = alternative;
        }
        if alternative == self.alternative {
            self.starts.push(event);
        }
    }

    /// Starts it with an event, whatever else may start it.
    pub(super) fn start_with(&mut self, alternative: usize, event: &'j KnownEvent) {
        self.alternative = alternative;
        self.starts = vec![event];
    }

    /// One event may be named by two matches, of which one holds and the other may.
    fn add_stop(&mut self, heard: Stop<'j>) {
        match self.stops.last_mut().filter(|last| std::ptr::eq(last.event, heard.event)) {
            Some(last) => last.sure |= heard.sure,
            None => self.stops.push(heard),
        }
    }

    /// Takes what belongs to it of the whole of the child's record in the place of what names it.
    fn look_beyond(&mut self, track: &Track<'_>, index: &Index<'j>, beyond: &Beyond<'j>) {
        let shape = track.shape;
        let Some(begun) = self.begun() else { return };
        let from_before = shape.early_stop != EarlyStop::CannotTell && self.counted_from.is_empty();
        let (per, entity) = (shape.per, self.entity);
        let belongs = |matches: &[EventMatch], event: &KnownEvent| {
            let own = per.role().is_some_and(|role| event.entities.get(role) == Some(entity));
            own || per == Subject::Event || matches.iter().any(|one| one.of_child && one.kind == event.kind())
        };
        let hour = self.hour_of_start();
        let in_time = |event: &KnownEvent| {
            from_before || !(Ends::of(event).surely_before(begun) || is_hours_before(event, hour))
        };
        let take =
            |own: &mut Vec<&'j KnownEvent>, found: &Option<Vec<&'j KnownEvent>>, matches: &[EventMatch]| {
                let Some(found) = found else { return };
                own.clear();
                own.extend(found.iter().filter(|event| belongs(matches, event) && in_time(event)));
            };
        take(&mut self.ended_by, &beyond.ended_by, &shape.ended_by);
        take(&mut self.not_required, &beyond.not_required, &shape.not_required);
        take(&mut self.not_applicable, &beyond.not_applicable, &shape.not_applicable);
        if let Some(possible) = &beyond.stops {
            let owner = Owner::new(track, self, index);
            let possible = possible.iter().copied();
            let possible = possible.filter(|stop| belongs(&shape.stop, stop.event) && in_time(stop.event));
            let kept = possible.filter_map(|stop| owner.keeps(stop));
            self.stops = match per {
                Subject::Process(EntityRole::Placement) => {
                    kept.filter_map(|stop| unless_elsewhere(stop, entity, index)).collect()
                }
                Subject::Process(_) | Subject::Child | Subject::Event => kept.collect(),
            };
        }
    }

    /// A stop that something undid does not count where a later one stands.
    fn drop_undone(&mut self, undone_by: &[EventMatch], index: &Index<'j>) {
        if undone_by.is_empty() || self.stops.len() < 2 {
            return;
        }
        for undone in index.matching(undone_by) {
            let follows = |stop: &Stop<'j>| stop.sure && undone.is_surely_before(stop.event);
            if !self.stops.iter().any(follows) {
                continue;
            }
            self.stops.retain_mut(|stop| {
                stop.sure &= undone.is_surely_before(stop.event);
                !stop.event.is_surely_before(undone)
            });
        }
    }

    /// Only a process that began so is not asked about: respite in the course of a period of care changes nothing.
    fn keep_what_it_began_with(&mut self) {
        let Some(begun) = self.begun().filter(|_| !self.not_applicable.is_empty()) else { return };
        self.not_applicable.retain(|event| lies_at_start(event, begun));
    }

    /// The days between which its process, or else its clock, began; `None` where nothing began it.
    pub(super) fn begun(&self) -> Option<Ends<NaiveDate>> {
        Ends::of_first(&self.counted_from).or_else(|| Ends::of_first(self.start()))
    }

    /// The instant at which its process, or else its clock, began; `None` where one that may have begun it has no time.
    pub(super) fn hour_of_start(&self) -> Option<DateTime<Utc>> {
        let began = if self.counted_from.is_empty() { self.start() } else { &self.counted_from };
        let first = Ends::of_first(began)?.certain()?;
        let of_day = began.iter().filter(|event| Ends::of(event).earliest.is_none_or(|day| day <= first));
        let instants: Option<Vec<_>> = of_day.map(|event| event.occurred.instant()).collect();
        instants?.into_iter().min()
    }

    /// What closes it: what the rule names, and what ends its process by the table.
    pub(super) fn closes(&self) -> impl Iterator<Item = &'j KnownEvent> + '_ {
        let by_table = self.ended.iter().filter(|(part, end)| *part == Part::EndedBy && end.sure);
        let by_table = by_table.map(|(_, end)| end.event);
        self.ended_by.iter().copied().chain(by_table)
    }

    /// The same case where what the rule names to close it does so only from a day on.
    pub(super) fn closed_by_rule_from(&self, named: &[EventMatch], from: NaiveDate) -> Self {
        let mut case = self.clone();
        let is_named = |event: &KnownEvent| named.iter().any(|one| one.kind == event.kind());
        case.ended_by
            .retain(|event| !is_named(event) || Ends::of(event).earliest.is_some_and(|day| day >= from));
        case
    }

    /// Adds what the table ends it by; what closed it first stands first.
    fn take_endings(&mut self) {
        if self.ended.is_empty() {
            return;
        }
        for (part, end) in std::mem::take(&mut self.ended) {
            self.add(part, end);
        }
        self.ended_by.sort_by_key(|event| (event.occurred.earliest_day(), event.occurred.latest_day()));
    }

    /// The place among the rule's starts of the one that the record holds.
    pub(super) fn alternative(&self) -> usize {
        self.alternative
    }

    /// The first alternative that the record holds; empty where it holds none.
    pub(super) fn start(&self) -> &[&'j KnownEvent] {
        &self.starts
    }
}
