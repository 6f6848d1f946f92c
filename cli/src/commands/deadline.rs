//! `caseledger deadline`: the last day in time of a rule, from a bare start; no ledger is needed.

use std::path::Path;

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::{Calendar, CountedDay, DayReason, KnownDay};
use domain::rules::{Deadline, DeadlineOptions, RuleBook, Start, VersionChoice};
use exchange::delimited::Row;
use serde_json::Value;

use crate::arguments::DeadlineArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;

/// Answers for one start, or for every line of a file.
///
/// # Errors
/// A [`Failure`] for an unknown rule, a start that is no date, or a file that cannot be read.
pub(crate) fn run(book: &RuleBook, arguments: &DeadlineArguments) -> Result<Outcome, Failure> {
    let answer = match (&arguments.batch, &arguments.rule, &arguments.start) {
        (Some(file), _, _) => batch(book, file, arguments)?,
        (None, Some(rule), Some(start)) => single(book, rule, start, arguments)?,
        (None, _, _) => {
            return Err(Failure::new(Outcome::Usage, "give a rule and --start DATE, or --batch FILE"));
        }
    };
    answer.print(arguments.format).or_fail(Outcome::Fault)?;
    Ok(Outcome::Done)
}

fn deadline(
    book: &RuleBook,
    rule: &str,
    start: &str,
    arguments: &DeadlineArguments,
) -> anyhow::Result<Deadline> {
    let options = DeadlineOptions {
        calendar_known: arguments.known_at.map(KnownDay::of),
        version: arguments.rule_version.clone().map_or(VersionChoice::InForce, VersionChoice::Named),
        ..DeadlineOptions::default()
    };
    Ok(book.deadline(rule, read_start(start)?, &options)?)
}

fn read_start(text: &str) -> anyhow::Result<Start> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(Start::Day(day));
    }
    let instant = DateTime::parse_from_rfc3339(text).map_err(|_| {
        anyhow::anyhow!("{text:?} is not a start: write 2022-09-05, or 2022-09-05T14:30:00+01:00")
    })?;
    Ok(Start::At(instant.with_timezone(&Utc)))
}

fn single(
    book: &RuleBook,
    rule: &str,
    start: &str,
    arguments: &DeadlineArguments,
) -> Result<Answer, Failure> {
    let found = deadline(book, rule, start, arguments).or_fail(Outcome::Usage)?;
    if arguments.explain {
        return explained(&found);
    }
    let mut answer =
        Answer::new(&["rule", "version", "start", "limit", "last_day_in_time", "verified", "source"]);
    note_knowledge(&mut answer, &found);
    answer.row(vec![
        found.rule.to_string().into(),
        found.version.clone().into(),
        found.start.to_string().into(),
        found.limit.to_string().into(),
        found.last_day_in_time.to_string().into(),
        found.verified.into(),
        found.source.clone().map_or(Value::Null, Value::from),
    ]);
    Ok(answer)
}

fn note_knowledge(answer: &mut Answer, found: &Deadline) {
    answer.note("counting", found.sentence());
    if let Some(known) = found.calendar_known {
        answer.note("calendar_known_on", known.date().to_string());
    }
    for note in &found.notes {
        answer.also("note", note.clone());
    }
}

fn explained(found: &Deadline) -> Result<Answer, Failure> {
    let mut answer = Answer::new(&["date", "weekday", "number", "reason"]);
    note_knowledge(&mut answer, found);
    answer.note("last_day_in_time", found.last_day_in_time.to_string());
    for day in found.counted_days(Calendar::built_in()).or_fail(Outcome::Usage)? {
        answer.row(vec![
            day.date.to_string().into(),
            day.date.format("%A").to_string().into(),
            day.number.map_or(Value::Null, Value::from),
            reason(&day).into(),
        ]);
    }
    Ok(answer)
}

/// Why a day is counted or skipped, in words.
pub(crate) fn reason(day: &CountedDay) -> String {
    let reason = match &day.reason {
        DayReason::Start => "start".to_owned(),
        DayReason::Working => "counted".to_owned(),
        DayReason::Weekend => "weekend".to_owned(),
        DayReason::BankHoliday(name) => name.clone(),
    };
    match &day.not_yet_announced {
        Some(news) => format!("{reason} ({} was announced only on {})", news.title, news.announced_on),
        None => reason,
    }
}

fn batch(book: &RuleBook, file: &Path, arguments: &DeadlineArguments) -> Result<Answer, Failure> {
    let place = file.display();
    let text = crate::files::text(file, Outcome::DataProblem)?;
    let mut rows = exchange::delimited::rows(&text, ',')
        .map(|row| row.with_context(|| place.to_string()).or_fail(Outcome::DataProblem));
    let headers = rows.next().transpose()?.map(|row| row.cells).unwrap_or_default();
    let column = |name: &str| {
        let at = headers.iter().position(|header| header.trim() == name);
        at.ok_or_else(|| {
            Failure::new(
                Outcome::DataProblem,
                format!("{place}: no column {name:?}; the columns are rule, start"),
            )
        })
    };
    let (rule_at, start_at) = (column("rule")?, column("start")?);
    let mut answer = Answer::new(&["rule", "start", "last_day_in_time"]);
    for row in rows {
        let Row { line, cells, .. } = row?;
        if cells.len() != headers.len() {
            let (cells, headers) = (cells.len(), headers.len());
            let reason =
                format!("{place} line {line}: {cells} cells under {headers} headers; correct the line");
            return Err(Failure::new(Outcome::DataProblem, reason));
        }
        let cell = |at: usize| cells.get(at).map_or("", |cell| cell.trim());
        let (rule, start) = (cell(rule_at), cell(start_at));
        let found = deadline(book, rule, start, arguments)
            .with_context(|| format!("{place} line {line}"))
            .or_fail(Outcome::DataProblem)?;
        answer.row(vec![rule.into(), start.into(), found.last_day_in_time.to_string().into()]);
    }
    Ok(answer)
}
