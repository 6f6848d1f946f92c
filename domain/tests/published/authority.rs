//! An authority of invented children, and what its events say of a period.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::clocks::{Answers, ClockEngine, Figures, Looked, Question, State};
use domain::envelope::{Category, EventContext};
use domain::events::{CaseEvent, EntityRole, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, Position, Revision, StreamId};
use domain::journey::{Basis, Journey, KnownAt};
use domain::rules::RuleBook;
use uuid::Uuid;

static ENGINE: LazyLock<ClockEngine<'static>> = LazyLock::new(|| ClockEngine::new(&BOOK));

/// The built-in rules, with those of other councils adopted.
static BOOK: LazyLock<RuleBook> = LazyLock::new(|| {
    RuleBook::with_local("all.toml", "phase = \"local\"\nadopt = [\"all\"]\n").expect("a whole file")
});

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn after(text: &str, days: u64) -> String {
    (day(text) + Days::new(days)).to_string()
}

/// The streams of an authority, each of one child (or of one family).
#[derive(Default)]
pub(crate) struct Authority {
    children: Vec<Vec<RecordedEvent>>,
    /// Facts that were read before, by kind and details.
    read: HashMap<(String, String), CaseEvent>,
    processes: u128,
}

impl Authority {
    /// A child whose whole history is stated to be held. What is told next is told of this child.
    pub(crate) fn child(&mut self) -> &mut Self {
        self.children.push(Vec::new());
        self.tell("1990-01-01", "history_coverage_stated", r#"{"extent":"complete","kinds":[]}"#, &[])
    }

    /// A process of its own.
    pub(crate) fn process(&mut self) -> u128 {
        self.processes += 1;
        self.processes
    }

    /// Tells of the last child, recorded on the day on which it happened.
    pub(crate) fn tell(
        &mut self,
        on: &str,
        kind: &str,
        details: &str,
        processes: &[(EntityRole, u128)],
    ) -> &mut Self {
        self.tell_late(&on[..10], on, kind, details, processes)
    }

    pub(crate) fn tell_late(
        &mut self,
        recorded_on: &str,
        on: &str,
        kind: &str,
        details: &str,
        processes: &[(EntityRole, u128)],
    ) -> &mut Self {
        let read = self.read.entry((kind.to_owned(), details.to_owned())).or_insert_with(|| {
            let version = Kind::from_name(kind).unwrap().schema_version();
            let facts = format!("{{\"details\":{details}}}");
            CaseEvent::read("unknown".parse().unwrap(), kind, version, &facts).unwrap()
        });
        let mut event = CaseEvent { occurred: on.parse().unwrap(), ..read.clone() };
        for (role, number) in processes {
            event = event.of(*role, EntityId(Uuid::from_u128(*number)));
        }
        let stream = u64::try_from(self.children.len()).unwrap();
        let child = self.children.last_mut().unwrap();
        let number = u32::try_from(child.len() + 1).unwrap();
        let id = Uuid::from_u64_pair(stream, u64::from(number));
        child.push(RecordedEvent {
            position: Position(u64::from(number)),
            stream: StreamId(Uuid::from_u64_pair(stream, 0)),
            category: Category::Child,
            revision: Revision(number),
            event_id: EventId(id),
            command_id: CommandId(id),
            recorded_at: noon(recorded_on),
            context: EventContext::new(Uuid::from_u128(5), "social_worker"),
            event,
        });
        self
    }

    /// What all children answer about a day, with all that is known.
    pub(crate) fn answers(&self, as_at: &str) -> All {
        self.answers_known(as_at, KnownAt::NOW)
    }

    /// What all children answer about a day, as it was known at the end of another.
    pub(crate) fn answers_known_on(&self, as_at: &str, known_on: &str) -> All {
        self.answers_known(as_at, KnownAt::end_of(Basis::Ledger, day(known_on)))
    }

    fn answers_known(&self, as_at: &str, known: KnownAt) -> All {
        let question = Question::as_at(day(as_at));
        let journeys: Vec<Journey> = self.children.iter().map(|child| Journey::known(child, known)).collect();
        All { answers: journeys.iter().map(|journey| ENGINE.run(journey, &question)).collect(), journeys }
    }
}

/// The answers of all children, and the journeys behind them.
pub(crate) struct All {
    pub(crate) answers: Vec<Answers<'static>>,
    pub(crate) journeys: Vec<Journey>,
}

/// First and last day, both included.
pub(crate) type Period<'a> = (&'a str, &'a str);

fn within(period: Period<'_>, on: Option<NaiveDate>) -> bool {
    on.is_some_and(|on| day(period.0) <= on && on <= day(period.1))
}

impl All {
    /// The figures of a tally over a period; what is open belongs to the day asked about.
    pub(crate) fn figures(&self, rule: &str, period: Period<'_>) -> Figures {
        let mut figures = Figures::default();
        for answers in &self.answers {
            let of_rule = answers.tallies.iter().filter(|member| member.rule.id.as_str() == rule);
            of_rule.filter(|member| within(period, member.day)).for_each(|member| figures.add(member));
        }
        assert_eq!((figures.cannot_tell, figures.history_incomplete), (0, 0), "{rule}");
        figures
    }

    /// Looking back: how many events of the period, of how many, and by band.
    pub(crate) fn looked(&self, rule: &str, period: Period<'_>) -> (Figures, BTreeMap<String, u64>) {
        let (mut figures, mut bands) = (Figures::default(), BTreeMap::new());
        let of_rule = self.answers.iter().flat_map(|answers| &answers.look_backs);
        for looked in
            of_rule.filter(|it| it.rule.id.as_str() == rule && within(period, it.event.occurred.day()))
        {
            figures.base += 1;
            match looked.answer {
                Looked::Earlier(band) => {
                    figures.counted += 1;
                    let label = band.map_or(String::new(), |band| band.label.to_string());
                    *bands.entry(label).or_default() += 1;
                }
                Looked::NoEarlier => {}
                Looked::EarlierStatedOnly | Looked::CannotTell(_) | Looked::HistoryIncomplete => {
                    panic!("{rule} is to be told: {:?}", looked.answer)
                }
            }
        }
        (figures, bands)
    }

    /// Clocks of some rules that stopped in a period: how many in time, of how many. And how many are open past their day.
    pub(crate) fn clocks(&self, rules: &[&str], period: Period<'_>) -> (Figures, u64) {
        let (mut closed, mut overdue) = (Figures::default(), 0);
        let clocks = self.answers.iter().flat_map(|answers| &answers.clocks);
        for clock in clocks.filter(|clock| rules.contains(&clock.rule.id.as_str())) {
            let ended = clock.stop.or(clock.closed_by).map(|end| end.occurred.day());
            match clock.state {
                State::Overdue => overdue += 1,
                State::Met | State::Late if within(period, ended.flatten()) => {
                    closed.base += 1;
                    closed.counted += u64::from(clock.state == State::Met);
                    let used = clock.used.map_or(0, |used| used.amount);
                    *closed.values.entry(used).or_default() += 1;
                }
                State::Met | State::Late | State::Running | State::DueSoon | State::NotApplicable => {}
                State::TooEarly | State::CannotTell(_) | State::HistoryIncomplete => {
                    panic!("{} is to be told: {:?}", clock.rule.id, clock.state)
                }
            }
        }
        (closed, overdue)
    }

    /// How many events of a kind lie in a period.
    pub(crate) fn events(&self, kind: Kind, period: Period<'_>) -> u64 {
        let events = self.journeys.iter().flat_map(|journey| &journey.events);
        let of_kind = events.filter(|event| event.kind() == kind && within(period, event.occurred.day()));
        u64::try_from(of_kind.count()).unwrap()
    }
}

/// A share in hundredths of a per cent, rounded half up.
pub(crate) fn share(counted: u64, base: u64) -> u64 {
    Figures { base, counted, ..Figures::default() }.share().unwrap()
}

/// A share in whole per cent, rounded half up.
pub(crate) fn per_cent(counted: u64, base: u64) -> u64 {
    (share(counted, base) + 50) / 100
}

/// The mean of values, in tenths, rounded half up.
pub(crate) fn mean_tenths(values: &BTreeMap<i64, u64>) -> i64 {
    let number: i64 = values.values().map(|number| i64::try_from(*number).unwrap()).sum();
    let sum: i64 = values.iter().map(|(value, number)| value * i64::try_from(*number).unwrap()).sum();
    (sum * 20 + number) / (number * 2)
}

fn noon(day: &str) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse().unwrap()
}
