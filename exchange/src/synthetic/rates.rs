//! How often and how fast things happen, with the figure that each number follows.
//!
//! `U` marks a figure that was not verified in its source (see `docs/synthetic-authority.md`). Shares are of
//! [`WHOLE`](super::dice::WHOLE); durations are quantile curves.

use chrono::{Datelike, NaiveDate};

use super::dice::{Curve, Dice};

/// Where a referral leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// No further action is decided on it.
    NoFurtherAction,
    /// An assessment, and then the case is closed.
    AssessmentOnly,
    /// A child-in-need plan.
    ChildInNeed,
    /// A section 47 enquiry that leads to no conference.
    Enquiry,
    /// An initial conference, and nearly always a plan.
    Protection,
    /// Straight into care proceedings.
    Care,
    /// Accommodated under section 20.
    Accommodated,
}

/// Where referrals lead, by weight.
#[derive(Clone, Debug)]
pub(super) struct Mix {
    pub(super) routes: [(Route, u32); 7],
}

impl Default for Mix {
    /// About as many as the national returns count for each referral: no further action 7 %, enquiries 35 %,
    /// conferences 11 %, children starting to be looked after 5 % (U).
    fn default() -> Self {
        Self {
            routes: [
                (Route::NoFurtherAction, 700),
                (Route::AssessmentOnly, 3830),
                (Route::ChildInNeed, 1700),
                (Route::Enquiry, 2000),
                (Route::Protection, 1050),
                (Route::Care, 300),
                (Route::Accommodated, 420),
            ],
        }
    }
}

/// Working days from the start of an assessment to its authorisation (AS-03a). England, year to 31 March 2025,
/// `DfE` table C2: P25/50/75 = 17/33/43; the same day 1.8 %; within 45 85.7 %; 46-50 5.8 %; 51-60 4.3 %; more
/// than 60 4.2 %.
pub(super) const ASSESSMENT_WORKING_DAYS: Curve = &[
    (0, 0),
    (180, 0),
    (2500, 17),
    (5000, 33),
    (7500, 43),
    (8570, 45),
    (9150, 50),
    (9580, 60),
    (9850, 80),
    (10_000, 120),
];

/// Working days from the strategy discussion to the initial conference (CP-04): within 15 "high 70s %" (U).
pub(super) const CONFERENCE_WORKING_DAYS: Curve =
    &[(0, 3), (1000, 8), (5000, 13), (7800, 15), (9000, 20), (9700, 30), (10_000, 45)];

/// Working days from the initial conference to the first core group (CP-08); no published figure.
pub(super) const FIRST_CORE_GROUP_WORKING_DAYS: Curve =
    &[(0, 3), (3000, 7), (8800, 10), (9600, 14), (10_000, 25)];

/// Working days from becoming looked after to the first review (LAC-01); no published figure.
pub(super) const FIRST_CARE_REVIEW_WORKING_DAYS: Curve =
    &[(0, 8), (5000, 17), (9100, 20), (9700, 24), (10_000, 35)];

/// Working days from becoming looked after to the initial health assessment (HL-01); about 80 % in time, as a
/// local report of 2018 states it.
pub(super) const HEALTH_WORKING_DAYS: Curve = &[(0, 6), (5000, 15), (8000, 20), (9500, 35), (10_000, 60)];

/// Share of review conferences in time, so that low 90s % of plans have every review in time (CP-09n, U).
pub(super) const REVIEW_IN_TIME: u32 = 9680;

/// Share of looked-after reviews after the first that are in time (LAC-02, LAC-03): about 90 % (U).
pub(super) const CARE_REVIEW_IN_TIME: u32 = 9200;

/// Share of referrals decided on within one working day (FD-01); local figures 97 %.
pub(super) const DECISION_WORKING_DAYS: Curve = &[(0, 0), (5500, 0), (9700, 1), (9950, 3), (10_000, 8)];

/// Share of closed cases that come back, by how long the case was open: together they give a share of
/// re-referrals within 12 months (FD-03) of about 22 % (U).
pub(super) const BACK_WITHIN_A_YEAR_AFTER_SHORT_CASE: u32 = 3350;
/// The same after a case of more than half a year.
pub(super) const BACK_WITHIN_A_YEAR_AFTER_LONG_CASE: u32 = 1500;
/// Back after more than a year.
pub(super) const BACK_LATER: u32 = 2200;

/// Share of children back on a plan some time after one ended (CP-13), and of first plans of children who had
/// one before with another authority: together about 21-25 % of plans are second or later ones (U).
pub(super) const BACK_ON_A_PLAN: u32 = 2900;
/// Share of first plans here where one with another authority is stated.
pub(super) const PLAN_ELSEWHERE_BEFORE: u32 = 600;

/// Care proceedings by the year in which they were issued: mean weeks ×10 and share within 26 weeks. From
/// published court statistics: 2011, 2013 (July to September), 2016, 2017, 2019 (April to June), 2021; the mean
/// of 2014 and 2015 as well. Shares of 2012 to 2015 and both figures of 2012, 2018 and 2020 lie between those
/// of their neighbours; 2022 and later repeat 2021, because nothing later was verified.
pub(super) const PROCEEDINGS: [(i32, i32, u32); 11] = [
    (2011, 560, 1200),
    (2012, 450, 2200),
    (2013, 358, 3500),
    (2014, 300, 4800),
    (2015, 283, 5600),
    (2016, 269, 6100),
    (2017, 280, 5900),
    (2018, 305, 5000),
    (2019, 330, 4000),
    (2020, 390, 3100),
    (2021, 450, 2300),
];

/// How a case inside 26 weeks spreads (days after the issue, last one 181); its mean is 149 days.
const WITHIN_26_WEEKS: Curve = &[(0, 70), (2500, 143), (8200, 174), (10_000, 181)];
const MEAN_WITHIN_26_WEEKS: i32 = 149;

/// How a case beyond 26 weeks spreads: parts of a thousand of its mean excess.
const BEYOND_26_WEEKS: Curve =
    &[(0, 0), (2500, 285), (5000, 686), (7500, 1371), (9000, 2277), (9700, 3468), (10_000, 3956)];

/// Days from the issue of care proceedings to their end. 26 weeks begin with the day of issue, so the last day
/// in time is day 181.
pub(super) fn proceedings_days(issued: NaiveDate, dice: &mut Dice) -> i32 {
    let (_, mean_weeks_ten, in_time) =
        PROCEEDINGS.iter().copied().rfind(|(year, ..)| *year <= issued.year()).unwrap_or((2011, 560, 1200));
    if dice.chance(in_time) {
        return dice.curve(WITHIN_26_WEEKS);
    }
    let whole = i32::try_from(super::dice::WHOLE).unwrap_or(i32::MAX);
    let in_time = i32::try_from(in_time).unwrap_or(0);
    let mean_days = mean_weeks_ten * 7 / 10;
    let mean_beyond = (mean_days * whole - MEAN_WITHIN_26_WEEKS * in_time) / (whole - in_time);
    182 + (mean_beyond - 182) * dice.curve(BEYOND_26_WEEKS) / 1000
}

/// How late something is entered, in working days after it happened: what the next step waits for.
pub(super) const PROMPT_ENTRY: Curve = &[(0, 0), (6500, 0), (9000, 1), (9800, 3), (10_000, 6)];

/// How late a visit, a review or a check is entered.
pub(super) const RELAXED_ENTRY: Curve = &[(0, 0), (4200, 0), (6800, 1), (8800, 4), (9600, 12), (10_000, 40)];

/// Share of entries whose day was typed wrongly and is corrected later.
pub(super) const SLIP: u32 = 110;
/// Share of notes that were entered for nothing and are withdrawn later.
pub(super) const SPURIOUS: u32 = 45;
/// Share of notes that are withdrawn by mistake and reinstated.
pub(super) const REINSTATED: u32 = 12;

/// Share of plans that go on to pre-proceedings; no published figure.
pub(super) const PLAN_TO_PRE_PROCEEDINGS: u32 = 1900;

/// Fewer days than this before adulthood, and a new case leads to no conference.
pub(super) const SHORTEST_TO_PROTECT: i32 = 400;

/// Children in a family, by weight.
pub(super) const FAMILY_SIZES: [(u8, u32); 5] = [(1, 52), (2, 26), (3, 14), (4, 6), (5, 2)];

/// Share of families first known through a child who is not born yet.
pub(super) const UNBORN: u32 = 350;
/// Share of families that move here with a child protection plan elsewhere.
pub(super) const TRANSFERRED_IN: u32 = 120;
/// Share of families that early help knew before the first contact.
pub(super) const EARLY_HELP_BEFORE: u32 = 1100;
/// Share of families with an earlier contact on which nothing more was done.
pub(super) const CONTACT_BEFORE: u32 = 3000;
/// Share of later referrals that are about every child of the family.
pub(super) const ALL_SIBLINGS_AGAIN: u32 = 7800;
