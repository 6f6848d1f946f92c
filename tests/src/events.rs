//! Files of events in JSON Lines, written line by line. Every child in them is invented.

use std::fmt::Write as _;

use serde_json::{Value, json};
use uuid::Uuid;

/// The worker who records everything.
const RECORDER: u64 = 0xffff_ffff;

/// A file of events under construction.
#[derive(Debug, Clone)]
pub struct EventFile {
    header: Value,
    lines: Vec<Value>,
}

/// An id that is the same in every run.
pub fn id(number: u64) -> Uuid {
    uuid::Builder::from_bytes(
        (0x0190_0000_0000_7000_8000_0000_0000_0000_u128 + u128::from(number)).to_be_bytes(),
    )
    .with_version(uuid::Version::SortRand)
    .with_variant(uuid::Variant::RFC4122)
    .into_uuid()
}

/// An id of a stream or a process, the same in every run.
pub fn entity(number: u64) -> Uuid {
    uuid::Builder::from_random_bytes((0xe2e0_u128 << 64 | u128::from(number)).to_be_bytes()).into_uuid()
}

/// One event: what happened, when, and when the source says that it was entered.
#[derive(Debug, Clone)]
pub struct Line {
    /// Number of the event; its id and its command's follow from it.
    pub number: u64,
    /// Number of the child's stream.
    pub child: u64,
    /// What the stream is about.
    pub category: &'static str,
    /// Number of the command, where it is not the event's own.
    pub command: Option<u64>,
    /// Kind of event.
    pub kind: &'static str,
    /// When it happened.
    pub occurred: String,
    /// When the source says that it was entered.
    pub entered: String,
    /// Role and number of each process.
    pub entities: Vec<(&'static str, u64)>,
    /// What is said about it.
    pub details: Value,
    /// What is sealed.
    pub sealed: Value,
}

impl Line {
    /// An event of a child, entered on the day on which it happened.
    pub fn new(number: u64, child: u64, kind: &'static str, occurred: &str) -> Line {
        Line {
            number,
            child,
            category: "child",
            command: None,
            kind,
            occurred: occurred.to_owned(),
            entered: occurred.get(..10).unwrap_or(occurred).to_owned(),
            entities: Vec::new(),
            details: json!({}),
            sealed: Value::Null,
        }
    }

    /// In the stream of another subject: a household, a set of proceedings and so on.
    #[must_use]
    pub fn of(mut self, category: &'static str) -> Line {
        self.category = category;
        self
    }

    /// Recorded by the same request as others.
    #[must_use]
    pub fn by_command(mut self, number: u64) -> Line {
        self.command = Some(number);
        self
    }

    /// Entered at another time.
    #[must_use]
    pub fn entered(mut self, when: &str) -> Line {
        when.clone_into(&mut self.entered);
        self
    }

    /// About these processes.
    #[must_use]
    pub fn about(mut self, entities: &[(&'static str, u64)]) -> Line {
        self.entities = entities.to_vec();
        self
    }

    /// With these details.
    #[must_use]
    pub fn with(mut self, details: Value) -> Line {
        self.details = details;
        self
    }

    /// With these sealed fields.
    #[must_use]
    pub fn sealed(mut self, sealed: Value) -> Line {
        self.sealed = sealed;
        self
    }

    /// The facts as they stand in the file.
    pub fn facts(&self) -> Value {
        let mut facts = json!({ "details": self.details });
        if !self.entities.is_empty() {
            let of = |(role, number): &(&str, u64)| ((*role).to_owned(), json!(entity(*number)));
            let entities = self.entities.iter().map(of).collect();
            facts.as_object_mut().expect("an object").insert("entities".to_owned(), Value::Object(entities));
        }
        facts
    }

    /// The line as an object, for a test that spoils it.
    pub fn json(&self) -> Value {
        let mut line = json!({
            "stream": entity(self.child), "category": self.category,
            "event_id": id(self.number), "command_id": id(1_000_000 + self.command.unwrap_or(self.number)),
            "kind": self.kind, "schema": 1, "occurred": self.occurred,
            "recorded_by": entity(RECORDER), "role": "social_worker",
            "source_recorded_at": self.entered, "facts": self.facts(),
        });
        if !self.sealed.is_null() {
            line.as_object_mut().expect("an object").insert("sealed".to_owned(), self.sealed.clone());
        }
        line
    }
}

impl EventFile {
    /// A file of an invented authority without an event.
    pub fn new() -> EventFile {
        let header = json!({ "format": "caseledger-events", "version": 1, "authority": "INV", "invented": true,
            "note": "Every child in this file is invented." });
        EventFile { header, lines: Vec::new() }
    }

    /// The file with one more event.
    #[must_use]
    pub fn event(mut self, line: &Line) -> EventFile {
        self.lines.push(line.json());
        self
    }

    /// The file with a line as it is given.
    #[must_use]
    pub fn line(mut self, line: Value) -> EventFile {
        self.lines.push(line);
        self
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.header);
        for line in &self.lines {
            writeln!(text, "{line}").expect("text in memory");
        }
        text
    }
}

impl Default for EventFile {
    fn default() -> EventFile {
        EventFile::new()
    }
}
