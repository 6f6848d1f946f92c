//! `caseledger what-if`: which children's answers an authority's own rule file would change, and why.

use std::sync::Arc;

use ::replay::{ChildFold, Knowledge};
use domain::clocks::{Answers, ClockEngine, Difference, differences};
use domain::ids::StreamId;
use domain::journey::Journey;
use domain::rules::RuleBook;
use serde_json::Value;

use super::book;
use crate::arguments::WhatIfArguments;
use crate::commands::knowledge;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::Open;

struct WhatIf {
    engine: Arc<ClockEngine<'static>>,
    knowledge: Knowledge,
    rule: Option<String>,
    all: bool,
    children: u64,
    found: Vec<(StreamId, Difference)>,
}

impl ChildFold for WhatIf {
    fn child(&mut self, stream: StreamId, journey: &Journey, answers: &Answers<'static>) {
        self.children += 1;
        let other = self.engine.run(journey, &self.knowledge.question());
        let wanted = |difference: &Difference| {
            self.rule.as_ref().is_none_or(|rule| *rule == difference.rule)
                && (self.all || difference.changes_state())
        };
        let found = differences(answers, &other).into_iter().filter(wanted);
        self.found.extend(found.map(|difference| (stream, difference)));
    }

    fn merge(&mut self, other: Self) {
        self.children += other.children;
        self.found.extend(other.found);
    }
}

/// Prints one line a clock that would be answered otherwise.
///
/// # Errors
/// A [`Failure`] where the file has a defect or the ledger cannot be read.
pub(crate) async fn run(open: &Open, arguments: &WhatIfArguments) -> Result<Outcome, Failure> {
    // The program ends after this one answer, so the book may live as long as it does.
    let local: &'static RuleBook = Box::leak(Box::new(book(Some(&arguments.file))?));
    let resolved = knowledge::resolve(&open.replayer, &arguments.knowledge).await?;
    let engine = Arc::new(ClockEngine::new(local));
    let (rule, all) = (arguments.rule.clone(), arguments.all);
    let start = move || WhatIf {
        engine: Arc::clone(&engine),
        knowledge: resolved,
        rule: rule.clone(),
        all,
        children: 0,
        found: Vec::new(),
    };
    let mut answered = open.replayer.fold_children(resolved, 2, start).await.or_fail(Outcome::Fault)?;
    answered
        .found
        .sort_by(|(a, one), (b, other)| (&one.rule, a, one.entity).cmp(&(&other.rule, b, other.entity)));
    let mut answer = Answer::new(&[
        "rule",
        "child",
        "stream",
        "started",
        "before",
        "due_before",
        "after",
        "due_after",
        "why",
    ]);
    knowledge::note(&mut answer, &resolved);
    let mut children: Vec<StreamId> = answered.found.iter().map(|(stream, _)| *stream).collect();
    children.sort_unstable();
    children.dedup();
    answer.note("rules", arguments.file.display().to_string());
    answer
        .note("children", format!("{} of {} would be answered otherwise", children.len(), answered.children));
    for (stream, difference) in &answered.found {
        let reference = open.replayer.reference(*stream).await.or_fail(Outcome::Fault)?;
        answer.row(row(*stream, reference, difference));
    }
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

fn row(stream: StreamId, reference: Option<String>, difference: &Difference) -> Vec<Value> {
    let text = |value: Option<String>| value.map_or(Value::Null, Value::from);
    let state =
        |side: &Option<domain::clocks::Side>| text(side.as_ref().map(|side| side.state.name().to_owned()));
    let due = |side: &Option<domain::clocks::Side>| {
        text(side.as_ref().and_then(|side| side.due_on).map(|day| day.to_string()))
    };
    vec![
        difference.rule.clone().into(),
        text(reference),
        stream.to_string().into(),
        text(difference.started_on.map(|day| day.to_string())),
        state(&difference.before),
        due(&difference.before),
        state(&difference.after),
        due(&difference.after),
        difference.sentence().into(),
    ]
}
