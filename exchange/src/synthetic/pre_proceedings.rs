//! Pre-proceedings: the letter, the meetings, and the decision to step down or to issue.

use chrono::NaiveDate;
use domain::events::Body;
use domain::events::EntityRole;
use domain::events::pre_proceedings::{
    FamilyGroupMeetingHeld, FamilyGroupMeetingOffered, LetterBeforeProceedingsSent, LetterOfIssueSent,
    PreProceedingsConcluded, PreProceedingsMeetingHeld, PreProceedingsStarted, StepDecision,
};
use domain::time::Occurred;
use serde::Serialize;

use super::case::Case;
use super::days::plus;
use super::diary::{Filing, Told};
use super::rates;

impl Case<'_, '_> {
    /// Eight to twenty weeks of pre-proceedings; the day of issue where it was decided to issue.
    pub(super) fn pre_proceed(&mut self, from: NaiveDate) -> Option<NaiveDate> {
        let start = self.working_from(from);
        self.pre_step(start, PreProceedingsStarted {});
        let letter = self.diary.world.days.working(start, self.diary.dice.curve(rates::LETTER_WORKING_DAYS));
        self.pre_step(letter, LetterBeforeProceedingsSent {});
        self.pre_step(letter, FamilyGroupMeetingOffered { offered: true });
        let first =
            self.diary.world.days.working(letter, self.diary.dice.curve(rates::FIRST_MEETING_WORKING_DAYS));
        self.pre_step(first, PreProceedingsMeetingHeld { initial: true, ..Default::default() });
        if self.diary.dice.chance(5000) {
            let held = self.diary.world.days.working(first, self.diary.dice.between(2, 15));
            self.pre_step(held, FamilyGroupMeetingHeld { held: true });
        }
        let again = self.diary.world.days.working(first, self.diary.dice.between(15, 25));
        self.pre_step(again, PreProceedingsMeetingHeld { initial: false, ..Default::default() });
        if self.diary.dice.chance(rates::FAMILY_CONFERENCE) {
            let urgent = self.diary.dice.chance(6000);
            self.confer_as_family(plus(letter, 1), urgent);
        }
        if self.diary.dice.chance(rates::EDGE_OF_CARE) {
            self.work_with_family(plus(letter, 3), "family_focus");
        }
        let length = self.diary.dice.curve(rates::PRE_PROCEEDINGS_DAYS);
        self.conclude(plus(start, length), again)
    }

    fn conclude(&mut self, earliest: NaiveDate, after: NaiveDate) -> Option<NaiveDate> {
        let day = self.working_from(earliest.max(plus(after, 2)));
        let issue = self.diary.dice.chance(5500);
        let decision = Some(if issue { StepDecision::IssueDecided } else { StepDecision::SteppedDown });
        self.pre_step(day, PreProceedingsConcluded { outcome: None, decision });
        if !issue {
            return None;
        }
        let sent = self.diary.world.days.working(day, 1);
        self.pre_step(sent, LetterOfIssueSent {});
        Some(self.diary.world.days.working(sent, self.diary.dice.between(2, 6)))
    }

    fn pre_step<F: Serialize + Clone + Into<Body>>(&mut self, day: NaiveDate, facts: F) {
        self.step(Filing::STEP, Occurred::on(day), |member| {
            Told::new(
                facts.clone(),
                [
                    (EntityRole::PreProceedings, member.pre_proceedings),
                    (EntityRole::Referral, member.referral),
                ],
            )
        });
    }
}
