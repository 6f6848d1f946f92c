//! The public validator's own cases for rules 8670Q (assessment open too long) and 8675Q (enquiry without a conference),
//! and exactly where its counting differs from the guidance: by one working day. `docs/rules.md` says why.

use std::collections::BTreeMap;

use crate::support::{Story, day};
use chrono::NaiveDate;
use domain::calendar::{Calendar, Limit, StartDay, Unit};
use domain::clocks::State;
use domain::events::EntityRole as Role;
use domain::events::assessment::{AssessmentAuthorised, AssessmentKind, AssessmentStarted};
use domain::events::child_protection::{
    ConferenceNotRequired, InitialConferenceHeld, InitialConferenceKind, Section47EnquiryStarted,
};

struct Row {
    rule: &'static str,
    number: u32,
    fields: BTreeMap<String, Option<String>>,
    flagged: Option<bool>,
}

/// The cases, read from the fixture: `ruleset,rule,table,row,"json",expected`.
fn rows() -> Vec<Row> {
    let text = include_str!("../fixtures/oracle/cin_8670q_8675q.csv");
    text.lines()
        .skip(1)
        .map(|line| {
            let (head, rest) = line.split_once(",\"{").expect("fields are quoted JSON");
            let (json, expected) = rest.rsplit_once("}\",").expect("the expectation is last");
            let mut head = head.split(',').skip(1);
            let rule = head.next().expect("a rule");
            let number = head.nth(1).and_then(|row| row.parse().ok()).expect("a row number");
            let json = format!("{{{}}}", json.replace("\"\"", "\""));
            let flagged = match expected {
                "flagged" => Some(true),
                "not_flagged" => Some(false),
                _ => None,
            };
            Row { rule, number, fields: serde_json::from_str(&json).expect("flat JSON"), flagged }
        })
        .collect()
}

impl Row {
    fn date(&self, field: &str) -> Option<String> {
        let text = self.fields.get(field)?.as_ref()?;
        let date = NaiveDate::parse_from_str(text, "%d/%m/%Y").expect("day/month/year");
        Some(date.to_string())
    }

    fn story(&self) -> Story {
        let story = Story::new();
        let with = |story: Story, on: Option<String>, add: &dyn Fn(Story, &str) -> Story| match on {
            Some(on) => add(story, &on),
            None => story,
        };
        let assessment = [(Role::Assessment, 1)];
        let enquiry = [(Role::Enquiry, 1)];
        let story = with(story, self.date("AssessmentActualStartDate"), &|story, on| {
            story.with(on, AssessmentStarted { kind: AssessmentKind::Single }, &assessment)
        });
        let story = with(story, self.date("AssessmentAuthorisationDate"), &|story, on| {
            story.with(
                on,
                AssessmentAuthorised { factors: Default::default(), support_needed: None },
                &assessment,
            )
        });
        let story = with(story, self.date("S47ActualStartDate"), &|story, on| {
            story.with(on, Section47EnquiryStarted { stated_conference_target: None }, &enquiry)
        });
        let story = with(story, self.date("DateOfInitialCPC"), &|story, on| {
            let held = InitialConferenceHeld {
                kind: InitialConferenceKind::Initial,
                led_to_plan: None,
                ..Default::default()
            };
            story.with(on, held, &enquiry)
        });
        match self.fields.get("ICPCnotRequired").and_then(|value| value.as_deref()) {
            Some("true") => story.with("unknown", ConferenceNotRequired {}, &enquiry),
            _ => story,
        }
    }
}

#[test]
fn the_validators_cases_agree_but_for_the_one_working_day() {
    let rows = rows();
    let reference = |rule: &str| {
        let header = rows.iter().find(|row| row.rule == rule && row.fields.contains_key("ReferenceDate"));
        header.and_then(|row| row.date("ReferenceDate")).expect("a header row")
    };
    let mut compared = 0;
    let mut differing = Vec::new();
    for row in &rows {
        let Some(flagged) = row.flagged else { continue };
        let rule = if row.rule == "8670Q" { "AS-03a" } else { "CP-04" };
        let overdue = row.story().states(rule, &reference(row.rule)).contains(&State::Overdue);
        compared += 1;
        if overdue != flagged {
            differing.push((row.rule, row.number, overdue));
        }
    }
    // Row 3: started on Sunday 29 January 2023. The 45th working day after it is the reference date itself, 31 March.
    assert_eq!((compared, differing), (10, vec![("8670Q", 3, false)]));
}

/// AS-07 and CP-05 count as the validator does; only a start on a weekend still differs, because day 1 is a working day.
#[test]
fn the_queries_of_the_census_agree_but_for_a_start_on_a_sunday() {
    let rows = rows();
    let mut differing = Vec::new();
    for row in rows.iter().filter(|row| row.flagged.is_some()) {
        let (rule, reference) =
            if row.rule == "8670Q" { ("AS-07", "2023-03-31") } else { ("CP-05", "2022-03-31") };
        if Some(row.story().states(rule, reference).contains(&State::Overdue)) != row.flagged {
            differing.push((row.rule, row.number));
        }
    }
    assert_eq!(differing, [("8670Q", 3)]);
}

/// The validator's rule: it goes back `n - 1` working days from the reference date and flags every earlier start.
fn validator_flags(start: NaiveDate, reference: NaiveDate, n: u32) -> bool {
    let calendar = Calendar::built_in().latest();
    let mut earliest = reference;
    let mut left = n - 1;
    while left > 0 {
        earliest = earliest.pred_opt().expect("days do not end here");
        left -= u32::from(calendar.is_working_day(earliest).expect("a covered day"));
    }
    start < earliest
}

#[test]
fn the_validator_is_stricter_by_exactly_one_working_day() {
    let calendar = Calendar::built_in().latest();
    for (limit, reference) in [(45, "2023-03-31"), (15, "2022-03-31"), (15, "2024-03-28"), (45, "2025-03-31")]
    {
        let reference = day(reference);
        let overdue = |start: NaiveDate, start_day| {
            let limit = Limit::new(limit, Unit::WorkingDays);
            limit.last_day_in_time(start, start_day, calendar).unwrap() < reference
        };
        let mut differing = Vec::new();
        for start in std::iter::successors(Some(reference), |date| date.pred_opt()).take(120) {
            let flagged = validator_flags(start, reference, limit);
            if calendar.is_working_day(start).unwrap() {
                // With the start as day 1 the rule book gives the validator's answer.
                assert_eq!(overdue(start, StartDay::IsDayOne), flagged, "{limit} from {start}");
            }
            if overdue(start, StartDay::IsDayZero) != flagged {
                assert!(flagged, "the validator is never the milder one: {limit} from {start}");
                differing.push(start);
            }
        }
        let working = differing.iter().filter(|start| calendar.is_working_day(**start).unwrap()).count();
        assert_eq!(working, 1, "{limit} days before {reference}: {differing:?}");
    }
}

#[test]
fn the_start_that_the_two_conventions_tell_apart() {
    let calendar = Calendar::built_in().latest();
    let last = |start: &str, start_day| {
        Limit::new(45, Unit::WorkingDays).last_day_in_time(day(start), start_day, calendar).unwrap()
    };
    assert_eq!(last("2023-01-27", StartDay::IsDayZero), day("2023-03-31"));
    assert_eq!(last("2023-01-27", StartDay::IsDayOne), day("2023-03-30"));
    assert_eq!(last("2023-01-30", StartDay::IsDayOne), day("2023-03-31"));
    assert!(validator_flags(day("2023-01-27"), day("2023-03-31"), 45));
    assert!(!validator_flags(day("2023-01-30"), day("2023-03-31"), 45));
}
