//! Health of children in care: assessments, dental checks, immunisations, questionnaires, and the summary on leaving.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::health::{DentalCheckDone, HealthAssessmentCompleted, HealthAssessmentKind};
use domain::events::health_work::{
    HealthAssessmentAudited, HealthSummaryProvided, ImmunisationsUpdated, SdqScored,
};
use domain::time::Occurred;

use super::days::{plus, plus_months};
use super::diary::{Diary, Filing, Strand, Told};
use super::looked_after::Period;
use super::person::some_code;
use super::rates;

impl Diary<'_> {
    /// Everything about the health of one child in care.
    pub(super) fn keep_healthy(&mut self, strand: &Strand, period: &Period) {
        self.assess_health(strand.clone(), period);
        self.check_teeth(strand, period);
        self.immunise(strand, period);
        self.ask_strengths_and_difficulties(strand, period);
    }

    /// The initial assessment, then one every 6 months under five and every 12 after.
    fn assess_health(&mut self, mut strand: Strand, period: &Period) {
        let member = &period.member;
        let role = [(EntityRole::PeriodOfCare, member.period)];
        let mut next = self.world.days.working(period.start, self.dice.curve(rates::HEALTH_WORKING_DAYS));
        let mut kind = HealthAssessmentKind::Initial;
        while period.holds(next) && next <= self.world.until {
            let told = Told::new(HealthAssessmentCompleted { kind: Some(kind), ..Default::default() }, role);
            self.single(&mut strand, Filing::SUPPORT, Occurred::on(next), member, told);
            if self.dice.chance(rates::HEALTH_AUDITED) {
                let audited = self.world.days.working(next, self.dice.between(5, 40));
                let facts = HealthAssessmentAudited { grade: some_code("good"), audited: None };
                self.note(&strand, "auditor", Occurred::on(audited.min(period.end)), member, facts, []);
            }
            kind = HealthAssessmentKind::Review;
            let in_six = plus_months(next, 6);
            let due = if plus(member.born, 1826) > in_six { in_six } else { plus_months(next, 12) };
            let in_time = self.dice.chance(rates::HEALTH_REVIEW_IN_TIME);
            let shift = if in_time { -self.dice.between(3, 35) } else { self.dice.between(5, 60) };
            next = self.world.days.at_or_before(plus(due, shift));
        }
    }

    /// Days about a year apart, within a period.
    fn yearly(&mut self, period: &Period, first: (i32, i32)) -> Vec<NaiveDate> {
        let mut days = Vec::new();
        let mut next = plus(period.start, self.dice.between(first.0, first.1));
        while period.holds(next) && next <= self.world.until {
            days.push(self.world.days.at_or_before(next).max(period.start));
            let gap = if self.dice.chance(8800) {
                self.dice.between(250, 350)
            } else {
                self.dice.between(370, 560)
            };
            next = plus(next, gap);
        }
        days
    }

    fn check_teeth(&mut self, strand: &Strand, period: &Period) {
        let role = [(EntityRole::PeriodOfCare, period.member.period)];
        for day in self.yearly(period, (30, 240)) {
            if period.age_on(day) < 1 || self.dice.chance(600) {
                continue;
            }
            let done = if self.dice.chance(400) {
                Occurred::within(Some(plus(day, -20).max(period.start)), Some(day))
            } else {
                self.roughly(day)
            };
            self.note(strand, "business_support", done, &period.member, DentalCheckDone {}, role);
        }
    }

    fn immunise(&mut self, strand: &Strand, period: &Period) {
        for day in self.yearly(period, (20, 200)) {
            let up_to_date = self.dice.chance(9300);
            let facts = ImmunisationsUpdated { up_to_date };
            self.note(strand, "business_support", Occurred::on(day), &period.member, facts, []);
        }
    }

    fn ask_strengths_and_difficulties(&mut self, strand: &Strand, period: &Period) {
        for day in self.yearly(period, (60, 300)) {
            if !(3..17).contains(&period.age_on(day)) {
                continue;
            }
            let answered = self.dice.chance(9000);
            let score = answered.then(|| self.dice.below(29));
            let reason_none = if answered { None } else { some_code("SDQ3") };
            let facts = SdqScored { score, reason_none };
            self.note(strand, "", Occurred::on(day), &period.member, facts, []);
        }
    }

    /// The history of a child's health, given on leaving or some days later.
    pub(super) fn summarise_health(&mut self, strand: &Strand, period: &Period) {
        let on_leaving = period.adoptive.is_some() || self.dice.chance(rates::SUMMARY_ON_LEAVING);
        let late = self.dice.between(1, 5);
        let day = if on_leaving { period.end } else { self.world.days.at_or_after(plus(period.end, late)) };
        let facts = HealthSummaryProvided { to: some_code("young_person") };
        let role = [(EntityRole::PeriodOfCare, period.member.period)];
        self.note(strand, "", Occurred::on(day), &period.member, facts, role);
    }
}
