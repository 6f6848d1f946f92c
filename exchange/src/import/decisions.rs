//! Questions that an import does not answer by guessing, and the file that answers them.
//!
//! The file is TOML: one line per question, `"QUESTION" = "same"` or `"different"`. A question is
//! named by the held process and the new key date, so that it stays the same from run to run.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::events::{Body, Kind};
use domain::ids::EventId;

use super::claims::{Person, Record};
use super::planning::Planner;
use crate::extract::Place;

/// Is the row the held record with another key date, or another record? Of a registration: are the rows about the child who
/// is held, or about another one under the same identifier?
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
pub enum UnreadableDecisions {
    /// It is not TOML with one text for each question.
    #[error("read the decisions: {reason}")]
    NotRead {
        /// What is wrong.
        reason: String,
    },
    /// An answer that there is not.
    #[error("unknown answer {answer:?} to the question {id:?}; use \"same\" or \"different\"")]
    UnknownAnswer {
        /// Name of the question.
        id: String,
        /// What stands as the answer.
        answer: String,
    },
}

impl Decisions {
    /// Reads a decision file.
    ///
    /// # Errors
    /// [`UnreadableDecisions`] where it is not TOML, or an answer is neither `same` nor `different`.
    pub fn read(text: &str) -> Result<Self, UnreadableDecisions> {
        let lines: BTreeMap<String, String> = toml::from_str(text)
            .map_err(|fault| UnreadableDecisions::NotRead { reason: fault.message().to_owned() })?;
        let answer = |(id, text): (String, String)| match text.as_str() {
            "same" => Ok((id, Answer::Same)),
            "different" => Ok((id, Answer::Different)),
            _ => Err(UnreadableDecisions::UnknownAnswer { id, answer: text }),
        };
        lines.into_iter().map(answer).collect::<Result<_, _>>().map(Decisions)
    }

    /// The names of the questions that are answered, sorted.
    pub fn questions(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The answer to a question, where there is one.
    pub fn answer(&self, id: &str) -> Option<Answer> {
        self.0.get(id).copied()
    }
}

/// The date of birth that a registration states.
fn born(body: &Body) -> Option<NaiveDate> {
    if let Body::ChildRegistered(registered) = body { registered.date_of_birth } else { None }
}

/// The name of the question whether a held record is the one that a row states: stable from run to run.
pub(super) fn name(held: EventId, kind: Kind, stated_on: Option<NaiveDate>) -> String {
    let date = stated_on.map_or_else(|| "unknown".to_owned(), |day| day.to_string());
    format!("{held}:{}:{date}", kind.name())
}

impl Planner<'_> {
    /// Whether an answer says that rows which seem to be about another child are about the one who is held. Asks where none
    /// does: a wrong first file would otherwise keep every right one out.
    pub(super) fn is_said_to_be_the_same(&mut self, person: &Person, held: EventId) -> bool {
        let kind = person.claim.body.kind();
        let id = name(held, kind, born(&person.claim.body));
        match self.import.decisions.answer(&id) {
            Some(answer) => {
                self.asked.insert(id);
                answer == Answer::Same
            }
            None => {
                let (place, held_on) = (person.claim.place.clone(), None);
                self.questions.push(Question {
                    id,
                    place,
                    kind,
                    held,
                    held_on,
                    stated_on: None,
                    inferred: false,
                });
                false
            }
        }
    }

    /// Notes the answered questions that these rows ask, also where they were answered before and the records of both
    /// sides are held now.
    pub(super) fn note_answered(&mut self, records: &[Record]) {
        for question in self.import.decisions.questions() {
            let is_it = |record: &Record| {
                let kind = record.opening.body.kind();
                self.held.of_kind(kind, None).any(|event| name(event.id, kind, record.key) == question)
            };
            // Whether the rows are about the child who is held was answered before.
            let registered = self.held.of_kind(Kind::ChildRegistered, None);
            let is_who = registered.into_iter().any(|event| {
                question.strip_prefix(&format!("{}:{}:", event.id, Kind::ChildRegistered.name())).is_some()
            });
            if is_who || records.iter().any(is_it) {
                self.asked.insert(question.to_owned());
            }
        }
    }
}
