//! A ledger's database: every row of the log is read again in its raw bytes, by position, in short reads.
//!
//! One size is pinned at the beginning; what is appended meanwhile is not looked at. Nothing is written: the connection is read-only. What
//! an index hides from reads by position is found by counting the rows without any index.

mod again;
mod batches;
mod beside;
mod copy;
mod events;
mod sections;
mod state;
mod tables;
mod tiles;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use futures::{StreamExt as _, stream};
use thiserror::Error;
use tokio_postgres::{Client, Config, NoTls};

use crate::anchors::{Anchors, Held, KeptCheckpoint, Reach, Receipt, SeenBefore};
use crate::audit::{Audit, Wanted};
use crate::custody::Custody;
use crate::finding::Findings;
use crate::hash::Hash;
use crate::heads::{EpochRun, Head, Heads};
use crate::notes::Key;
use crate::report::{self, Report};
use crate::section::{self, Section};
use crate::witnesses::Witnesses;
pub use again::{Looked, hash_again};
pub use batches::{BatchKey, verify_batches};
use sections::Stretch;
pub use state::{State, StateFault};
use tables::Pinned;
use tiles::Tiles;

/// Positions that are read in one go; a power of two, so that a section is one subtree.
const SECTION: u64 = 1 << 14;

/// Sections under way at once: one is read by each of two processors while a third is waited for.
const UNDER_WAY: usize = 3;

/// What a database is held against, besides itself.
#[derive(Clone, Debug, Default)]
pub struct DatabaseQuestion {
    /// Check positions 1 to this size; the newest head's where absent.
    pub size: Option<u64>,
    /// How many examples of each kind of damage are kept.
    pub examples: usize,
    /// Checkpoints that the auditor kept.
    pub checkpoints: Vec<KeptCheckpoint>,
    /// Receipts that callers were given.
    pub receipts: Vec<Receipt>,
    /// What an earlier run of this machine found.
    pub seen: Option<SeenBefore>,
    /// Keys that the auditor trusts to sign checkpoints; where there are none, those that the log registered count.
    pub trusted: Vec<Key>,
    /// Whose countersignatures are asked for; nobody's where absent.
    pub witnesses: Option<Witnesses>,
    /// The folder of tiles and checkpoint outside the database; not looked at where absent.
    pub proof_folder: Option<PathBuf>,
    /// What an earlier run remembered: only what came after is read.
    pub state: Option<State>,
    /// Check every signed checkpoint and every roster, not only the newest.
    pub every: bool,
}

/// Why a database cannot be checked.
#[derive(Debug, Error)]
pub enum DatabaseFault {
    /// It is away or refuses.
    #[error("reading {what} from the ledger's database")]
    Database {
        /// What was read.
        what: &'static str,
        /// What it says.
        source: tokio_postgres::Error,
    },
    /// It holds no ledger's tables.
    #[error("the database holds no ledger: there is no table {table}")]
    NoLedger {
        /// Which table.
        table: &'static str,
    },
    /// A table's columns are not those of the format.
    #[error("a row of {table} cannot be read: {reason}")]
    Shape {
        /// Which table.
        table: &'static str,
        /// What is wrong.
        reason: &'static str,
    },
    /// The size that was asked for is not there.
    #[error("the ledger has {head} events, size {size} was asked for")]
    NoSuchSize {
        /// What was asked for.
        size: u64,
        /// What is there.
        head: u64,
    },
    /// A file of the proof folder cannot be read.
    #[error("reading {}", path.display())]
    ProofFolder {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl DatabaseFault {
    fn database(what: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Database { what, source }
    }
}

/// Checks a ledger's database; also gives what the next run may go on from, where nothing was found.
///
/// # Errors
/// [`DatabaseFault`] where it cannot be read; everything else is a finding.
pub async fn verify_database(
    config: &Config,
    question: &DatabaseQuestion,
) -> Result<(Report, Option<State>), DatabaseFault> {
    let client = connect(config).await?;
    let pinned = tables::pin(&client).await?;
    let size = question.size.unwrap_or(pinned.head);
    if size > pinned.head {
        return Err(DatabaseFault::NoSuchSize { size, head: pinned.head });
    }
    let mut run = Run::prepare(&client, question, &pinned, size).await?;
    run.read(config).await?;
    run.finish(&client).await
}

async fn connect(config: &Config) -> Result<Client, DatabaseFault> {
    let connecting = "the first answer";
    let (client, connection) = config.connect(NoTls).await.map_err(DatabaseFault::database(connecting))?;
    tokio::spawn(async move {
        // The client sees the same error at its next statement.
        let _ = connection.await;
    });
    let settings = "SET default_transaction_read_only = on; SET TIME ZONE 'UTC'";
    client.batch_execute(settings).await.map_err(DatabaseFault::database(connecting))?;
    Ok(client)
}

/// One verification under way.
struct Run<'a> {
    question: &'a DatabaseQuestion,
    anchors: Anchors,
    audit: Audit,
    notes: Vec<String>,
    tiles: Option<Arc<Tiles>>,
    stretches: Vec<Stretch>,
    has_roots: bool,
    has_kinds: bool,
    epochs: Vec<EpochRun>,
    from: u64,
    reach: Reach,
}

impl<'a> Run<'a> {
    async fn prepare(
        client: &Client,
        question: &'a DatabaseQuestion,
        pinned: &Pinned,
        size: u64,
    ) -> Result<Self, DatabaseFault> {
        let from = question.state.as_ref().map_or(1, |state| state.size() + 1);
        // What a head claims is not believed: only where rows are is anything read.
        let stretches = sections::stretches(client, from, size).await?;
        let (mut notes, mut findings) = (Vec::new(), Findings::new(question.examples));
        let mut anchors = Anchors {
            checkpoints: question.checkpoints.clone(),
            recorded: Vec::new(),
            receipts: question.receipts.clone(),
            seen: question.seen.clone(),
            trusted: question.trusted.clone(),
            witnesses: question.witnesses.clone(),
        };
        let mut wanted = Wanted::default();
        if pinned.has_proof {
            let limit = if question.every { None } else { Some(tables::NEWEST_CHECKPOINTS) };
            let (recorded, left_out) = tables::checkpoints(client, from, limit).await?;
            anchors.recorded = recorded;
            if left_out > 0 {
                notes.push(format!("{left_out} older checkpoints of the table were not looked at"));
            }
            wanted.subtrees = tables::subtrees(client, from, size).await?;
        }
        // After the table: a signer records a checkpoint before it publishes it.
        let tiles = question.proof_folder.as_deref().map(Tiles::open).transpose()?;
        if let Some(tiles) = &tiles {
            anchors.checkpoints.extend(tiles.checkpoint());
            wanted.in_tiles = tiles.upper(sections::whole_up_to(from, &stretches), &mut findings)?;
            tiles.hold_against(&anchors.recorded, &mut findings, &mut notes);
        }
        wanted.rosters = tables::rosters(client, size, question.every).await?;
        anchors.wanted(&mut wanted);
        let mut audit = Audit::new(question.examples, wanted);
        audit.findings.merge(findings);
        audit.heads = Some(Heads::after(from - 1));
        if let Some(state) = &question.state {
            state.restore(&mut audit);
            notes.push(format!(
                "positions 1 to {} were not read in this run; an earlier one had read them",
                from - 1
            ));
        }
        let (tiles, has_roots) = (tiles.map(Arc::new), pinned.has_proof);
        Ok(Self {
            question,
            anchors,
            audit,
            notes,
            tiles,
            stretches,
            has_roots,
            has_kinds: pinned.has_kinds,
            epochs: Vec::new(),
            from,
            reach: Reach { size, head: pinned.head },
        })
    }

    /// Reads all sections, several at once, and takes them in order.
    async fn read(&mut self, config: &Config) -> Result<(), DatabaseFault> {
        let clients = Arc::new(Mutex::new(Vec::new()));
        let (examples, tiles, has_roots) = (self.question.examples, self.tiles.clone(), self.has_roots);
        let tasks = stream::iter(std::mem::take(&mut self.stretches)).map(|stretch| {
            let (clients, config, tiles) = (Arc::clone(&clients), config.clone(), tiles.clone());
            tokio::spawn(async move {
                let (first, last) = match stretch {
                    Stretch::Rows { first, last } => (first, last),
                    Stretch::Nothing { first, last } => return Ok(Err((first, last))),
                };
                let free = clients.lock().expect("nothing panics while it holds this").pop();
                let client = match free {
                    Some(client) => client,
                    None => connect(&config).await?,
                };
                let read = Read::section(&client, first, last, examples, tiles.as_deref(), has_roots).await;
                clients.lock().expect("nothing panics while it holds this").push(client);
                read.map(Ok)
            })
        });
        let mut sections = tasks.buffered(UNDER_WAY);
        while let Some(read) = sections.next().await {
            match read.expect("reading a section does not panic")? {
                Ok(read) => self.audit.absorb(read.section, &read.levels, read.heads),
                Err((first, last)) => self.audit.pass_over(first, last),
            }
        }
        Ok(())
    }

    async fn finish(mut self, client: &Client) -> Result<(Report, Option<State>), DatabaseFault> {
        let size = self.reach.size;
        self.audit.commands.close();
        self.heads_end();
        let to_the_end = self.question.size.is_none();
        tables::commands(client, &mut self.audit, self.from, size, to_the_end).await?;
        tables::extra_rows(client, &mut self.audit, self.from, size, to_the_end).await?;
        if self.has_kinds {
            beside::kinds(client, &mut self.audit, self.from, size).await?;
        }
        let mut system = self.question.state.as_ref().map(State::system).unwrap_or_default();
        system.append(&mut self.audit.system);
        let custody = Custody::of(&system, &mut self.audit.findings);
        report::settle(&mut self.audit, &custody);
        beside::epochs(&self.epochs, &custody, &mut self.audit.findings);
        let remembered = self.question.state.as_ref();
        if let Some(state) = remembered {
            state.hold_against(client, self.has_roots, &mut self.audit.findings).await?;
            self.audit.sighted.roots.insert(state.size(), state.root());
        }
        let mut held =
            self.anchors.compare(&custody, &self.audit.sighted, self.reach, &mut self.audit.findings);
        held.notes.append(&mut self.notes);
        held.outside |= remembered.is_some();
        self.hold_against_tiles(&mut held)?;
        let clean = self.audit.findings.is_clean();
        let next = clean.then(|| State::of(&self.audit, &custody, system)).flatten();
        let nothing_compared = !held.outside;
        Ok((Report { nothing_compared, ..Report::of(self.audit, &custody, held, self.from, size) }, next))
    }

    /// Rows that were checked up to a size below that of the folder's checkpoint were compared with its lowest tiles. That is a
    /// comparison with what was signed where these lead to the root of the checkpoint.
    fn hold_against_tiles(&mut self, held: &mut Held) -> Result<(), DatabaseFault> {
        let Some(tiles) = self.tiles.as_ref().filter(|_| !held.outside && self.from <= self.reach.size)
        else {
            return Ok(());
        };
        if let Some(head) = held.above.iter().find(|head| head.size == tiles.size())
            && tiles.lead_to(head, &mut self.audit.findings)?
        {
            held.outside = true;
            held.notes
                .push(format!("the rows agree with the tiles under the checkpoint of size {}", head.size));
        }
        Ok(())
    }

    fn heads_end(&mut self) {
        if let Some(chain) = self.audit.heads.take() {
            self.epochs = chain.finish(self.reach.size, &mut self.audit.findings);
        }
    }
}

/// One section as it was read.
struct Read {
    section: Section,
    levels: Vec<Vec<Hash>>,
    heads: Vec<Head>,
}

impl Read {
    async fn section(
        client: &Client,
        first: u64,
        last: u64,
        examples: usize,
        tiles: Option<&Tiles>,
        has_roots: bool,
    ) -> Result<Self, DatabaseFault> {
        let mut section = events::read(client, first, last, examples).await?;
        let heads = tables::heads(client, first, last, has_roots).await?;
        if let Some(tiles) = tiles {
            tiles.compare(&mut section)?;
        }
        let levels = section::levels(&section);
        Ok(Self { section, levels, heads })
    }
}
