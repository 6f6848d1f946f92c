//! `caseledger due`: clocks that run out next, over all children, families, adopters and actions, as known at any moment.

use ::replay::ChildFold;
use chrono::NaiveDate;
use domain::calendar::Calendar;
use domain::clocks::{Answers, State, Unlisted, UnlistedClocks};
use domain::envelope::Category;
use domain::ids::StreamId;
use domain::journey::Journey;
use domain::rules::RuleId;
use projections::summary::team;
use serde_json::Value;

use super::{knowledge, rules};
use crate::arguments::DueArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::Open;

struct DueClock {
    /// `None` where it is not certain.
    due_on: Option<NaiveDate>,
    /// The latest day that it can be.
    latest: NaiveDate,
    stream: StreamId,
    category: Category,
    team: Option<String>,
    rule: String,
    title: String,
    state: State,
    started: String,
}

struct Due {
    as_at: NaiveDate,
    due_by: NaiveDate,
    only_ahead: bool,
    only: Option<&'static RuleId>,
    clocks: Vec<DueClock>,
    unlisted: UnlistedClocks,
}

impl Due {
    fn take(&mut self, stream: StreamId, category: Category, journey: &Journey, answers: &Answers<'static>) {
        let asked =
            || answers.clocks.iter().filter(|clock| self.only.is_none_or(|only| clock.rule.id == *only));
        let is_past = |due: NaiveDate| self.only_ahead && due < self.as_at;
        let unlisted = asked().filter(|clock| clock.is_open() && !clock.marks.repeated);
        for clock in unlisted.filter(|clock| !clock.due_latest.is_some_and(is_past)) {
            if let Some(reason) = Unlisted::of(clock.state, clock.due_latest, self.due_by) {
                self.unlisted.add(reason);
            }
        }
        let open = asked().filter(|clock| clock.is_listed()).filter(|clock| match clock.state {
            State::Running | State::DueSoon => true,
            State::Overdue => !self.only_ahead,
            State::Met
            | State::Late
            | State::TooEarly
            | State::NotApplicable
            | State::CannotTell(_)
            | State::HistoryIncomplete => false,
        });
        let due: Vec<_> = open
            .filter_map(|clock| Some((clock.due_latest.filter(|due| *due <= self.due_by)?, clock)))
            .collect();
        if due.is_empty() {
            return;
        }
        let team = team(journey).map(str::to_owned);
        self.clocks.extend(due.into_iter().map(|(latest, clock)| DueClock {
            due_on: clock.due_on,
            latest,
            stream,
            category,
            team: team.clone(),
            rule: clock.rule.id.to_string(),
            title: clock.rule.title.clone(),
            state: clock.state,
            started: clock.start.occurred.to_string(),
        }));
    }
}

impl ChildFold for Due {
    const ASKS_MEMBERS: bool = false;

    fn child(&mut self, stream: StreamId, journey: &Journey, answers: &Answers<'static>) {
        self.take(stream, Category::Child, journey, answers);
    }

    fn other(&mut self, stream: StreamId, category: Category, journey: &Journey, answers: &Answers<'static>) {
        self.take(stream, category, journey, answers);
    }

    fn merge(&mut self, other: Self) {
        self.clocks.extend(other.clocks);
        self.unlisted.merge(other.unlisted);
    }
}

/// What stands in no row, and why.
pub(super) fn left_out(clocks: usize) -> String {
    if clocks == 0 {
        return "0".to_owned();
    }
    format!(
        "{clocks}: nothing of the kind that would stop them is recorded in this ledger (`caseledger indicators`, not_recorded)"
    )
}

/// How many open clocks are not listed because we cannot tell when they are due, by reason.
fn cannot_tell(unlisted: &UnlistedClocks) -> String {
    let reasons: Vec<String> =
        unlisted.untold().map(|(reason, clocks)| format!("{clocks}: {}", reason.sentence())).collect();
    if reasons.is_empty() { "0".to_owned() } else { reasons.join("; ") }
}

/// Prints the list, the longest overdue first.
///
/// # Errors
/// A [`Failure`] where the ledger cannot be read.
pub(crate) async fn run(open: &Open, arguments: &DueArguments) -> Result<Outcome, Failure> {
    let only = arguments.rule.as_deref().map(|id| rules::known(open.replayer.book(), id)).transpose()?;
    let only = only.map(|rule| &rule.id);
    let resolved = knowledge::resolve(&open.replayer, &arguments.knowledge).await?;
    let caution = knowledge::caution(open, &arguments.knowledge, &resolved).await?;
    let working = Calendar::built_in().known_at(resolved.calendar_known);
    let (as_at, only_ahead) = (resolved.as_at, arguments.only_ahead);
    let due_by = working.nth_working_day_after(as_at, arguments.within).or_fail(Outcome::Usage)?;
    let start = move || Due {
        as_at,
        due_by,
        only_ahead,
        only,
        clocks: Vec::new(),
        unlisted: UnlistedClocks::default(),
    };
    let mut due = open.replayer.fold_children(resolved, 2, start).await.or_fail(Outcome::Fault)?;
    due.clocks.sort_by(|a, b| (a.latest, a.stream, &a.rule).cmp(&(b.latest, b.stream, &b.rule)));
    let mut answer = Answer::new(&[
        "due_on",
        "state",
        "working_days_left",
        "rule",
        "title",
        "started",
        "child",
        "category",
        "stream",
        "team",
        "due_latest",
    ]);
    let days = arguments.within;
    answer.when_empty(format!(
        "No clock is overdue or due by {due_by} ({days} working days from {as_at}). Look further ahead with --within."
    ));
    knowledge::note(&mut answer, &resolved);
    if let Some(caution) = caution {
        answer.also("caution", caution);
    }
    answer.note("due_by", due_by.to_string());
    answer.note("left_out", left_out(due.unlisted.left_out()));
    answer.note("cannot_tell", cannot_tell(&due.unlisted));
    for clock in &due.clocks {
        let left = working.working_days_between(as_at, clock.latest).or_fail(Outcome::Fault)?;
        let reference = open.replayer.reference(clock.stream).await.or_fail(Outcome::Fault)?;
        answer.row(vec![
            clock.due_on.map_or(Value::Null, |due_on| due_on.to_string().into()),
            clock.state.name().into(),
            left.into(),
            clock.rule.clone().into(),
            clock.title.clone().into(),
            clock.started.clone().into(),
            reference.map_or(Value::Null, Value::from),
            clock.category.name().into(),
            clock.stream.to_string().into(),
            clock.team.clone().map_or(Value::Null, Value::from),
            clock.latest.to_string().into(),
        ]);
    }
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}
