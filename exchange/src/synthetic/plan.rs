//! The child protection plan: core groups, visits, reviews, its end, and what follows.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::child_protection::{
    ChildProtectionPlanEnded, ChildProtectionPlanStarted, ChildProtectionVisitMade, CoreGroupHeld,
    PlanCategoryRecorded, ReviewConferenceHeld,
};
use domain::ids::EntityId;
use domain::time::Occurred;

use super::case::Case;
use super::days::{plus, plus_months};
use super::diary::{Filing, Strand, Told};
use super::person::some_code;
use super::rates;
use super::world::Desk;

const CATEGORIES: [(&str, u32); 5] = [("NEG", 50), ("EMO", 37), ("PHY", 7), ("SAB", 4), ("MUL", 2)];

/// Shares of plans that end at the first, second, third and each later review.
const ENDS_AT_REVIEW: [u32; 4] = [1400, 4600, 5500, 7000];

/// How a plan goes on.
struct Course {
    /// Days of the reviews, ascending, and whether each was in time.
    reviews: Vec<(NaiveDate, bool)>,
    /// The last day of the plan.
    end: NaiveDate,
    /// Whether it leads to pre-proceedings after the first review.
    to_pre_proceedings: bool,
}

impl Case<'_, '_> {
    /// A plan from the day of a conference on; the day on which it and what follows end.
    pub(super) fn plan(&mut self, start: NaiveDate, conference: EntityId) -> NaiveDate {
        let course = self.draw_course(start);
        self.start_plan(start, conference);
        self.allocate(Desk::Safeguarding, start, false);
        let notes = self.strand.clone();
        self.meet_core_groups(&notes, start, course.end, conference);
        self.visit(&notes, start, course.end);
        self.go_along(&notes, start, course.end);
        if course.to_pre_proceedings {
            return self.take_to_pre_proceedings(&course);
        }
        self.review(0, &course.reviews, course.end);
        let last = self.assess_again(start, course.end);
        self.end_plan(course.end, "1");
        if self.diary.dice.chance(6500) { self.support(plus(course.end, 1)).max(last) } else { last }
    }

    fn draw_course(&mut self, start: NaiveDate) -> Course {
        let mut reviews = Vec::new();
        let mut last = start;
        let to_pre_proceedings = self.diary.dice.chance(rates::PLAN_TO_PRE_PROCEEDINGS);
        loop {
            let months = if reviews.is_empty() { 3 } else { 6 };
            let (held, in_time) = self.draw_review(plus_months(last, months));
            if held >= self.end_by {
                return Course { reviews, end: self.end_by, to_pre_proceedings: false };
            }
            let share = ENDS_AT_REVIEW.get(reviews.len()).copied().unwrap_or(7500);
            reviews.push((held, in_time));
            if held > self.diary.world.until || self.diary.dice.chance(share) && !to_pre_proceedings {
                return Course { reviews, end: held, to_pre_proceedings: false };
            }
            if to_pre_proceedings && reviews.len() == 2 {
                return Course { reviews, end: held, to_pre_proceedings };
            }
            last = held;
        }
    }

    fn draw_review(&mut self, due: NaiveDate) -> (NaiveDate, bool) {
        let days = &self.diary.world.days;
        if self.diary.dice.chance(rates::REVIEW_IN_TIME) {
            (days.at_or_before(plus(due, -self.diary.dice.between(0, 16))), true)
        } else {
            (days.at_or_after(plus(due, self.diary.dice.between(1, 35))), false)
        }
    }

    fn start_plan(&mut self, start: NaiveDate, conference: EntityId) {
        let category = some_code(self.diary.dice.weighted(&CATEGORIES));
        let early = start < plus(self.diary.world.opening, rates::PLANS_BEFORE_THE_FILE_DAYS);
        let share = if early { rates::PLAN_BEFORE_THE_FILE } else { rates::PLAN_ELSEWHERE_BEFORE };
        let elsewhere = self.diary.dice.chance(share);
        let mut previous = Vec::new();
        for member in &self.members {
            let Some(person) = self.persons.get_mut(member.child) else { continue };
            if person.plans == 0 && elsewhere && plus(person.born, 400) < start {
                person.plans = 1;
            }
            previous.push(person.plans);
            person.plans += 1;
        }
        let mut previous = previous.into_iter();
        self.step(Filing::CHAIR, Occurred::on(start), |member| {
            Told::new(
                ChildProtectionPlanStarted {
                    category: category.clone(),
                    stated_previous_plans: previous.next(),
                },
                [
                    (EntityRole::Conference, conference),
                    (EntityRole::Plan, member.plan),
                    (EntityRole::Referral, member.referral),
                ],
            )
        });
    }

    fn meet_core_groups(&mut self, strand: &Strand, start: NaiveDate, end: NaiveDate, conference: EntityId) {
        let mut next =
            self.diary.world.days.working(start, self.diary.dice.curve(rates::FIRST_CORE_GROUP_WORKING_DAYS));
        let mut filing = Filing { may_slip: false, ..Filing::NOTE };
        while next < end && next <= self.diary.world.until {
            self.diary.shared(&mut strand.clone(), filing, Occurred::on(next), &self.members, |member| {
                Told::new(
                    CoreGroupHeld::default(),
                    [
                        (EntityRole::Conference, conference),
                        (EntityRole::Plan, member.plan),
                        (EntityRole::Referral, member.referral),
                    ],
                )
            });
            next = self.diary.world.days.working(next, self.diary.dice.between(18, 32));
            filing = Filing::SUPPORT;
        }
    }

    fn visit(&mut self, strand: &Strand, start: NaiveDate, end: NaiveDate) {
        let mut next = self.diary.world.days.working(start, self.diary.dice.between(2, 9));
        while next <= end.min(self.diary.world.until) {
            for member in self.members.clone() {
                if member.born > next || self.diary.dice.chance(500) {
                    continue;
                }
                let alone = (!self.diary.dice.chance(700)).then(|| self.diary.dice.chance(7800));
                let told = Told::new(
                    ChildProtectionVisitMade { alone, seen: alone.map(|_| true), ..Default::default() },
                    [(EntityRole::Plan, member.plan), (EntityRole::Referral, member.referral)],
                );
                self.diary.single(&mut strand.clone(), Filing::NOTE, Occurred::on(next), &member, told);
            }
            let in_time = self.diary.dice.chance(rates::PLAN_VISIT_IN_TIME);
            let gap = if in_time { self.diary.dice.between(6, 10) } else { self.diary.dice.between(11, 16) };
            next = self.diary.world.days.working(next, gap);
        }
    }

    /// What goes along with a plan: oversight, services for the family, children who go missing.
    fn go_along(&mut self, notes: &Strand, start: NaiveDate, end: NaiveDate) {
        self.see_the_newborn(notes, self.referred, end);
        let members = self.members.clone();
        self.diary.oversee(notes, &members, start, end);
        if self.diary.dice.chance(rates::FAMILY_CONFERENCE_IN_PLAN) {
            self.confer_as_family(plus(start, 20), false);
        }
        if self.diary.dice.chance(rates::EDGE_OF_CARE_IN_PLAN) {
            let oldest = members.iter().map(|member| member.born).min().unwrap_or(start);
            let service =
                if plus(oldest, 11 * 365) < start { "community_adolescent_team" } else { "family_focus" };
            self.work_with_family(plus(end, -30).max(plus(start, 15)), service);
        }
        for member in &members {
            self.diary.go_missing(notes, member, (start, end));
            self.diary.hold_at_police_station(notes, member, (start, end));
        }
    }

    /// Review conferences up to the end of the plan, included; `first` were held before them.
    fn review(&mut self, first: usize, reviews: &[(NaiveDate, bool)], end: NaiveDate) {
        let course = reviews.iter().enumerate().filter(|(_, (held, _))| *held <= end);
        for (index, (held, in_time)) in course {
            let conference = self.diary.dice.entity();
            self.step(Filing::CHAIR, Occurred::on(*held), |member| {
                Told::new(
                    ReviewConferenceHeld::default(),
                    [
                        (EntityRole::Conference, conference),
                        (EntityRole::Plan, member.plan),
                        (EntityRole::Referral, member.referral),
                    ],
                )
            });
            if !in_time {
                self.explain_delay(if index + first == 0 { "CP-09" } else { "CP-10" }, *held, |member| {
                    member.plan
                });
            }
            if self.diary.dice.chance(500) {
                let category = super::person::code(self.diary.dice.weighted(&CATEGORIES));
                self.step(Filing::CHAIR, Occurred::on(*held), |member| {
                    Told::new(
                        PlanCategoryRecorded { category: category.clone() },
                        [(EntityRole::Plan, member.plan)],
                    )
                });
            }
        }
    }

    pub(super) fn end_plan(&mut self, end: NaiveDate, reason: &str) {
        self.plan_ended = true;
        self.step(Filing::CHAIR, Occurred::on(end), |member| {
            Told::new(
                ChildProtectionPlanEnded { reason: some_code(reason) },
                [(EntityRole::Plan, member.plan), (EntityRole::Referral, member.referral)],
            )
        });
    }

    fn take_to_pre_proceedings(&mut self, course: &Course) -> NaiveDate {
        let Some((first, _)) = course.reviews.first().copied() else { return course.end };
        self.review(0, &course.reviews, first);
        let decided = self.pre_proceed(plus(first, 5));
        let later: Vec<(NaiveDate, bool)> = course.reviews.iter().skip(1).copied().collect();
        match decided {
            Some(issue) if issue < course.end => {
                let born = self.members.iter().all(|member| member.born < issue);
                let young = self.members.iter().all(|member| plus(member.born, 15 * 365) > issue);
                if born && young {
                    return self.plan_until_court(issue);
                }
            }
            Some(_) | None => {}
        }
        self.review(1, &later, course.end);
        self.end_plan(course.end, "1");
        self.support(plus(course.end, 1))
    }

    /// The plan ends some weeks after proceedings were issued.
    fn plan_until_court(&mut self, issue: NaiveDate) -> NaiveDate {
        let mut court = self.strand.clone();
        let weeks = self.diary.dice.between(10, 25);
        let ended = self.working_from(plus(issue, weeks));
        self.end_plan(ended, "2");
        std::mem::swap(&mut self.strand, &mut court);
        let ends = self.issue(issue);
        self.strand.join(&court);
        ends
    }
}
