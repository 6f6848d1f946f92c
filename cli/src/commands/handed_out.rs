//! What exported log and bundle have in common: under which signed head they stand, and how their lines are written.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context as _;
use domain::ids::Position;
use ledger::handout::EventLine;
use ledger::proof::Checkpoint;
use ledger::{Hash, Ledger};
use serde_json::{Map, Value};

use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::files::{OfFile as _, Outgoing};
use crate::stdout::stdout;
use verify::base64;

/// The head that everything handed out is proved against: the newest signed one, or the newest of all where nobody signs.
pub(super) struct Under {
    pub(super) size: u64,
    root: Hash,
    checkpoint: Option<String>,
}

impl Under {
    pub(super) async fn newest(ledger: &Ledger) -> Result<Self, Failure> {
        match ledger.checkpoint().await.or_fail(Outcome::Fault)? {
            Some(note) => {
                let (checkpoint, _) = Checkpoint::of_note(&note).or_fail(Outcome::Integrity)?;
                Ok(Self { size: checkpoint.tree_size, root: checkpoint.root, checkpoint: Some(note) })
            }
            None => {
                eprintln!("nobody signs this ledger: keep the root that is in the file elsewhere");
                let size = ledger.head().await.or_fail(Outcome::Fault)?.position.0;
                Ok(Self { size, root: ledger.root_at(size).await.or_fail(Outcome::Fault)?, checkpoint: None })
            }
        }
    }

    /// The first line; `more` stands in it as well.
    pub(super) async fn header(
        &self,
        ledger: &Ledger,
        kind: &str,
        more: impl IntoIterator<Item = (&str, Value)>,
    ) -> Result<Value, Failure> {
        let genesis = ledger.event_lines(Position(1), 1).await.or_fail(Outcome::Fault)?;
        let genesis = genesis.into_iter().next();
        let genesis =
            genesis.ok_or_else(|| Failure::new(Outcome::Integrity, "the ledger has no first event"))?;
        let mut header = Map::new();
        let mut put = |name: &str, value: Value| header.insert(name.to_owned(), value);
        put(kind, 1.into());
        put("genesis", self.proved(ledger, genesis).await?);
        put("log_origin", ledger.log_name().await.or_fail(Outcome::Fault)?.origin.into());
        put("root", base64(&self.root).into());
        put("tree_size", self.size.into());
        if let Some(note) = &self.checkpoint {
            put("checkpoint", note.as_str().into());
        }
        header.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Ok(Value::Object(header))
    }

    /// The event with the proof that it stands in the tree.
    pub(super) async fn proved(&self, ledger: &Ledger, line: EventLine) -> Result<Value, Failure> {
        let proof = ledger.inclusion(Position(line.position), self.size).await.or_fail(Outcome::Fault)?;
        Ok(line.with_proof(&proof).into_json())
    }
}

/// A file, or standard output for `-`, that is flushed and durable when it is finished.
pub(super) struct Out {
    to: To,
    name: String,
}

enum To {
    File(BufWriter<Outgoing>),
    Stdout(BufWriter<Box<dyn Write>>),
}

impl Out {
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        if path == Path::new("-") {
            return Ok(Self { to: To::Stdout(BufWriter::new(Box::new(stdout()))), name });
        }
        let file = Outgoing::begin(path).writing(path).or_fail(Outcome::Fault)?;
        Ok(Self { to: To::File(BufWriter::new(file)), name })
    }

    pub(super) fn line(&mut self, line: &Value) -> Result<(), Failure> {
        let written = match &mut self.to {
            To::File(file) => writeln!(file, "{line}"),
            To::Stdout(out) => writeln!(out, "{line}"),
        };
        written.with_context(|| format!("write {}", self.name)).or_fail(Outcome::Fault)
    }

    /// Writes the last line.
    pub(super) fn finish(mut self, events: u64) -> Result<(), Failure> {
        self.line(&serde_json::json!({ "events": events }))?;
        let durable = match self.to {
            To::File(file) => file.into_inner().map_err(std::io::Error::from).and_then(Outgoing::finish),
            To::Stdout(mut out) => out.flush(),
        };
        durable.with_context(|| format!("write {}", self.name)).or_fail(Outcome::Fault)
    }
}
