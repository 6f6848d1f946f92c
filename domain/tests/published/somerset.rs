//! Somerset 2018/19: the improvement plan's targets, each with a record that just reaches it and one that just does not.

use domain::events::EntityRole::{PeriodOfCare, Placement};
use domain::rules::RuleBook;

use crate::authority::{Authority, after, share};

#[test]
fn somerset_2018_figure_23_health_assessments_80_90_and_95_per_cent_by_three_dated_steps() {
    let rule = RuleBook::built_in().rule("HL-01").unwrap();
    let held: Vec<(String, String)> = rule
        .targets
        .iter()
        .map(|target| (target.from.to_string(), (target.basis_points / 100).to_string()))
        .collect();
    let steps = [("2018-06-30", "80"), ("2018-12-31", "90"), ("2019-03-31", "95")];
    assert_eq!(held, steps.map(|(from, percent)| (from.to_owned(), percent.to_owned())));
    for (by, in_time) in [("2018-06-30", 16_u64), ("2018-12-31", 18), ("2019-03-31", 19)] {
        let mut somerset = Authority::default();
        let quarter = (crate::authority::day(by) - chrono::Days::new(90)).to_string();
        for child in 0..20_u64 {
            let care = [(PeriodOfCare, somerset.process())];
            let began = after(&quarter, child % 10);
            somerset.child().tell(&began, "became_looked_after", "{}", &care);
            let days = if child < in_time { 21 } else { 50 };
            somerset.tell(&after(&began, days), "health_assessment_completed", "{}", &[]);
        }
        let (closed, overdue) = somerset.answers(by).clocks(&["HL-01"], (&quarter, by));
        assert_eq!((closed.base, closed.counted, overdue), (20, in_time, 0), "{by}");
        assert_eq!(share(closed.counted, closed.base), in_time * 5_00, "{by}");
    }
}

/// A hundred looked-after children with so many placements in the year to 31 March 2019.
fn moved(placements: impl Fn(u64) -> u64) -> Authority {
    let mut somerset = Authority::default();
    for child in 0..100_u64 {
        let care = somerset.process();
        somerset.child().tell("2018-04-09", "became_looked_after", "{}", &[(PeriodOfCare, care)]);
        for number in 0..placements(child) {
            let placement = [(Placement, somerset.process()), (PeriodOfCare, care)];
            let started = after("2018-04-09", number * 60);
            somerset.tell(
                &started,
                "placement_started",
                r#"{"placement_type":"U4","short_break":false}"#,
                &placement,
            );
            if number + 1 < placements(child) {
                somerset.tell(&after(&started, 60), "placement_ended", "{}", &placement);
            }
        }
    }
    somerset
}

const MARCH: (&str, &str) = ("2019-03-31", "2019-03-31");

#[test]
fn somerset_2018_figure_24_more_than_three_placements_is_not_the_national_three_or_more() {
    // Eleven children with four placements, six with three: the plan's text counts eleven, the national rule seventeen.
    let all = moved(|child| match child {
        0..11 => 4,
        11..17 => 3,
        _ => 1,
    })
    .answers(MARCH.0);
    let (theirs, national) = (all.figures("LAC-10s", MARCH), all.figures("LAC-10", MARCH));
    assert_eq!((theirs.base, theirs.share()), (100, Some(11_00)));
    assert_eq!((national.base, national.share()), (100, Some(17_00)));
}

#[test]
fn somerset_2018_figure_24_long_term_stability_65_per_cent_of_those_under_16_and_two_and_a_half_years_in_care()
 {
    let mut somerset = Authority::default();
    for child in 0..30_u64 {
        let (care, first, second) = (somerset.process(), somerset.process(), somerset.process());
        // The last ten are no members: five have turned 16, five have been looked after for two years only.
        let born = if (20..25).contains(&child) { "2002-05-06" } else { "2008-05-06" };
        let began = if child >= 25 { "2017-03-20" } else { "2015-06-01" };
        let registered = format!("{{\"date_of_birth\":\"{born}\",\"disabilities\":[]}}");
        somerset.child().tell(began, "child_registered", &registered, &[]);
        somerset.tell(began, "became_looked_after", "{}", &[(PeriodOfCare, care)]);
        let details = r#"{"placement_type":"U4","short_break":false}"#;
        somerset.tell(began, "placement_started", details, &[(Placement, first), (PeriodOfCare, care)]);
        if (13..20).contains(&child) {
            somerset.tell("2018-01-08", "placement_ended", "{}", &[(Placement, first)]);
            somerset.tell(
                "2018-01-08",
                "placement_started",
                details,
                &[(Placement, second), (PeriodOfCare, care)],
            );
        }
    }
    let figures = somerset.answers(MARCH.0).figures("LAC-11", MARCH);
    assert_eq!((figures.counted, figures.base, figures.share()), (13, 20, Some(65_00)));
}

/// Twenty-five placements with these details for the first `number`, and others for the rest.
fn placed(number: u64, of: u64, these: &str, others: &str) -> Authority {
    let mut somerset = Authority::default();
    for child in 0..of {
        let (care, placement) = (somerset.process(), somerset.process());
        somerset.child().tell("2018-05-08", "became_looked_after", "{}", &[(PeriodOfCare, care)]);
        let details = if child < number { these } else { others };
        somerset.tell(
            "2018-05-08",
            "placement_started",
            details,
            &[(Placement, placement), (PeriodOfCare, care)],
        );
    }
    somerset
}

#[test]
fn somerset_2018_figure_24_12_per_cent_over_20_miles_is_from_the_county_and_the_rule_is_from_home() {
    let somerset = placed(
        3,
        25,
        r#"{"distance_miles":"20.4","placement_type":"U4","short_break":false}"#,
        r#"{"distance_miles":"20","placement_type":"U4","short_break":false}"#,
    );
    let figures = somerset.answers(MARCH.0).figures("LAC-12", MARCH);
    assert_eq!((figures.counted, figures.base, figures.share()), (3, 25, Some(12_00)));
}

#[test]
fn somerset_2018_figure_24_11_per_cent_in_residential_care() {
    let somerset = placed(
        11,
        100,
        r#"{"placement_type":"K2","short_break":false}"#,
        r#"{"placement_type":"U4","short_break":false}"#,
    );
    let figures = somerset.answers(MARCH.0).figures("LAC-16", MARCH);
    assert_eq!((figures.counted, figures.base, figures.share()), (11, 100, Some(11_00)));
}

#[test]
fn somerset_2018_figure_24_neet_10_per_cent_of_16_and_17_and_25_per_cent_of_18_to_21() {
    let mut somerset = Authority::default();
    for (born, neet) in [("2002-02-11", 2_u64), ("1999-02-11", 5)] {
        for child in 0..20_u64 {
            let registered = format!("{{\"date_of_birth\":\"{born}\",\"disabilities\":[]}}");
            somerset.child().tell("2010-01-04", "child_registered", &registered, &[]);
            let eligible = r#"{"category":"relevant"}"#;
            somerset.tell("2018-04-03", "care_leaver_eligibility_recorded", eligible, &[]);
            // Half of those without work had some the year before.
            if child % 2 == 0 {
                somerset.tell("2018-04-30", "care_leaver_activity_recorded", r#"{"activity":"F4"}"#, &[]);
            }
            let activity = if child < neet { r#"{"activity":"G4"}"# } else { r#"{"activity":"F1"}"# };
            somerset.tell("2018-10-08", "care_leaver_activity_recorded", activity, &[]);
        }
    }
    let all = somerset.answers(MARCH.0);
    let (younger, older) = (all.figures("LC-04s", MARCH), all.figures("LC-04t", MARCH));
    assert_eq!((younger.counted, younger.base, younger.share()), (2, 20, Some(10_00)));
    assert_eq!((older.counted, older.base, older.share()), (5, 20, Some(25_00)));
}
