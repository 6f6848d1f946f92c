//! The synthetic authority, read back and folded as the product folds a whole ledger: groups first, children with the acts of
//! their groups, then families, sets and all else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::sync::{LazyLock, OnceLock};

use chrono::NaiveDate;
use domain::clocks::{Answers, Clock, ClockEngine, Question};
use domain::envelope::Category;
use domain::events::{Body, EntityRole, RecordedEvent};
use domain::ids::{Position, Revision, StreamId};
use domain::journey::{Acts, Basis, Copies, Group, Groups, Journey, KnownAt};
use domain::rules::RuleBook;
use exchange::jsonl::{EventLine, Reader};
use exchange::synthetic::{Options, synthesise};
use projections::indicators::{Indicators, Period};
use projections::populations::Populations;

use crate::figures::Figured;

/// The built-in rules, with those of other councils adopted.
pub(crate) static BOOK: LazyLock<RuleBook> = LazyLock::new(|| {
    RuleBook::with_local("all.toml", "phase = \"local\"\nadopt = [\"all\"]\n").expect("a whole file")
});

/// As known at the end, on the source's word.
const KNOWN: KnownAt = KnownAt { basis: Basis::Source, until: None };

/// Streams whose members' acts count for them too.
const WITH_MEMBERS: [Category; 2] = [Category::Household, Category::Proceedings];

/// What the synthetic authority answers.
pub(crate) struct Authority {
    pub(crate) until: NaiveDate,
    pub(crate) indicators: Figured,
    /// Children's journeys, the acts of their groups included.
    pub(crate) children: Vec<(StreamId, Journey)>,
    /// Every clock of every stream.
    pub(crate) clocks: Vec<(StreamId, Clock<'static>)>,
}

impl Authority {
    /// An authority of some years, made once.
    pub(crate) fn ordinary() -> &'static Self {
        static HELD: OnceLock<Authority> = OnceLock::new();
        HELD.get_or_init(|| {
            let until = "2025-03-31".parse().expect("a day");
            Self::of(&Options { children: 6000, years: 6, seed: 7, until })
        })
    }

    fn of(options: &Options) -> Self {
        let streams = read_back(options);
        let from = options.until - chrono::Months::new(12 * options.years);
        let period = Period { from, to: options.until };
        let mut fold = Fold::new(period, &streams);
        for (stream, events) in &streams {
            if events.first().is_some_and(|first| first.category == Category::Child) {
                fold.child(*stream, events);
            }
        }
        let Fold { mut indicators, populations, children, clocks, .. } = fold.finish();
        indicators.population = populations.under_18("INV", options.until);
        let indicators = Figured { indicators, children: options.children };
        Self { until: options.until, indicators, children, clocks }
    }
}

struct Fold {
    period: Period,
    groups: Groups,
    alone: Vec<(StreamId, Category, Journey)>,
    shared: Copies,
    told: BTreeSet<domain::ids::EventId>,
    acts: Vec<Acts>,
    indicators: Indicators,
    populations: Populations,
    children: Vec<(StreamId, Journey)>,
    clocks: Vec<(StreamId, Clock<'static>)>,
}

impl Fold {
    fn new(period: Period, streams: &BTreeMap<StreamId, Vec<RecordedEvent>>) -> Self {
        let of = |category: Category| {
            streams.iter().filter(move |(_, events)| events.first().is_some_and(|it| it.category == category))
        };
        let with_members = WITH_MEMBERS.into_iter().flat_map(of);
        let groups = with_members.filter_map(|(_, events)| Group::known(events, KNOWN)).collect();
        let alone =
            [Category::Adopter, Category::Worker, Category::Authority].into_iter().flat_map(|category| {
                of(category).map(move |(stream, events)| (*stream, category, Journey::known(events, KNOWN)))
            });
        let alone: Vec<_> = alone.collect();
        let mut shared = Copies::default();
        let events = alone.iter().flat_map(|(_, _, journey)| &journey.events);
        events.filter(|event| event.kind().stands_in(Category::Child)).for_each(|event| shared.hold(event));
        Self {
            period,
            groups: connected(Groups::new(groups), of(Category::Child)),
            alone,
            shared,
            told: BTreeSet::new(),
            acts: WITH_MEMBERS
                .map(|category| Acts::of(category, BOOK.asked_of(category), BOOK.endings()))
                .into(),
            indicators: Indicators::default(),
            populations: Populations::default(),
            children: Vec::new(),
            clocks: Vec::new(),
        }
    }

    fn child(&mut self, stream: StreamId, events: &[RecordedEvent]) {
        let journey = self.groups.complete(stream, Journey::known(events, KNOWN));
        self.acts.iter_mut().for_each(|acts| acts.take(stream, &journey, &self.groups));
        let told = journey.events.iter().flat_map(|event| self.shared.of(event));
        self.told.extend(told.map(|act| act.event_id));
        self.answer(stream, Category::Child, &journey);
        self.children.push((stream, journey));
    }

    fn answer(&mut self, stream: StreamId, category: Category, journey: &Journey) {
        let engine = ClockEngine::of(&BOOK, category);
        let answers: Answers<'static> = engine.run(journey, &Question::as_at(self.period.to));
        self.indicators.count(stream, &answers, self.period);
        if category == Category::Authority {
            self.populations.take(journey);
        }
        self.clocks.extend(answers.clocks.into_iter().map(|clock| (stream, clock)));
    }

    fn finish(mut self) -> Self {
        for (acts, category) in std::mem::take(&mut self.acts).into_iter().zip(WITH_MEMBERS) {
            for (stream, journey) in acts.journeys(&self.groups) {
                self.answer(stream, category, &journey);
            }
        }
        for (stream, category, mut journey) in std::mem::take(&mut self.alone) {
            journey.events.retain(|event| !self.told.contains(&event.event_id));
            self.answer(stream, category, &journey);
        }
        self
    }
}

/// Groups with the children who name them, and with what the children's own streams say of shared acts.
fn connected<'a>(
    mut groups: Groups,
    children: impl Iterator<Item = (&'a StreamId, &'a Vec<RecordedEvent>)>,
) -> Groups {
    let mut amending = Vec::new();
    for (stream, events) in children {
        let journey = Journey::known(events, KNOWN);
        for event in &journey.events {
            let household =
                if let Body::FamilyLinked(linked) = &event.body { linked.household } else { None };
            let set = event.entities.get(EntityRole::Proceedings).and_then(|set| groups.stream_of(set));
            [household, set].into_iter().flatten().for_each(|group| groups.link(*stream, group));
        }
        if events.iter().any(|event| event.event.body.kind().is_amendment()) {
            amending.push((*stream, journey));
        }
    }
    let sharing: BTreeSet<StreamId> = groups.members(true).collect();
    for (stream, journey) in amending.iter().filter(|(stream, _)| sharing.contains(stream)) {
        groups.absorb(*stream, journey);
    }
    groups
}

fn read_back(options: &Options) -> BTreeMap<StreamId, Vec<RecordedEvent>> {
    let mut bytes = Vec::new();
    synthesise(options, &mut bytes).expect("a file in memory");
    let lines = Reader::open(Cursor::new(&bytes)).expect("a header");
    let mut streams: BTreeMap<StreamId, Vec<RecordedEvent>> = BTreeMap::new();
    for (index, line) in lines.enumerate() {
        let line = line.expect("a line that was written here");
        let held = streams.entry(line.stream).or_default();
        held.push(recorded(index, held.len(), line));
    }
    streams
}

fn recorded(index: usize, before: usize, line: EventLine) -> RecordedEvent {
    RecordedEvent {
        position: Position(u64::try_from(index).expect("small") + 1),
        stream: line.stream,
        category: line.category,
        revision: Revision(u32::try_from(before).expect("small") + 1),
        event_id: line.event.event_id,
        command_id: line.command_id,
        recorded_at: line.event.context.source_recorded_at.expect("stated by the source").known_by(),
        context: line.event.context.clone(),
        event: line.read,
    }
}
