//! Given what was recorded, when a command comes, then events or a refusal.

use esrs::Aggregate as _;
use uuid::Uuid;

use super::*;
use crate::envelope::SealedFields;
use crate::events::assessment::{AssessmentAuthorised, AssessmentKind, AssessmentStarted};
use crate::events::{Body, EntityRole};
use crate::ids::EntityId;

const NOW: &str = "2024-07-01T09:00:00Z";

fn assessment(day: &str, body: impl Into<Body>) -> CaseEvent {
    CaseEvent::new(day.parse().unwrap(), body).of(EntityRole::Assessment, EntityId(Uuid::from_u128(1)))
}

fn started(day: &str) -> CaseEvent {
    assessment(day, AssessmentStarted { kind: AssessmentKind::Single })
}

fn authorised(day: &str) -> CaseEvent {
    assessment(day, AssessmentAuthorised { factors: std::collections::BTreeSet::new(), support_needed: None })
}

fn id(number: u128) -> EventId {
    EventId(Uuid::from_u128(number))
}

/// Given these events (ids 1, 2, …), what a command gives.
fn given(events: &[CaseEvent], command: Command) -> Result<Vec<CaseEvent>, Refusal> {
    let decided = decided(events, command)?;
    Ok(decided.into_iter().map(|event| event.recorded.event).collect())
}

fn decided(events: &[CaseEvent], command: Command) -> Result<Vec<SubjectEvent>, Refusal> {
    let now = NOW.parse().unwrap();
    let history = events.iter().zip(1..).fold(History::default(), |state, (event, number)| {
        let held = RecordedEvent {
            position: Position(number),
            event_id: id(number.into()),
            ..candidate(Category::Child, event, now)
        };
        Subject::apply_event(state, SubjectEvent::held(held))
    });
    let timed = TimedCommand {
        stream: StreamId(Uuid::nil()),
        category: Category::Child,
        command,
        event_id: id(100),
        sealed: SealedFields::none(),
        context: EventContext::new(Uuid::nil(), "social_worker"),
        now,
    };
    Subject::handle_command(&history, timed)
}

fn record(event: CaseEvent) -> Command {
    Command::Record { event: Box::new(event) }
}

fn correct(target: u128, replacement: CaseEvent) -> Command {
    let reason = CorrectionReason::TypingError;
    Command::Correct { target: id(target), replacement: Box::new(replacement), reason, authorised_by: None }
}

#[test]
fn what_can_be_true_is_recorded() {
    assert_eq!(
        given(&[started("2024-06-03")], record(authorised("2024-07-01"))),
        Ok(vec![authorised("2024-07-01")])
    );
}

#[test]
fn what_cannot_be_true_is_refused_with_the_events_it_contradicts() {
    let cases = [
        (vec![], authorised("2024-07-01"), ObservationCode::NotOpened, vec![]),
        (vec![], started("2024-07-02"), ObservationCode::AfterRecording, vec![]),
        (vec![started("2024-06-03")], started("2024-06-04"), ObservationCode::OpenedTwice, vec![id(1)]),
        (vec![started("2024-06-03")], authorised("2024-06-02"), ObservationCode::EndBeforeStart, vec![id(1)]),
        (
            vec![started("2024-06-03"), authorised("2024-06-20")],
            authorised("2024-06-21"),
            ObservationCode::EndedTwice,
            vec![id(2)],
        ),
    ];
    for (held, event, code, events) in cases {
        let kind = event.body.kind().name();
        assert_eq!(given(&held, record(event)), Err(Refusal::Impossible { kind, code, events }));
    }
}

#[test]
fn a_correction_is_accepted_even_where_later_events_then_look_impossible() {
    let held = [started("2024-06-03"), authorised("2024-06-20")];
    let events = given(&held, correct(1, started("2024-06-25"))).unwrap();
    let [CaseEvent { body: Body::EventCorrected(correction), .. }] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert_eq!(correction.changed.iter().map(String::as_str).collect::<Vec<_>>(), ["occurred"]);
}

#[test]
fn what_a_correction_makes_impossible_is_observed_with_the_events_it_contradicts() {
    let held = [started("2024-06-03"), authorised("2024-06-20")];
    let [event] = decided(&held, correct(1, started("2024-06-25"))).unwrap().try_into().unwrap();
    let [Observation { code: ObservationCode::EndBeforeStart, events }] = event.observed.as_slice() else {
        panic!("{:?}", event.observed)
    };
    assert!(events.contains(&id(2)), "{events:?}");
}

#[test]
fn a_correction_must_change_something_of_the_same_kind_that_is_held() {
    let held = [started("2024-06-03")];
    assert_eq!(
        given(&held, correct(1, started("2024-06-03"))),
        Err(Refusal::NothingChanged { target: id(1) })
    );
    assert!(matches!(given(&held, correct(1, authorised("2024-06-03"))), Err(Refusal::NotAmendable { .. })));
    assert!(matches!(given(&held, correct(7, started("2024-06-04"))), Err(Refusal::NotAmendable { .. })));
    assert!(matches!(given(&held, correct(1, started("2024-07-02"))), Err(Refusal::Impossible { .. })));
}

#[test]
fn only_what_stands_is_withdrawn_and_only_what_is_withdrawn_is_reinstated() {
    let reason = CorrectionReason::WrongChild;
    let withdraw = Command::Withdraw { target: id(1), reason, authorised_by: None };
    let reinstate = Command::Reinstate { target: id(1), reason, authorised_by: None };
    let held = started("2024-06-03");
    let withdrawn = given(std::slice::from_ref(&held), withdraw.clone()).unwrap().remove(0);
    assert!(matches!(
        given(std::slice::from_ref(&held), reinstate.clone()),
        Err(Refusal::NotAmendable { .. })
    ));
    assert!(given(&[held.clone(), withdrawn.clone()], reinstate).is_ok());
    assert!(matches!(given(&[held, withdrawn], withdraw), Err(Refusal::NotAmendable { .. })));
}

#[test]
fn an_amendment_is_withdrawn_once_and_brought_back_once() {
    let reason = CorrectionReason::TypingError;
    let withdraw = |target| Command::Withdraw { target: id(target), reason, authorised_by: None };
    let reinstate = |target| Command::Reinstate { target: id(target), reason, authorised_by: None };
    let mut held = vec![started("2024-06-03")];
    for (command, then) in [
        (correct(1, started("2024-06-04")), reinstate(2)),
        (withdraw(2), withdraw(2)),
        (reinstate(2), reinstate(2)),
        (withdraw(1), correct(1, started("2024-06-05"))),
        (withdraw(5), withdraw(5)),
    ] {
        held.extend(given(&held, command.clone()).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}")));
        assert!(matches!(given(&held, then), Err(Refusal::NotAmendable { .. })), "after {command:?}");
    }
    assert!(given(&held, correct(1, started("2024-06-05"))).is_ok(), "the withdrawal was withdrawn");
}

#[test]
fn what_a_long_chain_of_withdrawals_takes_back_is_decided_without_a_long_stack() {
    let reason = CorrectionReason::TypingError;
    let withdrawn =
        |target| EventWithdrawn { target: id(target), reason, authorised_by: None, inferred: false };
    let mut held = vec![started("2024-06-03")];
    held.extend((1..3_000).map(|target| amendment(withdrawn(target), NOW.parse().unwrap())));
    let last = 3_000;
    for (command, is_allowed) in [
        (Command::Withdraw { target: id(last), reason, authorised_by: None }, true),
        (Command::Withdraw { target: id(last - 1), reason, authorised_by: None }, false),
        (Command::Reinstate { target: id(last - 1), reason, authorised_by: None }, true),
        (Command::Reinstate { target: id(last - 2), reason, authorised_by: None }, false),
    ] {
        assert_eq!(given(&held, command.clone()).is_ok(), is_allowed, "{command:?}");
    }
}

#[test]
fn a_correction_names_the_event_and_no_amendment() {
    let mut held = vec![started("2024-06-03")];
    held.extend(given(&held, correct(1, started("2024-06-04"))).unwrap());
    let Err(Refusal::NotAmendable { problem, .. }) = given(&held, correct(2, started("2024-06-05"))) else {
        panic!("an amendment is corrected by way of its event")
    };
    assert!(problem.contains("correct the event"), "{problem}");
}

#[test]
fn an_event_of_another_category_is_refused() {
    let worker = CaseEvent::new(
        "2024-06-01".parse().unwrap(),
        crate::events::workforce::WorkerRegistered { role: None },
    );
    let refused = Refusal::WrongCategory { kind: "worker_registered", expected: Category::Worker };
    assert_eq!(given(&[], record(worker)), Err(refused));
}
