//! Looked-after reviews, what they decide, and the independent reviewing officer between them.

use chrono::NaiveDate;
use domain::events::alerts::{IroAlertRaised, IroAlertResolved};
use domain::events::looked_after::{
    LookedAfterReviewHeld, PermanencePlanRecorded, ReviewingOfficerContactMade,
};
use domain::events::looked_after_reviews::{ReviewDecisionsCirculated, ReviewRecordCirculated};
use domain::events::{Code, EntityRole};
use domain::ids::EntityId;
use domain::time::Occurred;

use super::days::{plus, plus_months};
use super::diary::{Diary, Filing, Strand, Told};
use super::looked_after::Period;
use super::person::{code, some_code};
use super::rates;

const OFFICER: &str = "reviewing_officer";

/// The last day of the next review after one, and the rule that asks for it. `number` counts the reviews of the period, and
/// those since the child moved in with adopters.
fn next_review(period: &Period, held: NaiveDate, number: (u32, u32)) -> (NaiveDate, &'static str) {
    let (due, rule) = match number {
        (_, 1) => return (plus_months(held, 3), "PM-15"),
        (_, 2..) => return (plus_months(held, 6), "PM-16"),
        (1, 0) => (plus_months(held, 3), "LAC-02"),
        (_, 0) => (plus_months(held, 6), "LAC-03"),
    };
    let ordered = period.ordered.filter(|ordered| held < *ordered).map(|ordered| plus_months(ordered, 3));
    let due = ordered.map_or(due, |soon| due.min(soon));
    match period.adoptive {
        Some(moved) if moved <= due => (plus(moved, 28), "PM-14"),
        Some(_) | None => (due, rule),
    }
}

impl Diary<'_> {
    /// The first review within 20 working days, the second within three months, then every six; with adopters anew after
    /// four weeks, three months and six.
    pub(super) fn review_care(&mut self, mut strand: Strand, period: &Period) {
        let wait = self.dice.curve(rates::FIRST_CARE_REVIEW_WORKING_DAYS);
        let mut held = self.world.days.working(period.start, wait);
        let (mut number, mut with_adopters) = (1, 0);
        if wait > 20 && period.holds(held) {
            self.explain_review(&strand, period, "LAC-01", held, period.member.period);
        }
        while period.holds(held) && held <= self.world.until {
            self.one_care_review(&mut strand, period, held, number);
            with_adopters += u32::from(period.adoptive.is_some_and(|moved| moved <= held));
            let (due, rule) = next_review(period, held, (number, with_adopters));
            let in_time = self.dice.chance(rates::CARE_REVIEW_IN_TIME);
            held = if in_time {
                self.world.days.at_or_before(plus(due, -self.dice.between(0, 15)))
            } else {
                self.world.days.at_or_after(plus(due, self.dice.between(1, 40)))
            };
            if !in_time && period.holds(held) {
                self.explain_review(&strand, period, rule, held, period.member.period);
            }
            number += 1;
        }
    }

    fn explain_review(
        &mut self,
        strand: &Strand,
        period: &Period,
        rule: &str,
        held: NaiveDate,
        entity: EntityId,
    ) {
        if self.dice.chance(rates::DELAY_EXPLAINED) {
            let reason =
                code(self.dice.pick(&["family_request", "worker_absence", "partner_agency", "capacity"]));
            let facts = domain::events::governance::DelayReasonRecorded { rule: code(rule), entity, reason };
            self.note(strand, OFFICER, Occurred::on(held), &period.member, facts, []);
        }
    }

    fn one_care_review(&mut self, strand: &mut Strand, period: &Period, held: NaiveDate, number: u32) {
        let member = &period.member;
        let young = plus(member.born, 4 * 365 + 1) > held;
        let participation =
            some_code(if young { "PN0" } else { self.dice.pick(&["PN1", "PN2", "PN4", "PN5"]) });
        let review = self.dice.entity();
        let roles = [(EntityRole::PeriodOfCare, member.period), (EntityRole::Review, review)];
        let filing = Filing { role: OFFICER, prompt: true, may_slip: true };
        let told = Told::new(LookedAfterReviewHeld { participation, ..Default::default() }, roles);
        self.single(strand, filing, Occurred::on(held), member, told);
        self.circulate(strand, period, held, review);
        if number == 2 {
            self.choose_permanence(strand, period, held);
        }
        if self.dice.chance(rates::OFFICER_CONTACT) {
            let day = self.world.days.at_or_before(plus(held, -self.dice.between(1, 12))).max(period.start);
            let role = [(EntityRole::PeriodOfCare, member.period)];
            let facts = ReviewingOfficerContactMade::default();
            self.note(strand, OFFICER, Occurred::on(day), member, facts, role);
        }
        if self.dice.chance(rates::OFFICER_ALERT) {
            self.alert(strand, period, held);
        }
    }

    /// Decisions within 5 working days and the record within 15, mostly.
    fn circulate(&mut self, strand: &Strand, period: &Period, held: NaiveDate, review: EntityId) {
        let role = [(EntityRole::Review, review)];
        let decisions = self.world.days.working(held, self.dice.curve(rates::DECISIONS_WORKING_DAYS));
        let facts = ReviewDecisionsCirculated {};
        self.note(strand, OFFICER, Occurred::on(decisions), &period.member, facts, role);
        let record = self.world.days.working(held, self.dice.curve(rates::RECORD_WORKING_DAYS));
        self.note(strand, OFFICER, Occurred::on(record), &period.member, ReviewRecordCirculated {}, role);
    }

    fn choose_permanence(&mut self, strand: &Strand, period: &Period, held: NaiveDate) {
        let plan = self.draw_permanence(period, held);
        let role = [(EntityRole::PeriodOfCare, period.member.period)];
        let facts = PermanencePlanRecorded { plan: plan.clone() };
        self.note(strand, OFFICER, Occurred::on(held), &period.member, facts, role);
        self.agree_permanence(strand, period, held, &plan);
    }

    /// Return home, adoption, special guardianship or long-term fostering, by age.
    fn draw_permanence(&mut self, period: &Period, held: NaiveDate) -> Code {
        let young = period.adoptive.is_some() || period.age_on(held) < 5;
        code(if young {
            self.dice.pick(&["P2", "P2", "P3", "P1"])
        } else {
            self.dice.pick(&["P6", "P6", "P1", "P3"])
        })
    }

    /// The reviewing officer disputes drift; it is resolved in the end.
    fn alert(&mut self, strand: &Strand, period: &Period, held: NaiveDate) {
        let mut own = strand.clone();
        let role = [(EntityRole::Alert, self.dice.entity())];
        let raised = self.world.days.working(held, self.dice.between(0, 5));
        if !period.holds(raised) {
            return;
        }
        let about = some_code(self.dice.pick(&["drift", "care_plan", "placement", "review_decisions"]));
        let facts = IroAlertRaised { about, formal: Some(true) };
        self.step(&mut own, Occurred::on(raised), &period.member, facts, role);
        let resolved = self.world.days.working(raised, self.dice.curve(rates::ALERT_WORKING_DAYS));
        let facts = IroAlertResolved { stage: None, outcome: some_code("resolved_as_raised") };
        self.note(&own, OFFICER, Occurred::on(resolved.min(period.end)), &period.member, facts, role);
    }
}
