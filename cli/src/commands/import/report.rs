//! The report of an import: the result of each row of a source system's file.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::events::Kind;
use domain::ids::{ImportId, StreamId};
use exchange::import::{
    Counts, Kept, Left, Question, RowOutcome, RowResult, SubjectPlan, WhyWithdrawn, Withdrawn,
};
use exchange::{Extract, SubjectRows};
use serde_json::Value;

use crate::arguments::ImportArguments;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::{Answer, Format};

/// What became of the file, row by row.
pub(super) struct Report {
    import: ImportId,
    lists: Vec<(String, Counts)>,
    problems: Vec<String>,
    /// Every remark with its place, by code; never empty.
    remarks: BTreeMap<&'static str, Vec<String>>,
    questions: Vec<Question>,
    withdrawn: Vec<Withdrawn>,
    kept: Vec<Kept>,
    left: Vec<Left>,
    pub(super) events: u64,
    /// Events that another import of the file recorded while this one ran.
    already: u64,
    pub(super) planned: u64,
}

impl Report {
    pub(super) fn new(extract: &Extract, import: ImportId) -> Self {
        let mut report = Self {
            import,
            lists: extract.scope.iter().map(|scope| (scope.list.clone(), Counts::default())).collect(),
            problems: Vec::new(),
            remarks: BTreeMap::new(),
            questions: Vec::new(),
            withdrawn: Vec::new(),
            kept: Vec::new(),
            left: Vec::new(),
            events: 0,
            already: 0,
            planned: 0,
        };
        for note in &extract.notes {
            report.remark(note.code, &format!("{}: {}", note.place, note.text));
        }
        report
    }

    /// Says that a list without a row is not taken at its word.
    pub(super) fn emptied(&mut self, list: &str) {
        self.problems.push(format!(
            "list {list} has headers and no row, and an earlier file held it: it is not read, and nothing of it is \
             withdrawn; where there is really nobody in it, import again with --empty-lists"
        ));
    }

    /// Counts a chunk of `events` that this import handed over, of which `known` were recorded before; with `already`, all.
    pub(super) fn written(&mut self, already: bool, events: u64, known: usize) {
        let known = u64::try_from(known).unwrap_or(u64::MAX);
        self.already += known;
        if !already {
            self.events += events;
        }
    }

    pub(super) fn remark(&mut self, code: &'static str, text: &str) {
        self.remarks.entry(code).or_default().push(text.to_owned());
    }

    /// Rows about somebody whose record was disposed of: nothing of them is recorded.
    pub(super) fn disposed(&mut self, rows: &SubjectRows) {
        for row in &rows.rows {
            self.list(&row.list.code).add(RowResult::Refused);
            let reason = "the record of this person was disposed of; take the row out of the source";
            self.problems.push(format!("{} refused: {reason}", row.place));
        }
    }

    /// Rows whose identifier the ledger knows, perhaps for somebody else: nothing of them is recorded.
    pub(super) fn unclear(&mut self, rows: &SubjectRows, streams: &[StreamId]) {
        let held: Vec<String> = streams.iter().map(ToString::to_string).collect();
        for row in &rows.rows {
            self.list(&row.list.code).add(RowResult::Refused);
            self.problems.push(format!(
                "{} refused: the ledger holds this identifier ({}), and no file of this system told of it, so \
                 we cannot tell whether it is the same child or adopter; name them in a file for --identifiers",
                row.place,
                held.join(", ")
            ));
        }
    }

    pub(super) fn take(&mut self, planned: &SubjectPlan) {
        for row in &planned.rows {
            self.list(&row.list).add(row.result);
            self.row(row);
        }
        self.questions.extend(planned.questions.iter().cloned());
        self.withdrawn.extend(planned.withdrawn.iter().cloned());
        self.kept.extend(planned.kept.iter().cloned());
        self.left.extend(planned.left.iter().cloned());
    }

    /// The counts of a list; lists stand in the order of the file's own layout.
    fn list(&mut self, list: &str) -> &mut Counts {
        let at = self.lists.iter().position(|(held, _)| held == list).unwrap_or_else(|| {
            self.lists.push((list.to_owned(), Counts::default()));
            self.lists.len() - 1
        });
        let (_, counts) = self.lists.get_mut(at).expect("the place was just found");
        counts
    }

    fn row(&mut self, row: &RowOutcome) {
        for cell in &row.refused {
            self.problems
                .push(format!("{}, {}: {:?} refused: {}", cell.place, cell.column, cell.value, cell.reason));
        }
        for note in &row.notes {
            self.remark(note.code, &format!("{}: {}", note.place, note.text));
        }
    }

    pub(super) fn print(&self, arguments: &ImportArguments) -> Result<Outcome, Failure> {
        let mut answer =
            Answer::new(&["list", "rows", "new", "already_known", "disputed", "undecided", "refused"]);
        if arguments.check {
            answer.note("check", "nothing was written");
        }
        answer.note("import", self.import.to_string());
        let mut total = Counts::default();
        for (list, counts) in &self.lists {
            answer.row(row(list, counts));
            total.new += counts.new;
            total.known += counts.known;
            total.disputed += counts.disputed;
            total.undecided += counts.undecided;
            total.refused += counts.refused;
        }
        answer.row(row("total", &total));
        let events = if arguments.check { self.planned } else { self.events };
        answer.note(if arguments.check { "events_planned" } else { "events_recorded" }, events);
        if self.already > 0 {
            answer.note("events_already_recorded", self.already);
        }
        if events == 0 {
            answer.note("nothing_new", "everything that the file says is held already");
        }
        let absent = self.withdrawn.iter().filter(|it| it.why == WhyWithdrawn::NotListed).count();
        answer.note("records_withdrawn_by_absence", absent);
        for problem in &self.problems {
            answer.also("refused", problem.clone());
        }
        for (code, places) in &self.remarks {
            let first = places.first().map_or("", String::as_str);
            answer.also("remark", format!("{code} ({}): {first}", places.len()));
        }
        for withdrawn in &self.withdrawn {
            answer.also("withdrawn", taken_back(withdrawn));
        }
        for kept in &self.kept {
            answer.also("kept", kept_by_hand(kept));
        }
        for left in &self.left {
            answer.also("no_longer_listed", no_longer_listed(left));
        }
        for question in &self.questions {
            answer.also("question", ask(question));
        }
        match arguments.format {
            Format::Table => {}
            Format::Json => self.each_remark().for_each(|remark| answer.also("each_remark", remark)),
            // A table of counts has no place for them.
            Format::Csv => self.tell_beside(),
        }
        answer.print(arguments.format).or_fail(Outcome::Fault)?;
        // A cell that is refused alone counts as well: the row stands, and something of it does not.
        let settled = self.problems.is_empty() && total.refused == 0 && total.undecided == 0;
        Ok(if settled { Outcome::Done } else { Outcome::DataProblem })
    }
}

impl Report {
    /// Every remark, with its code and place.
    fn each_remark(&self) -> impl Iterator<Item = String> {
        let each = |(code, places): (&&'static str, &Vec<String>)| -> Vec<String> {
            places.iter().map(|place| format!("{code}: {place}")).collect()
        };
        self.remarks.iter().flat_map(each)
    }

    /// Says on standard error what stands beside the counts.
    fn tell_beside(&self) {
        self.problems.iter().for_each(|problem| eprintln!("refused: {problem}"));
        self.each_remark().for_each(|remark| eprintln!("remark: {remark}"));
        self.withdrawn.iter().for_each(|withdrawn| eprintln!("withdrawn: {}", taken_back(withdrawn)));
        self.kept.iter().for_each(|kept| eprintln!("kept: {}", kept_by_hand(kept)));
        self.left.iter().for_each(|left| eprintln!("no longer listed: {}", no_longer_listed(left)));
        self.questions.iter().for_each(|question| eprintln!("question: {}", ask(question)));
    }
}

fn row(list: &str, counts: &Counts) -> Vec<Value> {
    let cells = [counts.rows(), counts.new, counts.known, counts.disputed, counts.undecided, counts.refused];
    std::iter::once(Value::from(list)).chain(cells.map(Value::from)).collect()
}

fn taken_back(withdrawn: &Withdrawn) -> String {
    let on = withdrawn.on.map_or(String::new(), |day| format!(" of {day}"));
    let stood = withdrawn.stood.as_ref();
    let stood =
        stood.map_or(String::new(), |(list, row)| format!("; an earlier file held it in {list}, row {row}"));
    format!("{}: \"{}\"{on} is withdrawn: {}{stood}", withdrawn.stream, withdrawn.kind.title(), withdrawn.why)
}

fn kept_by_hand(kept: &Kept) -> String {
    let on = kept.on.map_or(String::new(), |day| format!(" of {day}"));
    let (title, by_hand) = (kept.kind.title(), kept.by_hand.title());
    format!(
        "{}: no row names \"{title}\"{on}, and its list should hold it; kept, because somebody recorded \"{by_hand}\" \
         of it by hand: check it",
        kept.stream
    )
}

fn no_longer_listed(left: &Left) -> String {
    let began = left.began.map_or(String::new(), |day| format!(" of {day}"));
    let (first, last) = left.between;
    let said = if left.ended { "ended" } else { "may have ended; whether it did is left open" };
    let kind = left.kind.title();
    format!(
        "{}, list {}: \"{kind}\"{began} is in no row: between {first} and {last} it {said}",
        left.stream, left.list
    )
}

pub(super) fn ask(question: &Question) -> String {
    if question.kind == Kind::ChildRegistered {
        return format!(
            "{}: are these rows about the child who is held under this identifier, with another date of birth, sex or \
             ethnicity? they stay in dispute until --decide FILE says: \"{}\" = \"same\" or \"different\"",
            question.place, question.id,
        );
    }
    let day = |day: Option<NaiveDate>| day.map_or("no day".to_owned(), |day| day.to_string());
    let state = if question.inferred {
        "a corrected date was inferred"
    } else {
        "waits for an answer in --decide FILE"
    };
    format!(
        "{}: is {} of {} the record of {} with another date? {state}: \"{}\" = \"same\" or \"different\"",
        question.place,
        question.kind.name(),
        day(question.stated_on),
        day(question.held_on),
        question.id,
    )
}

#[cfg(test)]
mod tests {
    use exchange::Options;

    use super::*;

    #[test]
    fn what_another_import_recorded_meanwhile_is_told_as_already_there() {
        let file = b"Child Unique ID,Gender,Ethnicity,Date of Birth,Age,Date of Contact,Contact Source\n1,,,,,2024-05-01,\n".to_vec();
        let options = Options { as_at: "2024-05-31".parse().ok(), partial: true, ..Options::default() };
        let extract = exchange::read(file, &options).unwrap();
        let mut report = Report::new(&extract, ImportId(uuid::Uuid::nil()));
        report.written(true, 12, 12);
        report.written(false, 3, 1);
        assert_eq!((report.events, report.already), (3, 13));
    }
}
