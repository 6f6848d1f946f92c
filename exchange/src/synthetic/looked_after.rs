//! A period of care: how it begins, what goes on within it, and how it ends.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::looked_after::{BecameLookedAfter, CeasedToBeLookedAfter, LegalStatusChanged};
use domain::time::Occurred;

use super::case::{Case, Member};
use super::days::plus;
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

/// Days of a period of care under section 20 that ends at home; no published figure.
const ACCOMMODATED_DAYS: Curve = &[(0, 10), (4000, 60), (8000, 170), (10_000, 600)];

/// One period of care while it is written down.
pub(super) struct Period {
    pub(super) member: Member,
    pub(super) start: NaiveDate,
    pub(super) end: NaiveDate,
    /// The day on which the child moves in with adopters, for one who is adopted.
    pub(super) adoptive: Option<NaiveDate>,
    /// The day of the placement order, for one who is adopted.
    pub(super) ordered: Option<NaiveDate>,
}

impl Period {
    /// Whether something may still happen on a day: within the period, its last day left out.
    pub(super) fn holds(&self, day: NaiveDate) -> bool {
        self.start <= day && day < self.end
    }

    /// Completed years of age on a day, roughly.
    pub(super) fn age_on(&self, day: NaiveDate) -> i32 {
        super::days::days_from(self.member.born, day) * 4 / 1461
    }
}

impl Case<'_, '_> {
    /// Accommodation under section 20 of a child alone; the day on which it ends.
    pub(super) fn accommodate(&mut self, decided: NaiveDate) -> NaiveDate {
        self.allocate_for_assessment(decided);
        let (assessed, assessment) = self.assess(decided, true);
        let start = plus(decided, self.diary.dice.between(0, 10));
        let end = plus(start, self.diary.dice.curve(ACCOMMODATED_DAYS));
        let strand = self.strand.clone();
        let mut last = assessed;
        for member in self.members.clone() {
            let stays =
                plus(member.born, 13 * 365) < start && self.diary.dice.chance(rates::STAYS_TO_ADULTHOOD);
            let home = end < self.end_by && !stays;
            let exit = if home { Exit::Order(end, "E4B") } else { Exit::Adult(start) };
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
        self.was_in_care = true;
        self.diary.hand_over(&mut strand, Desk::ChildrenInCare);
        let (end, adoptive) = match exit {
            Exit::Order(day, _) => (day.max(plus(start, 1)), None),
            Exit::Adoption(ordered) => {
                let adopted = self.diary.adoption_day(ordered);
                (adopted, Some(self.diary.moving_in_day(ordered, adopted)))
            }
            Exit::Adult(_) => (member.adult_on, None),
        };
        let ordered = if let Exit::Adoption(ordered) = exit { Some(ordered) } else { None };
        let period = Period { member: member.clone(), start, end, adoptive, ordered };
        self.diary.enter_care(&mut strand, &period, status);
        self.allocate_in_care(&mut strand, member.child, start);
        let notes = strand.clone();
        self.go_through_care(&mut strand, &period);
        let mut status_strand = notes;
        match exit {
            Exit::Order(..) => {}
            Exit::Adult(ordered) | Exit::Adoption(ordered) if status == "C1" => {
                self.diary.change_status(&mut status_strand, member, ordered, "C2");
            }
            Exit::Adult(_) | Exit::Adoption(_) => {}
        }
        if let Exit::Adoption(ordered) = exit {
            self.diary.adopt(&mut status_strand, &period, ordered);
            if let Some(person) = self.persons.get_mut(member.child) {
                person.gone = true;
            }
            let on = Occurred::on(end);
            self.diary.leave_household(&status_strand, self.household, member, on);
        }
        strand.join(&status_strand);
        self.leave_care(&mut strand, &period, exit);
        (end, strand)
    }

    /// What every child in care is owed, each subject on a strand of its own.
    fn go_through_care(&mut self, strand: &mut Strand, period: &Period) {
        let notes = strand.clone();
        let diary = &mut *self.diary;
        diary.plan_care(&notes, period);
        let placements = diary.place(strand, period);
        diary.visit_in_care(&notes, period, &placements);
        diary.review_care(notes.clone(), period);
        diary.keep_healthy(&notes, period);
        diary.educate(&notes, period);
        diary.go_missing(&notes, &period.member, (period.start, period.end));
        diary.oversee(&notes, std::slice::from_ref(&period.member), period.start, period.end);
    }

    fn leave_care(&mut self, strand: &mut Strand, period: &Period, exit: Exit) {
        let home = matches!(exit, Exit::Order(_, "E4A" | "E4B"));
        let detained = home && self.diary.ends_in_detention(period);
        let reason = match exit {
            Exit::Order(..) if detained => "E9",
            Exit::Order(_, reason) => reason,
            Exit::Adoption(_) => "E12",
            Exit::Adult(_) => "E5",
        };
        if matches!(exit, Exit::Order(_, "E45")) {
            self.diary.make_guardian(strand, period);
        }
        self.diary.summarise_health(strand, period);
        self.diary.leave_care(strand, period, reason);
        self.went_home |= home;
        if detained {
            self.diary.detain_after_care(strand, period);
        }
        if !matches!(exit, Exit::Adoption(_)) {
            self.diary.prepare_for_leaving(strand, period);
        }
    }
}

impl super::diary::Diary<'_> {
    pub(super) fn enter_care(&mut self, strand: &mut Strand, period: &Period, status: &str) {
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

    pub(super) fn leave_care(&mut self, strand: &mut Strand, period: &Period, reason: &str) {
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
