//! A period of care: placements, reviews, visits, health, and how it ends.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::health::{DentalCheckDone, HealthAssessmentCompleted, HealthAssessmentKind};
use domain::events::looked_after::{
    BecameLookedAfter, CeasedToBeLookedAfter, LegalStatusChanged, LookedAfterReviewHeld,
    LookedAfterVisitMade, PermanencePlanRecorded, PlacementEnded, PlacementStarted,
    ReviewingOfficerContactMade,
};
use domain::time::Occurred;

use super::case::{Case, Member};
use super::days::{plus, plus_months};
use super::diary::{Filing, Strand, Told};
use super::dice::Curve;
use super::person::{code, some_code};
use super::rates;
use super::world::Desk;

/// How a period of care ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Exit {
    /// Home or to a guardian, on a day, with the reason code.
    Order(NaiveDate, &'static str),
    /// Care order on a day, then adoption.
    Adoption(NaiveDate),
    /// Care order on a day, then until adulthood.
    Adult(NaiveDate),
}

/// Days of a placement that is not the last one; no published figure.
const PLACEMENT_DAYS: Curve = &[(0, 5), (3000, 60), (6000, 240), (9000, 800), (10_000, 1800)];
/// Days of a period of care under section 20 that ends at home; no published figure.
const ACCOMMODATED_DAYS: Curve = &[(0, 10), (4000, 90), (8000, 300), (10_000, 900)];

const PLACEMENTS: [((&str, &str), u32); 7] = [
    (("U6", "PR1"), 40),
    (("U6", "PR4"), 25),
    (("U3", "PR1"), 15),
    (("K2", "PR4"), 10),
    (("H5", "PR4"), 4),
    (("U4", "PR1"), 5),
    (("P1", "PR0"), 1),
];

/// One period of care while it is written down.
struct Period {
    member: Member,
    start: NaiveDate,
    end: NaiveDate,
}

impl Case<'_, '_> {
    /// Accommodation under section 20 of a child alone; the day on which it ends.
    pub(super) fn accommodate(&mut self, decided: NaiveDate) -> NaiveDate {
        self.allocate(Desk::Assessment, decided, false);
        let (assessed, assessment) = self.assess(decided, true);
        let start = plus(decided, self.diary.dice.between(0, 10));
        let end = plus(start, self.diary.dice.curve(ACCOMMODATED_DAYS));
        let strand = self.strand.clone();
        let mut last = assessed;
        for member in self.members.clone() {
            let exit = if end < self.end_by { Exit::Order(end, "E4B") } else { Exit::Adult(start) };
            let (ceased, care) = self.look_after(strand.clone(), &member, start, "V2", exit);
            self.strand.join(&care);
            last = last.max(ceased);
        }
        self.strand.join(&assessment);
        last
    }

    /// A period of care of one child; its last day and its strand.
    pub(super) fn look_after(
        &mut self,
        mut strand: Strand,
        member: &Member,
        start: NaiveDate,
        status: &str,
        exit: Exit,
    ) -> (NaiveDate, Strand) {
        self.diary.hand_over(&mut strand, Desk::ChildrenInCare);
        let end = match exit {
            Exit::Order(day, _) => day.max(plus(start, 1)),
            Exit::Adoption(ordered) => self.diary.adoption_day(ordered),
            Exit::Adult(_) => member.adult_on,
        };
        let period = Period { member: member.clone(), start, end };
        self.diary.enter_care(&mut strand, &period, status);
        let notes = strand.clone();
        self.diary.place(&mut strand, &period);
        self.diary.review_care(notes.clone(), &period);
        self.diary.visit_in_care(notes.clone(), &period);
        self.diary.keep_healthy(notes.clone(), &period);
        let mut status_strand = notes;
        match exit {
            Exit::Order(..) => {}
            Exit::Adult(ordered) | Exit::Adoption(ordered) if status == "C1" => {
                self.diary.change_status(&mut status_strand, member, ordered, "C2");
            }
            Exit::Adult(_) | Exit::Adoption(_) => {}
        }
        if let Exit::Adoption(ordered) = exit {
            self.diary.adopt(&mut status_strand, member, ordered, end);
            if let Some(person) = self.persons.get_mut(member.child) {
                person.gone = true;
            }
        }
        strand.join(&status_strand);
        let reason = match exit {
            Exit::Order(_, reason) => reason,
            Exit::Adoption(_) => "E12",
            Exit::Adult(_) => "E5",
        };
        self.diary.leave_care(&mut strand, &period, reason);
        if let Exit::Adult(_) = exit {
            self.diary.keep_in_touch(&mut strand, member, end);
        }
        (end, strand)
    }
}

impl super::diary::Diary<'_> {
    fn enter_care(&mut self, strand: &mut Strand, period: &Period, status: &str) {
        let need = some_code(self.dice.weighted(&[("N1", 65), ("N2", 3), ("N4", 10), ("N5", 15), ("N8", 7)]));
        let told = Told::new(
            BecameLookedAfter {
                category_of_need: need,
                legal_status: some_code(status),
                ..Default::default()
            },
            [
                (EntityRole::PeriodOfCare, period.member.period),
                (EntityRole::Referral, period.member.referral),
            ],
        );
        self.single(strand, Filing::STEP, Occurred::on(period.start), &period.member, told);
    }

    fn change_status(&mut self, strand: &mut Strand, member: &Member, day: NaiveDate, status: &str) {
        let told = Told::new(
            LegalStatusChanged { status: code(status) },
            [(EntityRole::PeriodOfCare, member.period), (EntityRole::Referral, member.referral)],
        );
        self.single(strand, Filing::STEP, Occurred::on(day), member, told);
    }

    /// Placement after placement without a gap; the last one ends with the period.
    fn place(&mut self, strand: &mut Strand, period: &Period) {
        let mut start = period.start;
        while start < period.end && start <= self.world.until {
            let length = if self.dice.chance(4500) { i32::MAX / 4 } else { self.dice.curve(PLACEMENT_DAYS) };
            let end = if length > 20_000 { period.end } else { plus(start, length).min(period.end) };
            self.one_placement(strand, period, start, end);
            start = end;
        }
    }

    fn one_placement(&mut self, strand: &mut Strand, period: &Period, start: NaiveDate, end: NaiveDate) {
        let placement = self.dice.entity();
        let (kind, provider) = self.dice.weighted(&PLACEMENTS);
        let roles = [(EntityRole::PeriodOfCare, period.member.period), (EntityRole::Placement, placement)];
        let started = PlacementStarted {
            placement_type: some_code(kind),
            provider: some_code(provider),
            short_break: false,
            ..Default::default()
        };
        self.single(strand, Filing::STEP, Occurred::on(start), &period.member, Told::new(started, roles));
        let reason = if end == period.end {
            None
        } else {
            some_code(self.dice.pick(&["CARPL", "LAREQ", "CHILD", "CREQB", "STAND"]))
        };
        let told = Told::new(PlacementEnded { reason, ..Default::default() }, roles);
        self.single(strand, Filing::STEP, Occurred::on(end), &period.member, told);
    }

    /// The first review within 20 working days, the second within three months, then every six.
    fn review_care(&mut self, mut strand: Strand, period: &Period) {
        let mut held =
            self.world.days.working(period.start, self.dice.curve(rates::FIRST_CARE_REVIEW_WORKING_DAYS));
        let mut number = 1;
        while held < period.end && held <= self.world.until {
            self.one_care_review(&mut strand, period, held, number);
            let due = plus_months(held, if number == 1 { 3 } else { 6 });
            held = if self.dice.chance(rates::CARE_REVIEW_IN_TIME) {
                self.world.days.at_or_before(plus(due, -self.dice.between(0, 15)))
            } else {
                self.world.days.at_or_after(plus(due, self.dice.between(1, 40)))
            };
            number += 1;
        }
    }

    fn one_care_review(&mut self, strand: &mut Strand, period: &Period, held: NaiveDate, number: u32) {
        let member = &period.member;
        let young = plus(member.born, 4 * 365 + 1) > held;
        let participation =
            some_code(if young { "PN0" } else { self.dice.pick(&["PN1", "PN2", "PN4", "PN5"]) });
        let roles = [(EntityRole::PeriodOfCare, member.period), (EntityRole::Review, self.dice.entity())];
        let filing = Filing { role: "reviewing_officer", prompt: false, may_slip: true };
        let told = Told::new(LookedAfterReviewHeld { participation, ..Default::default() }, roles);
        self.single(strand, filing, Occurred::on(held), member, told);
        if number == 2 {
            // Long-term fostering, return home, adoption, special guardianship.
            let plan = code(self.dice.pick(&["P6", "P1", "P2", "P3"]));
            let told =
                Told::new(PermanencePlanRecorded { plan }, [(EntityRole::PeriodOfCare, member.period)]);
            self.single(strand, Filing { may_slip: false, ..filing }, Occurred::on(held), member, told);
        }
        if self.dice.chance(4000) {
            let day = self.world.days.at_or_before(plus(held, -self.dice.between(1, 12))).max(period.start);
            let told = Told::new(
                ReviewingOfficerContactMade::default(),
                [(EntityRole::PeriodOfCare, member.period)],
            );
            self.single(strand, Filing { may_slip: false, ..filing }, Occurred::on(day), member, told);
        }
    }

    /// Within a week, then every six weeks, mostly.
    fn visit_in_care(&mut self, mut strand: Strand, period: &Period) {
        let mut next = self.world.days.at_or_after(plus(period.start, self.dice.between(1, 6)));
        while next < period.end && next <= self.world.until {
            let alone = (!self.dice.chance(800)).then(|| self.dice.chance(8000));
            let told = Told::new(
                LookedAfterVisitMade { alone, ..Default::default() },
                [(EntityRole::PeriodOfCare, period.member.period)],
            );
            self.single(&mut strand, Filing::NOTE, Occurred::on(next), &period.member, told);
            let gap =
                if self.dice.chance(8800) { self.dice.between(25, 40) } else { self.dice.between(43, 70) };
            next = self.world.days.at_or_before(plus(next, gap));
        }
    }

    fn keep_healthy(&mut self, mut strand: Strand, period: &Period) {
        let member = &period.member;
        let role = [(EntityRole::PeriodOfCare, member.period)];
        let mut next = self.world.days.working(period.start, self.dice.curve(rates::HEALTH_WORKING_DAYS));
        let mut kind = HealthAssessmentKind::Initial;
        while next < period.end && next <= self.world.until {
            let told = Told::new(HealthAssessmentCompleted { kind: Some(kind), ..Default::default() }, role);
            self.single(&mut strand, Filing::SUPPORT, Occurred::on(next), member, told);
            if plus(member.born, 3 * 365) < next && self.dice.chance(8500) {
                let day = self.world.days.at_or_after(plus(next, self.dice.between(10, 150)));
                let done = if self.dice.chance(800) {
                    Occurred::within(Some(next), Some(day))
                } else {
                    self.roughly(day)
                };
                if day < period.end {
                    self.single(
                        &mut strand,
                        Filing { may_slip: false, ..Filing::SUPPORT },
                        done,
                        member,
                        Told::new(DentalCheckDone {}, role),
                    );
                }
            }
            kind = HealthAssessmentKind::Review;
            let months = if plus(member.born, 1826) > next { 6 } else { 12 };
            next = self.world.days.at_or_after(plus(plus_months(next, months), self.dice.between(-30, 25)));
        }
    }

    fn leave_care(&mut self, strand: &mut Strand, period: &Period, reason: &str) {
        let told = Told::new(
            CeasedToBeLookedAfter { reason: some_code(reason) },
            [
                (EntityRole::PeriodOfCare, period.member.period),
                (EntityRole::Referral, period.member.referral),
            ],
        );
        self.single(strand, Filing::STEP, Occurred::on(period.end), &period.member, told);
    }
}
