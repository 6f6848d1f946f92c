//! `caseledger indicators`: every rule over all children, open clocks included, bases stated; clocks, or counts, shares and
//! rates.

use std::collections::BTreeMap;

use ::replay::{Knowledge, Replayer};
use chrono::NaiveDate;
use domain::clocks::Figures;
use domain::rules::{Band, Figure, Rule, Shape, Tally};
use domain::time::first_of_year_to;
use projections::indicators::{Indicator, Indicators, Period};
use projections::populations::Population;
use serde_json::Value;

use super::{knowledge, rules};
use crate::arguments::IndicatorsArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::{Answer, Format, tenths};
use crate::place::Open;

/// Columns of what deadlines, flags and bands say.
const CLOCKS: &[&str] = &[
    "rule",
    "title",
    "counts",
    "closed",
    "in_time",
    "late",
    "share_in_time",
    "open",
    "overdue",
    "base_with_open",
    "share_with_open",
    "mean",
    "median",
    "p90",
    "median_with_open",
    "as_extended",
    "never_done",
    "not_stated",
    "cannot_tell",
    "not_recorded",
    "history_incomplete",
    "children",
    "asked",
    "earlier",
    "share_earlier",
    "bands",
];

/// Columns of what counts, shares and rates say.
const TALLIES: &[&str] = &[
    "rule",
    "title",
    "counts",
    "figure",
    "base",
    "counted",
    "share",
    "per_10000",
    "population",
    "median",
    "p90",
    "cannot_tell",
    "history_incomplete",
    "children",
    "by",
];

/// Headings of a rule in a table for the eye.
const HEADINGS: usize = 12;

/// Prints the indicators of a period.
///
/// # Errors
/// A [`Failure`] for an unknown rule, a period that ends before it begins, or a ledger that cannot be read.
pub(crate) async fn run(open: &Open, arguments: &IndicatorsArguments) -> Result<Outcome, Failure> {
    let only = arguments.rule.as_deref().map(|id| rules::known(open.replayer.book(), id)).transpose()?;
    let resolved = knowledge::resolve(&open.replayer, &arguments.knowledge).await?;
    let to = arguments.to.unwrap_or(resolved.as_at);
    if let Some(as_at) = arguments.knowledge.as_at.filter(|as_at| *as_at != to) {
        return Err(Failure::new(
            Outcome::Usage,
            format!(
                "--as-at {as_at} and --to {to}: a figure is asked as at the last day of its period; leave --as-at out, or \
                 give the period that ends on {as_at}"
            ),
        ));
    }
    let period = Period { from: arguments.from.unwrap_or_else(|| a_year_to(to)), to };
    if period.from > period.to {
        return Err(Failure::new(
            Outcome::Usage,
            format!("the period ends on {to}, before it begins on {}", period.from),
        ));
    }
    let indicators = match only.filter(|rule| !open.replayer.book().is_adopted(rule)) {
        None => open.replayer.indicators(resolved, period, 2).await,
        Some(rule) => adopting(open, rule)?.indicators(resolved, period, 2).await,
    };
    let indicators = indicators.or_fail(Outcome::Fault)?;
    let tallies = only.map_or(arguments.tallies, |rule| tally(rule).is_some());
    let mut answer = Answer::new(if tallies { TALLIES } else { CLOCKS });
    knowledge::note(&mut answer, &Knowledge { as_at: period.to, ..resolved });
    answer.note("period", format!("{} to {}, both included", period.from, period.to));
    if let Some(council) = only.and_then(|rule| not_adopted(open, rule)) {
        answer.note(
            "not_adopted",
            format!("a standard of {council}, asked here only: lists and pages do not ask it"),
        );
    }
    if tallies {
        answer.note("population", population(open, indicators.population));
    }
    let rules = open.replayer.book().rules().filter(|rule| only.is_none_or(|only| only.id == rule.id));
    fill(&mut answer, rules.filter(|rule| tally(rule).is_some() == tallies), &indicators);
    if arguments.format == Format::Table {
        answer.rows = answer.rows.into_iter().map(shortened).collect();
    }
    answer.when_empty(nothing(only, tallies, period));
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

/// What it means that no rule has a figure.
fn nothing(only: Option<&Rule>, tallies: bool, period: Period) -> String {
    let (from, to) = (period.from, period.to);
    match only {
        Some(rule) => format!(
            "{} has no figure from {from} to {to}: nothing in this time, and nothing that runs on {to}, belongs to its base. \
             `caseledger rules show {}` shows which events it needs and whom it leaves out. Its figures count {}.",
            rule.id,
            rule.id,
            rule.counted()
        ),
        None if tallies => format!(
            "No count, share or rate from {from} to {to}: nothing is recorded in this time. Choose another period with --from and --to."
        ),
        None => format!(
            "No clock ended from {from} to {to}, and none runs on {to}. Choose another period with --from and --to, or ask for counts with --tallies."
        ),
    }
}

/// The council whose own standard a rule is, where the authority has not adopted it.
fn not_adopted<'a>(open: &Open, rule: &'a Rule) -> Option<&'a str> {
    rule.council.as_deref().filter(|_| !open.replayer.book().is_adopted(rule))
}

/// The same ledger asked by a book that has adopted the rule, for this one question.
fn adopting(open: &Open, rule: &Rule) -> Result<Replayer, Failure> {
    let mut book = open.replayer.book().clone();
    book.adopt(rule.id.as_str()).or_fail(Outcome::Fault)?;
    // The program ends after this one answer, so the book may live as long as it does.
    Ok(Replayer::with_book(open.ledger.clone(), Box::leak(Box::new(book))))
}

fn tally(rule: &Rule) -> Option<&Tally> {
    match &rule.shape {
        Shape::Tally(tally) => Some(tally),
        Shape::Deadline(_) | Shape::Flag(_) | Shape::Bands(..) => None,
    }
}

/// By what rates are divided.
fn population(open: &Open, population: Option<Population>) -> String {
    let area = open.ledger.genesis().authority.as_str();
    population.map_or_else(
        || format!("none is recorded for children of 0 to 17 in {area} up to that year: rates are not told"),
        |it| format!("{} children of 0 to 17 in {area}, the estimate of {}", it.children, it.year),
    )
}

fn fill<'a>(answer: &mut Answer, rules: impl Iterator<Item = &'a Rule>, indicators: &Indicators) {
    for rule in rules {
        if let Some(indicator) = indicators.by_rule.get(rule.id.as_str()) {
            answer.row(match &rule.shape {
                Shape::Tally(tally) => tally_row(rule, tally, indicator, indicators.population),
                Shape::Deadline(_) => clock_row(rule, indicator),
                Shape::Flag(_) | Shape::Bands(..) => look_back_row(rule, indicator),
            });
        }
    }
}

fn tally_row(
    rule: &Rule,
    tally: &Tally,
    indicator: &Indicator,
    population: Option<Population>,
) -> Vec<Value> {
    let figures = &indicator.figures;
    let number = |value: Option<i64>| value.map_or(Value::Null, Value::from);
    let out_of_all = matches!(tally.figure, Figure::Share | Figure::Check);
    let share = figures.share().filter(|_| out_of_all);
    let population = population.filter(|_| tally.figure == Figure::Rate).map(|it| u64::from(it.children));
    let rate =
        population.and_then(|children| figures.rate(children)).and_then(|rate| i64::try_from(rate).ok());
    vec![
        rule.id.as_str().into(),
        (&*rule.title).into(),
        rule.counted().into(),
        tally.figure.name().into(),
        figures.base.into(),
        figures.counted.into(),
        share.map_or(Value::Null, |share| format!("{}.{:02} %", share / 100, share % 100).into()),
        rate.map_or(Value::Null, tenths),
        population.map_or(Value::Null, Value::from),
        number(indicator.median_value()),
        number(indicator.ninetieth_value()),
        figures.cannot_tell.into(),
        figures.history_incomplete.into(),
        indicator.children.len().into(),
        Value::Array(if out_of_all { shares(figures) } else { headings(&figures.groups) }),
    ]
}

/// What counts by heading: ages and other numbers in their order, all else by name.
fn headings(groups: &BTreeMap<String, u64>) -> Vec<Value> {
    in_order(groups).into_iter().map(|(name, number)| format!("{name}: {number}").into()).collect()
}

/// Of each heading's base, what counts.
fn shares(figures: &Figures) -> Vec<Value> {
    let counted = |name: &str| figures.groups.get(name).copied().unwrap_or(0);
    let bases = in_order(&figures.bases).into_iter();
    bases.map(|(name, base)| format!("{name}: {} of {base}", counted(name)).into()).collect()
}

fn in_order(groups: &BTreeMap<String, u64>) -> Vec<(&String, &u64)> {
    let mut groups: Vec<(&String, &u64)> = groups.iter().collect();
    groups.sort_by_key(|(name, _)| (name.parse::<u64>().unwrap_or(u64::MAX), *name));
    groups
}

/// A table for the eye has no room for hundreds of headings.
fn shortened(mut row: Vec<Value>) -> Vec<Value> {
    if let Some(Value::Array(headings)) = row.last_mut()
        && headings.len() > HEADINGS
    {
        let left_out = headings.split_off(HEADINGS).len();
        headings.push(format!("and {left_out} more, all with --format json or csv").into());
    }
    row
}

fn a_year_to(day: NaiveDate) -> NaiveDate {
    first_of_year_to(day).unwrap_or(day)
}

fn percent(thousandths: Option<u64>) -> Value {
    thousandths.map_or(Value::Null, |share| format!("{}.{} %", share / 10, share % 10).into())
}

fn clock_row(rule: &Rule, indicator: &Indicator) -> Vec<Value> {
    let number = |length: Option<i64>| length.map_or(Value::Null, Value::from);
    vec![
        rule.id.as_str().into(),
        (&*rule.title).into(),
        rule.counted().into(),
        indicator.closed().into(),
        indicator.met.into(),
        indicator.late.into(),
        percent(indicator.share_in_time()),
        (indicator.running + indicator.overdue).into(),
        indicator.overdue.into(),
        indicator.closed_and_overdue().into(),
        percent(indicator.share_in_time_with_open()),
        indicator.mean_tenths().map_or(Value::Null, tenths),
        number(indicator.median()),
        number(indicator.ninetieth()),
        number(indicator.median_with_open()),
        indicator.extended.into(),
        indicator.never_done.into(),
        if rule.shown_apart.is_some() { indicator.not_stated.into() } else { Value::Null },
        indicator.cannot_tell.into(),
        indicator.not_recorded.into(),
        indicator.history_incomplete.into(),
        indicator.children.len().into(),
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
    ]
}

/// A flag or bands: no clock, so that the clocks' columns stay empty.
fn look_back_row(rule: &Rule, indicator: &Indicator) -> Vec<Value> {
    let mut row = vec![rule.id.as_str().into(), (&*rule.title).into(), rule.counted().into()];
    row.resize(row.len() + 15, Value::Null);
    row.extend([
        indicator.cannot_tell.into(),
        Value::Null,
        indicator.history_incomplete.into(),
        indicator.children.len().into(),
        indicator.asked.into(),
        indicator.earlier.into(),
        percent(indicator.share_earlier()),
        Value::Array(bands(rule, indicator)),
    ]);
    row
}

/// Every band of the rule with what fell into it, also those that do not count.
fn bands(rule: &Rule, indicator: &Indicator) -> Vec<Value> {
    let bands = if let Shape::Bands(_, bands) = &rule.shape { bands.as_slice() } else { &[] };
    let number = |band: &Band| indicator.bands.get(&band.label).copied().unwrap_or(0);
    let words = |band: &Band| {
        let counts = if band.counts { "" } else { " (not counted)" };
        format!("{}: {}{counts}", band.label, number(band)).into()
    };
    bands.iter().map(words).collect()
}
