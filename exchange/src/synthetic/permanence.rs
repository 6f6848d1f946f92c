//! Planning for permanence: the care plan, the reviewing officer, the plan by the second review, special guardianship.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::events::care_planning::{CarePlanMade, IroAppointed};
use domain::events::permanence::{
    EarlyAdoptionNotificationSent, PermanenceDiscussedAtReview, PermanencePlanAgreed,
    PermanencyPlanningMeetingHeld, SgoApplied, SgoMade, SgoNoticeReceived,
};
use domain::events::{Code, EntityRole};
use domain::time::Occurred;

use super::days::{days_from, plus};
use super::diary::{Diary, Strand};
use super::looked_after::Period;
use super::person::some_code;
use super::rates;
use super::world::Desk;

impl Diary<'_> {
    /// The care plan, the appointment of a reviewing officer, and early word to the adoption service about the youngest.
    pub(super) fn plan_care(&mut self, strand: &Strand, period: &Period) {
        let member = &period.member;
        let made = self.world.days.working(period.start, self.dice.curve(rates::CARE_PLAN_WORKING_DAYS));
        let role = [(EntityRole::CarePlan, self.dice.entity()), (EntityRole::PeriodOfCare, member.period)];
        if period.holds(made) {
            self.note(strand, "", Occurred::on(made), member, CarePlanMade { permanence_plan: None }, role);
        }
        let appointed = self.world.days.working(period.start, self.dice.curve(rates::OFFICER_WORKING_DAYS));
        if period.holds(appointed) {
            let officer = Some(self.world.worker(Desk::Reviewing, &mut self.dice).stream);
            self.note(strand, "team_manager", Occurred::on(appointed), member, IroAppointed { officer }, []);
        }
        let early = self.world.days.working(period.start, self.dice.between(1, 15));
        if period.age_on(period.start) < 5 && period.holds(early) && self.dice.chance(6500) {
            self.note(strand, "", Occurred::on(early), member, EarlyAdoptionNotificationSent {}, []);
        }
    }

    /// The plan for permanence is discussed at the second review, and agreed there or later.
    pub(super) fn agree_permanence(
        &mut self,
        strand: &Strand,
        period: &Period,
        reviewed: NaiveDate,
        plan: &Code,
    ) {
        let member = &period.member;
        let discussed = PermanenceDiscussedAtReview {
            review_number: Some(2),
            plan: Some(plan.clone()),
            adoption_worker_attended: Some(self.dice.chance(8000)),
        };
        self.note(strand, "reviewing_officer", Occurred::on(reviewed), member, discussed, []);
        let by_then = self.dice.chance(rates::PERMANENCE_BY_SECOND_REVIEW);
        let agreed = if by_then { reviewed } else { plus(reviewed, self.dice.between(14, 150)) };
        let agreed = if by_then { agreed } else { self.world.days.at_or_after(agreed) };
        if period.holds(agreed) {
            let facts = PermanencePlanAgreed { plan: Some(plan.clone()), parallel_plan: None };
            self.note(strand, "reviewing_officer", Occurred::on(agreed), member, facts, []);
        }
        if plan.as_str() == "P2" {
            self.meet_about_permanence(strand, period, reviewed);
        }
    }

    fn meet_about_permanence(&mut self, strand: &Strand, period: &Period, reviewed: NaiveDate) {
        let in_time = self.dice.chance(7800);
        let wait = if in_time { self.dice.between(5, 26) } else { self.dice.between(33, 70) };
        let met = self.world.days.at_or_before(plus(reviewed, wait));
        if period.holds(met) {
            let facts = PermanencyPlanningMeetingHeld {
                decision: some_code("agreed"),
                attendees: BTreeSet::new(),
                next_on: None,
            };
            self.note(strand, "team_manager", Occurred::on(met), &period.member, facts, []);
        }
    }

    /// Notice, application and order of special guardianship; the order ends the period of care.
    pub(super) fn make_guardian(&mut self, strand: &Strand, period: &Period) {
        let member = &period.member;
        if days_from(period.start, period.end) > 150 {
            let noticed = plus(period.end, -self.dice.between(115, 145));
            let applied = plus(noticed, self.dice.between(93, 112));
            self.note(strand, "", Occurred::on(noticed), member, SgoNoticeReceived {}, []);
            let applicant = some_code("relative");
            self.note(strand, "", Occurred::on(applied), member, SgoApplied { applicant }, []);
        }
        let facts = SgoMade { to: some_code("relative") };
        self.note(strand, "legal", Occurred::on(period.end), member, facts, []);
    }
}
