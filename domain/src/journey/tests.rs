//! Late entries, corrections, withdrawals and disputes at several moments and on every basis.

use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::envelope::{Category, ImportRef};
use crate::events::child_protection::{CoreGroupHeld, ReviewConferenceHeld};
use crate::events::record_keeping::{EventCorrected, EventReinstated, EventWithdrawn, SourceClaimDisputed};
use crate::ids::{CommandId, ImportId, Revision, StreamId};
use crate::time::SourceTime;

fn id(number: u128) -> EventId {
    EventId(Uuid::from_u128(number))
}

fn instant(day: &str) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse().unwrap()
}

/// An invented event, recorded at noon of a day.
fn recorded(number: u128, occurred: &str, recorded_on: &str, body: impl Into<Body>) -> RecordedEvent {
    RecordedEvent {
        position: Position(u64::try_from(number).unwrap()),
        stream: StreamId(Uuid::from_u128(99)),
        category: Category::Child,
        revision: Revision(u32::try_from(number).unwrap()),
        event_id: id(number),
        command_id: CommandId(Uuid::from_u128(number)),
        recorded_at: instant(recorded_on),
        context: EventContext::new(Uuid::from_u128(5), "social_worker"),
        event: CaseEvent::new(occurred.parse().unwrap(), body),
    }
}

fn correction(target: u128, to: &str) -> EventCorrected {
    EventCorrected {
        target: id(target),
        replacement: Box::new(CaseEvent::new(to.parse().unwrap(), ReviewConferenceHeld::default())),
        changed: BTreeSet::from(["occurred".to_owned()]),
        reason: CorrectionReason::TypingError,
        authorised_by: None,
        inferred: false,
    }
}

fn withdrawal(target: u128) -> EventWithdrawn {
    EventWithdrawn {
        target: id(target),
        reason: CorrectionReason::WrongChild,
        authorised_by: None,
        inferred: false,
    }
}

fn days(journey: &Journey) -> Vec<String> {
    journey.events.iter().map(|event| event.occurred.to_string()).collect()
}

fn at(events: &[RecordedEvent], day: &str) -> Journey {
    Journey::known(events, KnownAt { basis: Basis::Ledger, until: Some(instant(day)) })
}

#[test]
fn a_late_entry_stands_where_it_happened_but_only_from_its_own_moment_on() {
    let events = [
        recorded(1, "2024-03-01", "2024-03-02", ReviewConferenceHeld::default()),
        recorded(2, "2024-09-01", "2024-09-02", ReviewConferenceHeld::default()),
        recorded(3, "2024-06-01", "2024-10-15", CoreGroupHeld::default()),
    ];
    assert_eq!(days(&at(&events, "2024-10-14")), ["2024-03-01", "2024-09-01"]);
    assert_eq!(days(&at(&events, "2024-10-15")), ["2024-03-01", "2024-06-01", "2024-09-01"]);
}

#[test]
fn a_correction_of_a_correction_wins_and_both_stay_visible() {
    let events = [
        recorded(1, "2024-03-01", "2024-03-02", ReviewConferenceHeld::default()),
        recorded(2, "2024-03-05", "2024-03-05", correction(1, "2024-03-04")),
        recorded(3, "2024-03-09", "2024-03-09", correction(2, "2024-03-03")),
    ];
    assert_eq!(days(&at(&events, "2024-03-04")), ["2024-03-01"]);
    assert_eq!(days(&at(&events, "2024-03-08")), ["2024-03-04"]);
    let last = at(&events, "2024-03-09");
    assert_eq!(days(&last), ["2024-03-03"]);
    assert_eq!(last.events[0].event_id, id(1));
    assert_eq!(last.events[0].amendments.len(), 2);
}

fn reinstatement(target: u128) -> EventReinstated {
    let reason = CorrectionReason::LateInformation;
    EventReinstated { target: id(target), reason, authorised_by: None, inferred: false }
}

/// What stands, worked out by hand: a review of the 1st, what amends it from the 2nd on, one amendment a day.
#[test]
fn a_withdrawn_amendment_does_nothing_and_what_stood_before_it_stands_again() {
    let (first, second, third) = ("2024-02-01", "2024-02-12", "2024-02-13");
    let (correct, withdraw, reinstate) = (
        |target, to| Body::from(correction(target, to)),
        |target| Body::from(withdrawal(target)),
        |target| Body::from(reinstatement(target)),
    );
    let gone = "withdrawn";
    let cases: [(&str, Vec<Body>, Vec<&str>); 9] = [
        ("a correction", vec![correct(1, second), withdraw(2)], vec![second, first]),
        ("and back", vec![correct(1, second), withdraw(2), reinstate(2)], vec![second, first, second]),
        ("a withdrawal", vec![withdraw(1), withdraw(2)], vec![gone, first]),
        ("its withdrawal", vec![withdraw(1), withdraw(2), withdraw(3)], vec![gone, first, gone]),
        ("a reinstatement", vec![withdraw(1), reinstate(1), withdraw(3)], vec![gone, first, gone]),
        (
            "the first of two corrections",
            vec![correct(1, second), correct(1, third), withdraw(2)],
            vec![second, third, third],
        ),
        (
            "the second of two corrections",
            vec![correct(1, second), correct(1, third), withdraw(3)],
            vec![second, third, second],
        ),
        (
            "a correction that was corrected",
            vec![correct(1, second), correct(2, third), withdraw(2)],
            vec![second, third, first],
        ),
        (
            "a correction of what is withdrawn",
            vec![withdraw(1), correct(1, second), reinstate(1)],
            vec![gone, gone, second],
        ),
    ];
    for (what, amendments, expected) in cases {
        let number = amendments.len();
        let mut events = vec![recorded(1, first, "2024-03-01", ReviewConferenceHeld::default())];
        for (place, body) in amendments.into_iter().enumerate() {
            let on = format!("2024-03-{:02}", place + 2);
            events.push(recorded(u128::try_from(place).unwrap() + 2, &on, &on, body));
        }
        assert_eq!(days(&at(&events, "2024-03-01")), [first], "{what}");
        for (place, expected) in expected.into_iter().enumerate() {
            let journey = at(&events, &format!("2024-03-{:02}", place + 2));
            let stands = if expected == gone { vec![] } else { vec![expected.to_owned()] };
            assert_eq!(days(&journey), stands, "{what}: after amendment {place}");
            let known = journey.events.iter().chain(&journey.withdrawn).next().expect("a review");
            assert_eq!(known.amendments.len(), place + 1, "{what}: every amendment stays visible");
            assert_eq!(known.is_withdrawn(), expected == gone, "{what}");
        }
        assert_eq!(at(&events, "2024-04-01").anomalies, [], "{what}: {number}");
    }
}

/// A file may hold any number of withdrawals, each of the one before; none may end the program.
#[test]
fn a_long_chain_of_withdrawals_needs_no_long_stack() {
    let last_standing = |withdrawals: u128| {
        let first = recorded(1, "2024-02-01", "2024-02-01", ReviewConferenceHeld::default());
        let chain = (1..=withdrawals)
            .map(|target| recorded(target + 1, "2024-02-02", "2024-02-02", withdrawal(target)));
        let events: Vec<RecordedEvent> = std::iter::once(first).chain(chain).collect();
        at(&events, "2024-02-02").events.len()
    };
    let on_a_small_stack = std::thread::Builder::new().stack_size(256 * 1024);
    let both = on_a_small_stack.spawn(move || (last_standing(3_000), last_standing(3_001))).unwrap();
    assert_eq!(both.join().unwrap(), (1, 0), "an even number leaves the event as it was");
}

#[test]
fn a_withdrawn_event_is_gone_until_it_is_reinstated() {
    let events = [
        recorded(1, "2024-03-01", "2024-03-02", CoreGroupHeld::default()),
        recorded(2, "2024-03-05", "2024-03-05", withdrawal(1)),
        recorded(3, "2024-03-09", "2024-03-09", reinstatement(1)),
    ];
    let counts = |day| (at(&events, day).events.len(), at(&events, day).withdrawn.len());
    assert_eq!((counts("2024-03-04"), counts("2024-03-06"), counts("2024-03-10")), ((1, 0), (0, 1), (1, 0)));
}

#[test]
fn a_disputed_row_is_visible_and_counts_nowhere() {
    let claim = CaseEvent::new("2024-01-01".parse().unwrap(), CoreGroupHeld::default());
    let dispute = SourceClaimDisputed {
        claim: Box::new(claim),
        contradicts: None,
        reason: DisputeReason::AnotherChild,
    };
    let journey = Journey::known(&[recorded(1, "2024-01-01", "2024-01-02", dispute)], KnownAt::NOW);
    assert!(journey.events.is_empty());
    assert_eq!(journey.disputes.len(), 1);
}

#[test]
fn times_and_ranks_of_one_day_never_run_in_circles() {
    use crate::events::child_protection::{Section47EnquiryStarted, StrategyDiscussionHeld};
    let discussion = StrategyDiscussionHeld { initiated_enquiry: true, ..Default::default() };
    let enquiry = Section47EnquiryStarted { stated_conference_target: None };
    // By time the core group stands before the enquiry; by rank the enquiry before the review conference and that before
    // the core group. Compared pair by pair, none was first.
    let events = [
        recorded(1, "2024-03-01T09:00+00:00", "2024-03-02", CoreGroupHeld::default()),
        recorded(2, "2024-03-01", "2024-03-02", ReviewConferenceHeld::default()),
        recorded(3, "2024-03-01T16:00+00:00", "2024-03-02", enquiry),
        recorded(4, "2024-03-01", "2024-03-02", discussion),
    ];
    let order = |order: [usize; 4]| {
        let handed_in: Vec<RecordedEvent> = order.iter().map(|index| events[*index].clone()).collect();
        let journey = Journey::known(&handed_in, KnownAt::NOW);
        journey.events.iter().map(|event| event.position.0).collect::<Vec<_>>()
    };
    for handed_in in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 0, 3, 2], [2, 0, 1, 3], [1, 2, 0, 3]] {
        assert_eq!(order(handed_in), [4, 2, 1, 3]);
    }
}

#[test]
fn what_names_no_held_event_is_an_anomaly_not_a_panic() {
    let journey = Journey::known(&[recorded(2, "2024-03-05", "2024-03-05", withdrawal(1))], KnownAt::NOW);
    assert_eq!(journey.anomalies, [Anomaly::TargetNotHeld { event_id: id(2), target: id(1) }]);
}

#[test]
fn the_three_bases_differ_as_they_should() {
    let mut row = recorded(1, "2021-02-01", "2026-01-10", CoreGroupHeld::default());
    row.context.import = Some(ImportRef {
        import: ImportId(Uuid::from_u128(3)),
        as_at: "2021-03-31".parse().unwrap(),
        sheet: "x".into(),
        row: 1,
    });
    let mut told = row.clone();
    told.context.source_recorded_at = Some(SourceTime::On("2021-02-03".parse().unwrap()));
    let known = |event: &RecordedEvent, basis, day: &str| {
        !Journey::known(std::slice::from_ref(event), KnownAt::end_of(basis, day.parse().unwrap()))
            .events
            .is_empty()
    };
    assert!(!known(&row, Basis::Ledger, "2026-01-09") && known(&row, Basis::Ledger, "2026-01-10"));
    assert!(!known(&row, Basis::Extract, "2021-03-30") && known(&row, Basis::Extract, "2021-03-31"));
    assert!(!known(&row, Basis::Source, "2021-03-30") && known(&row, Basis::Source, "2021-03-31"));
    assert!(!known(&told, Basis::Source, "2021-02-02") && known(&told, Basis::Source, "2021-02-03"));
}

proptest! {
    #[test]
    fn the_order_in_which_events_are_handed_in_does_not_matter(
        days in proptest::collection::vec(1_u32..28, 1..12),
        shuffle in proptest::collection::vec(any::<u32>(), 12),
    ) {
        let mut events: Vec<RecordedEvent> = days.iter().enumerate().map(|(index, day)| {
            let number = u128::try_from(index + 1).unwrap();
            if index % 4 == 3 {
                recorded(number, "2024-05-01", "2024-05-01", correction(number - 2, &format!("2024-04-{day:02}")))
            } else {
                recorded(number, &format!("2024-03-{day:02}"), "2024-04-01", ReviewConferenceHeld::default())
            }
        }).collect();
        let expected = Journey::known(&events, KnownAt::NOW);
        let mut keyed: Vec<(u32, RecordedEvent)> = shuffle.into_iter().zip(events.drain(..)).collect();
        keyed.sort_by_key(|(key, _)| *key);
        let shuffled: Vec<RecordedEvent> = keyed.into_iter().map(|(_, event)| event).collect();
        prop_assert_eq!(Journey::known(&shuffled, KnownAt::NOW), expected);
    }
}
