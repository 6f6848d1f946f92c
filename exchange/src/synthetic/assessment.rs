//! Assessments of need, each with its own clock from its own start (AS-03a).

use chrono::NaiveDate;
use domain::events::assessment::{
    AssessmentAuthorised, AssessmentCheckpointHeld, AssessmentKind, AssessmentStarted, ChildSeen,
};
use domain::events::{Code, EntityRole};
use domain::ids::EntityId;
use domain::time::Occurred;
use std::collections::BTreeSet;

use super::case::Case;
use super::days::{days_from, plus};
use super::diary::{Filing, Strand, Told};
use super::person::code;
use super::rates;
use super::world::Desk;

const FACTORS: [&str; 12] = ["1B", "2B", "3A", "3B", "4B", "5A", "8B", "16A", "17A", "18B", "19B", "20"];

impl Case<'_, '_> {
    /// One assessment of the whole group, on a strand of its own; the day of the authorisation.
    pub(super) fn assess(&mut self, from: NaiveDate, support_needed: bool) -> (NaiveDate, Strand) {
        let start = self.diary.world.days.at_or_after(from);
        let working_days = self.diary.dice.curve(rates::ASSESSMENT_WORKING_DAYS);
        let end = self.diary.world.days.working(start, working_days);
        let ids: Vec<EntityId> = self.members.iter().map(|_| self.diary.dice.entity()).collect();
        let mut strand = self.strand.clone();
        let kind = AssessmentKind::Single;
        let members = self.members.clone();
        let mut id = ids.iter().copied();
        self.diary.shared(&mut strand, Filing::STEP, Occurred::on(start), &members, |member| {
            let own = id.next().expect("an id for each child");
            Told::new(
                AssessmentStarted { kind },
                [(EntityRole::Assessment, own), (EntityRole::Referral, member.referral)],
            )
        });
        self.see_children(&strand, start, end, &ids);
        self.check_progress(&strand, start, end, &ids);
        self.authorise(&mut strand, end, support_needed, &ids);
        if working_days > 45 {
            let by_child: Vec<(usize, EntityId)> =
                members.iter().map(|member| member.child).zip(ids.iter().copied()).collect();
            self.explain_delay("AS-03a", end, |member| {
                let held = by_child.iter().find(|(child, _)| *child == member.child);
                held.map_or(member.referral, |(_, id)| *id)
            });
        }
        (end, strand)
    }

    /// Each child is seen within the assessment; on which day is not always told.
    fn see_children(&mut self, strand: &Strand, start: NaiveDate, end: NaiveDate, ids: &[EntityId]) {
        for (member, id) in self.members.clone().iter().zip(ids) {
            let seen_on = self.diary.world.days.working(start, self.diary.dice.between(0, 9)).min(end);
            if member.born > seen_on || self.diary.dice.chance(300) {
                continue;
            }
            let seen = match self.diary.dice.below(10) {
                0 => Occurred::within(Some(start), Some(end)),
                1 => Occurred::within(None, Some(seen_on)),
                _ => self.diary.roughly(seen_on),
            };
            let alone = (!self.diary.dice.chance(1500)).then(|| self.diary.dice.chance(7000));
            let told = Told::new(
                ChildSeen { alone, ..Default::default() },
                [(EntityRole::Assessment, *id), (EntityRole::Referral, member.referral)],
            );
            self.diary.single(&mut strand.clone(), Filing::NOTE, seen, member, told);
        }
    }

    /// A manager looks at an assessment that is still open after 20 working days.
    fn check_progress(&mut self, strand: &Strand, start: NaiveDate, end: NaiveDate, ids: &[EntityId]) {
        let on = self.diary.world.days.working(start, 20);
        if on >= end || !self.diary.dice.chance(6000) {
            return;
        }
        for (member, id) in self.members.clone().iter().zip(ids) {
            let told = Told::new(
                AssessmentCheckpointHeld::default(),
                [(EntityRole::Assessment, *id), (EntityRole::Referral, member.referral)],
            );
            self.diary.single(
                &mut strand.clone(),
                Filing { role: "team_manager", ..Filing::NOTE },
                Occurred::on(on),
                member,
                told,
            );
        }
    }

    fn authorise(&mut self, strand: &mut Strand, end: NaiveDate, support_needed: bool, ids: &[EntityId]) {
        let count = self.diary.dice.between(1, 4);
        let factors: BTreeSet<Code> = (0..count).map(|_| code(self.diary.dice.pick(&FACTORS))).collect();
        let mut id = ids.iter().copied();
        let members = &self.members;
        self.diary.shared(strand, Filing::MANAGER, Occurred::on(end), members, |member| {
            let own = id.next().expect("an id for each child");
            Told::new(
                AssessmentAuthorised { factors: factors.clone(), support_needed: Some(support_needed) },
                [(EntityRole::Assessment, own), (EntityRole::Referral, member.referral)],
            )
        });
    }

    /// An assessment after which the case is closed; sometimes early help takes over.
    pub(super) fn assess_only(&mut self, decided: NaiveDate) -> (NaiveDate, &'static str) {
        self.allocate(Desk::Assessment, decided, false);
        let (end, strand) = self.assess(decided, false);
        self.strand.join(&strand);
        if self.diary.dice.chance(2500) {
            self.step_down_to_early_help(plus(end, 3));
            return (end, "RC9");
        }
        (end, "RC8")
    }

    /// On a case that stays open long, another assessment now and then; the day by which all are authorised.
    pub(super) fn assess_again(&mut self, from: NaiveDate, to: NaiveDate) -> NaiveDate {
        let mut last = to;
        let mut next = plus(from, self.diary.dice.between(170, 400));
        while days_from(next, to) > 60 && next <= self.diary.world.until {
            let (end, strand) = self.assess(next, true);
            last = last.max(end);
            self.strand.join(&strand);
            next = plus(end, self.diary.dice.between(200, 500));
        }
        last
    }
}
