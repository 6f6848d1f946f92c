//! Kinds of wrong clock that an independent count found; the days were counted by hand.

use serde_json::{Value, json};

use super::agreement::answers_agree;
use super::{Case, Check};
use caseledger_tests::program::text;

/// Every case with what it must give.
pub(super) const TABLE: &[(&str, Check)] = &[
    ("a1-two-periods", an_entry_clock_belongs_to_its_own_period),
    ("a2-match-before-order", a_match_before_the_order_counts_as_no_days),
    ("chain-span-late", a_chain_with_a_span_is_not_late_where_it_may_be_in_time),
    ("checkpoint-without-number", a_checkpoint_counts_by_its_day),
    ("cp13-earlier-plan-known", an_earlier_plan_in_the_record_is_an_earlier_plan),
    ("earlier-period-stop-met", an_act_of_an_earlier_period_stops_no_later_clock),
    ("early-stop-met", what_was_done_before_the_start_is_met),
    ("ex02-closed-18-months-before", a_closure_long_ago_is_none_within_six_months),
    ("known-at-midnight", midnight_belongs_to_the_day_that_it_begins),
    ("not-relaxed-within", the_version_is_chosen_by_the_clocks_own_due_day),
    ("rhi-refused-dates-only", a_refused_interview_asks_for_none),
    ("start-span-stop-within", a_stop_inside_an_uncertain_start_settles_nothing),
];

/// The last day that the inputs say anything about.
const NOW: &str = "2026-09-30";

fn import(case: &Case, name: &str) {
    case.import(&format!("{name}.jsonl"), &[]).ended(0);
    answers_agree(case, NOW);
}

fn state(case: &Case, child: &str, rule: &str, as_at: &str) -> String {
    text(&case.clock(child, rule, as_at), "state")
}

fn an_entry_clock_belongs_to_its_own_period(case: &Case) {
    import(case, "a1-two-periods");
    for rule in ["PM-03", "PM-03a"] {
        let clock = case.clock("INV-A1", rule, NOW);
        let found = ["started", "ended", "state"].map(|column| text(&clock, column));
        assert_eq!(found, ["2022-01-04", "2022-12-01", "met"], "{rule}: {clock}");
        assert_eq!(clock["used"], 331, "{rule}: {clock}");
    }
    // The child is placed and not yet adopted: counted by year of placement, and not in the national cohort.
    let figure = case.indicator("PM-03p", "2022-01-01", "2022-12-31");
    assert_eq!((&figure["closed"], &figure["in_time"]), (&json!(1), &json!(1)), "{figure}");
    assert_eq!(text(&figure, "mean"), "331.0", "{figure}");
    let year = ["--from", "2022-01-01", "--to", "2022-12-31"];
    let national = case.ledger.ask(&[&["indicators", "--rule", "PM-03"][..], &year].concat());
    assert!(national.rows().is_empty(), "{}", national.out);
}

fn a_match_before_the_order_counts_as_no_days(case: &Case) {
    import(case, "a2-match-before-order");
    let figure = case.indicator("PM-04", "2022-01-01", "2022-12-31");
    assert_eq!(text(&figure, "mean"), "60.5", "{figure}");
    assert_eq!(figure["median"], 0, "{figure}");
    let used = |child: &str| case.clock(child, "PM-04", NOW)["used"].clone();
    assert_eq!([used("INV-A2A"), used("INV-A2B")], [json!(0), json!(121)]);
}

fn a_chain_with_a_span_is_not_late_where_it_may_be_in_time(case: &Case) {
    import(case, "chain-span-late");
    let clocks = case.clocks("INV-CHAIN", "CP-10", NOW);
    let from_first: Vec<&Value> = clocks.iter().filter(|clock| clock["started"] == "2022-07-01").collect();
    assert_eq!(from_first.len(), 1, "{clocks:#?}");
    let clock = from_first[0];
    assert_eq!([text(clock, "state"), text(clock, "due_on")], ["cannot_tell", "2023-01-01"], "{clock}");
}

fn a_checkpoint_counts_by_its_day(case: &Case) {
    import(case, "checkpoint-without-number");
    // The checkpoints are Merton's: no clock of them runs until the authority adopts them.
    assert!(case.clocks("INV-CK", "AS-04", NOW).is_empty());
    let adopted = case.ledger.ask(&["--adopt", "AS-04", "clocks", "INV-CK", "--as-at", NOW]).rows();
    let states: Vec<String> =
        adopted.iter().filter(|row| row["rule"] == "AS-04").map(|row| text(row, "state")).collect();
    // Held on 6 February 2023, the 20th working day after 9 January.
    assert_eq!(states, ["met"]);
}

fn an_earlier_plan_in_the_record_is_an_earlier_plan(case: &Case) {
    import(case, "cp13-earlier-plan-known");
    let clocks = case.clocks("INV-CP13", "CP-13", NOW);
    let second = clocks.iter().find(|clock| clock["started"] == "2023-01-09").unwrap();
    assert_eq!(text(second, "state"), "earlier one known", "{second}");
    let figure = case.indicator("CP-13", "2023-01-01", "2023-01-31");
    assert_eq!(text(&figure, "share_earlier"), "100.0 %", "{figure}");
    assert_eq!(figure["history_incomplete"], 0, "{figure}");
}

fn an_act_of_an_earlier_period_stops_no_later_clock(case: &Case) {
    import(case, "earlier-period-stop-met");
    for rule in ["LAC-13r", "LAC-13", "CT-08"] {
        let clocks = case.clocks("INV-OLD", rule, "2023-12-31");
        let later: Vec<&Value> = clocks.iter().filter(|clock| clock["started"] == "2023-03-06").collect();
        assert_eq!(later.len(), 1, "{rule}: {clocks:#?}");
        assert_eq!(text(later[0], "state"), "overdue", "{rule}: {}", later[0]);
    }
    // The appointment of 2021 counts once, for the period of 2021.
    let figure = case.indicator("LAC-13r", "2021-01-01", "2021-12-31");
    assert_eq!((&figure["closed"], &figure["in_time"]), (&json!(1), &json!(1)), "{figure}");
}

fn what_was_done_before_the_start_is_met(case: &Case) {
    import(case, "early-stop-met");
    for rule in ["CT-08", "LAC-07", "LAC-13"] {
        assert_eq!(state(case, "INV-EARLY", rule, NOW), "met", "{rule}");
    }
}

fn a_closure_long_ago_is_none_within_six_months(case: &Case) {
    import(case, "ex02-closed-18-months-before");
    let figure = case.indicator("EX-02", "2023-07-01", "2023-07-31");
    assert_eq!(text(&figure, "share_earlier"), "0.0 %", "{figure}");
}

fn midnight_belongs_to_the_day_that_it_begins(case: &Case) {
    import(case, "known-at-midnight");
    let asked = |command: &str, known_at: &str| {
        case.ledger.ask(&[command, "INV-MIDNIGHT", "--known-at", known_at, "--basis", "source"])
    };
    let shown = asked("replay", "2024-01-28");
    assert!(!shown.out.contains("Referral received"), "{}", shown.out);
    assert!(asked("replay", "2024-01-29").out.contains("Referral received"));
    assert_eq!(asked("clocks", "2024-01-29T00:00:00Z").note("as_at"), "2024-01-29");
    assert_eq!(asked("clocks", "2024-01-28").note("as_at"), "2024-01-28");
}

fn the_version_is_chosen_by_the_clocks_own_due_day(case: &Case) {
    import(case, "not-relaxed-within");
    let clocks = case.clocks("INV-PF", "PF-01", NOW);
    let first = clocks.iter().find(|clock| clock["started"] == "2020-08-06").unwrap();
    let found = [text(first, "state"), text(first, "due_on")];
    assert_eq!(found, ["cannot_tell", "2020-09-17"], "{first}");
}

fn a_refused_interview_asks_for_none(case: &Case) {
    import(case, "rhi-refused-dates-only");
    assert_eq!(state(case, "INV-RHI", "MS-01", NOW), "not_applicable");
}

fn a_stop_inside_an_uncertain_start_settles_nothing(case: &Case) {
    import(case, "start-span-stop-within");
    for rule in ["HL-01", "ED-01"] {
        // Of one kind of health assessment, only the first is asked for here.
        let clocks = case.clocks("INV-SPAN", rule, NOW);
        assert_eq!(clocks.len(), 1, "{rule}: {clocks:#?}");
        assert_eq!(text(&clocks[0], "state"), "cannot_tell", "{rule}: {}", clocks[0]);
    }
}
