//! Dorset 2017: looked-after children, their reviews, visits and examinations.

use domain::events::Body;
use domain::events::EntityRole::{PeriodOfCare, Placement, Review};

use crate::authority::{Authority, after, share};

#[test]
fn dorset_2017_figure_06_looked_after_496_454_444_442_at_four_days_and_58_below_500() {
    let mut dorset = Authority::default();
    // Who left: 42 by the end of June, 10 more by the end of August, 2 more by the day of the report.
    for child in 0..496_u64 {
        let care = [(PeriodOfCare, dorset.process())];
        dorset.child().tell(&after("2014-01-06", child % 900), "became_looked_after", "{}", &care);
        let left = match child {
            0..42 => Some("2017-05-15"),
            42..52 => Some("2017-07-17"),
            52..54 => Some("2017-09-11"),
            _ => None,
        };
        if let Some(left) = left {
            dorset.tell(left, "ceased_to_be_looked_after", r#"{"reason":"E4A"}"#, &care);
        }
    }
    let days = ["2017-03-31", "2017-06-30", "2017-08-31", "2017-09-30"];
    let held = days.map(|as_at| dorset.answers(as_at).figures("RT-01c", (as_at, as_at)).counted);
    assert_eq!(held, [496, 454, 444, 442]);
    assert_eq!(share(496 - 454, 496), 8_47); // printed as 8.5 %
    assert_eq!(500 - held[3], 58);
}

/// The smallest base over which a share is printed so, and how many count.
fn smallest_base(is_printed: impl Fn(u64) -> bool) -> (u64, u64) {
    let all = (1..500_u64).flat_map(|base| (0..=base).map(move |counted| (counted, base)));
    all.into_iter().find(|(counted, base)| is_printed(share(*counted, *base))).unwrap()
}

/// First reviews of children who became looked after, so many of them in time.
fn reviews(in_time: u64, of: u64, from: &str) -> Authority {
    let mut dorset = Authority::default();
    for child in 0..of {
        let care = dorset.process();
        let began = after(from, child);
        dorset.child().tell(&began, "became_looked_after", "{}", &[(PeriodOfCare, care)]);
        let review = [(PeriodOfCare, care), (Review, dorset.process())];
        let held = after(&began, if child < in_time { 21 } else { 60 });
        dorset.tell(&held, "looked_after_review_held", "{}", &review);
    }
    dorset
}

#[test]
fn dorset_2017_figure_07_reviews_in_time_73_28_and_81_9_per_cent_over_bases_that_are_not_printed() {
    const REVIEWS: &[&str] = &["LAC-01", "LAC-02", "LAC-03"];
    // By review; over fewer than 116 reviews no share is printed as 73.28 %.
    assert_eq!(smallest_base(|share| share == 73_28), (85, 116));
    let (closed, _) =
        reviews(85, 116, "2016-05-02").answers("2017-03-31").clocks(REVIEWS, ("2016-04-01", "2017-03-31"));
    assert_eq!((closed.counted, closed.base, share(closed.counted, closed.base)), (85, 116, 73_28));
    let (counted, base) = smallest_base(|share| (share + 5) / 10 == 81_9);
    let (closed, _) = reviews(counted, base, "2016-08-01")
        .answers("2017-06-30")
        .clocks(REVIEWS, ("2016-07-01", "2017-06-30"));
    assert_eq!((share(closed.counted, closed.base) + 5) / 10, 81_9);
}

#[test]
fn dorset_2017_figure_07_by_review_and_by_child_are_two_figures_and_the_text_does_not_say_which() {
    let mut dorset = Authority::default();
    for child in 0..10_u64 {
        let care = dorset.process();
        dorset.child().tell("2016-05-02", "became_looked_after", "{}", &[(PeriodOfCare, care)]);
        for (number, held) in ["2016-05-25", "2016-08-22", "2017-02-20"].into_iter().enumerate() {
            // Every second child has one of its three reviews late.
            let late = number == 1 && child % 2 == 0;
            let held = if late { after(held, 21) } else { held.to_owned() };
            let review = [(PeriodOfCare, care), (Review, dorset.process())];
            dorset.tell(&held, "looked_after_review_held", "{}", &review);
        }
    }
    let all = dorset.answers("2017-03-31");
    let (by_review, _) = all.clocks(&["LAC-01", "LAC-02", "LAC-03"], ("2016-04-01", "2017-03-31"));
    assert_eq!(share(by_review.counted, by_review.base), 83_33);
    let by_child = all.figures("LAC-03c", ("2017-03-31", "2017-03-31"));
    assert_eq!((by_child.counted, by_child.base), (5, 10));
}

#[test]
fn dorset_2017_figure_08_visits_50_then_76_per_cent_over_bases_that_are_not_printed() {
    let visits = |in_time: u64, of: u64, from: &str, to: &str| {
        let mut dorset = Authority::default();
        for child in 0..of {
            let (care, placement) = (dorset.process(), dorset.process());
            dorset.child().tell(&after(from, 2), "became_looked_after", "{}", &[(PeriodOfCare, care)]);
            let details = r#"{"placement_type":"U4","short_break":false}"#;
            dorset.tell(
                &after(from, 2),
                "placement_started",
                details,
                &[(Placement, placement), (PeriodOfCare, care)],
            );
            dorset.tell(&after(from, 5), "looked_after_visit_made", "{}", &[]);
            // Six weeks after the one before, or nine.
            let next = if child < in_time { 42 } else { 63 };
            dorset.tell(&after(from, 5 + next), "looked_after_visit_made", "{}", &[]);
        }
        let (closed, _) = dorset.answers(to).clocks(&["LAC-05"], (from, to));
        (closed.counted, closed.base, share(closed.counted, closed.base))
    };
    assert_eq!(visits(12, 24, "2017-01-02", "2017-03-31"), (12, 24, 50_00));
    assert_eq!(visits(19, 25, "2017-06-05", "2017-08-31"), (19, 25, 76_00));
}

/// What an authority hides in what it shares: a share over fewer than ten, or of fewer than five.
fn is_suppressed(counted: u64, base: u64) -> bool {
    base < 10 || (1..5).contains(&counted)
}

#[test]
fn dorset_2017_figure_25_gcse_16_22_per_cent_fits_a_base_of_37_and_not_the_cohort_of_46_that_is_printed() {
    // 46 in year 11; 37 of them looked after for twelve months, 17 of these in mainstream schools.
    let mut dorset = Authority::default();
    for child in 0..46_u64 {
        let care = dorset.process();
        let began = if child < 37 { "2015-09-07" } else { "2017-02-06" };
        dorset.child().tell(began, "became_looked_after", "{}", &[(PeriodOfCare, care)]);
        if child < 37 {
            for (measure, reached) in [
                ("five_a_to_c_english_and_maths", child < 6),
                ("five_a_to_g_english_and_maths", child < 9),
                ("five_a_to_g", child < 22),
            ] {
                let details =
                    format!("{{\"measure\":\"{measure}\",\"reached\":{reached},\"stage\":\"key_stage_4\"}}");
                dorset.tell("2017-08-24", "exam_result_recorded", &details, &[]);
            }
        }
    }
    let all = dorset.answers("2017-08-31");
    let cohort = all.figures("RT-01c", ("2017-08-31", "2017-08-31")).counted;
    assert_eq!(cohort, 46);
    let of = |measure: &str| {
        let events = all.journeys.iter().flat_map(|journey| &journey.events);
        let results = events.filter_map(|event| {
            let Body::ExamResultRecorded(result) = &event.body else { return None };
            result.reached.filter(|_| result.measure.as_ref().is_some_and(|it| it.as_str() == measure))
        });
        let results: Vec<bool> = results.collect();
        let reached = results.iter().filter(|reached| **reached).count();
        (u64::try_from(reached).unwrap(), u64::try_from(results.len()).unwrap())
    };
    for (measure, counted, printed) in [
        ("five_a_to_c_english_and_maths", 6, 16_22),
        ("five_a_to_g_english_and_maths", 9, 24_32),
        ("five_a_to_g", 22, 59_46),
    ] {
        assert_eq!(of(measure), (counted, 37), "{measure}");
        assert_eq!(share(counted, 37), printed, "{measure}");
        assert!(
            (0..=46).all(|counted| share(counted, 46) != printed),
            "no number of 46 is printed as {printed}"
        );
    }
    // "Dorset LAC in mainstream schools" has a third base, also not printed.
    assert_eq!(share(4, 17), 23_53);
    assert!(is_suppressed(4, 17) && !is_suppressed(6, 37));
}
