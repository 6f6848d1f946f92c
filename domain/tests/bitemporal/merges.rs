//! Two records that turn out to be one child's, and one that turns out to be two children's.
//!
//! A merge withdraws what stands in one record and records it in the other, at one moment; a split takes it back. Late
//! entries and corrections go on in between. At every moment both records together hold what was known of the children,
//! and the record that goes on answers as if it had been the only one all along.

use chrono::NaiveDate;
use domain::clocks::{ClockEngine, Question, State};
use domain::events::records::{RecordsMerged, RecordsSplit};
use domain::events::{CaseEvent, Kind, RecordedEvent};
use domain::ids::StreamId;
use domain::journey::{Basis, Journey, KnownAt};
use domain::rules::RuleBook;
use proptest::prelude::*;
use uuid::Uuid;

use crate::slow_view::known;
use crate::world::{Entry, Fact, Moment, Say, date, event_id, fact, known_at, recorded};

const SURVIVOR: u128 = 1;
const OTHER: u128 = 2;

/// Both records, and what was done to both at once.
struct Records {
    survivor: Vec<Entry>,
    other: Vec<Entry>,
    /// Places in the survivor of what came from the other, with its place there.
    moved: Vec<(usize, usize)>,
    merged: Option<Moment>,
    split: Option<Moment>,
}

fn entry(say: Say, recorded: Moment) -> Entry {
    Entry { say, recorded, source: None, extract: None }
}

impl Records {
    /// Facts of two records, each told some days after the one before.
    fn told(facts: &[(Fact, bool)]) -> Self {
        let whole = || vec![entry(Say::Whole, 0)];
        let mut records =
            Self { survivor: whole(), other: whole(), moved: Vec::new(), merged: None, split: None };
        for (number, (fact, of_survivor)) in facts.iter().enumerate() {
            let at = 2 * u32::try_from(number).unwrap();
            // Processes of the two records are not the same ones.
            let fact = Fact { number: fact.number + if *of_survivor { 0 } else { 10 }, ..*fact };
            let record = if *of_survivor { &mut records.survivor } else { &mut records.other };
            record.push(entry(Say::Happened(fact), at));
        }
        records
    }

    fn merge(&mut self, at: Moment) {
        for standing in known(&self.other, Basis::Ledger, at).into_iter().filter(|known| !known.withdrawn) {
            self.moved.push((self.survivor.len(), standing.entry));
            self.survivor.push(entry(Say::Happened(standing.fact), at));
            self.other.push(entry(Say::Withdrawn(standing.entry), at));
        }
        self.merged = Some(at);
    }

    /// Takes the merge back: what came from the other record, as corrected meanwhile, stands there again.
    fn split(&mut self, at: Moment) {
        let survivor = known(&self.survivor, Basis::Ledger, at);
        for (here, there) in &self.moved {
            let copy = survivor.iter().find(|known| known.entry == *here).unwrap();
            if !copy.withdrawn {
                self.survivor.push(entry(Say::Withdrawn(*here), at));
                self.other.push(entry(Say::Reinstated(*there), at));
                self.other.push(entry(Say::Corrected(*there, copy.fact), at));
            }
        }
        self.split = Some(at);
    }

    fn journeys(&self, until: KnownAt) -> [Journey; 2] {
        let at = |moment: Moment| date(moment / 2);
        let mut held = [recorded(SURVIVOR, &self.survivor), recorded(OTHER, &self.other)];
        for (number, events) in held.iter_mut().enumerate() {
            let stream = if number == 0 { OTHER } else { SURVIVOR };
            let other = StreamId(Uuid::from_u128(stream));
            let survivor = StreamId(Uuid::from_u128(SURVIVOR));
            if let Some(merged) = self.merged {
                told_of(events, merged, at(merged), RecordsMerged { other, survivor, reason: None });
            }
            if let Some(split) = self.split {
                told_of(events, split, at(split), RecordsSplit { other, undoes: None, reason: None });
            }
        }
        held.map(|events| Journey::known(&events, until))
    }
}

/// Adds the event about the records themselves, last in its stream.
fn told_of(
    events: &mut Vec<RecordedEvent>,
    moment: Moment,
    on: NaiveDate,
    body: impl Into<domain::events::Body>,
) {
    let mut event = recorded(events[0].stream.0.as_u128(), &[entry(Say::Whole, moment)]).remove(0);
    event.event = CaseEvent::new(on.to_string().parse().unwrap(), body);
    event.event_id = event_id(77, events.len());
    event.position.0 = u64::try_from(events.len()).unwrap() + 1;
    events.push(event);
}

/// What a journey says happened, without the events about the records themselves.
fn told(journey: &Journey) -> Vec<CaseEvent> {
    let about_records = |kind: Kind| matches!(kind, Kind::RecordsMerged | Kind::RecordsSplit);
    let events = journey.events.iter().filter(|event| !about_records(event.kind()));
    let mut all: Vec<CaseEvent> = events.map(domain::journey::KnownEvent::to_case_event).collect();
    all.sort_by_key(|event| format!("{event:?}"));
    all
}

fn standing(entries: &[Entry], until: Moment) -> Vec<CaseEvent> {
    let standing = known(entries, Basis::Ledger, until).into_iter().filter(|known| !known.withdrawn);
    let mut all: Vec<CaseEvent> = standing.map(|known| known.fact.event()).collect();
    all.sort_by_key(|event| format!("{event:?}"));
    all
}

/// Rule, process, place and state of every clock on the last day of the histories.
fn states(journey: &Journey) -> Vec<(String, String, usize, State)> {
    let engine = ClockEngine::new(RuleBook::built_in());
    let clocks = engine.run(journey, &Question::as_at(date(500))).clocks;
    let one = |clock: &domain::clocks::Clock<'_>| {
        // The clock of one event is named by the event, which a copy is not.
        let whose =
            if clock.per == domain::rules::Subject::Event { String::new() } else { clock.entity.to_string() };
        (clock.rule.id.to_string(), whose, clock.occurrence, clock.state)
    };
    let mut all: Vec<_> = clocks.iter().map(one).collect();
    all.sort_by_key(|one| format!("{one:?}"));
    all
}

fn facts() -> impl Strategy<Value = Vec<(Fact, bool)>> {
    prop::collection::vec((fact(false), any::<bool>()), 1..16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn merged_records_answer_as_one_and_split_records_as_two(facts in facts(), late in fact(false), shift in 0_u32..9) {
        let (before, merged, between, split) = (98, 100, 110, 120);
        let mut records = Records::told(&facts);
        records.merge(merged);
        records.survivor.push(entry(Say::Happened(late), between));
        if let Some((copy, _)) = records.moved.first().copied() {
            // The first that came over is corrected where it stands now.
            let Say::Happened(held) = records.survivor[copy].say else { unreachable!("a copy is a fact") };
            let day = crate::world::When::Day(shift);
            records.survivor.push(entry(Say::Corrected(copy, Fact { when: day, ..held }), between));
        }
        records.split(split);

        let one = Records::told(&facts.iter().map(|(fact, of_survivor)| {
            (Fact { number: fact.number + if *of_survivor { 0 } else { 10 }, ..*fact }, true)
        }).collect::<Vec<_>>());
        let whole = one.journeys(KnownAt::NOW);
        for moment in [before, merged, between, split, 2_000] {
            let [survivor, other] = records.journeys(known_at(Basis::Ledger, moment));
            prop_assert_eq!(told(&survivor), standing(&records.survivor, moment));
            prop_assert_eq!(told(&other), standing(&records.other, moment));
            let mut both = [told(&survivor), told(&other)].concat();
            both.sort_by_key(|event| format!("{event:?}"));
            if moment <= merged {
                prop_assert_eq!(&both, &told(&whole[0]), "nothing is lost and nothing is twice");
            }
            if moment == merged {
                prop_assert_eq!(told(&other), vec![]);
                prop_assert_eq!(states(&survivor), states(&whole[0]));
            }
        }
        let ([_, other_before], [_, other_after]) = (
            records.journeys(known_at(Basis::Ledger, before)), records.journeys(known_at(Basis::Ledger, split)),
        );
        let of_other = facts.iter().filter(|(_, of_survivor)| !of_survivor).count();
        prop_assert_eq!((told(&other_before).len(), told(&other_after).len()), (of_other, of_other));
    }
}
