//! Questions that an import does not answer by guessing, and the file that answers them.
//!
//! The file is TOML: one line per question, `"QUESTION" = "same"` or `"different"`. A question is
//! named by the held process and the new key date, so that it stays the same from run to run.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::events::Kind;
use domain::ids::EventId;

use crate::extract::Place;

/// Is the row the held record with another key date, or another record?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Name of the question, for the decision file.
    pub id: String,
    /// Where the row stands.
    pub place: Place,
    /// Kind of the opening event.
    pub kind: Kind,
    /// Opening event of the held record that no row names any more.
    pub held: EventId,
    /// Its key date.
    pub held_on: Option<NaiveDate>,
    /// Key date of the row.
    pub stated_on: Option<NaiveDate>,
    /// Whether a correction was inferred because only one record and one row were left over;
    /// otherwise the row waits for an answer.
    pub inferred: bool,
}

/// The answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The same record: its key date is corrected.
    Same,
    /// Another record: the row is new, and the held one is judged by its absence.
    Different,
}

/// Answers by the name of their question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions(BTreeMap<String, Answer>);

/// A decision file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the decisions: {reason}")]
pub struct UnreadableDecisions {
    /// What is wrong.
    pub reason: String,
}

impl Decisions {
    /// Reads a decision file.
    ///
    /// # Errors
    /// [`UnreadableDecisions`] where it is not TOML, or an answer is neither `same` nor `different`.
    pub fn read(text: &str) -> Result<Self, UnreadableDecisions> {
        let lines: BTreeMap<String, String> = toml::from_str(text)
            .map_err(|fault| UnreadableDecisions { reason: fault.message().to_owned() })?;
        let answer = |(id, text): (String, String)| match text.as_str() {
            "same" => Ok((id, Answer::Same)),
            "different" => Ok((id, Answer::Different)),
            _ => {
                Err(UnreadableDecisions { reason: format!("{id}: the answer is neither same nor different") })
            }
        };
        lines.into_iter().map(answer).collect::<Result<_, _>>().map(Decisions)
    }

    /// The answer to a question, where there is one.
    pub fn answer(&self, id: &str) -> Option<Answer> {
        self.0.get(id).copied()
    }
}
