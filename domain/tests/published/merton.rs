//! Merton 2012: the plan for early help and safeguarding.

use domain::events::EntityRole::{Contact, EarlyHelpAssessment, Enquiry, PeriodOfCare, Plan};

use crate::authority::{Authority, after, mean_tenths, share};

#[test]
fn merton_2012_figure_20_adoption_from_1300_to_659_days_over_few_children() {
    let mean = |days: &[u64], adopted_in: &str, period| {
        let mut merton = Authority::default();
        for days in days {
            let care = [(PeriodOfCare, merton.process())];
            let placed = adopted_in;
            let entered = (crate::authority::day(placed) - chrono::Days::new(*days)).to_string();
            merton.child().tell(&entered, "became_looked_after", "{}", &care);
            merton.tell(placed, "placed_for_adoption", "{}", &[]);
        }
        let (closed, _) = merton.answers("2012-03-31").clocks(&["PM-03p"], period);
        (closed.base, mean_tenths(&closed.values))
    };
    assert_eq!(mean(&[900, 1_300, 1_700], "2008-06-02", ("2008-04-01", "2009-03-31")), (3, 1_300_0));
    assert_eq!(mean(&[400, 600, 977], "2011-11-07", ("2011-04-01", "2012-03-31")), (3, 659_0));
    assert_eq!(share(1_300 - 659, 1_300), 49_31);
}

#[test]
fn merton_2012_figure_21_contacts_and_enquiries_rise_by_30_6_and_35_9_per_cent_printed_as_30_and_35() {
    let mut merton = Authority::default();
    let mut tell = |contacts: u64, enquiries: u64, from: &str| {
        for number in 0..contacts {
            if number % 20 == 0 {
                merton.child();
            }
            let contact = [(Contact, merton.process())];
            merton.tell(&after(from, 18 * (number % 20)), "contact_received", "{}", &contact);
            if number < enquiries {
                let enquiry = [(Enquiry, merton.process())];
                let on = after(from, 18 * (number % 20));
                merton.tell(&on, "section47_enquiry_started", "{}", &enquiry);
                merton.tell(&after(&on, 7), "section47_enquiry_completed", "{}", &enquiry);
            }
        }
    };
    tell(3_594, 192, "2006-04-03");
    tell(4_694, 261, "2011-04-04");
    let all = merton.answers("2012-04-30");
    let years = [("2006-04-01", "2007-03-31"), ("2011-04-01", "2012-03-31")];
    let contacts = years.map(|period| all.figures("FD-04", period).base);
    let enquiries = years.map(|period| all.events(domain::events::Kind::Section47EnquiryStarted, period));
    assert_eq!((contacts, enquiries), ([3_594, 4_694], [192, 261]));
    // The paper cuts off where rounding would give 31 and 36.
    assert_eq!((share(4_694 - 3_594, 3_594), share(261 - 192, 192)), (30_61, 35_94));
}

#[test]
fn merton_2012_figure_22_plans_120_on_average_to_a_peak_of_180_is_a_mean_against_a_highest_day() {
    let mut merton = Authority::default();
    for child in 0..180_u64 {
        let plan = [(Plan, merton.process())];
        // 120 stood all through 2008/09, 60 more came in the winter of 2011, and 30 ended in the spring after.
        let started = if child < 120 { "2007-11-05" } else { "2011-11-07" };
        merton.child().tell(started, "child_protection_plan_started", "{}", &plan);
        if child < 30 {
            merton.tell("2012-04-16", "child_protection_plan_ended", "{}", &plan);
        }
    }
    let on = |as_at: &str| merton.answers(as_at).figures("RT-01", (as_at, as_at)).counted;
    let ends = ["2008-06-30", "2008-09-30", "2008-12-31", "2009-03-31"];
    assert_eq!(ends.map(on).iter().sum::<u64>() / 4, 120);
    assert_eq!((on("2012-03-31"), on("2012-04-30")), (180, 150));
    assert_eq!(share(180 - 120, 120), 50_00);
}

#[test]
fn merton_2012_figure_22_common_assessments_from_about_500_to_about_900_a_year() {
    let mut merton = Authority::default();
    for (year, assessments) in [("2010", 500_u64), ("2011", 900)] {
        for number in 0..assessments {
            if number % 20 == 0 {
                merton.child();
            }
            let assessment = [(EarlyHelpAssessment, merton.process())];
            let started = after(&format!("{year}-01-04"), number % 330);
            merton.tell(&started, "early_help_assessment_started", "{}", &assessment);
            merton.tell(&after(&started, 21), "early_help_assessment_completed", "{}", &assessment);
        }
    }
    let all = merton.answers("2012-01-31");
    let of = |period| all.figures("EH-01", period).counted;
    let (before, later) = (of(("2010-01-01", "2010-12-31")), of(("2011-01-01", "2011-12-31")));
    assert_eq!((before, later, share(later - before, before)), (500, 900, 80_00));
}

#[test]
fn merton_2012_figure_22_caseloads_of_16_to_20_children_by_worker() {
    let worker = |number: u64| format!("00000000-0000-4000-8000-{number:012}");
    let mut merton = Authority::default();
    for (number, caseload) in [(1, 16), (2, 20), (3, 18)] {
        for child in 0..caseload {
            let of = |number| format!("{{\"worker\":\"{}\"}}", worker(number));
            merton.child().tell(
                "2011-05-09",
                "worker_allocated",
                &of(if child < 5 { 9 } else { number }),
                &[],
            );
            if child < 5 {
                // Taken over from a worker who holds nobody any more.
                merton.tell("2011-09-12", "worker_allocated", &of(number), &[]);
            }
        }
    }
    let held = merton.answers("2012-03-31").figures("AL-02", ("2012-03-31", "2012-03-31")).groups;
    let caseloads: Vec<(String, u64)> = held.into_iter().collect();
    assert_eq!(caseloads, [(worker(1), 16), (worker(2), 20), (worker(3), 18)]);
    assert!(caseloads.iter().all(|(_, children)| (16..=20).contains(children)));
}
