//! Copies of one act that a file of events brings, where neither names a process of its own.

use super::*;

/// The same event as a file of events brings it: recorded by a chunk.
fn from_file(mut event: RecordedEvent) -> RecordedEvent {
    event.command_id = CommandId(Uuid::from_u128((946_684_800_000 << 80) | (7 << 76) | (2 << 62) | 5));
    event
}

fn led(number: u128, stream: StreamId, day: &str, agency: &str) -> RecordedEvent {
    let body = LeadProfessionalAssigned { agency: Some(Code::try_new(agency).unwrap()) };
    from_file(event(number, stream, day, body))
}

const LED: Kind = Kind::LeadProfessionalAssigned;

#[test]
fn copies_without_a_process_in_a_file_of_events_are_one_act_of_a_group_and_its_member() {
    let count = |own: &[RecordedEvent]| {
        let of_group = [
            joined(1, ANN, "2024-01-01"),
            left(2, ANN, "2024-06-30"),
            led(3, HOUSEHOLD, "2024-02-01", "school"),
        ];
        let events: Vec<_> = of_group.iter().chain(own).cloned().collect();
        days(&known(&events, "2025-01-01").0, LED).len()
    };
    assert_eq!(count(&[led(4, ANN, "2024-02-01", "school")]), 1);
    assert_eq!(
        count(&[led(4, ANN, "2024-02-01", "school"), led(5, ANN, "2024-02-01", "school")]),
        2,
        "twice"
    );
    assert_eq!(count(&[led(4, ANN, "2024-02-01", "police")]), 2, "other words");
    assert_eq!(count(&[led(4, ANN, "2024-02-02", "school")]), 2, "another day");
    let of = |event, case| about(event, &[(EntityRole::EarlyHelpCase, case)]);
    assert_eq!(count(&[of(led(4, ANN, "2024-02-01", "school"), 41)]), 1, "one names its case");
    let later = [joined(1, ANN, "2024-03-01"), led(3, HOUSEHOLD, "2024-02-01", "school")];
    let own = led(4, ANN, "2024-02-01", "school");
    let gone = withdrawal(5, HOUSEHOLD, 3, CorrectionReason::TypingError, "2024-04-01");
    let events: Vec<_> = later.into_iter().chain([own, gone]).collect();
    assert_eq!(
        days(&known(&events, "2025-01-01").0, LED).len(),
        1,
        "no member on the day: an act of its own"
    );
}

#[test]
fn an_act_whose_day_is_unknown_is_no_copy_for_its_words() {
    let unknown = |number, stream| {
        let mut event = led(number, stream, "2024-02-01", "school");
        event.event.occurred = Occurred::UNKNOWN;
        event
    };
    let events = [joined(1, ANN, "2024-01-01"), unknown(2, HOUSEHOLD), unknown(3, ANN)];
    assert_eq!(days(&known(&events, "2025-01-01").0, LED).len(), 2);
}

#[test]
fn amendments_of_a_copy_without_a_process_in_a_file_reach_every_copy() {
    let base = [
        joined(1, ANN, "2024-01-01"),
        joined(2, BEN, "2024-01-01"),
        led(3, HOUSEHOLD, "2024-02-01", "school"),
        led(4, ANN, "2024-02-01", "school"),
        led(5, BEN, "2024-02-01", "school"),
    ];
    let after = |amended: RecordedEvent| {
        let events: Vec<_> = base.iter().cloned().chain([amended]).collect();
        let (ann, ben, groups) = known(&events, "2025-01-01");
        let of_group = days(&groups.of_stream(HOUSEHOLD).unwrap().journey, LED);
        [days(&ann, LED), days(&ben, LED), of_group]
    };
    for (stream, number) in [(HOUSEHOLD, 3), (ANN, 4), (BEN, 5)] {
        let gone = withdrawal(6, stream, number, CorrectionReason::TypingError, "2024-04-01");
        assert_eq!(after(gone), [const { Vec::<String>::new() }; 3]);
        let told = led(number, stream, "2024-02-01", "school");
        let moved = vec!["2024-02-05".to_owned()];
        let corrected = correction(6, stream, told, "2024-02-05", "2024-04-01");
        assert_eq!(after(corrected), [moved.clone(), moved.clone(), moved]);
    }
}

#[test]
fn copies_without_a_process_with_each_sibling_are_one_act_of_the_family() {
    let members = [joined(1, ANN, "2024-01-01"), joined(2, BEN, "2024-01-01")];
    let copies = [led(3, ANN, "2024-02-01", "school"), led(4, BEN, "2024-02-01", "school")];
    let all: Vec<_> = members.into_iter().chain(copies).collect();
    assert_eq!(days(&families(&all)[0], LED), ["2024-02-01"]);
}

#[test]
fn children_of_whom_one_act_was_recorded_together_are_one_family_in_all_that_follows() {
    let request = CommandId(Uuid::from_u128(77));
    let together = || {
        by_one_command([led(1, ANN, "2024-02-01", "school"), led(2, BEN, "2024-02-01", "school")], request)
    };
    // Who leads was changed with one of them alone.
    let changed = led(3, BEN, "2024-05-01", "police");
    let all: Vec<_> = together().into_iter().chain([changed.clone()]).collect();
    let found = families(&all);
    assert_eq!(found.len(), 1);
    assert_eq!(days(&found[0], LED), ["2024-02-01", "2024-05-01"]);
    assert_eq!(families(&[together()[0].clone(), changed.clone()]).len(), 2, "nothing was recorded together");
    // A brother who is no member of the household that the act was recorded with as well.
    let household = by_one_command(
        [led(4, HOUSEHOLD, "2024-02-01", "school"), led(5, BEN, "2024-02-01", "school")],
        request,
    );
    let all: Vec<_> = [joined(6, ANN, "2024-01-01"), changed].into_iter().chain(household).collect();
    let found = families(&all);
    assert_eq!(found.len(), 1);
    assert_eq!(days(&found[0], LED), ["2024-02-01", "2024-05-01"]);
}
