//! Builds small invented journeys for the clock tests. Every child is invented.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use domain::clocks::{Answers, Clock, ClockEngine, Evidence, Figures, Question, State, Tallied, Tick};
use domain::envelope::{Category, EventContext};
use domain::events::record_keeping::{CoverageExtent, HistoryCoverageStated};
use domain::events::{Body, CaseEvent, EntityRole, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, Position, Revision, StreamId};
use domain::journey::{Journey, KnownAt};
use domain::rules::{Deadline, DeadlineOptions, RuleBook, Start, Subject};
use uuid::Uuid;

/// Compiled once: thousands of small stories are asked.
static ENGINE: LazyLock<ClockEngine<'static>> = LazyLock::new(|| ClockEngine::new(&BOOK));

/// The built-in rules, with those of other councils adopted.
static BOOK: LazyLock<RuleBook> = LazyLock::new(|| {
    RuleBook::with_local("all.toml", "phase = \"local\"\nadopt = [\"all\"]\n").expect("a whole file")
});

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("tests write valid dates")
}

/// Day, kind, details and processes of an act.
pub(crate) type Told<'a> = (&'a str, &'a str, &'a str, &'a [(EntityRole, u128)]);

/// A story of these acts, whose whole history is held.
pub(crate) fn story(told: &[Told<'_>]) -> Story {
    Story::complete().acts(told)
}

/// The process with this number.
pub(crate) fn process(number: u128) -> EntityId {
    EntityId(Uuid::from_u128(number))
}

/// Events of one invented child, recorded in the order in which they are added.
#[derive(Clone, Default)]
pub(crate) struct Story {
    pub(crate) recorded: Vec<RecordedEvent>,
}

impl Story {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A story whose whole history is stated to be held.
    pub(crate) fn complete() -> Self {
        Self::new().covered(&[], CoverageExtent::Complete, "", "")
    }

    pub(crate) fn covered(self, kinds: &[&str], extent: CoverageExtent, from: &str, to: &str) -> Self {
        let statement = HistoryCoverageStated {
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect::<BTreeSet<_>>(),
            extent,
            from: from.parse().ok(),
            to: to.parse().ok(),
            import: None,
        };
        self.with("1990-01-01", statement, &[])
    }

    /// Adds an event; `occurred` in the text form of `domain::time::Occurred`.
    pub(crate) fn with(
        self,
        occurred: &str,
        body: impl Into<Body>,
        processes: &[(EntityRole, u128)],
    ) -> Self {
        self.recorded_on("2025-01-01", occurred, body, processes)
    }

    pub(crate) fn recorded_on(
        self,
        recorded_on: &str,
        occurred: &str,
        body: impl Into<Body>,
        processes: &[(EntityRole, u128)],
    ) -> Self {
        let occurred = occurred.parse().expect("tests write valid occurrences");
        let mut event = CaseEvent::new(occurred, body);
        for (role, number) in processes {
            event = event.of(*role, process(*number));
        }
        self.push(recorded_on, event)
    }

    /// Adds an event as it is, on another day.
    pub(crate) fn event(self, occurred: &str, event: CaseEvent) -> Self {
        let occurred = occurred.parse().expect("tests write valid occurrences");
        self.push("2025-01-01", CaseEvent { occurred, ..event })
    }

    fn push(mut self, recorded_on: &str, event: CaseEvent) -> Self {
        let number = u64::try_from(self.recorded.len() + 1).expect("few events");
        self.recorded.push(RecordedEvent {
            position: Position(number),
            stream: StreamId(Uuid::from_u128(99)),
            category: Category::Child,
            revision: Revision(u32::try_from(number).expect("few events")),
            event_id: EventId(Uuid::from_u128(u128::from(number))),
            command_id: CommandId(Uuid::from_u128(u128::from(number))),
            recorded_at: noon(recorded_on),
            context: EventContext::new(Uuid::from_u128(5), "social_worker"),
            event,
        });
        self
    }

    /// Adds an event of any kind, its details in the stored form.
    pub(crate) fn told(
        self,
        occurred: &str,
        kind: &str,
        details: &str,
        processes: &[(EntityRole, u128)],
    ) -> Self {
        let occurred_read = occurred.parse().expect("tests write valid occurrences");
        let facts = format!("{{\"details\":{details}}}");
        let version = Kind::from_name(kind).expect("tests name kinds").schema_version();
        let event = CaseEvent::read(occurred_read, kind, version, &facts).expect("tests write valid facts");
        self.with(occurred, event.body, processes)
    }

    /// Adds acts, each in the stored form.
    pub(crate) fn acts(self, told: &[Told<'_>]) -> Self {
        told.iter()
            .fold(self, |story, (on, kind, details, processes)| story.told(on, kind, details, processes))
    }

    /// The members of one tally on a day.
    pub(crate) fn tallied(&self, rule: &str, as_at: &str) -> Vec<Tallied<'static>> {
        let answers = self.answers(&Question::as_at(day(as_at)));
        answers.tallies.into_iter().filter(|member| member.rule.id.as_str() == rule).collect()
    }

    /// The figures of one tally over all its members on a day.
    pub(crate) fn figures(&self, rule: &str, as_at: &str) -> Figures {
        let mut figures = Figures::default();
        self.tallied(rule, as_at).iter().for_each(|member| figures.add(member));
        figures
    }

    pub(crate) fn journey(&self) -> Journey {
        Journey::known(&self.recorded, KnownAt::NOW)
    }

    pub(crate) fn answers(&self, question: &Question<'_>) -> Answers<'static> {
        ENGINE.run(&self.journey(), question)
    }

    /// Everything that is answered on a day, sorted, without the ids and places of the events on which it rests.
    pub(crate) fn sayings(&self, as_at: &str) -> Vec<String> {
        sayings(&self.answers(&Question::as_at(day(as_at))))
    }

    /// The same, without the number of a process that no event names: it is that of an event.
    pub(crate) fn sayings_of_named(&self, as_at: &str) -> Vec<String> {
        let is_named = |entity: EntityId| {
            let mut all = self.recorded.iter().flat_map(|recorded| recorded.event.entities.iter());
            all.any(|(_, named)| named == entity)
        };
        sayings_of(&self.answers(&Question::as_at(day(as_at))), is_named)
    }

    /// The clocks of one rule.
    pub(crate) fn clocks(&self, rule: &str, question: &Question<'_>) -> Vec<Clock<'static>> {
        self.answers(question).clocks.into_iter().filter(|clock| clock.rule.id.as_str() == rule).collect()
    }

    /// The states of one rule's clocks on a day, with all that is known of the calendar.
    pub(crate) fn states(&self, rule: &str, as_at: &str) -> Vec<State> {
        self.clocks(rule, &Question::as_at(day(as_at))).iter().map(|clock| clock.state).collect()
    }
}

/// Answers as sorted lines, without the ids and places of the events on which they rest.
pub(crate) fn sayings(answers: &Answers<'_>) -> Vec<String> {
    sayings_of(answers, |_| true)
}

/// The same, with the numbers of those processes alone that count as named.
fn sayings_of(answers: &Answers<'_>, is_named: impl Fn(EntityId) -> bool) -> Vec<String> {
    let entity = |entity: EntityId| {
        if is_named(entity) { entity.to_string() } else { "its own".to_owned() }
    };
    let clocks = answers.clocks.iter().map(|clock| {
        let of_event = clock.per == Subject::Event;
        let entity = if of_event { clock.start.occurred.to_string() } else { entity(clock.entity) };
        let (rule, occurrence) = (&clock.rule.id, clock.occurrence);
        let (due, state, used, version) = (clock.due_on, clock.state, clock.used, &clock.version.name);
        let shown = |act: Option<&Evidence>| act.map(|act| act.occurred.to_string());
        let acts = [Some(&clock.start), clock.stop.as_ref(), clock.closed_by.as_ref()].map(shown);
        format!(
            "{rule} {version} {entity} {occurrence} {:?} {due:?} {state:?} {used:?} {acts:?}",
            clock.due_at
        )
    });
    let looked = answers.look_backs.iter().map(|looked| {
        let (rule, event, answer) = (&looked.rule.id, looked.event.occurred, looked.answer);
        format!("{rule} {:?} {event} {answer:?}", looked.entity.map(entity))
    });
    let tallied = answers.tallies.iter().map(|member| {
        let (rule, tick, value, group) = (&member.rule.id, member.tick, member.value, &member.group);
        // Which of several workers or days a member stands for is not told where it cannot be.
        let group = group.as_ref().filter(|_| matches!(tick, Tick::Counted | Tick::NotCounted));
        format!("{rule} {} {:?} {tick:?} {value:?} {group:?}", member.member.occurred, member.day)
    });
    let mut all: Vec<String> = clocks.chain(looked).chain(tallied).collect();
    all.sort();
    all
}

/// A story whose whole history is held, of a child born on that day.
pub(crate) fn born(on: &str) -> Story {
    let details = format!("{{\"date_of_birth\":\"{on}\",\"disabilities\":[]}}");
    Story::complete().told("2010-01-01", "child_registered", &details, &[])
}

/// The child became looked after on that day.
pub(crate) fn in_care(story: Story, from: &str) -> Story {
    story.told(from, "became_looked_after", "{}", &[(EntityRole::PeriodOfCare, 1)])
}

/// The deadline of a rule of which each start has one.
pub(crate) fn the_deadline(rule: &str, start: &str) -> Deadline {
    let start = Start::Day(day(start));
    let mut all = BOOK.deadlines(rule, start, &DeadlineOptions::default()).expect("a deadline");
    assert_eq!(all.len(), 1, "{rule}: {all:?}");
    all.remove(0)
}

/// The built-in rules, with those of other councils adopted.
pub(crate) fn book() -> &'static RuleBook {
    &BOOK
}

/// The one state of one clock.
pub(crate) fn one(states: Vec<State>) -> State {
    let [one] = states.as_slice() else { panic!("one was expected: {states:?}") };
    *one
}

fn noon(day: &str) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse().expect("tests write valid dates")
}
