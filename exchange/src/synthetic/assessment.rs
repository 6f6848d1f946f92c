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
        let first = from <= plus(self.referred, 40);
        if first && end > self.diary.world.days.working(self.referred, 45) {
            self.explain_delay("AS-03", end, |member| member.referral);
        }
        (end, strand)
    }

    /// Each child is seen within the assessment; on which day is not always told.
    fn see_children(&mut self, strand: &Strand, start: NaiveDate, end: NaiveDate, ids: &[EntityId]) {
        for (member, id) in self.members.clone().iter().zip(ids) {
            let soon = !self.diary.dice.chance(rates::SEEN_LATE);
            let wait = if soon { self.diary.dice.between(0, 9) } else { self.diary.dice.between(12, 25) };
            let seen_on = self.diary.world.days.working(start, wait).min(end);
            if member.born > seen_on {
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

    /// A child who is born while the case is open is seen within days.
    pub(super) fn see_the_newborn(&mut self, notes: &Strand, from: NaiveDate, to: NaiveDate) {
        for member in self.members.clone() {
            let seen_on = plus(member.born, self.diary.dice.between(1, 6));
            if from < member.born && seen_on < to {
                let role = [(EntityRole::Referral, member.referral)];
                self.diary.note(notes, "", Occurred::on(seen_on), &member, ChildSeen::default(), role);
            }
        }
    }

    /// A manager looks at an assessment that is still open four weeks after the referral, and at one open after eight.
    fn check_progress(&mut self, strand: &Strand, start: NaiveDate, end: NaiveDate, ids: &[EntityId]) {
        let from = if start <= plus(self.referred, 40) { self.referred } else { start };
        for (low, high) in [(15, 20), (35, 40)] {
            let soon = self.diary.dice.chance(rates::CHECKPOINT_IN_TIME);
            let after = if soon {
                self.diary.dice.between(low, high)
            } else {
                self.diary.dice.between(high + 1, high + 6)
            };
            let on = self.diary.world.days.working(from, after);
            if start < on && on < end {
                self.hold_checkpoint(strand, on, u32::try_from(high).unwrap_or(0), ids);
            }
        }
    }

    fn hold_checkpoint(&mut self, strand: &Strand, on: NaiveDate, number: u32, ids: &[EntityId]) {
        for (member, id) in self.members.clone().iter().zip(ids) {
            let told = Told::new(
                AssessmentCheckpointHeld { working_day: Some(number), decision: None },
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
        self.allocate_for_assessment(decided);
        let (end, strand) = self.assess(decided, false);
        self.strand.join(&strand);
        self.ask_for_a_home(decided);
        if let Some(ended) = self.foster_privately(plus(decided, 3)) {
            return (end.max(ended), "RC8");
        }
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
