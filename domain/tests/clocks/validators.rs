//! The public validators' own cases for the date rules that the book can express, besides 8670Q and 8675Q (`oracle.rs`).
//! Every child is invented by those projects.

use std::collections::BTreeMap;

use crate::support::{Story, day};
use chrono::{Days, NaiveDate};
use domain::clocks::{Looked, Question, State};
use domain::events::EntityRole as Role;

/// An episode of the validator of looked-after children.
#[derive(Clone)]
struct Episode {
    rule: String,
    child: String,
    row: u32,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    code: String,
    collection_end: Option<NaiveDate>,
    flagged: bool,
}

fn episodes(rule: &str) -> Vec<Episode> {
    let lines = include_str!("../fixtures/oracle/s903_date_rules.csv").lines().skip(1);
    let read = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let [rule, child, row, from, to, code, collection_end, expected] = *cells else {
            panic!("eight cells were expected: {line}")
        };
        Episode {
            rule: rule.to_owned(),
            child: child.to_owned(),
            row: row.parse().expect("a number"),
            from: from.parse().ok(),
            to: to.parse().ok(),
            code: code.to_owned(),
            collection_end: collection_end.parse().ok(),
            flagged: expected == "flagged",
        }
    };
    lines.map(read).filter(|episode| episode.rule == rule).collect()
}

/// The two rules of the regulations are moved by twenty years: those cases stand before the regulations were in force.
fn moved(episode: &Episode) -> Episode {
    let later = |day: Option<NaiveDate>| day.map(|day| day + Days::new(7_305));
    Episode {
        from: later(episode.from),
        to: later(episode.to),
        collection_end: later(episode.collection_end),
        ..episode.clone()
    }
}

fn as_at(episode: &Episode) -> NaiveDate {
    let until = episode.collection_end.or(episode.to.map(|to| to + Days::new(1)));
    until.unwrap_or_else(|| day("2025-01-01"))
}

fn is_late(story: &Story, rule: &str, as_at: NaiveDate) -> bool {
    let clocks = story.clocks(rule, &Question::as_at(as_at));
    clocks.iter().any(|clock| matches!(clock.state, State::Late | State::Overdue))
}

/// One process from start to end, where they are known.
fn process(
    role: Role,
    start: (&str, &str),
    end: &str,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Story {
    let process = [(role, 1)];
    let story = match from {
        Some(from) => Story::complete().told(&from.to_string(), start.0, start.1, &process),
        None => Story::complete(),
    };
    match to {
        Some(to) => story.told(&to.to_string(), end, "{}", &process),
        None => story,
    }
}

/// The validator joins episodes of one status that follow each other without a day between; the ledger has one order.
fn joined(episodes: &[Episode], status: &str) -> Vec<(Episode, Option<NaiveDate>, Option<NaiveDate>)> {
    let of = |episode: &Episode| episode.code == status;
    episodes
        .iter()
        .map(|episode| {
            if !of(episode) {
                return (episode.clone(), None, None);
            }
            let (mut from, mut to) = (episode.from, episode.to);
            let of_child = || episodes.iter().filter(|other| of(other) && other.child == episode.child);
            while let Some(before) = from.and_then(|from| {
                of_child().find(|other| other.to == Some(from) && other.from.is_some_and(|it| it < from))
            }) {
                from = before.from;
            }
            while let Some(after) = to.and_then(|to| {
                of_child().find(|other| other.from == Some(to) && other.to.is_none_or(|it| it > to))
            }) {
                to = after.to;
            }
            (episode.clone(), from, to)
        })
        .collect()
}

#[test]
fn orders_longer_than_their_limit_are_flagged_as_the_validator_does() {
    let mut compared = 0;
    let cases = [
        ("362", "CT-05q", "L2", Role::EmergencyOrder, "epo_granted", "epo_ended"),
        (
            "363",
            "CT-06",
            "L3",
            Role::ChildAssessmentOrder,
            "child_assessment_order_granted",
            "child_assessment_order_ended",
        ),
    ];
    for (oracle, rule, status, role, start, end) in cases {
        for (episode, from, to) in joined(&episodes(oracle), status) {
            let story = process(role, (start, "{}"), end, from, to);
            assert_eq!(
                is_late(&story, rule, as_at(&episode)),
                episode.flagged,
                "{oracle} row {}",
                episode.row
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 24);
}

#[test]
fn short_breaks_and_temporary_placements_are_flagged_as_the_validator_does() {
    let mut compared = 0;
    for oracle in ["365", "375", "376", "379"] {
        for episode in episodes(oracle) {
            let (rule, episode) =
                if oracle == "365" { ("LAC-08", moved(&episode)) } else { ("LAC-09", episode) };
            let short = episode.code == "V3" || episode.code == "V4";
            let code = if ["J2", "X", "V3"].contains(&episode.code.as_str()) { "U6" } else { &episode.code };
            let details = format!("{{\"short_break\":{short},\"placement_type\":\"{code}\"}}");
            let story = process(
                Role::Placement,
                ("placement_started", &details),
                "placement_ended",
                episode.from,
                episode.to,
            );
            assert_eq!(
                is_late(&story, rule, as_at(&episode)),
                episode.flagged,
                "{oracle} row {}",
                episode.row
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 31);
}

/// Children that the validator flags, against children that the book flags: the validator marks each placement of such a
/// child, the book the third one and those after it.
#[test]
fn a_third_holiday_placement_flags_the_same_children() {
    let mut by_child: BTreeMap<String, (Story, bool)> = BTreeMap::new();
    for episode in episodes("377") {
        let place = [(Role::Placement, u128::from(episode.row) + 1)];
        let (story, flagged) = by_child.remove(&episode.child).unwrap_or((Story::complete(), false));
        let code = if episode.code == "oo" { "U6" } else { &episode.code };
        let details = format!("{{\"short_break\":false,\"placement_type\":\"{code}\"}}");
        // RNE U is a change of carers only and B, P or T of the placement: all are placements here.
        let story =
            story.told(&episode.from.expect("a day").to_string(), "placement_started", &details, &place);
        by_child.insert(episode.child.clone(), (story, flagged || episode.flagged));
    }
    for (child, (story, flagged)) in &by_child {
        let looked = story.answers(&Question::as_at(day("2021-03-31"))).look_backs;
        let found = looked.iter().any(|looked| {
            looked.rule.id.as_str() == "LAC-09h" && matches!(looked.answer, Looked::Earlier(_))
        });
        assert_eq!(found, *flagged, "child {child}");
    }
    assert_eq!(by_child.len(), 5);
}

/// By child again: the validator marks each episode of the year, the book the child.
#[test]
fn more_than_75_days_of_short_breaks_flag_the_same_children() {
    let mut by_child: BTreeMap<String, (Story, bool)> = BTreeMap::new();
    for episode in episodes("367").iter().map(moved) {
        let place = [(Role::Placement, u128::from(episode.row) + 1)];
        let (story, flagged) = by_child.remove(&episode.child).unwrap_or((Story::complete(), false));
        let short = episode.code == "V3";
        // An episode that ends before it begins is no stay at all.
        let stays = episode.to.is_none_or(|to| episode.from.is_some_and(|from| from <= to));
        let story = match (stays, episode.from, episode.to) {
            (true, Some(from), to) => {
                let details = format!("{{\"short_break\":{short}}}");
                let story = story.told(&from.to_string(), "placement_started", &details, &place);
                match to {
                    Some(to) => story.told(&to.to_string(), "placement_ended", "{}", &place),
                    None => story,
                }
            }
            (_, _, _) => story,
        };
        by_child.insert(episode.child.clone(), (story, flagged || episode.flagged));
    }
    for (child, (story, flagged)) in &by_child {
        assert_eq!(story.figures("LAC-08y", "2021-04-01").counted == 1, *flagged, "child {child}");
    }
    assert_eq!(by_child.len(), 5);
}

#[test]
fn weekends_and_reviews_before_the_plan_are_flagged_as_the_validator_does() {
    let mut compared = 0;
    for line in include_str!("../fixtures/oracle/cin_date_rules.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (rule, row, start, other, flagged) =
            (cells[0], cells[1], cells[2], cells[3], cells[4] == "flagged");
        let found = match rule {
            "8875" => {
                let conference = [(Role::Conference, 1)];
                let story = Story::complete().told(
                    other,
                    "initial_conference_held",
                    r#"{"kind":"initial"}"#,
                    &conference,
                );
                story.figures("CP-06", "2025-01-01").counted == 1
            }
            "8870Q" => {
                let details = format!("{{\"stated_conference_target\":\"{other}\"}}");
                let story = Story::complete().told(
                    "2019-01-01",
                    "section47_enquiry_started",
                    &details,
                    &[(Role::Enquiry, 1)],
                );
                story.figures("CP-06t", "2025-01-01").counted == 1
            }
            _ => {
                let story = process(
                    Role::Plan,
                    ("child_protection_plan_started", "{}"),
                    "review_conference_held",
                    start.parse().ok(),
                    other.parse().ok(),
                );
                story.states("CP-11", "2025-01-01").contains(&State::TooEarly)
            }
        };
        assert_eq!(found, flagged, "{rule} row {row}");
        compared += 1;
    }
    assert_eq!(compared, 13);
}
