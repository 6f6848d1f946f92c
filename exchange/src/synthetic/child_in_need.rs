//! Child in need: the plan after an assessment, its visits and its end.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::child_in_need::{
    ChildInNeedCaseClosed, ChildInNeedCaseOpened, ChildInNeedPlanEnded, ChildInNeedPlanStarted,
    ChildInNeedVisitMade,
};
use domain::time::Occurred;

use super::case::Case;
use super::days::plus;
use super::diary::{Filing, Told};
use super::dice::Curve;
use super::person::some_code;
use super::world::Desk;

/// Days of a child-in-need plan; no published figure.
const PLAN_DAYS: Curve = &[(0, 45), (3000, 110), (6000, 180), (8500, 300), (9700, 420), (10_000, 700)];

/// Fewer days than this before adulthood, and no plan is started.
const SHORTEST_PLAN_DAYS: i32 = 30;

impl Case<'_, '_> {
    /// An assessment and then a plan; the day on which the plan ends.
    pub(super) fn assess_and_support(&mut self, decided: NaiveDate) -> NaiveDate {
        self.allocate_for_assessment(decided);
        let (assessed, strand) = self.assess(decided, true);
        self.ask_for_a_home(decided);
        self.strand.join(&strand);
        self.support(plus(assessed, 1))
    }

    /// A child-in-need plan from a day on; the day on which it ends. None where the child is nearly an adult.
    pub(super) fn support(&mut self, from: NaiveDate) -> NaiveDate {
        let length = self.diary.dice.curve(PLAN_DAYS);
        let start = self.diary.world.days.at_or_after(from);
        if plus(start, SHORTEST_PLAN_DAYS) > self.end_by {
            return plus(from, -1);
        }
        let end = self.working_from(plus(start, length));
        self.allocate(Desk::Safeguarding, start, false);
        for (stage, told_need) in [(true, "N1"), (false, "")] {
            self.open_need(stage, start, told_need);
        }
        let visits = self.strand.clone();
        self.visit_at_home(visits.clone(), start, end);
        self.go_along_with_support(&visits, start, end);
        let last = self.assess_again(start, end);
        self.end_need(end);
        last
    }

    /// What goes along with support at home: a programme, a service for adolescents, short breaks, a night in custody.
    fn go_along_with_support(&mut self, notes: &super::diary::Strand, start: NaiveDate, end: NaiveDate) {
        self.see_the_newborn(notes, start, end);
        let members = self.members.clone();
        self.join_programme(start);
        self.take_short_breaks(start, end);
        let oldest = members.iter().map(|member| member.born).min().unwrap_or(start);
        if plus(oldest, 11 * 365) < start && self.diary.dice.chance(super::rates::ADOLESCENT_SERVICE) {
            self.work_with_family(plus(end, -30).max(plus(start, 5)), "community_adolescent_team");
        }
        for member in &members {
            self.diary.oversee(notes, std::slice::from_ref(member), start, end);
            self.diary.go_missing(notes, member, (start, end));
            self.diary.hold_at_police_station(notes, member, (start, end));
        }
    }

    fn open_need(&mut self, case: bool, start: NaiveDate, need: &str) {
        let on = Occurred::on(start);
        if case {
            self.step(Filing::STEP, on, |member| {
                Told::new(
                    ChildInNeedCaseOpened { primary_need: some_code(need), status: some_code("c") },
                    [
                        (EntityRole::ChildInNeedCase, member.need_case),
                        (EntityRole::Referral, member.referral),
                    ],
                )
            });
        } else {
            self.step(Filing::STEP, on, |member| {
                Told::new(
                    ChildInNeedPlanStarted {},
                    [
                        (EntityRole::ChildInNeedCase, member.need_case),
                        (EntityRole::ChildInNeedPlan, member.need_plan),
                        (EntityRole::Referral, member.referral),
                    ],
                )
            });
        }
    }

    fn visit_at_home(&mut self, strand: super::diary::Strand, start: NaiveDate, end: NaiveDate) {
        let mut next = self.diary.world.days.working(start, self.diary.dice.between(3, 12));
        while next <= end.min(self.diary.world.until) {
            for member in self.members.clone() {
                if self.diary.dice.chance(600) || member.born > next {
                    continue;
                }
                let alone = (!self.diary.dice.chance(900)).then(|| self.diary.dice.chance(7200));
                let told = Told::new(
                    ChildInNeedVisitMade { alone, seen: alone.map(|_| true), ..Default::default() },
                    [
                        (EntityRole::ChildInNeedPlan, member.need_plan),
                        (EntityRole::Referral, member.referral),
                    ],
                );
                self.diary.single(&mut strand.clone(), Filing::NOTE, Occurred::on(next), &member, told);
            }
            next = self.diary.world.days.working(next, self.diary.dice.between(14, 26));
        }
    }

    fn end_need(&mut self, end: NaiveDate) {
        let on = Occurred::on(end);
        self.step(Filing::STEP, on, |member| {
            Told::new(
                ChildInNeedPlanEnded {},
                [
                    (EntityRole::ChildInNeedCase, member.need_case),
                    (EntityRole::ChildInNeedPlan, member.need_plan),
                    (EntityRole::Referral, member.referral),
                ],
            )
        });
        self.step(Filing::STEP, on, |member| {
            Told::new(
                ChildInNeedCaseClosed { reason: some_code("RC7") },
                [(EntityRole::ChildInNeedCase, member.need_case), (EntityRole::Referral, member.referral)],
            )
        });
    }
}
