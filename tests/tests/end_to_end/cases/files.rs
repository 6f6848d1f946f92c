//! Files as authorities send them, one kind of trouble each.

use caseledger_tests::data_folder::shared;
use caseledger_tests::program::{Ran, text};
use serde_json::Value;

use super::agreement::answers_agree;
use super::{Case, Check, said};

/// Every case with what it must give.
pub(super) const TABLE: &[(&str, Check)] = &[
    ("01-age-heading", the_published_heading_of_ages_is_read_in_every_list),
    ("02-title-row", a_header_below_a_title_is_found),
    ("03-total-row", totals_and_notes_are_no_children),
    ("04-id-variants", one_child_stays_one_however_its_id_is_written),
    ("06-error-withdraws", a_failed_lookup_withdraws_nothing),
    ("07-placeholder-date", a_placeholder_is_no_date),
    ("09-placement-2026", codes_of_the_newest_year_are_known),
    ("10-list9-columns", pathway_reviews_and_contacts_of_care_leavers_are_read),
    ("13-main-part-name", the_main_part_is_the_one_that_the_package_names),
    ("15-month-first", a_column_written_month_first_gives_no_other_day),
    ("25-open-enquiry-closed-case", what_ends_a_case_ends_its_clocks),
    ("27-characteristics-corrected", a_corrected_child_is_the_same_child),
    ("33-duplicate-cin-plans", doubled_and_overlapping_plans_are_observed),
    ("34-pre-proceedings", open_pre_proceedings_become_overdue),
    ("36-referral-source", referral_sources_have_the_labels_of_the_return),
    ("41-ssda903", a_return_that_is_not_read_is_named),
    ("52-jsonl", a_bad_line_is_refused_alone),
    ("54-nul-in-cell", a_cell_that_cannot_be_recorded_is_refused_alone),
    ("56-row-per-placement", a_row_for_each_placement_is_one_period_of_care),
    ("57-ods", an_open_document_workbook_is_read_or_the_format_to_save_as_is_named),
];

/// Everything in a report that points at a place in the file.
fn pointed_at(report: &Ran) -> String {
    said(report, &["refused", "remark", "question"])
}

/// Whether each place is pointed at: by its name, or by a remark that counts as many and names the first.
fn each_is_pointed_at(report: &Ran, places: &[&str]) {
    let said = pointed_at(report);
    let counted =
        said.contains(&format!("({})", places.len())) && places.iter().any(|place| said.contains(place));
    let unnamed: Vec<_> = places.iter().filter(|place| !said.contains(**place)).collect();
    assert!(counted || unnamed.is_empty(), "{unnamed:?} are not pointed at: {said}");
}

/// How often an event of this title is shown for a child.
fn count(case: &Case, child: &str, title: &str, as_at: &str) -> usize {
    case.events(child, as_at).iter().filter(|(event, _)| event.contains(title)).count()
}

/// Whether a child has an event of this title on this day.
fn has(case: &Case, child: &str, title: &str, day: &str, as_at: &str) -> bool {
    case.events(child, as_at).iter().any(|(event, occurred)| event.contains(title) && occurred == day)
}

fn running(case: &Case, child: &str, as_at: &str) -> String {
    text(&serde_json::json!({ "running": case.replay(child, as_at).note("running") }), "running")
}

fn open_states(case: &Case, child: &str, rule: &str, as_at: &str) -> Vec<String> {
    let states = case.clocks(child, rule, as_at).into_iter().map(|clock| text(&clock, "state"));
    states.filter(|state| ["running", "due_soon", "overdue"].contains(&state.as_str())).collect()
}

fn one_contact(case: &Case, child: &str) {
    assert_eq!(case.children().len(), 1);
    assert!(has(case, child, "Contact received", "2024-02-01", "2024-03-31"));
    assert_eq!(case.events(child, "2024-03-31").len(), 2, "registration and contact");
    answers_agree(case, "2024-03-31");
}

fn the_published_heading_of_ages_is_read_in_every_list(case: &Case) {
    let report = case.workbook("in.xlsx", "2024-03-31");
    report.clone().ended(0);
    one_contact(case, "INV-0101");
}

fn a_header_below_a_title_is_found(case: &Case) {
    let report = case.workbook("in.xlsx", "2024-03-31");
    if report.code == 0 {
        return one_contact(case, "INV-0201");
    }
    let message = report.ended(3).message();
    assert!(message.contains("title") && message.contains("row 3"), "{message}");
}

fn totals_and_notes_are_no_children(case: &Case) {
    let report = case.workbook("in.xlsx", "2024-03-31");
    assert!([0, 3].contains(&report.code), "{}", report.err);
    assert_eq!(case.children().len(), 2, "two children, and no \"Total\"");
    for child in ["INV-0301", "INV-0302"] {
        assert_eq!(count(case, child, "Contact received", "2024-03-31"), 1);
    }
    assert_eq!(count(case, "INV-0301", "Child protection plan started", "2024-03-31"), 1);
    for nobody in ["Total", "Report run 01/04/2024 by performance team", "Source: LCS"] {
        case.ledger.run(&["replay", nobody]).ended(6);
    }
    let said = pointed_at(&report);
    for row in ["List 1, row 4,", "List 1, row 5,", "List 7, row 3,", "List 7, row 5,"] {
        assert!(said.contains(row), "{row} is refused with its place: {said}");
    }
    answers_agree(case, "2024-03-31");
}

fn one_child_stays_one_however_its_id_is_written(case: &Case) {
    case.workbook("in.xlsx", "2024-03-31");
    assert_eq!(case.children().len(), 1, "one child");
    for written in ["INV-0401", "inv-0401 ", "INV -0401", "INV-0401\u{200b}"] {
        assert!(has(case, written, "Child protection plan started", "2024-02-20", "2024-03-31"), "{written}");
        assert_eq!(count(case, written, "Referral received", "2024-03-31"), 1, "{written}");
    }
    answers_agree(case, "2024-03-31");
}

fn a_failed_lookup_withdraws_nothing(case: &Case) {
    case.workbook("one.xlsx", "2023-12-31").ended(0);
    let before = case.events("INV-0601", "2024-03-31");
    let second = case.workbook("two.xlsx", "2024-03-31");
    assert!([0, 3].contains(&second.code), "{}", second.err);
    // That the worker's cell could not say who it is, is noted.
    let mut after = case.events("INV-0601", "2024-03-31");
    after.retain(|(event, _)| event != "Observation noted");
    assert_eq!(after, before, "nothing ends, begins or is withdrawn");
    assert!(has(case, "INV-0601", "Child protection plan ended", "2023-12-18", "2024-03-31"));
    assert!(!before.iter().any(|(event, _)| event.contains("deallocated")), "{before:?}");
    assert!(!running(case, "INV-0601", "2024-03-31").contains("plan"));
    assert!(pointed_at(&second).contains("List 7!M2"), "{}", pointed_at(&second));
    let due = case.due("2024-03-31");
    assert!(due.is_empty(), "{due:?}");
    answers_agree(case, "2024-03-31");
}

fn a_placeholder_is_no_date(case: &Case) {
    let report = case.workbook("in.xlsx", "2024-03-31");
    for (child, status) in
        [("INV-0701", "child protection plan"), ("INV-0702", "child in need"), ("INV-0703", "looked after")]
    {
        assert!(
            running(case, child, "2024-03-31").contains(status),
            "{child}: {}",
            running(case, child, "2024-03-31")
        );
        let shown = case.replay(child, "2024-03-31").out;
        assert!(!shown.contains("1900-01-01") && !shown.contains("2999-12-31"), "{child}: {shown}");
        assert_eq!(count(case, child, " ended", "2024-03-31"), 0, "{child}");
        assert_eq!(count(case, child, " visit", "2024-03-31"), 0, "{child}");
    }
    // The column of review conferences is there and empty: none was held in nearly seven months.
    assert_eq!(open_states(case, "INV-0701", "CP-09", "2024-03-31"), ["overdue"]);
    assert_eq!(open_states(case, "INV-0701", "CP-14c", "2024-03-31"), ["running"]);
    each_is_pointed_at(&report, &["List 6!J2", "List 7!J2", "List 7!M2", "List 8!M2", "List 8!T2"]);
    answers_agree(case, "2024-03-31");
}

fn codes_of_the_newest_year_are_known(case: &Case) {
    let report = case.workbook("in.xlsx", "2026-06-30").ended(0);
    assert!(!pointed_at(&report).contains("List 8!W"), "{}", pointed_at(&report));
    for number in 0..6 {
        let child = format!("INV-090{number}");
        let shown = case.replay(&child, "2026-06-30");
        assert!(shown.out.contains("Placement started"), "{}", shown.out);
        // The invented children came into care on the day after they turned eighteen; that is observed, and no code is.
        let observed = shown.note("observation").to_string();
        assert!(
            observed.contains("looked_after_at_eighteen") && !observed.contains("code_"),
            "{child}: {observed}"
        );
    }
    answers_agree(case, "2026-06-30");
}

fn pathway_reviews_and_contacts_of_care_leavers_are_read(case: &Case) {
    case.workbook("in.xlsx", "2024-03-31").ended(0);
    for (rule, last) in [("LC-02", "2024-01-10"), ("LC-03", "2024-02-10")] {
        let clocks = case.clocks("INV-1001", rule, "2024-03-31");
        assert!(clocks.iter().any(|clock| text(clock, "started") == last), "{rule}: {clocks:#?}");
    }
    answers_agree(case, "2024-03-31");
}

fn the_main_part_is_the_one_that_the_package_names(case: &Case) {
    case.workbook("in.xlsx", "2024-03-31").ended(0);
    one_contact(case, "INV-1301");
    // The same workbook with the usual names holds nothing else.
    let plain = case.workbook("plain.xlsx", "2024-03-31").ended(0);
    let total = plain.rows().into_iter().find(|row| row["list"] == "total").unwrap();
    assert_eq!([&total["new"], &total["already_known"]], [&Value::from(0), &Value::from(1)]);
}

fn a_column_written_month_first_gives_no_other_day(case: &Case) {
    let report = case.workbook("in.xlsx", "2024-12-31").ended(3);
    let shown = case.ledger.run(&["export", "events"]).out;
    for silently in ["2024-06-05", "2024-12-04"] {
        assert!(!shown.contains(silently), "{silently} is no day of this file");
    }
    each_is_pointed_at(&report, &["List 1!F2", "List 1!F3", "List 1!F4", "List 1!F5"]);
    answers_agree(case, "2024-12-31");
}

fn what_ends_a_case_ends_its_clocks(case: &Case) {
    case.import("in.xml", &[]).ended(0);
    let clocks = case.ledger.ask(&["clocks", "INV-2501", "--as-at", "2024-03-31"]).rows();
    // The conference was due before the case closed: late and never held, and ended all the same. The assessment was not.
    for (rule, state, due) in [("CP-04", "late", "2023-06-01"), ("AS-03", "not_applicable", "2023-07-06")] {
        let clock = case.clock("INV-2501", rule, "2024-03-31");
        let found = ["state", "due_on", "ended"].map(|column| text(&clock, column));
        assert_eq!(found, [state, due, "2023-06-30"], "{clock}");
    }
    let overdue: Vec<&Value> = clocks.iter().filter(|clock| clock["state"] == "overdue").collect();
    assert!(overdue.is_empty(), "{overdue:#?}");
    assert!(case.due("2024-03-31").is_empty(), "{:?}", case.due("2024-03-31"));
    assert!(!running(case, "INV-2501", "2024-03-31").contains("enquiry"));
    answers_agree(case, "2024-03-31");
}

fn a_corrected_child_is_the_same_child(case: &Case) {
    case.import("one.xml", &[]).ended(0);
    case.import("two.xml", &[]).ended(0);
    let shown = case.replay("INV-2701", "2025-03-31");
    assert!(shown.note("disputed").is_null(), "{}", shown.note("disputed"));
    assert!(
        has(case, "INV-2701", "Child protection plan ended", "2024-09-02", "2025-03-31"),
        "{}",
        shown.out
    );
    assert!(
        has(case, "INV-2701", "Review child protection conference held", "2024-04-19", "2025-03-31"),
        "{}",
        shown.out
    );
    assert!(shown.out.contains("2007-02-10") || shown.out.contains("10 February 2007"), "{}", shown.out);
    assert!(shown.out.contains("corrected"), "the correction is pointed at: {}", shown.out);
    assert!(!running(case, "INV-2701", "2025-03-31").contains("plan"));
    answers_agree(case, "2025-03-31");
}

fn doubled_and_overlapping_plans_are_observed(case: &Case) {
    let report = case.import("in.xml", &[]);
    assert!([0, 3].contains(&report.code), "{}", report.err);
    let shown = case.replay("INV-3301", "2024-03-31");
    let seen = [shown.note("observation"), shown.note("disputed")].map(|note| note.to_string()).join(" ");
    let both = "Child in need plan started, 2023-06-01; Child in need plan started, ";
    for (code, second) in
        [("doubled_child_in_need_plan", "2023-06-01"), ("overlapping_child_in_need_plans", "2023-07-01")]
    {
        assert!(seen.contains(code) && seen.contains(&format!("{both}{second}")), "{code}: {seen}");
    }
    assert_eq!(count(case, "INV-3301", "Child in need plan started", "2024-03-31"), 3, "no silent merge");
    answers_agree(case, "2024-03-31");
}

fn open_pre_proceedings_become_overdue(case: &Case) {
    case.import("in.xml", &[]).ended(0);
    let clock = case.clock("INV-3402", "PLO-01", "2026-03-31");
    assert_eq!([text(&clock, "state"), text(&clock, "due_on")], ["overdue", "2025-12-02"], "{clock}");
    let due = case.due("2026-03-31");
    assert!(due.iter().any(|row| row["rule"] == "PLO-01" && row["child"] == "INV-3402"), "{due:?}");
    let ended = case.clock("INV-3401", "PLO-01", "2026-03-31");
    assert!(!["running", "due_soon", "overdue"].contains(&text(&ended, "state").as_str()), "{ended}");
    assert!(running(case, "INV-3402", "2026-03-31").contains("pre-proceedings"));
    answers_agree(case, "2026-03-31");
}

fn referral_sources_have_the_labels_of_the_return(case: &Case) {
    case.import("in.xml", &[]).ended(0);
    for (child, code) in [("INV-3600", "5A"), ("INV-3601", "5B"), ("INV-3602", "5C"), ("INV-3603", "5D")] {
        let shown = case.replay(child, "2024-03-31");
        assert!(shown.out.contains(code) && shown.note("observation").is_null(), "{child}: {}", shown.out);
    }
    let kind = Ran::new(&["kinds", "referral_received", "--format", "json"]).ended(0);
    let lists = said(&kind, &["code_list"]).to_lowercase();
    let label = |code: &str| {
        let (_, from) = lists.split_once(&format!(" {code} ")).unwrap_or_else(|| panic!("{code} in {lists}"));
        from.split([',', ';']).next().unwrap_or_default().to_owned()
    };
    for (code, word) in [("5b", "other internal"), ("5c", "external"), ("5d", "early help")] {
        assert!(label(code).contains(word), "{code}: {}", label(code));
        for wrong in ["adult social care", "probation", "external local authority"] {
            assert!(!label(code).contains(wrong), "{code}: {}", label(code));
        }
    }
}

fn a_return_that_is_not_read_is_named(case: &Case) {
    for file in ["episodes.csv", "utf16.csv", "in.xml"] {
        let message = case.import(file, &["--authority", "999"]).ended(3).message();
        assert!(message.contains("SSDA903"), "{file}: {message}");
        assert!(!message.contains("looks like none"), "{file}: {message}");
    }
}

fn a_bad_line_is_refused_alone(case: &Case) {
    case.import("ok.jsonl", &[]).ended(0);
    // Its last line is empty; the mark before the first one hides nothing.
    let marked = case.import("bom.jsonl", &[]);
    assert!(
        marked.code == 0 || marked.code == 3 && (marked.err + &marked.out).contains("line 3"),
        "bom.jsonl"
    );
    let refused = case.import("nul-code.jsonl", &[]).ended(3);
    let message = refused.err.clone() + &refused.out;
    assert!(message.contains("line 2"), "{message}");
    // The id of the event of ok.jsonl with another day.
    let lines = std::fs::read_to_string(case.folder.join("same-id-other-text.jsonl")).unwrap();
    let held = std::fs::read_to_string(case.folder.join("ok.jsonl")).unwrap();
    let id = |lines: &str| {
        let event: Value = serde_json::from_str(lines.lines().nth(1).unwrap()).unwrap();
        text(&event, "event_id")
    };
    let again = shared().write("52-same-id.jsonl", lines.replace(&id(&lines), &id(&held)));
    let refused = case.ledger.import(&again, &[]).ended(3);
    let message = refused.err.clone() + &refused.out;
    assert!(message.contains("line 2"), "{message}");
    let shown = case.ledger.run(&["export", "events"]).out;
    assert_eq!(shown.lines().filter(|line| line.contains("contact_received")).count(), 2, "{shown}");
    assert!(!shown.contains("2019-01-01"), "no other day");
}

fn a_cell_that_cannot_be_recorded_is_refused_alone(case: &Case) {
    let report = case.workbook("in.xlsx", "2024-03-31").ended(3);
    assert_eq!(case.children().len(), 3);
    for (child, day) in [("INV-5401", "2024-02-01"), ("INV-5402", "2024-02-02"), ("INV-5403", "2024-02-03")] {
        assert!(has(case, child, "Referral received", day, "2024-03-31"), "{child}");
    }
    assert!(pointed_at(&report).contains("List 3!K3"), "{}", pointed_at(&report));
    answers_agree(case, "2024-03-31");
}

fn a_row_for_each_placement_is_one_period_of_care(case: &Case) {
    let report = case.workbook("in.xlsx", "2024-03-31");
    assert!([0, 3].contains(&report.code), "{}", report.err);
    let child = "INV-5601";
    let shown = case.replay(child, "2024-03-31");
    assert!(shown.note("disputed").is_null(), "{}", shown.note("disputed"));
    assert!(
        !shown.note("observation").to_string().contains("process_not_named"),
        "{}",
        shown.note("observation")
    );
    assert!(running(case, child, "2024-03-31").contains("looked after"));
    assert_eq!(count(case, child, "Became looked after", "2024-03-31"), 1);
    for (title, day) in [
        ("Placement started", "2024-01-10"),
        ("Placement started", "2024-03-15"),
        ("Looked-after review held", "2024-02-05"),
        ("Looked-after review held", "2024-03-20"),
        ("Legal status", "2024-01-10"),
        ("Legal status", "2024-03-04"),
    ] {
        assert!(
            has(case, child, title, day, "2024-03-31"),
            "{title} on {day}: {:?}",
            case.events(child, "2024-03-31")
        );
    }
    answers_agree(case, "2024-03-31");
}

fn an_open_document_workbook_is_read_or_the_format_to_save_as_is_named(case: &Case) {
    let message = case.workbook("in.ods", "2024-03-31").ended(3).message();
    assert!(message.contains(".ods") && message.contains(".xlsx"), "{message}");
}
