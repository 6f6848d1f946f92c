//! Entries that were made wrongly: a day typed wrongly and corrected, a note entered for nothing and withdrawn,
//! a note withdrawn by mistake and reinstated.
//!
//! Nothing is amended after the last day of the file, so what is known at the end is what happened.

use chrono::{DateTime, Utc};
use domain::events::record_keeping::{CorrectionReason, EventCorrected, EventReinstated, EventWithdrawn};
use domain::events::{Body, CaseEvent};
use domain::ids::{EventId, StreamId};
use domain::time::{Occurred, When, london_day};
use serde::Serialize;

use super::days::plus;
use super::diary::{Diary, Filing, Strand, Told};
use super::rates;
use super::world::Desk;

/// What goes wrong with an entry.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mishap {
    /// Nothing.
    None,
    /// The day is typed wrongly, and corrected at the instant.
    Slip { wrong: Occurred, corrected: DateTime<Utc> },
    /// It is withdrawn by mistake and reinstated.
    WithdrawnByMistake { withdrawn: DateTime<Utc>, reinstated: DateTime<Utc> },
    /// It is entered a second time under another day, which is withdrawn.
    Twice { other: Occurred, entered: DateTime<Utc>, withdrawn: DateTime<Utc> },
}

impl Mishap {
    /// What the entry says first.
    pub(super) fn told_first(self, occurred: Occurred) -> Occurred {
        match self {
            Self::Slip { wrong, .. } => wrong,
            Self::None | Self::WithdrawnByMistake { .. } | Self::Twice { .. } => occurred,
        }
    }

    /// Whether what really happened has to be told again later.
    pub(super) fn needs_the_truth(self) -> bool {
        matches!(self, Self::Slip { .. } | Self::Twice { .. })
    }
}

/// A line that was entered: its stream, its event, and the event as it really was where that is needed.
type Line = (StreamId, EventId, Option<CaseEvent>);

impl Diary<'_> {
    /// Draws what goes wrong with an entry made at `at`; only what is put right within the file.
    pub(super) fn draw_mishap(&mut self, filing: Filing, occurred: Occurred, at: DateTime<Utc>) -> Mishap {
        let When::On(day) = occurred.when else { return Mishap::None };
        if !filing.may_slip {
            return Mishap::None;
        }
        let drawn = self.dice.below(super::dice::WHOLE);
        if drawn >= rates::SLIP + rates::SPURIOUS + rates::REINSTATED {
            return Mishap::None;
        }
        let other = Occurred::on(plus(day, -self.dice.pick(&[1, 2, 7, 10])));
        let first = self.later(at, 30);
        let second = self.later(first, 30);
        if second >= self.world.closing {
            Mishap::None
        } else if drawn < rates::SLIP {
            Mishap::Slip { wrong: other, corrected: second }
        } else if drawn < rates::SLIP + rates::SPURIOUS {
            Mishap::Twice { other, entered: first, withdrawn: second }
        } else {
            Mishap::WithdrawnByMistake { withdrawn: first, reinstated: second }
        }
    }

    /// Puts right what went wrong with an entry.
    pub(super) fn put_right(&mut self, strand: &Strand, mishap: Mishap, lines: Vec<Line>) {
        match mishap {
            Mishap::None => {}
            Mishap::Slip { corrected, .. } => self.correct(strand, corrected, lines),
            Mishap::WithdrawnByMistake { withdrawn, reinstated } => {
                self.withdraw(strand, withdrawn, CorrectionReason::DataCleanUp, &lines);
                self.reinstate(strand, reinstated, &lines);
            }
            Mishap::Twice { other, entered, withdrawn } => {
                let again = self.enter_again(strand, other, entered, lines);
                self.withdraw(strand, withdrawn, CorrectionReason::TypingError, &again);
            }
        }
    }

    fn correct(&mut self, strand: &Strand, at: DateTime<Utc>, lines: Vec<Line>) {
        let authorised_by = Some(self.world.worker(Desk::Reviewing, &mut self.dice).stream);
        let reason = self.dice.weighted(&[
            (CorrectionReason::TypingError, 6),
            (CorrectionReason::LateInformation, 3),
            (CorrectionReason::DataCleanUp, 1),
        ]);
        self.amend(strand, at, lines, |(_, target, right)| {
            Some(EventCorrected {
                target,
                replacement: Box::new(right?),
                changed: ["occurred".to_owned()].into(),
                reason,
                authorised_by,
                inferred: false,
            })
        });
    }

    fn withdraw(&mut self, strand: &Strand, at: DateTime<Utc>, reason: CorrectionReason, lines: &[Line]) {
        self.amend(strand, at, lines.to_vec(), |(_, target, _)| {
            Some(EventWithdrawn { target, reason, authorised_by: None, inferred: false })
        });
    }

    fn reinstate(&mut self, strand: &Strand, at: DateTime<Utc>, lines: &[Line]) {
        let reason = CorrectionReason::LateInformation;
        self.amend(strand, at, lines.to_vec(), |(_, target, _)| {
            Some(EventReinstated { target, reason, authorised_by: None, inferred: false })
        });
    }

    /// One entry that amends lines; it happens on the day on which it is made.
    fn amend<F: Serialize + Into<Body>>(
        &mut self,
        strand: &Strand,
        at: DateTime<Utc>,
        lines: Vec<Line>,
        mut amending: impl FnMut(Line) -> Option<F>,
    ) {
        let mut entry = self.begin_at(&mut strand.clone(), Filing::MANAGER, Occurred::on(london_day(at)), at);
        for line in lines {
            let stream = line.0;
            if let Some(facts) = amending(line) {
                entry.line(stream, Told::new(facts, []));
            }
        }
        entry.close();
    }

    /// Enters the same once more, under another day.
    fn enter_again(
        &mut self,
        strand: &Strand,
        other: Occurred,
        at: DateTime<Utc>,
        lines: Vec<Line>,
    ) -> Vec<Line> {
        let mut entry = self.begin_at(&mut strand.clone(), Filing::STEP, other, at);
        let mut again = Vec::new();
        for (stream, _, right) in lines {
            if let Some(right) = right {
                again.push((stream, entry.copy(stream, right), None));
            }
        }
        entry.close();
        again
    }
}
