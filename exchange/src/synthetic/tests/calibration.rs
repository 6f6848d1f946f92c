//! The generated events, counted anew, against published figures. Each test is named for its figure.
//!
//! Siblings share dates, so the number of independent cases is that of families; tolerances are three
//! standard errors of that number, rounded up.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Months, NaiveDate};
use domain::events::{Body, EntityRole, Kind};
use domain::journey::Journey;

use super::super::dice::Dice;
use super::super::rates::{self, Route};
use super::corpus::{Corpus, day_of, entity, first_of, mostly, ordinary, protection};
use super::holidays::working_days_between;

/// The value at a share of a sorted list.
fn quantile(sorted: &[i32], per_cent: usize) -> i32 {
    sorted[(sorted.len() - 1) * per_cent / 100]
}

fn per_cent(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) * 100.0 / f64::from(u32::try_from(whole).unwrap())
}

fn assert_near(what: &str, found: f64, published: f64, tolerance: f64) {
    assert!(
        (found - published).abs() <= tolerance,
        "{what}: {found:.1}, published {published} ± {tolerance}"
    );
}

/// Durations of all authorised assessments in working days, one for each start, end and referring family.
fn assessment_durations(corpus: &Corpus) -> Vec<i32> {
    let mut durations = Vec::new();
    let mut commands = BTreeSet::new();
    for (journey, started) in corpus.of_kind(Kind::AssessmentStarted) {
        let id = started.own_entity().unwrap();
        let authorised = first_of(journey, Kind::AssessmentAuthorised, EntityRole::Assessment, id);
        let started_by = started.context.correlation;
        // Siblings' assessments of one case count once: they share their dates.
        if let Some(authorised) = authorised.filter(|_| commands.insert((started_by, day_of(started)))) {
            durations.push(working_days_between(day_of(started), day_of(authorised)));
        }
    }
    durations.sort_unstable();
    durations
}

#[test]
fn as_03a_quartiles_17_33_43_and_85_7_per_cent_in_45_dfe_children_in_need_table_c2_year_to_march_2025() {
    let durations = assessment_durations(ordinary());
    // At least 1,500 independent assessments: one standard error of the share is 0.9, of a quartile 0.9 days.
    assert!(durations.len() > 1500, "{}", durations.len());
    for (share, published) in [(25, 17), (50, 33), (75, 43)] {
        assert_near("quartile", f64::from(quantile(&durations, share)), f64::from(published), 2.0);
    }
    let within = durations.partition_point(|days| *days <= 45);
    assert_near("within 45", per_cent(within, durations.len()), 85.7, 2.7);
    let same_day = durations.partition_point(|days| *days == 0);
    assert_near("same day", per_cent(same_day, durations.len()), 1.8, 1.1);
}

#[test]
fn cp_04_conferences_within_15_working_days_high_70s_per_cent_england_unverified() {
    let mut seen = BTreeSet::new();
    let (mut in_time, mut all) = (0, 0);
    for (journey, held) in protection().of_kind(Kind::InitialConferenceHeld) {
        let Some(enquiry) = entity(held, EntityRole::Enquiry) else { continue };
        if seen.insert(held.own_entity()) {
            let discussed =
                first_of(journey, Kind::StrategyDiscussionHeld, EntityRole::Enquiry, enquiry).unwrap();
            all += 1;
            in_time += usize::from(working_days_between(day_of(discussed), day_of(held)) <= 15);
        }
    }
    // At least 600 conferences: one standard error is 1.7.
    assert!(all > 600, "{all}");
    assert_near("conferences in time", per_cent(in_time, all), 78.0, 5.1);
}

#[test]
fn fd_03_re_referrals_within_12_months_about_22_per_cent_england_unverified() {
    let corpus = ordinary();
    let from = corpus.options.until - Months::new(12 * (corpus.options.years - 1));
    let (mut again, mut all) = (0, 0);
    for journey in corpus.journeys.values() {
        let days: Vec<NaiveDate> = journey
            .events
            .iter()
            .filter(|event| event.kind() == Kind::ReferralReceived)
            .map(day_of)
            .collect();
        for (index, day) in days.iter().enumerate().filter(|(_, day)| **day > from) {
            all += 1;
            let before = index.checked_sub(1).map(|at| days[at]);
            again += usize::from(before.is_some_and(|before| before > *day - Months::new(12)));
        }
    }
    // About 1,500 families behind at least 2,500 referrals: one standard error is 1.1.
    assert!(all > 2500, "{all}");
    assert_near("re-referrals", per_cent(again, all), 22.0, 3.3);
}

/// Whether every review of a plan that was open on a day was in time by then.
fn reviewed_in_time(journey: &Journey, start: NaiveDate, reviews: &[NaiveDate], on: NaiveDate) -> bool {
    let mut last = start;
    for (index, review) in reviews.iter().filter(|review| **review <= on).enumerate() {
        let months = if index == 0 { 3 } else { 6 };
        if *review > last + Months::new(months) {
            return false;
        }
        last = *review;
    }
    let months = if last == start { 3 } else { 6 };
    assert!(journey.anomalies.is_empty());
    on <= last + Months::new(months)
}

#[test]
fn cp_09n_plans_with_every_review_in_time_low_90s_per_cent_england_unverified() {
    let corpus = protection();
    let (mut in_time, mut all) = (0, 0);
    let mut seen = BTreeSet::new();
    for (journey, started) in corpus.of_kind(Kind::ChildProtectionPlanStarted) {
        let plan = started.own_entity().unwrap();
        if !seen.insert(entity(started, EntityRole::Conference)) {
            continue;
        }
        let ended = first_of(journey, Kind::ChildProtectionPlanEnded, EntityRole::Plan, plan).map(day_of);
        let reviews: Vec<NaiveDate> = journey
            .events
            .iter()
            .filter(|event| {
                event.kind() == Kind::ReviewConferenceHeld && entity(event, EntityRole::Plan) == Some(plan)
            })
            .map(day_of)
            .collect();
        for year in 2020..=2025 {
            let on = NaiveDate::from_ymd_opt(year, 3, 31).unwrap();
            let open = day_of(started) + Months::new(3) <= on && ended.is_none_or(|ended| ended > on);
            if open {
                all += 1;
                in_time += usize::from(reviewed_in_time(journey, day_of(started), &reviews, on));
            }
        }
    }
    // At least 300 plans: one standard error is 1.5.
    assert!(all > 300, "{all}");
    assert_near("plans reviewed in time", per_cent(in_time, all), 92.5, 4.5);
}

#[test]
fn cp_13_second_or_later_plans_21_to_25_per_cent_england_unverified() {
    let corpus = ordinary();
    let from = corpus.options.until - Months::new(24);
    let mut seen = BTreeSet::new();
    let (mut later, mut all) = (0, 0);
    for corpus in [ordinary(), protection()] {
        for (_, started) in corpus.of_kind(Kind::ChildProtectionPlanStarted) {
            let Body::ChildProtectionPlanStarted(facts) = &started.body else { unreachable!() };
            if day_of(started) > from && seen.insert(entity(started, EntityRole::Conference)) {
                all += 1;
                later += usize::from(facts.stated_previous_plans.unwrap() > 0);
            }
        }
    }
    // At least 250 families: one standard error is 2.7.
    assert!(all > 250, "{all}");
    assert_near("second or later plans", per_cent(later, all), 23.0, 8.1);
}

/// Weeks and whether in 26, by year of issue, one for each set.
fn proceedings(corpus: &Corpus) -> BTreeMap<i32, Vec<i64>> {
    let ends =
        [Kind::FinalOrderMade, Kind::ApplicationWithdrawn, Kind::ApplicationDismissed, Kind::NoOrderMade];
    let mut by_year: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (journey, issued) in corpus.of_kind(Kind::ApplicationIssued) {
        let application = issued.own_entity().unwrap();
        let end = ends.iter().find_map(|kind| first_of(journey, *kind, EntityRole::Application, application));
        if seen.insert(entity(issued, EntityRole::Proceedings)) {
            let days = end.map_or(i64::MAX, |end| (day_of(end) - day_of(issued)).num_days());
            by_year.entry(day_of(issued).year()).or_default().push(days);
        }
    }
    by_year
}

#[test]
fn ct_01_care_proceedings_26_9_weeks_and_61_per_cent_in_26_in_2016_court_statistics() {
    check_year(&proceedings(&court("2019-12-31"))[&2016], 26.9, 61.0, 11.0);
}

#[test]
fn ct_01_care_proceedings_45_weeks_and_23_per_cent_in_26_in_2021_court_statistics() {
    check_year(&proceedings(&court("2025-03-31"))[&2021], 45.0, 23.0, 26.0);
}

/// Six years of much care up to a day: only what begins and ends applications.
fn court(until: &str) -> Corpus {
    let wanted = |line: &str| line.contains("\"application\":");
    Corpus::only(1200, 6, until, mostly(Route::Care), wanted)
}

fn check_year(days: &[i64], mean_weeks: f64, in_26: f64, deviation_weeks: f64) {
    let sets = f64::from(u32::try_from(days.len()).unwrap());
    assert!(sets >= 40.0 && !days.contains(&i64::MAX), "{sets} sets, or some still open");
    let mean = f64::from(i32::try_from(days.iter().sum::<i64>()).unwrap()) / 7.0 / sets;
    assert_near("mean weeks", mean, mean_weeks, 3.0 * deviation_weeks / sets.sqrt());
    // The period begins with the day of issue: day 181 after it is the last in time.
    let in_time = days.iter().filter(|days| **days <= 181).count();
    assert_near("in 26 weeks", per_cent(in_time, days.len()), in_26, 3.0 * 50.0 / sets.sqrt());
}

#[test]
fn ct_01_every_published_year_of_issue_mean_weeks_and_share_in_26_court_statistics() {
    // (year, mean weeks, share in 26 weeks where it was read): 2011 says
    // "more than 55".
    let published = [
        (2011, 56.0, Some(12.0)),
        (2013, 35.8, None),
        (2014, 30.0, None),
        (2015, 28.3, None),
        (2016, 26.9, Some(61.0)),
        (2017, 28.0, Some(59.0)),
        (2019, 33.0, Some(40.0)),
        (2021, 45.0, Some(23.0)),
    ];
    for (year, mean_weeks, in_26) in published {
        let issued = NaiveDate::from_ymd_opt(year, 6, 1).unwrap();
        let mut dice = Dice::new(11, u64::try_from(year).unwrap());
        let days: Vec<i32> = (0..20_000).map(|_| rates::proceedings_days(issued, &mut dice)).collect();
        // 20,000 draws: one standard error of the mean is below 0.3 weeks, of the share below 0.4.
        let mean = f64::from(days.iter().sum::<i32>()) / 7.0 / 20_000.0;
        assert_near(&format!("mean of {year}"), mean, mean_weeks, 1.0);
        if let Some(in_26) = in_26 {
            let found = per_cent(days.iter().filter(|days| **days <= 181).count(), days.len());
            assert_near(&format!("share of {year}"), found, in_26, 1.1);
        }
    }
}
