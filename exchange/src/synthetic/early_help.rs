//! Early help, before a contact or after a case, and programmes for whole families.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::envelope::Category;
use domain::events::EntityRole;
use domain::events::early_help::{
    EarlyHelpAssessmentCompleted, EarlyHelpAssessmentStarted, EarlyHelpClosed, EarlyHelpRequested,
    LeadProfessionalAssigned,
};
use domain::events::family_tools::{KeyWorkerAllocated, PaymentByResultClaimed, PriorityFamilyIdentified};
use domain::ids::EntityId;
use domain::time::Occurred;

use super::case::Case;
use super::days::plus;
use super::diary::{Filing, Strand, Told};
use super::person::some_code;
use super::rates;

impl Case<'_, '_> {
    /// Early help for a family, on a strand of its own: an assessment, a lead professional, and its end.
    pub(super) fn step_down_to_early_help(&mut self, from: NaiveDate) {
        let start = self.diary.world.days.at_or_after(from);
        let mut strand = self.strand.clone();
        let help: Vec<EntityId> = self.members.iter().map(|_| self.diary.dice.entity()).collect();
        let mut id = help.iter().copied();
        self.diary.shared(&mut strand, Filing::STEP, Occurred::on(start), &self.members, |_| {
            let own = id.next().expect("an id for each child");
            let facts = EarlyHelpRequested { source: None, consent: Some(true) };
            Told::new(facts, [(EntityRole::EarlyHelpCase, own)])
        });
        self.assess_early(&mut strand, start);
        self.lead(&strand, start);
        self.close_early_help(&mut strand, start, &help);
        self.strand.join(&strand);
    }

    /// The assessment; mostly it is completed.
    fn assess_early(&mut self, strand: &mut Strand, start: NaiveDate) {
        let ids: Vec<EntityId> = self.members.iter().map(|_| self.diary.dice.entity()).collect();
        let started = self.diary.roughly(start);
        let mut id = ids.iter().copied();
        self.diary.shared(strand, Filing::STEP, started, &self.members, |_| {
            let own = id.next().expect("an id for each child");
            Told::new(
                EarlyHelpAssessmentStarted { form: some_code("EHA"), ..Default::default() },
                [(EntityRole::EarlyHelpAssessment, own)],
            )
        });
        if self.diary.dice.chance(8500) {
            let end = self.diary.world.days.working(start, self.diary.dice.between(10, 60));
            let neglect = Some(self.diary.dice.chance(rates::NEGLECT));
            let mut id = ids.iter().copied();
            self.diary.shared(&mut strand.clone(), Filing::SUPPORT, Occurred::on(end), &self.members, |_| {
                let own = id.next().expect("an id for each child");
                let facts = EarlyHelpAssessmentCompleted { neglect, ..Default::default() };
                Told::new(facts, [(EntityRole::EarlyHelpAssessment, own)])
            });
        }
    }

    /// The lead professional is the family's.
    fn lead(&mut self, strand: &Strand, start: NaiveDate) {
        let agency = some_code(self.diary.dice.weighted(&rates::LEAD_PROFESSIONALS));
        let assigned = self.diary.world.days.working(start, self.diary.dice.between(5, 25));
        let stream = (Category::Household, self.household);
        let facts = LeadProfessionalAssigned { agency };
        self.diary.step_in(&mut strand.clone(), stream, Occurred::on(assigned), facts, []);
    }

    fn close_early_help(&mut self, strand: &mut Strand, start: NaiveDate, help: &[EntityId]) {
        let end = self.diary.world.days.at_or_after(plus(start, self.diary.dice.between(100, 320)));
        let outcome = self.diary.dice.pick(&["improved", "improved", "improved", "unchanged", "worse"]);
        let mut id = help.iter().copied();
        let mut own = strand.clone();
        self.diary.shared(&mut own, Filing::STEP, Occurred::on(end), &self.members, |_| {
            let facts = EarlyHelpClosed { reason: some_code("needs_met"), outcome: some_code(outcome) };
            Told::new(facts, [(EntityRole::EarlyHelpCase, id.next().expect("an id for each child"))])
        });
    }

    /// Some families take part in a programme: identified, mostly with a key worker, and claimed for where it helped.
    pub(super) fn join_programme(&mut self, from: NaiveDate) {
        if !self.diary.dice.chance(rates::PRIORITY_FAMILY) {
            return;
        }
        let mut own = self.strand.clone();
        let stream = (Category::Household, self.household);
        let diary = &mut *self.diary;
        let role = [(EntityRole::FamilyProgramme, diary.dice.entity())];
        let facts =
            PriorityFamilyIdentified { programme: some_code("priority_families"), criteria: BTreeSet::new() };
        diary.step_in(&mut own, stream, Occurred::on(from), facts, role);
        if diary.dice.chance(7000) {
            let day = diary.world.days.working(from, diary.dice.between(3, 30));
            let facts = KeyWorkerAllocated { worker: None, agency: some_code("social_care") };
            diary.step_in(&mut own, stream, Occurred::on(day), facts, role);
        }
        if diary.dice.chance(4900) {
            let day = diary.world.days.at_or_after(plus(from, diary.dice.between(200, 400)));
            let facts = PaymentByResultClaimed { outcome: some_code("early_help"), amount_pence: None };
            diary.step_in(&mut own, stream, Occurred::on(day), facts, role);
        }
    }
}
