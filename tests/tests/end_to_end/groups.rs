//! Households, sets of proceedings, adopters and the authority: their acts in their members' journeys, their own figures, and
//! what is said where there is nothing. Every person is invented, every expectation counted by hand.

use caseledger_tests::data_folder::{TestLedger, shared};
use caseledger_tests::events::{EventFile, Line, entity};
use serde_json::{Value, json};

const HOUSEHOLD: u64 = 100;
const SET: u64 = 200;

fn file(lines: &[Line]) -> String {
    lines.iter().fold(EventFile::new(), |file, line| file.event(line)).text()
}

fn ledger(name: &str, lines: &[Line]) -> TestLedger {
    let folder = shared();
    let ledger = folder.ledger(name);
    let path = folder.write(&format!("{name}.jsonl"), file(lines));
    ledger.import(&path, &[]).ended(0);
    ledger
}

fn registered(number: u64, child: u64) -> Line {
    let sealed = json!({ "la_child_id": format!("INV-{child}") });
    Line::new(number, child, "child_registered", "2024-01-02")
        .with(json!({ "date_of_birth": "2015-05-05" }))
        .sealed(sealed)
}

fn joined(number: u64, group: u64, child: u64, day: &str) -> Line {
    Line::new(number, group, "household_member_joined", day)
        .of("household")
        .with(json!({ "child": entity(child) }))
}

fn states(ledger: &TestLedger, child: u64, rule: &str, as_at: &str) -> Vec<String> {
    let stream = entity(child).to_string();
    let rows = ledger.ask(&["clocks", &stream, "--as-at", as_at]).ended(0).rows();
    let of_rule = rows.iter().filter(|row| row["rule"] == rule);
    of_rule.map(|row| row["state"].as_str().unwrap().to_owned()).collect()
}

fn figure(ledger: &TestLedger, rule: &str, to: &str) -> Value {
    let asked = ledger.ask(&["indicators", "--rule", rule, "--from", "2023-04-01", "--to", to]).ended(0);
    asked.rows().into_iter().next().unwrap_or(Value::Null)
}

/// Siblings, each with an own enquiry of 1 March 2024; the conference of 11 March stands with the household alone.
#[test]
fn a_conference_recorded_only_for_the_household_stops_each_siblings_clock() {
    let enquiry = |number, child: u64| {
        let started = Line::new(number, child, "section47_enquiry_started", "2024-03-01");
        started.about(&[("enquiry", 300 + child)])
    };
    let held = Line::new(30, HOUSEHOLD, "initial_conference_held", "2024-03-11")
        .of("household")
        .about(&[("conference", 400), ("enquiry", 301)])
        .with(json!({ "kind": "initial" }));
    let left = Line::new(31, HOUSEHOLD, "household_member_left", "2024-03-08")
        .of("household")
        .with(json!({ "child": entity(3) }));
    let lines = [
        registered(1, 1),
        registered(2, 2),
        registered(3, 3),
        joined(4, HOUSEHOLD, 1, "2024-01-02"),
        joined(5, HOUSEHOLD, 2, "2024-01-02"),
        joined(6, HOUSEHOLD, 3, "2024-01-02"),
        enquiry(7, 1),
        enquiry(8, 2),
        enquiry(9, 3),
        left,
        held.clone(),
    ];
    let ledger = ledger("siblings", &lines);
    let of = |child| states(&ledger, child, "CP-04", "2024-06-30");
    assert_eq!((of(1), of(2)), (vec!["met".to_owned()], vec!["met".to_owned()]));
    assert_eq!(of(3), ["overdue"], "the third child had left the household before");
    let row = figure(&ledger, "CP-04", "2024-06-30");
    assert_eq!(
        (&row["in_time"], &row["overdue"], &row["counts"]),
        (&json!(2), &json!(1), &json!("children"))
    );
    let due = ledger.ask(&["due", "--as-at", "2024-06-30", "--within", "0"]).ended(0).rows();
    let overdue: Vec<&Value> =
        due.iter().filter(|row| row["rule"] == "CP-04").map(|row| &row["child"]).collect();
    assert_eq!(overdue, [&json!("INV-3")]);
    let journey = ledger.ask(&["replay", "INV-2"]).ended(0).rows();
    let act = journey.iter().find(|row| row["event"] == "Initial child protection conference held").unwrap();
    assert!(act["source"].as_str().unwrap().contains(&entity(HOUSEHOLD).to_string()), "{act}");
}

#[test]
fn an_act_in_the_childs_stream_and_in_the_households_counts_once_and_its_withdrawal_reaches_both() {
    let held = |number, stream, category| {
        Line::new(number, stream, "initial_conference_held", "2024-03-11")
            .of(category)
            .about(&[("conference", 400)])
            .with(json!({ "kind": "initial" }))
    };
    let base = [
        registered(1, 1),
        registered(2, 2),
        joined(3, HOUSEHOLD, 1, "2024-01-02"),
        joined(4, HOUSEHOLD, 2, "2024-01-02"),
        held(5, HOUSEHOLD, "household"),
        held(6, 1, "child"),
    ];
    let count = |ledger: &TestLedger, stream: u64| {
        let rows = ledger.ask(&["replay", &entity(stream).to_string()]).ended(0).rows();
        rows.iter().filter(|row| row["event"] == "Initial child protection conference held").count()
    };
    let both = ledger("one_act", &base);
    assert_eq!([count(&both, 1), count(&both, 2), count(&both, HOUSEHOLD)], [1, 1, 1]);
    let withdrawn = Line::new(7, 1, "event_withdrawn", "2024-04-02").with(
        json!({ "target": caseledger_tests::events::id(6), "reason": "typing_error", "inferred": false }),
    );
    let lines: Vec<Line> = base.iter().cloned().chain([withdrawn]).collect();
    let none = ledger("one_act_withdrawn", &lines);
    assert_eq!([count(&none, 1), count(&none, 2), count(&none, HOUSEHOLD)], [0, 0, 0]);
}

/// Only the first child's own stream names the household, from 5 March on; no event of the household names a member.
#[test]
fn a_child_whose_own_record_names_its_household_has_the_acts_of_it_from_then_on() {
    let held = |number, day, conference| {
        let line = Line::new(number, HOUSEHOLD, "initial_conference_held", day).of("household");
        line.about(&[("conference", conference)]).with(json!({ "kind": "initial" }))
    };
    let enquiry = |number, child: u64| {
        let started = Line::new(number, child, "section47_enquiry_started", "2024-03-01");
        started.about(&[("enquiry", 300 + child)])
    };
    let linked =
        Line::new(5, 1, "family_linked", "2024-03-05").with(json!({ "household": entity(HOUSEHOLD) }));
    let lines = [
        registered(1, 1),
        registered(2, 2),
        enquiry(3, 1),
        enquiry(4, 2),
        linked,
        held(6, "2024-03-04", 400),
        held(7, "2024-03-11", 401),
    ];
    let ledger = ledger("family_linked", &lines);
    let of = |child| states(&ledger, child, "CP-04", "2024-06-30");
    assert_eq!((of(1), of(2)), (vec!["met".to_owned()], vec!["overdue".to_owned()]));
    let rows = ledger.ask(&["replay", "INV-1"]).ended(0).rows();
    let days: Vec<&Value> = rows
        .iter()
        .filter(|row| row["event"] == "Initial child protection conference held")
        .map(|it| &it["occurred"])
        .collect();
    assert_eq!(days, [&json!("2024-03-11")], "not the one of the day before");
    let row = figure(&ledger, "CP-04", "2024-06-30");
    assert_eq!(
        (&row["in_time"], &row["overdue"]),
        (&json!(1), &json!(1)),
        "the whole authority says the same"
    );
}

#[test]
fn an_act_without_a_process_that_a_file_tells_of_child_and_household_is_one_and_goes_as_one() {
    let led = |number, stream, category| {
        let line = Line::new(number, stream, "lead_professional_assigned", "2024-03-11").of(category);
        line.with(json!({ "agency": "school" }))
    };
    let base = [
        registered(1, 1),
        registered(2, 2),
        joined(3, HOUSEHOLD, 1, "2024-01-02"),
        joined(4, HOUSEHOLD, 2, "2024-01-02"),
        led(5, HOUSEHOLD, "household"),
        led(6, 1, "child"),
    ];
    let counts = |ledger: &TestLedger| {
        [1, 2, HOUSEHOLD].map(|stream| {
            let rows = ledger.ask(&["replay", &entity(stream).to_string()]).ended(0).rows();
            rows.iter().filter(|row| row["event"] == "Lead professional assigned").count()
        })
    };
    assert_eq!(counts(&ledger("told_twice", &base)), [1, 1, 1]);
    let target =
        json!({ "target": caseledger_tests::events::id(6), "reason": "typing_error", "inferred": false });
    let withdrawn = Line::new(7, 1, "event_withdrawn", "2024-04-02").with(target);
    let lines: Vec<Line> = base.iter().cloned().chain([withdrawn]).collect();
    assert_eq!(counts(&ledger("told_twice_withdrawn", &lines)), [0, 0, 0]);
}

/// The tables are kept by another way than the answers: what a household records touches its children's rows.
#[tokio::test]
async fn a_later_act_of_the_household_changes_the_rows_of_its_children() {
    let ledger = ledger(
        "later_act",
        &[
            registered(1, 1),
            joined(2, HOUSEHOLD, 1, "2024-01-02"),
            Line::new(3, 1, "section47_enquiry_started", "2024-03-01").about(&[("enquiry", 301)]),
        ],
    );
    let state = async || {
        let sql =
            format!("SELECT state FROM projection.clock WHERE rule = 'CP-04' AND stream = '{}'", entity(1));
        ledger.rows(&sql).await.into_iter().map(|row| row["state"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(state().await, ["overdue"]);
    let held = Line::new(4, HOUSEHOLD, "initial_conference_held", "2024-03-11")
        .of("household")
        .about(&[("conference", 400)])
        .with(json!({ "kind": "initial" }));
    let later = shared().write("later_act_2.jsonl", file(&[held]));
    ledger.import(&later, &[]).ended(0);
    assert_eq!(state().await, ["met"]);
    let gone = Line::new(5, HOUSEHOLD, "event_withdrawn", "2024-04-02").of("household").with(
        json!({ "target": caseledger_tests::events::id(4), "reason": "typing_error", "inferred": false }),
    );
    ledger.import(&shared().write("later_act_3.jsonl", file(&[gone])), &[]).ended(0);
    assert_eq!(state().await, ["overdue"]);
}

/// School 1 (siblings, each with a copy by one request), health 1, police 3; four families identified, one of them recorded with
/// a child of no household; one with a key worker; three claimed, one of them twice.
#[test]
fn families_are_counted_where_the_household_or_the_child_was_recorded() {
    let lead = |number, stream, category, agency: &str| {
        let line = Line::new(number, stream, "lead_professional_assigned", "2024-01-10").of(category);
        line.with(json!({ "agency": agency }))
    };
    let step = |number, stream, category, kind, programme: u64| {
        Line::new(number, stream, kind, "2024-02-01").of(category).about(&[("family_programme", programme)])
    };
    let (household, child) = ("household", "child");
    let lines = [
        registered(1, 1),
        registered(2, 2),
        registered(3, 3),
        joined(4, 100, 1, "2024-01-02"),
        joined(5, 100, 2, "2024-01-02"),
        lead(10, 1, child, "school").by_command(10),
        lead(11, 2, child, "school").by_command(10),
        lead(12, 101, household, "health"),
        lead(13, 102, household, "police"),
        lead(14, 103, household, "police"),
        lead(15, 3, child, "police"),
        step(20, 100, household, "priority_family_identified", 500),
        step(21, 1, child, "priority_family_identified", 500),
        step(22, 101, household, "priority_family_identified", 501),
        step(23, 102, household, "priority_family_identified", 502),
        step(24, 3, child, "priority_family_identified", 503),
        step(25, 101, household, "key_worker_allocated", 501),
        step(26, 100, household, "payment_by_result_claimed", 500),
        step(27, 101, household, "payment_by_result_claimed", 501),
        step(28, 101, household, "payment_by_result_claimed", 501),
        step(29, 3, child, "payment_by_result_claimed", 503),
    ];
    let ledger = ledger("families", &lines);
    let leads = figure(&ledger, "EH-03", "2024-03-31");
    assert_eq!(leads["by"], json!(["health: 1", "police: 3", "school: 1"]), "{leads}");
    assert_eq!((&leads["counts"], &leads["counted"]), (&json!("families"), &json!(5)));
    let steps = figure(&ledger, "EH-04", "2024-03-31");
    let by = ["key_worker_allocated: 1", "payment_by_result_claimed: 3", "priority_family_identified: 4"];
    assert_eq!((&steps["by"], &steps["counts"]), (&json!(by), &json!("families")), "{steps}");
}

/// One action is overdue, one was closed late; one adopter ended stage one in time and one is overdue.
#[test]
fn actions_and_adopters_have_clocks_of_their_own() {
    let agreed = |number, action: u64| {
        Line::new(number, 900, "improvement_action_agreed", "2024-01-10")
            .of("authority")
            .about(&[("improvement_action", action)])
            .with(json!({ "action": format!("A{action}"), "due_on": "2024-03-01" }))
    };
    let closed = Line::new(3, 900, "improvement_action_closed", "2024-03-20")
        .of("authority")
        .about(&[("improvement_action", 602)]);
    let step = |number, adopter: u64, day, step: &str| {
        Line::new(number, adopter, "adopter_step_reached", day)
            .of("adopter")
            .about(&[("adopter", adopter)])
            .with(json!({ "step": step }))
    };
    let adopter = |number, adopter: u64| {
        Line::new(number, adopter, "adopter_registered", "2024-01-05")
            .of("adopter")
            .about(&[("adopter", adopter)])
            .sealed(json!({ "adopter_id": format!("AD-{adopter}") }))
    };
    let lines = [
        agreed(1, 601),
        agreed(2, 602),
        closed,
        adopter(10, 701),
        adopter(11, 702),
        step(12, 701, "2024-01-08", "stage_one_started"),
        step(13, 701, "2024-02-20", "stage_one_ended"),
        step(14, 702, "2024-01-08", "stage_one_started"),
    ];
    let ledger = ledger("actions", &lines);
    let actions = figure(&ledger, "IM-01", "2024-04-30");
    assert_eq!(
        (&actions["late"], &actions["overdue"], &actions["counts"]),
        (&json!(1), &json!(1), &json!("actions"))
    );
    let adopters = figure(&ledger, "AD-01", "2024-04-30");
    let seen = (&adopters["in_time"], &adopters["overdue"], &adopters["counts"]);
    assert_eq!(seen, (&json!(1), &json!(1), &json!("adopters")), "{adopters}");
    let due = ledger.ask(&["due", "--as-at", "2024-04-30", "--within", "0"]).ended(0).rows();
    let found: Vec<(&Value, &Value)> = due.iter().map(|row| (&row["rule"], &row["category"])).collect();
    assert_eq!(found, [(&json!("IM-01"), &json!("authority")), (&json!("AD-01"), &json!("adopter"))]);
    let replayed = ledger.ask(&["replay", &entity(900).to_string()]).ended(0);
    assert_eq!((replayed.rows().len(), replayed.note("category")), (3, json!("authority")));
    let clocks = ledger.ask(&["clocks", "AD-702", "--as-at", "2024-04-30"]).ended(0);
    assert_eq!(clocks.note("category"), "adopter");
    assert_eq!(clocks.rows()[0]["state"], "overdue");
}

/// Two siblings with own issue dates in one set; a third child's application names no set.
#[test]
fn sets_of_proceedings_are_counted_beside_children_and_their_hearings_stand_with_each_child() {
    let issued = |number, child: u64, day: &str, set: &[(&'static str, u64)]| {
        let application = [("application", 800 + child)];
        let line =
            Line::new(number, child, "application_issued", day).about(&[&application[..], set].concat());
        line.with(json!({ "orders": ["care"] }))
    };
    let of_set = |number, kind, day: &str, processes: &[(&'static str, u64)], details| {
        let set = [("proceedings", 880)];
        Line::new(number, SET, kind, day)
            .of("proceedings")
            .about(&[&set[..], processes].concat())
            .with(details)
    };
    let lines = [
        registered(1, 1),
        registered(2, 2),
        registered(3, 3),
        of_set(4, "proceedings_opened", "2024-01-10", &[], json!({}))
            .sealed(json!({ "court_reference": "INV24C1" })),
        issued(5, 1, "2024-01-10", &[("proceedings", 880)]),
        issued(6, 2, "2024-02-10", &[("proceedings", 880)]),
        issued(7, 3, "2024-02-20", &[]),
        of_set(8, "hearing_held", "2024-02-20", &[("hearing", 890)], json!({ "kind": "case_management" })),
        of_set(
            9,
            "final_order_made",
            "2024-06-01",
            &[("application", 801)],
            json!({ "order": "care_order" }),
        ),
    ];
    let ledger = ledger("sets", &lines);
    let counted = |rule, to| figure(&ledger, rule, to)["counted"].clone();
    assert_eq!((counted("CT-09", "2024-03-31"), counted("CT-09s", "2024-03-31")), (json!(3), json!(2)));
    assert_eq!((counted("CT-09", "2024-06-30"), counted("CT-09s", "2024-06-30")), (json!(2), json!(2)));
    assert_eq!((counted("CT-09i", "2024-06-30"), counted("CT-09t", "2024-06-30")), (json!(3), json!(2)));
    for (child, hearings) in [("INV-1", 1), ("INV-2", 1), ("INV-3", 0)] {
        let rows = ledger.ask(&["replay", child]).ended(0).rows();
        assert_eq!(rows.iter().filter(|row| row["event"] == "Hearing held").count(), hearings, "{child}");
    }
    assert_eq!(
        states(&ledger, 1, "CT-01", "2024-06-30"),
        ["met"],
        "the order of the set ended this child's clock"
    );
    assert_eq!(states(&ledger, 2, "CT-01", "2024-06-30"), ["running"]);
    assert_eq!(ledger.ask(&["replay", "INV24C1"]).ended(0).note("category"), "proceedings");
}

#[test]
fn what_has_no_answer_says_what_was_looked_for() {
    let ledger = ledger("nothing", &[registered(1, 1)]);
    let said = |arguments: &[&str]| {
        let ran = ledger.run(arguments).ended(0);
        (ran.out.clone(), ran.err.clone())
    };
    let sentence = "IM-01 has no figure from";
    let (table, _) = said(&["indicators", "--rule", "IM-01", "--as-at", "2024-03-31"]);
    assert!(table.contains(sentence), "{table}");
    let (csv, err) = said(&["indicators", "--rule", "IM-01", "--as-at", "2024-03-31", "--format", "csv"]);
    assert_eq!(csv.lines().count(), 1, "{csv}");
    assert!(err.contains(sentence), "{err}");
    let json = ledger.ask(&["indicators", "--rule", "IM-01", "--as-at", "2024-03-31"]).ended(0);
    assert!(json.rows().is_empty() && json.note("nothing_found").to_string().contains(sentence));
    for (arguments, sentence) in [
        (&["due", "--as-at", "2024-03-31"][..], "No clock is overdue or due by"),
        (&["clocks", "INV-1"], "No rule has started a clock for this child"),
        (&["indicators", "--tallies", "--to", "2010-03-31"], "No count, share or rate"),
        (&["hold", "list"], "No legal hold is placed"),
        (&["verify"], "No problems"),
        (&["doctor"], "what to do"),
    ] {
        let (out, _) = said(arguments);
        assert!(out.contains(sentence), "{arguments:?}: {out}");
    }
    let unknown = ledger.run(&["replay", "INV-9"]).ended(6);
    assert!(unknown.err.contains("no household, set of proceedings"), "{}", unknown.err);
}
