//! Records what somebody tells, day by day, and asks what was known.

use chrono::{DateTime, NaiveDate, Utc};
use domain::clocks::{Clock, ClockEngine, Question};
use domain::decider::{Command, Refusal, decide};
use domain::envelope::{Category, EventContext};
use domain::events::record_keeping::{CorrectionReason, CoverageExtent, HistoryCoverageStated};
use domain::events::{Body, CaseEvent, EntityRole, Kind, RecordedEvent};
use domain::ids::{CommandId, EntityId, EventId, Position, Revision, StreamId};
use domain::journey::{Basis, Journey, KnownAt};
use domain::observations::observe;
use domain::rules::RuleBook;
use uuid::Uuid;

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("tests write valid dates")
}

/// One stream and who tells of it.
pub(crate) struct Teller {
    pub(crate) category: Category,
    pub(crate) recorded: Vec<RecordedEvent>,
    stream: u128,
}

impl Teller {
    pub(crate) fn of_child() -> Self {
        Self::of(Category::Child, 99)
    }

    pub(crate) fn of(category: Category, stream: u128) -> Self {
        Self { category, recorded: Vec::new(), stream }
    }

    /// A child whose whole history is stated to be held.
    pub(crate) fn with_whole_history() -> Self {
        let mut teller = Self::of_child();
        let statement = HistoryCoverageStated {
            kinds: std::collections::BTreeSet::new(),
            extent: CoverageExtent::Complete,
            from: None,
            to: None,
            import: None,
        };
        teller.tell("2000-01-01", "2000-01-01", statement, &[]);
        teller
    }

    /// Records on one day that something happened on another.
    pub(crate) fn tell(
        &mut self,
        recorded_on: &str,
        occurred: &str,
        body: impl Into<Body>,
        processes: &[(EntityRole, u128)],
    ) -> EventId {
        let event = event(occurred, body, processes);
        self.try_record(recorded_on, event).unwrap_or_else(|refusal| panic!("{occurred}: {refusal}"))
    }

    pub(crate) fn try_record(&mut self, on: &str, event: CaseEvent) -> Result<EventId, Refusal> {
        self.command(on, &Command::Record { event: Box::new(event) })
    }

    pub(crate) fn correct(&mut self, on: &str, target: EventId, replacement: CaseEvent) -> EventId {
        let reason = CorrectionReason::LateInformation;
        let command =
            Command::Correct { target, replacement: Box::new(replacement), reason, authorised_by: None };
        self.command(on, &command).unwrap_or_else(|refusal| panic!("{refusal}"))
    }

    pub(crate) fn withdraw(&mut self, on: &str, target: EventId) {
        let command =
            Command::Withdraw { target, reason: CorrectionReason::TypingError, authorised_by: None };
        self.command(on, &command).unwrap_or_else(|refusal| panic!("{refusal}"));
    }

    fn command(&mut self, on: &str, command: &Command) -> Result<EventId, Refusal> {
        let now: DateTime<Utc> = format!("{on}T12:00:00Z").parse().expect("tests write valid dates");
        let event = decide(self.category, &self.recorded, command, now)?.event;
        let number = u32::try_from(self.recorded.len() + 1).expect("few events");
        let event_id = EventId(Uuid::from_u128((self.stream << 32) | u128::from(number)));
        self.recorded.push(RecordedEvent {
            position: Position(u64::from(number)),
            stream: StreamId(Uuid::from_u128(self.stream)),
            category: self.category,
            revision: Revision(number),
            event_id,
            command_id: CommandId(event_id.as_uuid()),
            recorded_at: now,
            context: EventContext::new(Uuid::from_u128(5), "social_worker"),
            event,
        });
        Ok(event_id)
    }

    /// What was known at the end of a day.
    pub(crate) fn known(&self, on: &str) -> Journey {
        let journey = Journey::known(&self.recorded, KnownAt::end_of(Basis::Ledger, day(on)));
        assert_eq!(journey.anomalies, []);
        journey
    }

    /// The codes of what was irregular as known at the end of a day, about that day.
    pub(crate) fn observed(&self, on: &str) -> Vec<&'static str> {
        observe(&self.known(on), day(on), RuleBook::built_in().endings())
            .iter()
            .map(|observation| observation.code.name())
            .collect()
    }

    /// The days of a kind as known at the end of a day, in practice order.
    pub(crate) fn days(&self, on: &str, kind: Kind) -> Vec<String> {
        let journey = self.known(on);
        journey.events.iter().filter(|event| event.kind() == kind).map(|it| it.occurred.to_string()).collect()
    }

    /// The clocks of a rule as known at the end of a day, about that day.
    pub(crate) fn clocks(&self, on: &str, rule: &str) -> Vec<Clock<'static>> {
        let answers = ClockEngine::new(RuleBook::built_in()).run(&self.known(on), &Question::as_at(day(on)));
        answers.clocks.into_iter().filter(|clock| clock.rule.id.as_str() == rule).collect()
    }
}

/// An event of processes with these numbers.
pub(crate) fn event(occurred: &str, body: impl Into<Body>, processes: &[(EntityRole, u128)]) -> CaseEvent {
    let event = CaseEvent::new(occurred.parse().expect("tests write valid occurrences"), body);
    processes.iter().fold(event, |event, (role, number)| event.of(*role, EntityId(Uuid::from_u128(*number))))
}

/// A registration with these dates; an empty text is an unknown date.
pub(crate) fn registered(born: &str, expected: &str) -> Body {
    domain::events::identity::ChildRegistered {
        date_of_birth: born.parse().ok(),
        expected_date_of_birth: expected.parse().ok(),
        sex: None,
        ethnicity: None,
        disabilities: std::collections::BTreeSet::new(),
        upn_unknown: None,
    }
    .into()
}
