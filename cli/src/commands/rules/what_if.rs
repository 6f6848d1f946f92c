//! `caseledger what-if`: which children's answers an authority's own rule file would change, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ::replay::{ChildFold, Knowledge};
use domain::clocks::{Answers, ClockEngine, Difference, Side, differences};
use domain::envelope::Category;
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
    engines: Arc<BTreeMap<Category, ClockEngine<'static>>>,
    knowledge: Knowledge,
    rule: Option<String>,
    all: bool,
    children: u64,
    found: Vec<(StreamId, Difference)>,
}

impl WhatIf {
    fn take(&mut self, stream: StreamId, category: Category, journey: &Journey, answers: &Answers<'static>) {
        let Some(engine) = self.engines.get(&category) else { return };
        let other = engine.run(journey, &self.knowledge.question());
        let wanted = |difference: &Difference| {
            self.rule.as_ref().is_none_or(|rule| *rule == difference.rule)
                && (self.all || difference.changes_answer())
        };
        let found = differences(answers, &other).into_iter().filter(wanted);
        self.found.extend(found.map(|difference| (stream, difference)));
    }
}

impl ChildFold for WhatIf {
    const ASKS_MEMBERS: bool = true;

    fn child(&mut self, stream: StreamId, journey: &Journey, answers: &Answers<'static>) {
        self.children += 1;
        self.take(stream, Category::Child, journey, answers);
    }

    fn other(&mut self, stream: StreamId, category: Category, journey: &Journey, answers: &Answers<'static>) {
        self.take(stream, category, journey, answers);
    }

    fn merge(&mut self, other: Self) {
        self.children += other.children;
        self.found.extend(other.found);
    }
}

/// Prints how many answers of each rule would change, and one line for each.
///
/// # Errors
/// A [`Failure`] where the file has a defect, names no such rule, or the ledger cannot be read.
pub(crate) async fn run(open: &Open, arguments: &WhatIfArguments) -> Result<Outcome, Failure> {
    // The program ends after this one answer, so the book may live as long as it does.
    let local: &'static RuleBook = Box::leak(Box::new(book(Some(&arguments.file), &[])?));
    if let Some(id) = &arguments.rule {
        super::known(local, id)?;
    }
    let resolved = knowledge::resolve(&open.replayer, &arguments.knowledge).await?;
    let engines = Category::ALL.map(|category| (category, ClockEngine::of(local, category)));
    let engines = Arc::new(BTreeMap::from(engines));
    let (rule, all) = (arguments.rule.clone(), arguments.all);
    let start = move || WhatIf {
        engines: Arc::clone(&engines),
        knowledge: resolved,
        rule: rule.clone(),
        all,
        children: 0,
        found: Vec::new(),
    };
    let mut answered = open.replayer.fold_children(resolved, 2, start).await.or_fail(Outcome::Fault)?;
    answered.found.sort_by(|(a, one), (b, other)| {
        (&one.rule, a, one.on, one.entity).cmp(&(&other.rule, b, other.on, other.entity))
    });
    let mut answer =
        Answer::new(&["rule", "child", "on", "before", "due_before", "after", "due_after", "why", "stream"]);
    knowledge::note(&mut answer, &resolved);
    answer.note("rules", arguments.file.display().to_string());
    let children: BTreeSet<StreamId> = answered.found.iter().map(|(stream, _)| *stream).collect();
    answer
        .note("children", format!("{} of {} would be answered otherwise", children.len(), answered.children));
    summary(&answered.found).into_iter().for_each(|line| answer.also("changed", line));
    answer.when_empty(format!(
        "Of {} children none would be answered otherwise under this file.",
        answered.children
    ));
    for (stream, difference) in &answered.found {
        let reference = open.replayer.reference(*stream).await.or_fail(Outcome::Fault)?;
        answer.row(row(*stream, reference, difference));
    }
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

/// What changes of one rule.
#[derive(Default)]
struct Changed {
    answers: usize,
    children: BTreeSet<StreamId>,
    /// `late to met`, with how often.
    turns: BTreeMap<String, usize>,
}

/// One line a rule: `CP-12: 4 answers about 2 children (late to met: 4)`.
fn summary(found: &[(StreamId, Difference)]) -> Vec<String> {
    let mut rules: BTreeMap<&str, Changed> = BTreeMap::new();
    for (stream, difference) in found {
        let changed = rules.entry(difference.rule.as_str()).or_default();
        changed.answers += 1;
        changed.children.insert(*stream);
        let word = |side: &Option<Side>| {
            side.as_ref().map_or_else(|| "not asked".to_owned(), |side| side.answer.clone())
        };
        let turn = format!("{} to {}", word(&difference.before), word(&difference.after));
        *changed.turns.entry(turn).or_default() += 1;
    }
    rules.into_iter().map(|(rule, changed)| format!("{rule}: {changed}")).collect()
}

impl std::fmt::Display for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let turns: Vec<String> = self.turns.iter().map(|(turn, times)| format!("{turn}: {times}")).collect();
        let answers = if self.answers == 1 { "answer" } else { "answers" };
        let children = if self.children.len() == 1 { "child" } else { "children" };
        let number = self.children.len();
        write!(f, "{} {answers} about {number} {children} ({})", self.answers, turns.join(", "))
    }
}

fn row(stream: StreamId, reference: Option<String>, difference: &Difference) -> Vec<Value> {
    let text = |value: Option<String>| value.map_or(Value::Null, Value::from);
    let said = |side: &Option<Side>| text(side.as_ref().map(|side| side.answer.clone()));
    let due =
        |side: &Option<Side>| text(side.as_ref().and_then(|side| side.due_on).map(|day| day.to_string()));
    vec![
        difference.rule.clone().into(),
        text(reference),
        text(difference.on.map(|day| day.to_string())),
        said(&difference.before),
        due(&difference.before),
        said(&difference.after),
        due(&difference.after),
        difference.why().into(),
        stream.to_string().into(),
    ]
}
