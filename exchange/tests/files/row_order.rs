//! The order of the rows of a file says nothing: the same rows in another order add nothing, and which of two rows of one day
//! is which record is told by what they say. Every child is invented.

use std::collections::BTreeSet;

use crate::memory::Memory;
use crate::memory::lists::about;
use crate::memory::rows::{Cells, facts, import};
use crate::truth::{
    DAYS, Dice, File, Noise, Row, Shape, day, is_exclusive, is_own_key, records, seen, shuffle,
};
use crate::written::{census, csv};
use domain::events::{Body, Kind};
use domain::identifier::normal_form;
use domain::journey::{Journey, KnownAt};
use exchange::{Layout, List, Role, Subject};

/// What two files leave behind, and how many events the second one added.
fn after(files: [&[u8]; 2], subject: &Subject) -> (BTreeSet<String>, usize) {
    let mut memory = Memory::default();
    let added = files.iter().zip(DAYS).map(|(bytes, on)| memory.import(bytes, &about(on)).events);
    let added = added.last().unwrap();
    let held = memory.held_of(subject);
    (held.map(|held| facts(&Journey::known(held, KnownAt::NOW))).unwrap_or_default(), added)
}

fn turned(rows: &[Row]) -> Vec<Row> {
    let turn = |row: &Row| Row { within: turned(&row.within), ..row.clone() };
    rows.iter().rev().map(turn).collect()
}

fn check(
    (top, lists): (&'static List, &'static [List]),
    write: impl Fn(&File) -> Vec<u8>,
    subject: &Subject,
) {
    for seed in 0..12 {
        let mut dice = Dice(seed * 7 + 3);
        let has_key = top.columns.iter().any(|column| is_own_key(top, column));
        let shape = if seed % 2 == 0 && has_key { Shape::OneDay } else { Shape::Apart };
        let noise = Noise { one_in: 1_000_000, keys: false, empties: false };
        let records = records(&mut dice, (top, shape), lists);
        let told = |dice: &mut Dice, on: &str| {
            let mut rows: Vec<Row> =
                records.iter().filter_map(|record| seen(dice, record, day(on), noise)).collect();
            shuffle(dice, &mut rows);
            rows
        };
        let (older, newer) = (told(&mut dice, DAYS[0]), told(&mut dice, DAYS[1]));
        let file = |on: &str, rows: Vec<Row>| write(&File { on: day(on), rows });
        let first = file(DAYS[0], older.clone());
        // What became of the records meanwhile is the same in either order, and so is what it adds.
        let (kept, in_turn) = (file(DAYS[1], newer.clone()), file(DAYS[1], turned(&newer)));
        assert_eq!(
            after([&first, &kept], subject),
            after([&first, &in_turn], subject),
            "{} {seed}",
            top.code
        );
        // A copy of the file in another order is the same file.
        let copy = file(DAYS[0], turned(&older));
        let mut memory = Memory::default();
        memory.import(&first, &about(DAYS[0]));
        let added = memory.import(&copy, &about(DAYS[0]));
        assert_eq!((added.events, &added.kinds), (0, &Default::default()), "{} {seed}: a copy", top.code);
        // Nothing became of them: both orders add as much, and no record, correction or dispute.
        let mut memory = Memory::default();
        memory.import(&first, &about(DAYS[0]));
        let again = memory.import(&file(DAYS[1], turned(&older)), &about(DAYS[1]));
        let mine = ["history_coverage_stated", "identifier_linked"];
        let other: Vec<&&str> = again.kinds.keys().filter(|kind| !mine.contains(*kind)).collect();
        let stays = !older.is_empty() && older.len() == newer.len();
        assert!(!stays || other.is_empty(), "{} {seed}: {other:?}", top.code);
    }
}

#[test]
fn the_same_rows_in_another_order_add_nothing_of_any_list() {
    for list in &Layout::annex_a().lists {
        let named = list.columns.iter().any(|column| column.role == Role::Child);
        let id = normal_form("Invented 1");
        let subject = if named { Subject::Child(id) } else { Subject::Adopter(id) };
        check((list, &[]), |file| csv(list, file), &subject);
    }
    let lists = &Layout::cin_census().lists;
    let top = lists.iter().find(|list| list.code == "referral").unwrap();
    assert!(!is_exclusive(top));
    check((top, lists), census, &Subject::Child(normal_form("Invented1")));
}

#[test]
fn two_referrals_of_one_day_that_change_places_keep_their_source_decision_and_worker() {
    let referral = |source, decided, worker| {
        [
            ("child_id", "31"),
            ("received_on", "2024-03-04"),
            ("source", source),
            ("no_further_action", decided),
            ("worker", worker),
        ]
    };
    let (first, second) = (referral("1A", "N", "A. Invented"), referral("6", "Y", "B. Invented"));
    let mut memory = Memory::default();
    import(&mut memory, "3", "2024-03-31", &[&first, &second]);
    let again = import(&mut memory, "3", "2024-04-30", &[&second, &first]);
    for kind in ["event_corrected", "referral_decision_made", "worker_allocated", "source_claim_disputed"] {
        assert!(!again.kinds.contains_key(kind), "{:?}", again.kinds);
    }
    // One of them goes on: it is still itself, also where it stands first now.
    let decided = referral("6", "N", "C. Invented");
    import(&mut memory, "3", "2024-05-31", &[&decided, &first]);
    assert_eq!(memory.recorded("31", Kind::EventCorrected), 0);
    assert_eq!(memory.days("31", Kind::ReferralReceived), ["2024-03-04"; 2]);
    assert_eq!(memory.recorded("31", Kind::ReferralDecisionMade), 3);
    assert_eq!(memory.recorded("31", Kind::WorkerAllocated), 3);
}

#[test]
fn two_contacts_of_one_day_are_told_apart_by_their_source() {
    let contact = |source| [("child_id", "32"), ("received_on", "2024-03-04"), ("source", source)];
    let mut memory = Memory::default();
    import(&mut memory, "1", "2024-03-31", &[&contact("1A"), &contact("6")]);
    // The newer file names one of them: the other is the one that is gone.
    let done = import(&mut memory, "1", "2024-04-30", &[&contact("6")]);
    assert_eq!(done.withdrawn, 1);
    assert_eq!(memory.recorded("32", Kind::EventCorrected), 0);
    let journey = memory.journey("32");
    let stands = journey.events.iter().find(|event| event.kind() == Kind::ContactReceived).unwrap();
    assert_eq!(stands.body.fields()["source"], "6");
}

#[test]
fn of_two_rows_that_contradict_each_other_the_same_one_counts_in_every_order() {
    let case = |need, worker| {
        [
            ("child_id", "33"),
            ("started_on", "2024-01-10"),
            ("primary_need", need),
            ("worker", worker),
            ("born_on", "2015-05-04"),
        ]
    };
    let (first, second) = (case("N1", "A. Invented"), case("N4", "B. Invented"));
    let counts = |days: [(&str, [&Cells<'_>; 2]); 2]| {
        let mut memory = Memory::default();
        for (on, rows) in days {
            import(&mut memory, "6", on, &rows);
        }
        assert_eq!(memory.recorded("33", Kind::EventCorrected), 0);
        assert_eq!(memory.recorded("33", Kind::WorkerAllocated), 1);
        assert_eq!(memory.journey("33").disputes.len(), 2);
        facts(&memory.journey("33"))
    };
    let (on, next) = ("2024-03-31", "2024-04-30");
    let kept = counts([(on, [&first, &second]), (next, [&second, &first])]);
    assert_eq!(kept, counts([(on, [&second, &first]), (next, [&first, &second])]));
}

/// An adopter's steps that stand, each with its day.
fn steps(memory: &Memory) -> Vec<String> {
    let journey = Journey::known(memory.held(&Subject::Adopter(normal_form("A1"))), KnownAt::NOW);
    let step = |body: &Body| body.fields().remove("step").map(|step| step.as_str().unwrap().to_owned());
    let told = journey.events.iter().filter(|event| event.kind() == Kind::AdopterStepReached);
    told.map(|event| format!("{} {}", step(&event.body).unwrap(), event.occurred)).collect()
}

fn adopter(memory: &Memory, kind: Kind) -> usize {
    let journey = Journey::known(memory.held(&Subject::Adopter(normal_form("A1"))), KnownAt::NOW);
    journey.events.iter().filter(|event| event.kind() == kind).count()
}

const ADOPTER: [(&str, &str); 4] = [
    ("adopter_id", "A1"),
    ("enquired_on", "2024-01-10"),
    ("stage_one_started_on", "2024-01-20"),
    ("approved_on", "2024-03-20"),
];

#[test]
fn two_rows_of_an_adopter_are_one_registration() {
    let with_child = crate::memory::rows::with(&ADOPTER, &[("matched_on", "2024-03-25")]);
    for rows in [[&ADOPTER[..], &with_child], [&with_child, &ADOPTER]] {
        let mut memory = Memory::default();
        import(&mut memory, "11", "2024-03-31", &rows);
        assert_eq!(adopter(&memory, Kind::AdopterRegistered), 1);
        assert_eq!(steps(&memory).len(), 4);
        assert_eq!(import(&mut memory, "11", "2024-03-31", &rows).events, 0);
    }
}

#[test]
fn an_emptied_step_of_an_adopter_is_taken_back_and_no_other_one() {
    let emptied = crate::memory::rows::with(&ADOPTER, &[("approved_on", "")]);
    let unread = crate::memory::rows::with(&ADOPTER, &[("approved_on", "#N/A")]);
    let files = [("2024-03-31", &ADOPTER[..]), ("2024-04-30", &emptied)];
    for order in [[0, 1], [1, 0]] {
        let mut memory = Memory::default();
        for (on, row) in order.map(|at| files[at]) {
            import(&mut memory, "11", on, &[row]);
        }
        assert_eq!(steps(&memory), ["enquiry 2024-01-10", "stage_one_started 2024-01-20"], "{order:?}");
    }
    let files = [("2024-03-31", &ADOPTER[..]), ("2024-04-30", &unread)];
    for order in [[0, 1], [1, 0]] {
        let mut memory = Memory::default();
        for (on, row) in order.map(|at| files[at]) {
            import(&mut memory, "11", on, &[row]);
        }
        assert_eq!(steps(&memory).len(), 3, "{order:?}");
    }
}

#[test]
fn a_corrected_enquiry_of_an_adopter_makes_no_second_adopter_in_either_order() {
    let corrected = crate::memory::rows::with(&ADOPTER, &[("enquired_on", "2024-01-12")]);
    let files = [("2024-03-31", &ADOPTER[..]), ("2024-04-30", &corrected)];
    for order in [[0, 1], [1, 0]] {
        let mut memory = Memory::default();
        for (on, row) in order.map(|at| files[at]) {
            import(&mut memory, "11", on, &[row]);
        }
        assert_eq!(adopter(&memory, Kind::AdopterRegistered), 1, "{order:?}");
        assert_eq!(steps(&memory)[0], "enquiry 2024-01-12", "{order:?}");
        assert_eq!(steps(&memory).len(), 3, "{order:?}");
    }
}

#[test]
fn a_number_of_children_without_a_day_contradicts_no_other_step_of_the_row() {
    let row = crate::memory::rows::with(&ADOPTER, &[("children_placed", "2"), ("placed_on", "")]);
    let mut memory = Memory::default();
    let done = import(&mut memory, "11", "2024-03-31", &[&row]);
    assert_eq!(crate::memory::rows::notes(&done, "file_contradicts_itself"), [""; 0]);
    assert_eq!(adopter(&memory, Kind::SourceClaimDisputed), 0);
}

#[test]
fn a_corrected_day_of_entering_care_is_one_period_of_care_in_every_order() {
    let row = |entered, decided| [("child_id", "41"), ("entered_care_on", entered), ("decided_on", decided)];
    let moved = [row("2023-10-02", "2023-11-06"), row("2023-10-09", "2023-11-06")];
    let both = [row("2023-10-02", "2023-11-06"), row("2023-10-09", "2023-11-13")];
    for rows in [moved, both] {
        for order in [[0, 1], [1, 0]] {
            let mut memory = Memory::default();
            for at in order {
                import(&mut memory, "10", ["2024-03-31", "2024-04-30"][at], &[&rows[at]]);
            }
            assert_eq!(memory.days("41", Kind::BecameLookedAfter), ["2023-10-09"], "{order:?}");
            assert_eq!(memory.days("41", Kind::AdoptionDecisionMade), [rows[1][2].1], "{order:?}");
            assert_eq!(memory.journey("41").disputes.len(), 0, "{order:?}");
        }
    }
}

#[test]
fn another_day_of_entering_care_in_a_file_of_the_same_day_is_in_dispute_and_begins_no_second_period() {
    let row = |entered| [("child_id", "42"), ("entered_care_on", entered), ("decided_on", "2023-11-06")];
    for days in [["2023-10-02", "2023-10-09"], ["2023-10-09", "2023-10-02"]] {
        let mut memory = Memory::default();
        for entered in days {
            import(&mut memory, "10", "2024-03-31", &[&row(entered)]);
        }
        assert_eq!(memory.days("42", Kind::BecameLookedAfter), [days[0]]);
        assert_eq!(memory.journey("42").disputes.len(), 1);
    }
}

#[test]
fn a_period_of_care_that_a_list_only_names_never_runs_beside_another_one() {
    let care = [("child_id", "43"), ("started_on", "2023-10-09")];
    let named = [("child_id", "43"), ("entered_care_on", "2023-10-02"), ("decided_on", "2023-11-06")];
    for (older, newer) in [("8", "10"), ("10", "8")] {
        for order in [[0, 1], [1, 0]] {
            let mut memory = Memory::default();
            for at in order {
                let (list, on) = [(older, "2024-03-31"), (newer, "2024-04-30")][at];
                let row: &Cells<'_> = if list == "8" { &care } else { &named };
                import(&mut memory, list, on, &[row]);
            }
            assert_eq!(memory.days("43", Kind::BecameLookedAfter).len(), 1, "{older} {order:?}");
            assert_eq!(memory.journey("43").disputes.len(), 1, "{older} {order:?}");
        }
    }
}
