//! `caseledger indicators`: every rule over all children, open clocks included, bases stated.

use chrono::{Days, Months, NaiveDate};
use projections::indicators::{Indicator, Period};
use serde_json::Value;

use super::knowledge;
use crate::arguments::IndicatorsArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::Open;

/// Prints the indicators of a period.
///
/// # Errors
/// A [`Failure`] for a period that ends before it begins, or a ledger that cannot be read.
pub(crate) async fn run(open: &Open, arguments: &IndicatorsArguments) -> Result<Outcome, Failure> {
    let resolved = knowledge::resolve(&open.replayer, &arguments.knowledge).await?;
    let to = arguments.to.unwrap_or(resolved.as_at);
    let period = Period { from: arguments.from.unwrap_or_else(|| a_year_to(to)), to };
    if period.from > period.to {
        return Err(Failure::new(
            Outcome::Usage,
            format!("the period ends on {to}, before it begins on {}", period.from),
        ));
    }
    let indicators = open.replayer.indicators(resolved, period, 2).await.or_fail(Outcome::Fault)?;
    let mut answer = Answer::new(&[
        "rule",
        "title",
        "closed",
        "in_time",
        "late",
        "share_in_time",
        "open",
        "overdue",
        "share_with_open",
        "median",
        "p90",
        "median_with_open",
        "cannot_tell",
        "not_recorded",
        "history_incomplete",
        "children",
        "share_earlier",
    ]);
    knowledge::note(&mut answer, &resolved);
    answer.note("period", format!("{} to {}, both included", period.from, period.to));
    for rule in open.replayer.book().rules() {
        let wanted = arguments.rule.as_deref().is_none_or(|only| only == rule.id.as_str());
        if let Some(indicator) = indicators.0.get(rule.id.as_str()).filter(|_| wanted) {
            answer.row(row(rule.id.as_str(), &rule.title, indicator));
        }
    }
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

fn a_year_to(day: NaiveDate) -> NaiveDate {
    day.checked_sub_months(Months::new(12))
        .and_then(|before| before.checked_add_days(Days::new(1)))
        .unwrap_or(day)
}

fn row(rule: &str, title: &str, indicator: &Indicator) -> Vec<Value> {
    let percent = |thousandths: Option<u64>| {
        thousandths.map_or(Value::Null, |share| format!("{}.{} %", share / 10, share % 10).into())
    };
    let number = |length: Option<i64>| length.map_or(Value::Null, Value::from);
    vec![
        rule.into(),
        title.into(),
        indicator.closed().into(),
        indicator.met.into(),
        indicator.late.into(),
        percent(indicator.share_in_time()),
        (indicator.running + indicator.overdue).into(),
        indicator.overdue.into(),
        percent(indicator.share_in_time_with_open()),
        number(indicator.median()),
        number(indicator.ninetieth()),
        number(indicator.median_with_open()),
        indicator.cannot_tell.into(),
        indicator.not_recorded.into(),
        indicator.history_incomplete.into(),
        indicator.children.len().into(),
        percent(indicator.share_earlier()),
    ]
}
