//! Care proceedings: one set for the family, an application for each child, hearings, extensions, the end.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::envelope::SealedFields;
use domain::events::court::{
    ApplicationDismissed, ApplicationIssued, ApplicationWithdrawn, FinalOrderMade, HearingHeld, HearingKind,
    InterimOrderMade, NoOrderMade, OrderApplied, ProceedingsOpened, TimetableExtended,
};
use domain::events::{Body, EntityRole};
use domain::ids::{EntityId, StreamId};
use domain::time::Occurred;
use serde::Serialize;

use super::case::{Case, Member};
use super::days::{days_from, plus};
use super::diary::{Filing, Told};
use super::looked_after::Exit;
use super::person::{code, some_code};
use super::rates;

/// How proceedings end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Order(&'static str),
    Withdrawn,
    Dismissed,
    NoOrder,
}

const ENDS: [(End, u32); 7] = [
    (End::Order("care_order"), 40),
    (End::Order("special_guardianship_order"), 22),
    (End::Order("supervision_order"), 18),
    (End::Order("child_arrangements_order"), 12),
    (End::Withdrawn, 4),
    (End::Dismissed, 1),
    (End::NoOrder, 3),
];

impl Case<'_, '_> {
    /// Straight into proceedings after an urgent enquiry; the day on which all ends.
    pub(super) fn take_to_court(&mut self, decided: NaiveDate) -> NaiveDate {
        self.allocate_for_assessment(decided);
        let (assessed, assessment) = self.assess(decided, true);
        let discussed = self.discuss_strategy(decided);
        self.protect_at_once(discussed);
        let issue = self.diary.world.days.working(discussed, self.diary.dice.between(1, 6));
        // The court is asked instead of a conference.
        self.do_without_conference(issue, "proceedings");
        let ends = self.issue(issue);
        self.strand.join(&assessment);
        ends.max(assessed)
    }

    /// Proceedings about every child of the group; the day on which they and the care that follows end.
    pub(super) fn issue(&mut self, issue: NaiveDate) -> NaiveDate {
        let days = rates::proceedings_days(issue, &mut self.diary.dice);
        let calendar = &self.diary.world.days;
        let last = plus(issue, days);
        let end = if days <= 181 { calendar.at_or_before(last) } else { calendar.at_or_after(last) };
        let set = self.diary.dice.stream();
        self.open_set(issue, set);
        let care = self.strand.clone();
        let outcome = self.diary.dice.weighted(&ENDS);
        self.interim(issue);
        self.hear(issue, end, EntityId(set.0));
        self.extend(issue, end);
        self.dispose(end, outcome);
        self.children_in_care(care, issue, end, outcome)
    }

    /// The set has a stream of its own; it and every application are one entry.
    fn open_set(&mut self, issue: NaiveDate, set: StreamId) {
        let number = self.diary.dice.below(1_000_000);
        let members = self.members.clone();
        let mut entry =
            self.diary.begin(&mut self.strand, Filing { role: "legal", ..Filing::STEP }, Occurred::on(issue));
        entry.line(set, Told::new(ProceedingsOpened {}, [(EntityRole::Proceedings, EntityId(set.0))]));
        for member in &members {
            let orders = [OrderApplied::Care].into();
            let told = Told::new(
                ApplicationIssued { orders, ..Default::default() },
                [
                    (EntityRole::Application, member.application),
                    (EntityRole::Proceedings, EntityId(set.0)),
                    (EntityRole::Referral, member.referral),
                ],
            );
            let sealed = SealedFields::none().with("court_reference", format!("INV-COURT-{number:06}"));
            entry.line(member.stream, told.sealing(sealed));
        }
        entry.close();
    }

    fn court_step<F: Serialize + Clone + Into<Body>>(&mut self, day: NaiveDate, facts: F) {
        self.step(Filing { role: "legal", ..Filing::STEP }, Occurred::on(day), |member| {
            Told::new(facts.clone(), [(EntityRole::Application, member.application)])
        });
    }

    fn interim(&mut self, issue: NaiveDate) {
        let day = self.diary.world.days.working(issue, 1);
        self.court_step(day, InterimOrderMade { order: code("interim_care_order") });
    }

    /// Hearings, each shared by the whole set.
    fn hear(&mut self, issue: NaiveDate, end: NaiveDate, set: EntityId) {
        let length = days_from(issue, end);
        let days = &self.diary.world.days;
        let after = |working: i32| days_from(issue, days.working(issue, working));
        let first = after(self.diary.dice.curve(rates::CASE_MANAGEMENT_WORKING_DAYS));
        let again = after(self.diary.dice.curve(rates::FURTHER_HEARING_WORKING_DAYS));
        let mut hearings = vec![(first, HearingKind::CaseManagement)];
        if self.diary.dice.chance(5000) {
            hearings.push((again, HearingKind::FurtherCaseManagement));
        }
        hearings.push((length * self.diary.dice.between(72, 82) / 100, HearingKind::IssuesResolution));
        hearings.push((length, HearingKind::Final));
        let mut strand = self.strand.clone();
        let mut last = 0;
        for (after, kind) in hearings {
            let day = self.diary.world.days.at_or_before(plus(issue, after)).min(end);
            if after <= last || after > length {
                continue;
            }
            last = after;
            let hearing = self.diary.dice.entity();
            self.diary.shared(&mut strand, Filing::STEP, Occurred::on(day), &self.members, |member| {
                Told::new(
                    HearingHeld { kind, directions: None, next_on: None },
                    [
                        (EntityRole::Application, member.application),
                        (EntityRole::Hearing, hearing),
                        (EntityRole::Proceedings, set),
                    ],
                )
            });
        }
    }

    /// Extensions of up to eight weeks from the later of the end of the period and the day of the grant. Some
    /// cases run over without one: that is drift, and stays visible.
    fn extend(&mut self, issue: NaiveDate, end: NaiveDate) {
        let mut period_end = plus(issue, 181);
        while period_end < end && !self.diary.dice.chance(1200) {
            let granted =
                self.diary.world.days.at_or_before(plus(period_end, -self.diary.dice.between(-6, 20)));
            let granted = granted.min(end);
            period_end = plus(period_end.max(granted), 56);
            let reason = some_code(self.diary.dice.pick(&["expert_evidence", "new_carer", "court_capacity"]));
            self.court_step(
                granted,
                TimetableExtended { new_end: period_end, reason, weeks: None, children: BTreeSet::new() },
            );
        }
        if end > plus(issue, 181) {
            self.explain_delay("CT-01", end, |member| member.application);
        }
    }

    fn dispose(&mut self, end: NaiveDate, outcome: End) {
        match outcome {
            End::Order(order) => self.court_step(end, FinalOrderMade { order: code(order), care_plan: None }),
            End::Withdrawn => self.court_step(end, ApplicationWithdrawn {}),
            End::Dismissed => self.court_step(end, ApplicationDismissed {}),
            End::NoOrder => self.court_step(end, NoOrderMade {}),
        }
    }

    /// Most children are looked after from the interim order on.
    fn children_in_care(
        &mut self,
        care: super::diary::Strand,
        issue: NaiveDate,
        end: NaiveDate,
        outcome: End,
    ) -> NaiveDate {
        let mut last = end;
        let start = self.diary.world.days.working(issue, 1);
        let stays_home = matches!(outcome, End::Order("supervision_order")) && self.diary.dice.chance(6000);
        if stays_home {
            return last;
        }
        for member in self.members.clone() {
            let exit = self.draw_exit(&member, end, outcome);
            let (ceased, strand) = self.look_after(care.clone(), &member, start, "C1", exit);
            self.strand.join(&strand);
            last = last.max(ceased);
        }
        last
    }

    fn draw_exit(&mut self, member: &Member, end: NaiveDate, outcome: End) -> Exit {
        match outcome {
            End::Order("special_guardianship_order") => Exit::Order(end, "E45"),
            End::Order("child_arrangements_order") => Exit::Order(end, "E41"),
            End::Order("care_order") if plus(member.born, 5 * 365) > end && self.diary.dice.chance(5500) => {
                Exit::Adoption(end)
            }
            End::Order("care_order") => Exit::Adult(end),
            End::Order(_) | End::Withdrawn | End::Dismissed | End::NoOrder => Exit::Order(end, "E4A"),
        }
    }
}
