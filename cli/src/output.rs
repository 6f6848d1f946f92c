//! Answers on standard output: as a table, JSON or CSV. Talk goes to standard error.

use std::io::{self, BufWriter, Write};

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Map, Value, json};

use crate::stdout::{reader_is_gone, stdout};

/// How an answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table for the eye; fits itself to the terminal.
    #[default]
    Table,
    /// One JSON object with `schema`, `notes` and `rows`.
    Json,
    /// A header line and one line a row.
    Csv,
}

/// An answer: rows of named columns, and what must be known to read them rightly.
pub(crate) struct Answer {
    /// Column names, in `snake_case`.
    pub(crate) columns: &'static [&'static str],
    /// Rows, as wide as `columns`.
    pub(crate) rows: Vec<Vec<Value>>,
    /// Facts about the answer: basis, known-at, as-at and so on, in order.
    pub(crate) notes: Vec<(&'static str, Value)>,
    /// What an answer without a row says: what was looked for, and what to do.
    empty: Option<String>,
}

impl Answer {
    /// An answer without rows.
    pub(crate) fn new(columns: &'static [&'static str]) -> Self {
        Self { columns, rows: Vec::new(), notes: Vec::new(), empty: None }
    }

    /// The same with words for an answer without rows: an empty list of damage is good news.
    pub(crate) fn if_empty(mut self, words: &'static str) -> Self {
        self.when_empty(words);
        self
    }

    /// Says what an answer without a row means: what was looked for, and what to do.
    pub(crate) fn when_empty(&mut self, sentence: impl Into<String>) {
        self.empty = Some(sentence.into());
    }

    /// Adds a fact about the answer.
    pub(crate) fn note(&mut self, name: &'static str, value: impl Into<Value>) {
        self.notes.push((name, value.into()));
    }

    /// Adds one of several facts of the same name: in JSON the name holds an array of them.
    pub(crate) fn also(&mut self, name: &'static str, value: impl Into<Value>) {
        if !self.notes.iter().any(|(held, _)| *held == name) {
            self.note(name, Value::Array(Vec::new()));
        }
        let held = self.notes.iter_mut().find(|(held, _)| *held == name);
        if let Some((_, Value::Array(several))) = held {
            several.push(value.into());
        }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: Vec<Value>) {
        debug_assert_eq!(cells.len(), self.columns.len(), "a row is as wide as its columns");
        self.rows.push(cells);
    }

    /// Prints the answer on standard output. A reader that goes away has seen enough: the command ends as it would have.
    ///
    /// # Errors
    /// Where standard output cannot be written, for instance because a disk is full.
    pub(crate) fn print(&self, format: Format) -> io::Result<()> {
        // A table says it in place of its rows; what a machine reads keeps its form.
        if self.rows.is_empty() && format != Format::Table {
            eprintln!("{}", self.nothing());
        }
        if format == Format::Csv {
            self.caution();
        }
        let out = BufWriter::new(stdout());
        let printed = match format {
            Format::Table => self.write_table(out),
            Format::Json => self.write_json(out),
            Format::Csv => self.write_csv(out),
        };
        if reader_is_gone() { Ok(()) } else { printed }
    }

    /// CSV has no place for what must be known to read it rightly, so that is said beside it.
    fn caution(&self) {
        let cautions = self.notes.iter().filter(|(name, _)| *name == "caution");
        for caution in cautions
            .flat_map(|(_, value)| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice))
        {
            eprintln!("caution: {}", plain(caution));
        }
    }

    fn nothing(&self) -> &str {
        self.empty.as_deref().unwrap_or("Nothing found.")
    }

    fn write_table(&self, mut out: impl Write) -> io::Result<()> {
        for (name, value) in &self.notes {
            let several = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for value in several {
                writeln!(out, "{}: {}", name.replace('_', " "), plain(value))?;
            }
        }
        if self.rows.is_empty() {
            writeln!(out, "{}", self.nothing())?;
            return out.flush();
        }
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(self.columns.iter().map(|name| name.replace('_', " ")));
        for row in &self.rows {
            table.add_row(row.iter().map(plain));
        }
        writeln!(out, "{table}")?;
        out.flush()
    }

    fn write_json(&self, mut out: impl Write) -> io::Result<()> {
        let mut notes: Map<String, Value> =
            self.notes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        if let Some(sentence) = self.empty.as_ref().filter(|_| self.rows.is_empty()) {
            notes.insert("nothing_found".to_owned(), sentence.clone().into());
        }
        let rows: Vec<Value> = self.rows.iter().map(|row| self.named(row)).collect();
        serde_json::to_writer_pretty(&mut out, &json!({ "schema": 1, "notes": notes, "rows": rows }))?;
        writeln!(out)?;
        out.flush()
    }

    fn named(&self, row: &[Value]) -> Value {
        Value::Object(self.columns.iter().map(|name| (*name).to_owned()).zip(row.iter().cloned()).collect())
    }

    fn write_csv(&self, out: impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(self.columns)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| defused(plain(cell), cell)))?;
        }
        writer.flush()
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("; "),
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// Text that a spreadsheet would run as a formula gets an apostrophe; numbers and dates stay as they are.
fn defused(text: String, cell: &Value) -> String {
    let runs = cell.is_string() && text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']);
    if runs && !is_number(&text) { format!("'{text}") } else { text }
}

/// Digits with at most a sign and a decimal point.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, places].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A number given in tenths, as a number with one place.
pub(crate) fn tenths(value: i64) -> Value {
    let sign = if value < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{}", value.unsigned_abs() / 10, value.unsigned_abs() % 10);
    text.parse::<f64>().map_or(Value::Null, Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(format: Format) -> String {
        let mut answer = Answer::new(&["rule", "days"]);
        answer.note("basis", "ledger");
        answer.row(vec!["=CP-04".into(), 15.into()]);
        answer.row(vec!["CT-01, \"care\"".into(), Value::Null]);
        let mut out = Vec::new();
        match format {
            Format::Table => answer.write_table(&mut out),
            Format::Json => answer.write_json(&mut out),
            Format::Csv => answer.write_csv(&mut out),
        }
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn csv_is_quoted_and_holds_no_formula() {
        assert_eq!(printed(Format::Csv), "rule,days\n'=CP-04,15\n\"CT-01, \"\"care\"\"\",\n");
    }

    #[test]
    fn a_number_below_zero_stays_a_number() {
        for (text, printed) in
            [("-2.0", "-2.0"), ("-2", "-2"), ("-2+3", "'-2+3"), ("-", "'-"), ("-1.2.3", "'-1.2.3")]
        {
            assert_eq!(defused(text.to_owned(), &Value::from(text)), printed);
        }
        for (value, text) in [(-20, "-2.0"), (-25, "-2.5"), (-3, "-0.3"), (3310, "331.0")] {
            assert_eq!(plain(&tenths(value)), text);
        }
    }

    #[test]
    fn json_names_every_cell_and_keeps_types() {
        let value: Value = serde_json::from_str(&printed(Format::Json)).unwrap();
        assert_eq!(value["schema"], 1);
        assert_eq!(value["notes"]["basis"], "ledger");
        assert_eq!(value["rows"][0], json!({ "rule": "=CP-04", "days": 15 }));
        assert_eq!(value["rows"][1]["days"], Value::Null);
    }

    #[test]
    fn of_several_facts_of_one_name_none_is_lost() {
        let mut answer = Answer::new(&[]);
        answer.also("refused", "row 2");
        answer.also("refused", "row 7");
        let (mut table, mut object) = (Vec::new(), Vec::new());
        answer.write_table(&mut table).unwrap();
        answer.write_json(&mut object).unwrap();
        assert!(String::from_utf8(table).unwrap().starts_with("refused: row 2\nrefused: row 7\n"));
        let object: Value = serde_json::from_slice(&object).unwrap();
        assert_eq!(object["notes"]["refused"], json!(["row 2", "row 7"]));
    }

    #[test]
    fn a_table_says_on_what_it_rests() {
        let text = printed(Format::Table);
        assert!(text.starts_with("basis: ledger\n"), "{text}");
        assert!(text.contains("CT-01"), "{text}");
    }
}
