//! The fold itself.

use std::collections::BTreeSet;

use crate::envelope::Category;
use crate::events::Body;
use crate::ids::{EntityId, EventId};
use crate::journey::{Coverage, Journey, KnownEvent, RecordedKinds};
use crate::processes::{Processes, Reading, Strays, derived_of};
use crate::rules::RuleBook;

use super::bounded::Bounded;
use super::case::gather;
use super::compiled::Compiled;
use super::ended::Ended;
use super::ends::Ends;
use super::index::Index;
use super::interrupted::Interrupted;
use super::interviews::Interviews;
use super::judge::{Around, Judge};
use super::judged::Judged;
use super::look_back::look_back;
use super::marks::mark;
use super::names::Names;
use super::never_began::NeverBegan;
use super::numbered::Numbered;
use super::reviews::Reviews;
use super::states::States;
use super::tally::Teller;
use super::{Clock, DelayReason, Evidence, LookedBack, Question, Tallied};

/// A rule book compiled for folding. Build it once; it is cheap to share between threads.
///
/// ```
/// use domain::clocks::{ClockEngine, Question};
/// use domain::journey::Journey;
/// use domain::rules::RuleBook;
///
/// let engine = ClockEngine::new(RuleBook::built_in());
/// let as_at = "2023-03-31".parse().expect("a date");
/// let answers = engine.run(&Journey::default(), &Question::as_at(as_at));
/// assert!(answers.clocks.is_empty());
/// ```
#[derive(Debug)]
pub struct ClockEngine<'b> {
    compiled: Compiled<'b>,
    /// What the book declares to be recorded here.
    declared: RecordedKinds,
}

/// What a journey answers, on one day and with one knowledge.
#[derive(Debug, Clone, Default)]
pub struct Answers<'b> {
    /// Every clock that a rule started, in order of rules, then of the processes' first events, then of occurrences.
    pub clocks: Vec<Clock<'b>>,
    /// Every flag and band, in order of rules, then in practice order.
    pub look_backs: Vec<LookedBack<'b>>,
    /// Members of every count, share and rate, in order of rules, then in practice order; empty where they were not asked for.
    pub tallies: Vec<Tallied<'b>>,
}

impl<'b> ClockEngine<'b> {
    /// Compiles every adopted rule, of whatever streams it is asked.
    #[must_use]
    pub fn new(book: &'b RuleBook) -> Self {
        Self { compiled: Compiled::new(book.endings(), book.adopted()), declared: book.declared() }
    }

    /// Compiles the adopted rules that are asked of streams of one category.
    #[must_use]
    pub fn of(book: &'b RuleBook, category: Category) -> Self {
        let rules = book.adopted().filter(|rule| rule.of.contains(&category));
        Self { compiled: Compiled::new(book.endings(), rules), declared: book.declared() }
    }

    /// Whether it has no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.compiled.tracks.is_empty() && self.compiled.looks.is_empty() && self.compiled.counts.is_empty()
    }

    /// Folds a journey. Events that certainly happened after `question.as_at` do not count.
    #[must_use]
    pub fn run(&self, journey: &Journey, question: &Question<'_>) -> Answers<'b> {
        let question = &question.with_recorded(question.recorded.and(self.declared));
        let events: Vec<&KnownEvent> =
            journey.events.iter().filter(|event| has_happened(event, question)).collect();
        let endings = self.compiled.endings;
        let reading = Reading::of(journey, &events, question.as_at);
        let events = reading.read(events);
        let numbered = Numbered::of(&events);
        let recorded = numbered.read(events);
        let derived = derived_of(journey, &recorded, endings, question.as_at);
        let as_named = Processes::of(&recorded, &derived, endings);
        let strays = Strays::of(&recorded, &as_named);
        let recorded = strays.read(recorded);
        let derived_again = match strays.is_empty() {
            true => Vec::new(),
            false => derived_of(journey, &recorded, endings, question.as_at),
        };
        let as_stated = match strays.is_empty() {
            true => as_named,
            false => Processes::of(&recorded, &derived_again, endings),
        };
        let never_began = NeverBegan::of(journey, &as_stated);
        let names = Names::of(&recorded, &as_stated, &never_began, &self.compiled.belonging);
        let named = names.read(recorded.clone());
        let bounded = Bounded::of(&recorded, &named, question.as_at);
        let recorded = bounded.read(named);
        let interrupted = Interrupted::of(&recorded);
        let interviews = Interviews::of(&recorded);
        let events = interviews.read(interrupted.read(recorded.clone()));
        let states = States::of(&events);
        let (restated, never_began) = (states.restated(), &never_began);
        let as_it_stands = names.is_empty() && bounded.is_empty();
        if as_it_stands && interrupted.is_empty() && states.is_empty() {
            let read = Read { recorded, events, restated, never_began, processes: &as_stated };
            return self.answer(journey, question, read);
        }
        let events = states.read(events);
        let derived = derived_of(journey, &events, endings, question.as_at);
        let processes = &Processes::of(&events, &derived, endings);
        self.answer(journey, question, Read { recorded, events, restated, never_began, processes })
    }

    /// Asks every rule.
    fn answer<'j>(&self, journey: &'j Journey, question: &Question<'_>, read: Read<'_, 'j>) -> Answers<'b> {
        let Read { recorded, events, restated, never_began, processes } = read;
        let endings = self.compiled.endings;
        let reviews = Reviews::of(&events);
        let index = Index::new(recorded, reviews.read(events), restated, processes);
        let cases = gather(&self.compiled, &index, &Ended { processes });
        let reasons = delay_reasons(&index.events);
        let tracks = || self.compiled.tracks.iter().zip(&cases);
        let most_clocks = tracks().map(|(track, cases)| cases.most_clocks(track)).sum();
        let mut judged = Judged::with_capacity(most_clocks, cases.len());
        let around = Around {
            tracks: &self.compiled.tracks,
            cases: &cases,
            index: &index,
            processes,
            coverage: &journey.coverage,
            endings,
            question,
            never_began,
        };
        for (track, cases) in tracks() {
            if !cases.cases.is_empty() {
                let judge = Judge::new(track, cases, &around);
                cases.cases.iter().for_each(|case| judge.clocks(case, &mut judged));
            }
            judged.track_ends.push(judged.clocks.len());
        }
        for clock in judged.clocks.iter_mut().filter(|_| !reasons.is_empty()) {
            clock.delay_reasons = reasons_for(&reasons, clock);
        }
        mark(&mut judged.clocks, &index);
        let look_backs = self
            .compiled
            .looks
            .iter()
            .flat_map(|look| look_back(look, &index, &journey.coverage, question))
            .collect();
        let around = (&index, processes, &journey.coverage);
        let tallies = if question.members { self.members(around, &judged, question) } else { Vec::new() };
        Answers { clocks: judged.clocks, look_backs, tallies }
    }

    /// The members of every figure.
    fn members<'j>(
        &self,
        (index, processes, coverage): (&Index<'j>, &Processes<'j>, &Coverage),
        judged: &Judged<'b, 'j>,
        question: &Question<'_>,
    ) -> Vec<Tallied<'b>> {
        let teller = Teller { index, processes, judged, coverage, endings: self.compiled.endings, question };
        // About three members come of an event; a list that grows is moved as a whole.
        let mut tallies = Vec::with_capacity(4 * index.events.len());
        self.compiled.counts.iter().for_each(|count| teller.tell(count, &mut tallies));
        tallies
    }
}

/// The events of a journey as rules read them.
struct Read<'a, 'j> {
    /// As they were recorded, with the names of what they belong to.
    recorded: Vec<&'j KnownEvent>,
    /// As rules read them: with what they change stated, too.
    events: Vec<&'j KnownEvent>,
    /// Of these, what states again how a process stands that began before.
    restated: &'j BTreeSet<EventId>,
    never_began: &'a NeverBegan<'a, 'j>,
    processes: &'a Processes<'j>,
}

fn has_happened(event: &KnownEvent, question: &Question<'_>) -> bool {
    Ends::of(event).earliest.is_none_or(|earliest| earliest <= question.as_at)
}

struct Reason<'j> {
    rule: &'j str,
    entity: EntityId,
    reason: DelayReason,
}

fn delay_reasons<'j>(events: &[&'j KnownEvent]) -> Vec<Reason<'j>> {
    let reason = |event: &&'j KnownEvent| {
        let Body::DelayReasonRecorded(recorded) = &event.body else { return None };
        let reason = DelayReason { recorded: Evidence::from(*event), reason: recorded.reason.clone() };
        Some(Reason { rule: recorded.rule.as_str(), entity: recorded.entity, reason })
    };
    events.iter().filter_map(reason).collect()
}

fn reasons_for(reasons: &[Reason<'_>], clock: &Clock<'_>) -> Vec<DelayReason> {
    let of_clock = reasons
        .iter()
        .filter(|reason| reason.entity == clock.entity && reason.rule == clock.rule.id.as_str());
    of_clock.map(|reason| reason.reason.clone()).collect()
}
