//! The judge outside the server: it remembers what callers were told, reads the tables with plain SQL, and compares.
//!
//! It uses nothing of the ledger's reading, planning or tree. Invariant: an acknowledgement that it was given is
//! looked for in every later reading of the whole log.

use std::collections::{BTreeMap, HashMap, HashSet};

use ledger::Hash;
use ledger::notes::VerifierKey;
use ledger::proof::Checkpoint;
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

use super::answer::{Answer, hex};
use super::script::{Asked, Line};
use super::tree::Tree;

const PAGE: i64 = 10_000;
const EVENTS: &str = "SELECT position, stream, revision, event_id, command_id, leaf_hash, facts::text, \
                      (extract(epoch FROM recorded_at) * 1000000)::bigint \
                      FROM caseledger.events WHERE position > $1 ORDER BY position LIMIT $2";
const HEADS: &str =
    "SELECT base_size, tree_size, root FROM caseledger.heads WHERE base_size >= $1 ORDER BY base_size";
const COMMANDS: &str =
    "SELECT command_id, first_position, event_count FROM caseledger.commands WHERE first_position > $1";

/// What is wrong, counted by kind; all zero where nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Findings {
    /// Acknowledged commands that are not in the log.
    pub(super) lost: u64,
    /// Commands that are there more than once.
    pub(super) twice: u64,
    /// Commands of which only a part is there, or not in one piece.
    pub(super) half: u64,
    /// Events or answers that are not what was asked for or said.
    pub(super) changed: u64,
    /// Positions, revisions or heads that are missing or out of order.
    pub(super) gaps: u64,
    /// Roots, receipts, proofs and checkpoints that do not fit the log.
    pub(super) unproved: u64,
    /// The first few in words.
    pub(super) words: Vec<String>,
}

impl Findings {
    pub(super) fn total(&self) -> u64 {
        self.lost + self.twice + self.half + self.changed + self.gaps + self.unproved
    }

    fn say(&mut self, what: String) {
        if self.words.len() < 8 {
            self.words.push(what);
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.lost += other.lost;
        self.twice += other.twice;
        self.half += other.half;
        self.changed += other.changed;
        self.gaps += other.gaps;
        self.unproved += other.unproved;
        other.words.iter().for_each(|word| self.say(word.clone()));
    }
}

/// A command as it stands in the log.
#[derive(Clone, Debug)]
struct Standing {
    first: u64,
    recorded_at_micros: i64,
    leaf_hashes: Vec<Hash>,
    streams: BTreeMap<Uuid, (u32, u32)>,
}

struct Row {
    position: u64,
    revision: u32,
    command_id: Uuid,
    leaf_hash: Hash,
    recorded_at_micros: i64,
    line: Line,
}

/// What one reading of the log gave.
#[derive(Default)]
struct Seen {
    tree: Tree,
    revisions: HashMap<Uuid, u32>,
    standing: HashMap<Asked, Standing>,
    command_ids: HashMap<Uuid, (u64, u32)>,
    last: u64,
}

/// The judge.
pub(super) struct Oracle {
    told: BTreeMap<Asked, Answer>,
    unjudged: Vec<Asked>,
    checkpoints: BTreeMap<u64, Hash>,
    notes: BTreeMap<u64, String>,
    verifier: VerifierKey,
    seen: Seen,
    findings: Findings,
}

impl Oracle {
    pub(super) fn new(verifier: VerifierKey) -> Self {
        Self {
            told: BTreeMap::new(),
            unjudged: Vec::new(),
            checkpoints: BTreeMap::new(),
            notes: BTreeMap::new(),
            verifier,
            seen: Seen::default(),
            findings: Findings::default(),
        }
    }

    pub(super) fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Number of commands that were acknowledged, and of the events in them.
    pub(super) fn acknowledged(&self) -> (u64, u64) {
        let events = self.told.values().map(|answer| u64::from(answer.count)).sum();
        (self.told.len() as u64, events)
    }

    /// Number of events in the log at the last reading.
    pub(super) fn size(&self) -> u64 {
        self.seen.tree.size()
    }

    pub(super) fn root_at(&self, size: u64) -> Option<Hash> {
        self.seen.tree.root_at(size)
    }

    /// Some receipts: position, leaf hash and answer of every n-th acknowledged command.
    pub(super) fn receipts(&self, most: usize) -> Vec<(u64, Hash)> {
        let step = (self.told.len() / most.max(1)).max(1);
        let answers = self.told.values().step_by(step);
        answers.filter_map(|answer| Some((answer.first, *answer.leaf_hashes.first()?))).collect()
    }

    /// The receipts of every acknowledged event, in the form in which a caller keeps them.
    pub(super) fn receipt_lines(&self, ledger: &str) -> String {
        let of = |answer: &Answer| {
            let (epoch, tree_size, root) = (answer.epoch, answer.tree_size, answer.root.as_ref().map(hex));
            (answer.first..)
                .zip(&answer.leaf_hashes)
                .map(|(position, leaf)| {
                    let receipt = json!({
                        "ledger": ledger, "epoch": epoch, "position": position, "leaf_hash": hex(leaf),
                        "tree_size": tree_size, "root": root,
                    });
                    format!("{receipt}\n")
                })
                .collect::<String>()
        };
        self.told.values().map(of).collect()
    }

    /// Remembers an answer. A second answer to the same command has to be the same.
    pub(super) fn acknowledge(&mut self, asked: Asked, answer: Answer) {
        match self.told.get(&asked) {
            Some(before) if *before != answer => {
                self.findings.changed += 1;
                self.findings.say(format!("{asked:?} was answered {before:?}, then {answer:?}"));
            }
            Some(_) => {}
            None => {
                self.told.insert(asked, answer);
                self.unjudged.push(asked);
            }
        }
    }

    /// The last command of a caller that was acknowledged.
    pub(super) fn last_of(&self, run: u64, caller: u32) -> Option<Asked> {
        let all = Asked { run, caller, number: 0 }..=Asked { run, caller, number: u32::MAX };
        self.told.range(all).next_back().map(|(asked, _)| *asked)
    }

    /// Something else that is wrong with a proof.
    pub(super) fn unproved(&mut self, what: String) {
        self.findings.unproved += 1;
        self.findings.say(what);
    }

    /// Something else that was answered otherwise than it should.
    pub(super) fn changed(&mut self, what: String) {
        self.findings.changed += 1;
        self.findings.say(what);
    }

    /// Remembers a signed head; it is judged with the next reading, and with every later one.
    pub(super) fn checkpoint(&mut self, note: &str) {
        let parsed = Checkpoint::of_note(note);
        let Ok((checkpoint, signed)) = parsed else {
            return self.unproved(format!("a checkpoint is torn: {note:?}"));
        };
        if signed.is_signed_by(&self.verifier) != Some(true) {
            self.unproved(format!("the checkpoint of size {} has a bad signature", checkpoint.tree_size));
        }
        let before = self.checkpoints.insert(checkpoint.tree_size, checkpoint.root);
        if before.is_some_and(|before| before != checkpoint.root) {
            self.unproved(format!("two roots were signed for size {}", checkpoint.tree_size));
        }
        let before = self.notes.insert(checkpoint.tree_size, note.to_owned());
        if before.is_some_and(|before| before != note) {
            self.unproved(format!("two notes were signed for size {}", checkpoint.tree_size));
        }
    }

    /// Size of the largest checkpoint that was remembered.
    pub(super) fn signed_up_to(&self) -> u64 {
        self.checkpoints.last_key_value().map_or(0, |(size, _)| *size)
    }

    /// Reads what is new in the log and judges what was said since the last time.
    pub(super) async fn look(&mut self, client: &Client) -> anyhow::Result<()> {
        let from = self.seen.tree.size();
        self.read(client).await?;
        self.check_commands(client, from).await?;
        for asked in std::mem::take(&mut self.unjudged) {
            self.judge(asked);
        }
        let heads = self.checkpoints.clone();
        for (size, root) in heads {
            if self.seen.tree.root_at(size) != Some(root) {
                self.unproved(format!("the log has not the root that was signed for size {size}"));
            }
        }
        Ok(())
    }

    /// Reads the whole log anew and judges everything that was ever said.
    pub(super) async fn look_at_everything(&mut self, client: &Client) -> anyhow::Result<()> {
        self.seen = Seen::default();
        self.unjudged = self.told.keys().copied().collect();
        self.look(client).await
    }

    async fn read(&mut self, client: &Client) -> anyhow::Result<()> {
        let statement = client.prepare(EVENTS).await?;
        let from = self.seen.tree.size();
        let mut open: Vec<Row> = Vec::new();
        loop {
            let after = i64::try_from(self.seen.last)?;
            let rows = client.query(&statement, &[&after, &PAGE]).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let row = read_row(row)?;
                self.place(&row);
                if open.first().is_some_and(|first| first.command_id != row.command_id) {
                    self.command(std::mem::take(&mut open));
                }
                open.push(row);
            }
        }
        self.command(open);
        self.check_heads(client, from).await
    }

    /// Its place in log and stream.
    fn place(&mut self, row: &Row) {
        let expected = self.seen.last + 1;
        self.seen.last = row.position;
        if row.position != expected {
            self.findings.gaps += 1;
            self.findings.say(format!("position {} stands where {expected} should", row.position));
        }
        let revision = self.seen.revisions.entry(row.line.stream).or_default();
        *revision += 1;
        if row.revision != *revision {
            self.findings.gaps += 1;
            self.findings.say(format!(
                "position {}: revision {} of its stream, not {revision}",
                row.position, row.revision
            ));
        }
        self.seen.tree.push(row.leaf_hash);
    }

    /// All rows of one command that stand side by side.
    fn command(&mut self, rows: Vec<Row>) {
        let Some(first) = rows.first() else { return };
        let (position, command_id) = (first.position, first.command_id);
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        if self.seen.command_ids.insert(command_id, (position, count)).is_some() {
            self.findings.half += 1;
            self.findings.say(format!("command {command_id} is not in one piece at {position}"));
        }
        let Some(asked) = Asked::of_facts(&first.line.facts) else { return };
        let lines: Vec<&Line> = rows.iter().map(|row| &row.line).collect();
        let expected = asked.lines();
        if asked.command().command_id.0 != command_id || lines.iter().any(|line| !expected.contains(line)) {
            self.changed(format!("position {position} is not what {asked:?} asked for"));
        } else if !lines.iter().copied().eq(&expected) {
            self.findings.half += 1;
            self.findings.say(format!(
                "{} of {} events of {asked:?} at {position}",
                lines.len(),
                expected.len()
            ));
        }
        let mut streams: BTreeMap<Uuid, (u32, u32)> = BTreeMap::new();
        for row in &rows {
            streams.entry(row.line.stream).or_insert((row.revision, row.revision)).1 = row.revision;
        }
        let standing = Standing {
            first: position,
            recorded_at_micros: first.recorded_at_micros,
            leaf_hashes: rows.iter().map(|row| row.leaf_hash).collect(),
            streams,
        };
        if self.seen.standing.insert(asked, standing).is_some() {
            self.findings.twice += 1;
            self.findings.say(format!("{asked:?} stands twice, again at {position}"));
        }
    }

    async fn check_heads(&mut self, client: &Client, from: u64) -> anyhow::Result<()> {
        let mut base = from;
        for row in client.query(HEADS, &[&i64::try_from(from)?]).await? {
            let (begins, ends): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let root: Option<&[u8]> = row.try_get(2)?;
            if begins.unsigned_abs() != base {
                self.findings.gaps += 1;
                self.findings.say(format!("a head builds on size {begins}, not on {base}"));
            }
            base = ends.unsigned_abs();
            if root.map(<[u8]>::to_vec) != self.seen.tree.root_at(base).map(Vec::from) {
                self.unproved(format!("the head of size {base} has not the root of its events"));
            }
        }
        if base != self.seen.tree.size() {
            self.findings.gaps += 1;
            self.findings.say(format!("heads end at {base}, events at {}", self.seen.tree.size()));
        }
        Ok(())
    }

    /// The table of commands says the same as the events.
    async fn check_commands(&mut self, client: &Client, from: u64) -> anyhow::Result<()> {
        let mut listed = HashSet::new();
        for row in client.query(COMMANDS, &[&i64::try_from(from)?]).await? {
            let (id, first, count): (Uuid, i64, i32) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            listed.insert(id);
            if self.seen.command_ids.get(&id) != Some(&(first.unsigned_abs(), count.unsigned_abs())) {
                self.findings.half += 1;
                self.findings.say(format!("command {id} is listed with other events than it has"));
            }
        }
        let unlisted = self.seen.command_ids.iter();
        let unlisted = unlisted.filter(|(id, (first, _))| *first > from && !listed.contains(*id)).count();
        if unlisted > 0 {
            self.findings.half += unlisted as u64;
            self.findings.say(format!("{unlisted} commands are not listed"));
        }
        Ok(())
    }

    fn judge(&mut self, asked: Asked) {
        let Some(answer) = self.told.get(&asked) else { return };
        let Some(standing) = self.seen.standing.get(&asked) else {
            self.findings.lost += 1;
            let first = answer.first;
            return self.findings.say(format!("{asked:?} was acknowledged at {first} and is not there"));
        };
        let streams: Vec<_> =
            standing.streams.iter().map(|(stream, ends)| (*stream, ends.0, ends.1)).collect();
        let as_said = answer.first == standing.first
            && answer.count as usize == standing.leaf_hashes.len()
            && answer.leaf_hashes == standing.leaf_hashes
            && answer.recorded_at_micros == standing.recorded_at_micros
            && answer.streams == streams;
        if !as_said {
            let said = format!("{asked:?} was answered {answer:?}, and stands as {standing:?}");
            return self.changed(said);
        }
        let covered = answer.tree_size >= answer.first + u64::from(answer.count) - 1;
        if !covered || answer.root.is_none() || answer.root != self.seen.tree.root_at(answer.tree_size) {
            let size = answer.tree_size;
            self.unproved(format!("the receipt of {asked:?} has another root for size {size}"));
        }
    }
}

fn read_row(row: &tokio_postgres::Row) -> anyhow::Result<Row> {
    let (position, revision): (i64, i32) = (row.try_get(0)?, row.try_get(2)?);
    let line = Line {
        stream: row.try_get(1)?,
        event_id: row.try_get(3)?,
        facts: row.try_get::<_, Option<String>>(6)?.unwrap_or_default(),
    };
    Ok(Row {
        position: position.unsigned_abs(),
        revision: revision.unsigned_abs(),
        command_id: row.try_get(4)?,
        leaf_hash: row.try_get::<_, &[u8]>(5)?.try_into()?,
        recorded_at_micros: row.try_get(7)?,
        line,
    })
}
