//! The answers of a decision file against the questions of the file that is imported.

use std::collections::BTreeSet;

use anyhow::Context as _;
use exchange::import::{Decisions, Question, plan};

use super::super::report::ask;
use super::{Held, Importing, read};
use crate::arguments::ImportArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};

/// Refuses answers where there is no ledger yet: without a held record, no row is in question.
///
/// # Errors
/// A [`Failure`] of usage.
pub(super) fn refuse_without_ledger(
    decisions: &Decisions,
    arguments: &ImportArguments,
) -> Result<(), Failure> {
    all_asked(decisions, &BTreeSet::new(), &[], arguments)
}

impl Importing<'_> {
    /// Refuses an answer to a question that the file does not ask, before anything is recorded: it may be a slip, and its
    /// question would be decided by its absence. The file is read once more for it.
    ///
    /// # Errors
    /// A [`Failure`] of usage with every question of the file; another one where the file or the ledger cannot be read.
    pub(super) async fn check_answers(&self) -> Result<(), Failure> {
        if self.decisions.questions().next().is_none() {
            return Ok(());
        }
        let arguments = self.arguments;
        let (mut asked, mut questions) = (BTreeSet::new(), Vec::new());
        for rows in read(&arguments.file, arguments.as_at, &arguments.reading)? {
            let rows =
                rows.with_context(|| arguments.file.display().to_string()).or_fail(Outcome::DataProblem)?;
            let Held::On(stream, history) = self.held(&rows).await? else { continue };
            let planned = plan(self.import(), stream, &rows, &history);
            asked.extend(planned.asked);
            questions.extend(planned.questions);
        }
        all_asked(&self.decisions, &asked, &questions, arguments)
    }
}

/// # Errors
/// A [`Failure`] of usage that names the answers to what is not asked, and what is.
fn all_asked(
    decisions: &Decisions,
    asked: &BTreeSet<String>,
    questions: &[Question],
    arguments: &ImportArguments,
) -> Result<(), Failure> {
    let unknown: Vec<String> =
        decisions.questions().filter(|id| !asked.contains(*id)).map(|id| format!("{id:?}")).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let answers = arguments.decide.as_deref().unwrap_or(&arguments.file).display();
    let asks = if questions.is_empty() {
        "it asks nothing that is still open".to_owned()
    } else {
        let lines: Vec<String> = questions.iter().map(|question| format!("\n  {}", ask(question))).collect();
        format!("it asks:{}", lines.concat())
    };
    let (unknown, file) = (unknown.join(", "), arguments.file.display());
    Err(Failure::new(
        Outcome::Usage,
        format!("{answers}: unknown question {unknown}: {file} does not ask it; nothing is recorded; {asks}"),
    ))
}
