//! What is left of somebody whose key was destroyed, in files that go out and files that come in. Every child is invented.

use std::fs;

use caseledger_tests::data_folder::{DataFolder, TestLedger};
use caseledger_tests::events::{EventFile, Line, entity, id};
use serde_json::{Value, json};

use crate::disposal::{officers, two_invented_children};
use crate::outside::both_accept;

/// Two children and a new event of each, of which the first cannot be recorded any more.
fn grown() -> EventFile {
    let contact = |number: u64| {
        Line::new(number * 100 + 50, number, "contact_received", "2024-05-06")
            .sealed(json!({ "note": format!("invented note {number}") }))
    };
    two_invented_children().event(&contact(1)).event(&contact(2))
}

/// Destroys the first child's key as two officers ask for it.
pub(crate) fn destroy_the_first(folder: &DataFolder, ledger: &TestLedger) {
    let request = folder.file("destroy.request").display().to_string();
    let keys = officers(folder, ledger);
    ledger.run(&["keys", "destroy", "INV-1", "--reason", "court-order", "--prepare", &request]).ended(0);
    for key in keys {
        ledger.run(&["officer", "sign", &request, "--key", key.to_str().unwrap()]).ended(0);
    }
    ledger.run(&["keys", "destroy", "--request", &request]).ended(0);
}

#[test]
fn the_others_events_are_imported_and_all_facts_exported() {
    let folder = DataFolder::make();
    let (ledger, other) = (folder.ledger("destroyed"), folder.ledger("destroyed_copy"));
    let file = folder.write("children.jsonl", two_invented_children().text());
    ledger.import(&file, &[]).ended(0);
    destroy_the_first(&folder, &ledger);

    let file = folder.write("grown.jsonl", grown().text());
    for new in [1, 0] {
        let imported = ledger.import(&file, &[]).ended(3);
        let row = &imported.rows()[0];
        assert_eq!((&row["events"], &row["new"], &row["refused"]), (&json!(3), &json!(new), &json!(3)));
        let refused = imported.note("refused").to_string();
        for event in [id(100), id(101), id(150)] {
            assert!(refused.contains(&format!("event {event} of stream {}", entity(1))), "{refused}");
        }
        assert!(refused.contains("line 2, ") && !refused.contains(&id(250).to_string()), "{refused}");
    }

    let out = folder.file("out.jsonl");
    let said = ledger.run(&["export", "events", "--out", out.to_str().unwrap()]).ended(0);
    assert!(said.err.contains("2 of them without what was sealed"), "{}", said.err);
    let text = fs::read_to_string(&out).unwrap();
    let lines: Vec<Value> = text.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |child| lines.iter().filter(|line| line["stream"] == json!(entity(child).to_string())).collect();
    let (gone, kept): (Vec<&Value>, Vec<&Value>) = (of(1), of(2));
    assert_eq!((gone.len(), kept.len()), (2, 3));
    assert!(gone.iter().all(|line| line["sealed_destroyed"] == true && line["sealed"].is_null()));
    assert_eq!(gone[0]["facts"]["details"]["date_of_birth"], "2013-07-09");
    assert!(kept.iter().all(|line| line["sealed_destroyed"].is_null() && line["sealed"].is_object()));
    let copied = other.import(&out, &[]).ended(0);
    assert_eq!(copied.rows()[0]["new"], 5);

    ledger.run(&["verify"]).ended(0);
    let log = folder.file("log.jsonl");
    ledger.run(&["export", "log", "--out", log.to_str().unwrap()]).ended(0);
    both_accept(&log, "");
}

/// Facts hold no names: the acts of a family stay whole for those who are left, and for the child itself.
#[test]
fn a_family_of_which_one_childs_key_was_destroyed_keeps_its_acts_for_all_of_them() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("destroyed_member");
    let joined = |number, child: u64| {
        let joined = Line::new(number, 500, "household_member_joined", "2024-03-04").of("household");
        joined.with(json!({ "child": entity(child) }))
    };
    let held = Line::new(903, 500, "initial_conference_held", "2024-03-11").of("household");
    let held = held.about(&[("conference", 400)]).with(json!({ "kind": "initial" }));
    let file = two_invented_children().event(&joined(901, 1)).event(&joined(902, 2)).event(&held);
    ledger.import(&folder.write("family.jsonl", file.text()), &[]).ended(0);
    let conferences = |stream: u64| {
        let rows = ledger.ask(&["replay", &entity(stream).to_string()]).ended(0).rows();
        rows.iter().filter(|row| row["event"] == "Initial child protection conference held").count()
    };
    let all = || [conferences(1), conferences(2), conferences(500)];
    assert_eq!(all(), [1, 1, 1]);
    destroy_the_first(&folder, &ledger);
    assert_eq!(all(), [1, 1, 1]);
    ledger.ask(&["indicators", "--tallies", "--from", "2024-01-01", "--to", "2024-12-31"]).ended(0);
}

/// Whoever puts a tombstone into the key store makes a child unreadable of whom the ledger says nothing.
#[test]
fn a_tombstone_of_which_the_ledger_knows_nothing_is_named() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("tombstone");
    ledger.import(&folder.write("children.jsonl", two_invented_children().text()), &[]).ended(0);
    destroy_the_first(&folder, &ledger);
    ledger.run(&["doctor"]).ended(0);
    let key = "00112233445566778899aabbccddeeff";
    let place = folder.data().join("keys/tombstone/00");
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join(format!("{key}.destroyed")), "").unwrap();
    let found = ledger.run(&["doctor"]).ended(5).out;
    assert!(found.contains(key) && found.contains("no event of the ledger does"), "{found}");
    let checked = ledger.run(&["keys", "check"]).ended(5).err;
    assert!(checked.contains(key), "{checked}");
    ledger.run(&["roster"]).ended(0);
}
