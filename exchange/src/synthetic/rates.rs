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
                (Route::AssessmentOnly, 3480),
                (Route::ChildInNeed, 1700),
                (Route::Enquiry, 2000),
                (Route::Protection, 1050),
                (Route::Care, 430),
                (Route::Accommodated, 640),
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
    &[(0, 3), (1500, 8), (5500, 12), (7800, 15), (9000, 20), (9700, 30), (10_000, 45)];

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
pub(super) const REVIEW_IN_TIME: u32 = 9400;

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
/// Share of first plans of the file's first years that follow one of before the file, which holds no earlier history.
pub(super) const PLAN_BEFORE_THE_FILE: u32 = 2800;
/// How many days those years are.
pub(super) const PLANS_BEFORE_THE_FILE_DAYS: i32 = 1100;
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
/// Share of later referrals that are about every child of the family.
pub(super) const ALL_SIBLINGS_AGAIN: u32 = 7800;

/// Contacts without a referral before a case, and after it, by weight. With them 32 to 48 % of contacts become a
/// referral (Dorset report 2017: 32.29 % and 48 %).
pub(super) const CONTACTS_BEFORE: [(u32, u32); 4] = [(0, 45), (1, 30), (2, 18), (3, 7)];
/// The same after a case was closed.
pub(super) const CONTACTS_AFTER: [(u32, u32); 4] = [(0, 45), (1, 30), (2, 18), (3, 7)];
/// Share of contacts that are screened before they become a referral, and how screening ends where they do not: 81 %
/// of the screened are diverted (Dorset report 2017, 5.1).
pub(super) const SCREENED_BEFORE_REFERRAL: u32 = 1800;
/// How screening ends for a contact that becomes no referral.
pub(super) const SCREENED: [(&str, u32); 4] =
    [("diverted", 45), ("information_and_advice", 30), ("early_help", 15), ("no_further_action", 10)];
/// Working days until the referrer is told (FD-02); no published figure.
pub(super) const REFERRER_WORKING_DAYS: Curve = &[(0, 0), (4000, 0), (8500, 1), (9500, 4), (10_000, 12)];
/// Share of first allocations after a decision that wait for the next working day (AL-01); Dorset report 2017: cases
/// are now allocated on the day on which they arrive.
pub(super) const ALLOCATED_LATER: u32 = 500;
/// Share of checkpoints of an assessment that are held by their day; no published figure.
pub(super) const CHECKPOINT_IN_TIME: u32 = 7800;
/// Share of late clocks with a recorded reason; Merton's target of 2012 is all.
pub(super) const DELAY_EXPLAINED: u32 = 7500;

/// Days from the decision to the strategy discussion that begins an enquiry; no published figure.
pub(super) const ENQUIRY_AFTER_DECISION_DAYS: Curve = &[(0, 0), (8200, 0), (9000, 4), (10_000, 12)];
/// Working days of an enquiry; no published figure.
pub(super) const ENQUIRY_WORKING_DAYS: Curve = &[(0, 2), (3000, 6), (7000, 10), (10_000, 15)];
/// Share of enquiries in which the children are seen within 24 hours; no published figure.
pub(super) const SEEN_WITHIN_A_DAY: u32 = 7400;
/// Share of assessments in which a child is seen late; no published figure.
pub(super) const SEEN_LATE: u32 = 500;
/// Minutes from the request for a conference to the decision on it (CP-17), by weight; no published figure.
pub(super) const THRESHOLD_DECISION_MINUTES: [((i32, i32), u32); 3] =
    [((20, 200), 76), ((18 * 60, 23 * 60), 10), ((25 * 60, 60 * 60), 14)];
/// Share of conferences with the first agency report in time; no published figure.
pub(super) const REPORT_IN_TIME: u32 = 8000;
/// Share of children over 4 offered an advocate before the conference; Somerset's target of 2018 is all.
pub(super) const ADVOCATE_OFFERED: u32 = 9200;
/// The same of younger children.
pub(super) const ADVOCATE_OFFERED_YOUNGEST: u32 = 7500;
/// Share of children with an offer whose advocate attended: Somerset's target of 2018 is 75 %.
pub(super) const ADVOCATE_ATTENDED: u32 = 7500;
/// Share of visits under a plan within 10 working days of the one before; no published figure.
pub(super) const PLAN_VISIT_IN_TIME: u32 = 8400;
/// Share of plans with a family group conference, or with a service at the edge of care; no published figure.
pub(super) const FAMILY_CONFERENCE_IN_PLAN: u32 = 1500;
/// The same for a service.
pub(super) const EDGE_OF_CARE_IN_PLAN: u32 = 2200;
/// Share of families in pre-proceedings with a family group conference, and with a service.
pub(super) const FAMILY_CONFERENCE: u32 = 7000;
/// The same for a service.
pub(super) const EDGE_OF_CARE: u32 = 3500;
/// Share of urgent family group conferences within two weeks; no published figure (Dorset report 2017, 9.3: the
/// provider cannot guarantee it).
pub(super) const URGENT_FAMILY_CONFERENCE_IN_TIME: u32 = 7500;
/// Share of supported families with an adolescent whom the adolescent team helps; no published figure.
pub(super) const ADOLESCENT_SERVICE: u32 = 2500;
/// Share of supported families in the programme for priority families; no published figure.
pub(super) const PRIORITY_FAMILY: u32 = 3000;
/// Agencies of lead professionals, as Dorset counted families in 2017 (2.6): 164, 22, 164, 14, 2, 10, 189.
pub(super) const LEAD_PROFESSIONALS: [(&str, u32); 7] = [
    ("school", 164),
    ("health", 22),
    ("social_worker", 164),
    ("children_with_disabilities", 14),
    ("police", 2),
    ("voluntary", 10),
    ("family_partnership_zone", 189),
];
/// Share of early help assessments that find neglect; no published figure.
pub(super) const NEGLECT: u32 = 4200;

/// Working days from the decision to the letter before proceedings (PLO-02), and on to the first meeting (PLO-03);
/// no published figure.
pub(super) const LETTER_WORKING_DAYS: Curve = &[(0, 1), (7800, 5), (10_000, 12)];
/// The same for the first meeting.
pub(super) const FIRST_MEETING_WORKING_DAYS: Curve = &[(0, 3), (7800, 7), (10_000, 14)];
/// Days of pre-proceedings: 12 to 16 weeks are typical, as practice pages say.
pub(super) const PRE_PROCEEDINGS_DAYS: Curve = &[(0, 60), (6000, 82), (8800, 109), (10_000, 160)];
/// Working days from issue to the case management hearing (CT-02), and to a further one (CT-03); no published figure.
pub(super) const CASE_MANAGEMENT_WORKING_DAYS: Curve = &[(0, 8), (900, 10), (8800, 17), (10_000, 26)];
/// The same for a further hearing.
pub(super) const FURTHER_HEARING_WORKING_DAYS: Curve = &[(0, 18), (7500, 24), (10_000, 45)];
/// Shares of families before whose urgent application police protection was used, or an emergency protection order
/// granted; no published figure.
pub(super) const POLICE_PROTECTION: u32 = 3500;
/// Share of police protection that ends within 72 hours, which is law.
pub(super) const POLICE_PROTECTION_IN_TIME: u32 = 9500;
/// See [`POLICE_PROTECTION`].
pub(super) const EMERGENCY_ORDER: u32 = 3500;
/// Share of enquiries with a child assessment order; no published figure.
pub(super) const ASSESSMENT_ORDER: u32 = 300;

/// Working days from entry into care to the care plan (CT-08), the reviewing officer (LAC-13) and the first personal
/// education plan (ED-01); no published figure.
pub(super) const CARE_PLAN_WORKING_DAYS: Curve = &[(0, 0), (4500, 1), (8800, 10), (10_000, 30)];
/// See [`CARE_PLAN_WORKING_DAYS`].
pub(super) const OFFICER_WORKING_DAYS: Curve = &[(0, 0), (8400, 5), (9800, 9), (10_000, 24)];
/// See [`CARE_PLAN_WORKING_DAYS`].
pub(super) const EDUCATION_PLAN_WORKING_DAYS: Curve = &[(0, 3), (8000, 10), (9500, 20), (10_000, 40)];
/// Share of later plans in the next term (ED-02); no published figure.
pub(super) const EDUCATION_PLAN_EACH_TERM: u32 = 9000;
/// Working days from the start of a placement to its plan (LAC-07); no published figure.
pub(super) const PLACEMENT_PLAN_WORKING_DAYS: Curve = &[(0, 0), (5000, 1), (8300, 5), (10_000, 20)];
/// Share of placements that last as long as the period of care; together with their lengths about 10 % of children
/// have three or more in a year (LAC-10, U) and about 68 to 70 % stay (LAC-11, U).
pub(super) const STAYS_IN_PLACEMENT: u32 = 2000;
/// Share of moves with a temporary placement between; no published figure.
pub(super) const TEMPORARY_BETWEEN: u32 = 2000;
/// Share of temporary placements within their days; no published figure.
pub(super) const TEMPORARY_IN_TIME: u32 = 8500;
/// Share of moves that are breakdowns, and of those with a meeting about it; Somerset's target of 2018 is all.
pub(super) const PLACEMENT_DISRUPTED: u32 = 2200;
/// See [`PLACEMENT_DISRUPTED`].
pub(super) const DISRUPTION_MEETING: u32 = 8500;
/// Shares of first and of later visits in time (LAC-04 to LAC-06); Dorset report 2017: 50 % to 76 %, target 95 %.
pub(super) const FIRST_VISIT_IN_TIME: u32 = 8300;
/// See [`FIRST_VISIT_IN_TIME`].
pub(super) const VISIT_IN_TIME: u32 = 8800;
/// Share of reviews before which the reviewing officer was in contact (LAC-17); no published figure.
pub(super) const OFFICER_CONTACT: u32 = 6200;
/// Share of reviews after which the reviewing officer disputes; no published figure.
pub(super) const OFFICER_ALERT: u32 = 700;
/// Working days until such a dispute is resolved (LAC-15); no published figure.
pub(super) const ALERT_WORKING_DAYS: Curve = &[(0, 3), (8000, 20), (10_000, 45)];
/// Working days until decisions (LAC-14) and the record (LAC-14r) of a review are circulated; no published figure.
pub(super) const DECISIONS_WORKING_DAYS: Curve = &[(0, 1), (8200, 5), (10_000, 15)];
/// See [`DECISIONS_WORKING_DAYS`].
pub(super) const RECORD_WORKING_DAYS: Curve = &[(0, 5), (8200, 15), (10_000, 35)];
/// Share of plans for permanence agreed by the second review (PM-01); no published figure.
pub(super) const PERMANENCE_BY_SECOND_REVIEW: u32 = 7500;
/// Share of review health assessments in time (HL-02): England about 90 % (U).
pub(super) const HEALTH_REVIEW_IN_TIME: u32 = 9000;
/// Share of health assessments that are audited; no published figure.
pub(super) const HEALTH_AUDITED: u32 = 2500;
/// Share of children given the summary of their health by the day on which they leave; no published figure.
pub(super) const SUMMARY_ON_LEAVING: u32 = 7500;
/// Share of adopted children who lived with their adopters as foster children first; no published figure.
pub(super) const FOSTERED_FIRST: u32 = 1500;
/// Share of adopted children whose foster carers adopt them; no published figure.
pub(super) const ADOPTED_BY_FOSTER_CARERS: u32 = 800;
/// Share of decisions within 7 working days of the panel (PM-06); no published figure.
pub(super) const DECISION_AFTER_PANEL_IN_TIME: u32 = 8500;
/// Days of an adopter household's first and second stage (AD-01, AD-02); no published figure.
pub(super) const ADOPTERS_STAGE_ONE_DAYS: Curve = &[(0, 25), (7500, 59), (10_000, 110)];
/// See [`ADOPTERS_STAGE_ONE_DAYS`].
pub(super) const ADOPTERS_STAGE_TWO_DAYS: Curve = &[(0, 60), (7300, 119), (10_000, 190)];
/// Share of disabled children supported at home who have short breaks; no published figure.
pub(super) const SHORT_BREAKS: u32 = 9500;

/// Share of young people in care, on a plan or supported who go missing; no published figure.
pub(super) const GOES_MISSING: u32 = 2200;
/// Shares of returns after which an interview is offered, of offers that are refused, and of interviews within 72
/// hours (MS-01); no published figure.
pub(super) const INTERVIEW_OFFERED: u32 = 9000;
/// See [`INTERVIEW_OFFERED`].
pub(super) const INTERVIEW_REFUSED: u32 = 2400;
/// See [`INTERVIEW_OFFERED`].
pub(super) const INTERVIEW_IN_TIME: u32 = 8300;
/// Share of young people on a plan or supported who are held at a police station; no published figure.
pub(super) const POLICE_STATION: u32 = 900;
/// Share of detentions of which the authority is told within 24 hours (CU-01); no published figure.
pub(super) const CUSTODY_TOLD_IN_TIME: u32 = 8000;
/// Share of young people detained after they went home from care; no published figure.
pub(super) const DETAINED_AFTER_CARE: u32 = 2500;
/// Share of young people of 16 or 17 alone who have no home; no published figure.
pub(super) const HOMELESS: u32 = 6000;
/// Share of those offered an advocate; Somerset's target of 2018 is all.
pub(super) const ADVOCATE_FOR_THE_HOMELESS: u32 = 8700;
/// Share of children alone, assessed only, of whom private fostering is found; no published figure.
pub(super) const PRIVATE_FOSTERING: u32 = 600;

/// Shares of needs assessments (LC-01), of pathway plan reviews (LC-02) and of an adviser's contacts (LC-03) in time,
/// and of contacts within a week of a move (LC-03m); no published figure.
pub(super) const PATHWAY_IN_TIME: u32 = 8000;
/// See [`PATHWAY_IN_TIME`].
pub(super) const PATHWAY_REVIEW_IN_TIME: u32 = 8500;
/// See [`PATHWAY_IN_TIME`].
pub(super) const ADVISER_IN_TIME: u32 = 8600;
/// See [`PATHWAY_IN_TIME`].
pub(super) const ADVISER_AFTER_MOVE: u32 = 8000;
/// Share of birthdays around which nothing is known of what a care leaver does; no published figure.
pub(super) const ACTIVITY_UNKNOWN: u32 = 300;
/// Shares of care leavers not in education, employment or training: Somerset's targets of 2018 are 10 % at 16 and 17
/// and 25 % at 18 to 21.
pub(super) const IDLE_AT_17: u32 = 1000;
/// See [`IDLE_AT_17`].
pub(super) const IDLE_AT_18_TO_21: u32 = 2700;

/// Shares of cases with an audit, of audits that find oversight, and of oversight that directs: together 75 % (GV-01,
/// Somerset's target of 2018).
pub(super) const CASE_AUDITED: u32 = 2500;
/// See [`CASE_AUDITED`].
pub(super) const OVERSIGHT_PRESENT: u32 = 8600;
/// See [`CASE_AUDITED`].
pub(super) const OVERSIGHT_DIRECTS: u32 = 8800;
/// Share of supported families, plans and periods of care in which a serious incident becomes known; no published figure.
pub(super) const SERIOUS_INCIDENT: u32 = 150;
/// Share of improvement actions closed by their first day; no published figure.
pub(super) const ACTION_IN_TIME: u32 = 6500;
/// Children under 18 in the area for each child of the file and year, so that about 43 of 10,000 are on a plan (Dorset
/// report 2017: England 43.1 at 31 March 2016).
pub(super) const POPULATION_FOR_EACH_CHILD: u32 = 32;
/// Share of children accommodated at 13 or later who stay until they are adults; no published figure.
pub(super) const STAYS_TO_ADULTHOOD: u32 = 8500;
/// Share of families whose child went home from care and comes back within a year; no published figure.
pub(super) const BACK_IN_CARE: u32 = 1300;
/// Share of families who are referred again within about four months of a case that ended with a service at the edge of
/// care; with those who come back anyway about as many as Somerset's target of 2018 leaves (EC-02, 75 % without).
pub(super) const BACK_AFTER_SERVICE: u32 = 2000;
/// Share of those detained after care who are visited within 10 working days (CU-02); no published figure.
pub(super) const VISITED_IN_DETENTION: u32 = 6500;
