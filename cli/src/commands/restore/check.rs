//! The checks of what was restored, and what they mean for the exit code.

use std::path::{Path, PathBuf};

use domain::ids::StreamId;
use tokio_postgres::Config;
use verify::{DatabaseQuestion, KeptCheckpoint, Report, verify_database};

use super::heads::{Seen, compare, heads_line, latest_lost};
use crate::arguments::RestoreArguments;
use crate::backup::{LedgerBackup, PROOF};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::output::Answer;
use crate::place::Server;
use crate::signing::LogPlace;

/// Somebody saw a later or another head than the one that was restored.
const FORK_OR_ROLLBACK: Outcome = Outcome::Damaged(15);

/// What the checks of a restored log found.
pub(super) struct Restored {
    /// What is wrong in the light of the heads that were seen.
    trouble: Option<String>,
    /// What the room says that shares no code with what wrote the log.
    report: Report,
    /// The latest signed head that the restored log does not hold.
    pub(super) lost: Option<String>,
    /// Streams whose key is missing.
    lacking: Vec<StreamId>,
}

impl Restored {
    /// Prints one line for each check.
    pub(super) fn print(
        &self,
        about: &LedgerBackup,
        seen: &[Seen],
        arguments: &RestoreArguments,
    ) -> Result<(), Failure> {
        let mut answer = Answer::new(&["check", "result"]);
        answer.note("ledger", about.ledger.clone());
        answer.note("size", about.size);
        answer.note("root", about.root.clone());
        answer.row(vec!["events and root".into(), "as in the manifest".into()]);
        answer
            .row(vec!["every row, hashed again".into(), self.damage().unwrap_or("clean".to_owned()).into()]);
        answer.row(vec!["guards".into(), format!("{} triggers stand", about.guards.len()).into()]);
        answer.row(vec!["keys".into(), keys_line(&self.lacking).into()]);
        let heads = self.trouble.clone().unwrap_or_else(|| heads_line(seen));
        answer.row(vec!["later heads".into(), heads.into()]);
        answer.print(arguments.format).or_fail(Outcome::Fault)
    }

    fn damage(&self) -> Option<String> {
        self.report.findings.first().map(ToString::to_string)
    }

    /// How the restore ends.
    pub(super) fn outcome(self) -> Result<Outcome, Failure> {
        if let Some(trouble) = self.trouble {
            return Err(Failure::new(FORK_OR_ROLLBACK, trouble));
        }
        if let Some(damage) = self.damage() {
            let message = format!(
                "the log was damaged when it was backed up: {damage}. It is restored as it was; an older backup \
                         may hold the place whole"
            );
            return Err(Failure::new(Outcome::Damaged(self.report.exit_code()), message));
        }
        if !self.lacking.is_empty() {
            return Err(Failure::new(Outcome::Integrity, keys_line(&self.lacking)));
        }
        Ok(Outcome::Done)
    }
}

/// Opens what was restored and checks it; a failure means that it is not what the manifest says.
pub(super) async fn check(
    server: &Server,
    name: &str,
    about: &LedgerBackup,
    seen: &[Seen],
    folder: &Path,
) -> Result<Restored, Failure> {
    let open = server.open_there(name).await?;
    let trouble = compare(&open, about, seen).await?;
    let here = LogPlace::of(server.data(), name).proof;
    let tiles = if here.is_dir() { here } else { folder.join(PROOF) };
    // After a rollback the tiles of this place belong to a log that goes further.
    let tiles = (trouble.is_none() && tiles.is_dir()).then_some(tiles);
    let report = verify(&server.role(name, "caseledger_appender"), about, seen, tiles).await?;
    if (report.size, report.ledger.as_ref()) != (about.size, Some(&about.ledger))
        || report.root.as_ref().is_some_and(|root| *root != about.root)
    {
        let message = format!(
            "the dump holds ledger {} up to {} with the root {}, and the manifest says ledger {} up to {} with {}",
            report.ledger.unwrap_or_default(),
            report.size,
            report.root.unwrap_or_default(),
            about.ledger,
            about.size,
            about.root
        );
        return Err(Failure::new(Outcome::Integrity, message));
    }
    let lost = latest_lost(&open, about, seen).await?;
    let lacking = open.ledger.streams_lacking_keys().await.or_fail(Outcome::Integrity)?;
    open.project().await?;
    Ok(Restored { trouble, report, lost, lacking })
}

/// Reads and hashes every row again, and holds it against the tiles and the heads that it should hold.
async fn verify(
    database: &Config,
    about: &LedgerBackup,
    seen: &[Seen],
    tiles: Option<PathBuf>,
) -> Result<Report, Failure> {
    let held = seen.iter().filter(|seen| seen.head.tree_size <= about.size);
    let mut checkpoints: Vec<KeptCheckpoint> =
        held.map(|seen| KeptCheckpoint { label: seen.place.clone(), note: seen.note.clone() }).collect();
    let of_backup = about.checkpoint.clone();
    checkpoints
        .extend(of_backup.map(|note| KeptCheckpoint { label: "the backup's manifest".to_owned(), note }));
    let question =
        DatabaseQuestion { examples: 1, checkpoints, proof_folder: tiles, ..DatabaseQuestion::default() };
    let (report, _) = verify_database(database, &question).await.or_fail(Outcome::Integrity)?;
    Ok(report)
}

fn keys_line(lacking: &[StreamId]) -> String {
    match lacking.first() {
        None => "every sealed event has its key, or the key was destroyed".to_owned(),
        Some(first) => format!(
            "{} streams hold sealed events and have no key, the first is {first}; the backup of the keys is older \
             than that of the ledger",
            lacking.len()
        ),
    }
}
