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

/// What is asked of one start.
struct Asked<'a> {
    rule: &'a str,
    start: &'a str,
    /// The day of the event that sets the last day; empty where none is given.
    set_by: &'a str,
}

fn deadlines(
    book: &RuleBook,
    asked: &Asked<'_>,
    arguments: &DeadlineArguments,
) -> anyhow::Result<Vec<Deadline>> {
    let options = DeadlineOptions {
        calendar_known: arguments.known_at.map(KnownDay::of),
        version: arguments.rule_version.clone().map_or(VersionChoice::InForce, VersionChoice::Named),
        set_by: read_set_by(asked.set_by)?,
        ..DeadlineOptions::default()
    };
    Ok(book.deadlines(asked.rule, read_start(asked.start)?, &options)?)
}

fn read_set_by(text: &str) -> anyhow::Result<Option<NaiveDate>> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.parse().map_err(|_| anyhow::anyhow!("{text:?} is not a day: write 2022-09-05"))?;
    Ok(Some(day))
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
    let set_by = arguments.set_by.as_deref().unwrap_or_default();
    let found = deadlines(book, &Asked { rule, start, set_by }, arguments).or_fail(Outcome::Usage)?;
    if arguments.explain {
        return explained(&found);
    }
    let mut answer = Answer::new(&[
        "rule",
        "version",
        "start",
        "when",
        "limit",
        "first_day_in_time",
        "last_day_in_time",
        "verified",
        "source",
    ]);
    note_knowledge(&mut answer, &found);
    for (place, one) in found.iter().enumerate() {
        answer.row(vec![
            one.rule.to_string().into(),
            one.version.clone().into(),
            one.start.to_string().into(),
            when(one, place),
            one.limit.to_string().into(),
            day(one.first_day_in_time),
            day(one.last_day_in_time),
            one.verified.into(),
            one.source.clone().map_or(Value::Null, Value::from),
        ]);
    }
    Ok(answer)
}

/// What has to be so for a deadline to count, at its place among those of one start.
fn when(found: &Deadline, place: usize) -> Value {
    match (found.when.as_slice(), place) {
        ([], 0) => Value::Null,
        ([], _) => "otherwise".into(),
        (when, _) => when.join("; ").into(),
    }
}

fn day(day: Option<NaiveDate>) -> Value {
    day.map_or(Value::Null, |day| day.to_string().into())
}

fn note_knowledge(answer: &mut Answer, found: &[Deadline]) {
    let mut notes: Vec<&str> = Vec::new();
    for one in found {
        tell(answer, found, "counting", one.sentence());
        for note in one.notes.iter().map(String::as_str) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    if let Some(known) = found.first().and_then(|one| one.calendar_known) {
        answer.note("calendar_known_on", known.date().to_string());
    }
    if found.len() > 1 {
        notes.insert(0, "the first line whose condition is met counts");
    }
    notes.into_iter().for_each(|note| answer.also("note", note.to_owned()));
}

/// A fact about each of the deadlines: a text where there is one, else a list.
fn tell(answer: &mut Answer, found: &[Deadline], name: &'static str, fact: String) {
    if found.len() == 1 { answer.note(name, fact) } else { answer.also(name, fact) }
}

fn explained(found: &[Deadline]) -> Result<Answer, Failure> {
    let mut answer = Answer::new(&["when", "date", "weekday", "number", "reason"]);
    note_knowledge(&mut answer, found);
    for (place, one) in found.iter().enumerate() {
        let last = one.last_day_in_time.map(|last| ("last_day_in_time", last));
        let first = one.first_day_in_time.map(|first| ("first_day_in_time", first));
        for (name, day) in first.into_iter().chain(last) {
            tell(&mut answer, found, name, day.to_string());
        }
        for day in one.counted_days(Calendar::built_in()).or_fail(Outcome::Usage)? {
            answer.row(vec![
                when(one, place),
                day.date.to_string().into(),
                day.date.format("%A").to_string().into(),
                day.number.map_or(Value::Null, Value::from),
                reason(&day).into(),
            ]);
        }
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
    let place_of = |name: &str| headers.iter().position(|header| header.trim() == name);
    let column = |name: &str| {
        place_of(name).ok_or_else(|| {
            Failure::new(
                Outcome::DataProblem,
                format!(
                    "{place}: no column {name:?}; the columns are rule, start and, where it is needed, set_by"
                ),
            )
        })
    };
    let (rule_at, start_at, set_by_at) = (column("rule")?, column("start")?, place_of("set_by"));
    let mut answer = Answer::new(&["rule", "start", "last_day_in_time", "first_day_in_time", "when"]);
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
        let found = deadlines(book, &Asked { rule, start, set_by: set_by_at.map_or("", cell) }, arguments)
            .with_context(|| format!("{place} line {line}"))
            .or_fail(Outcome::DataProblem)?;
        for (at, one) in found.iter().enumerate() {
            let (first, last) = (day(one.first_day_in_time), day(one.last_day_in_time));
            answer.row(vec![rule.into(), start.into(), last, first, when(one, at)]);
        }
    }
    Ok(answer)
}
