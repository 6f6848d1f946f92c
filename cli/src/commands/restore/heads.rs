//! Signed heads that somebody has seen, and whether the restored log holds what they cover.

use std::path::Path;

use anyhow::Context as _;
use ledger::notes::Note;
use ledger::proof::Checkpoint;

use crate::arguments::RestoreArguments;
use crate::backup::LedgerBackup;
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::place::Open;
use crate::signing::LogPlace;

/// A signed head that somebody kept, and where.
pub(super) struct Seen {
    pub(super) place: String,
    pub(super) note: String,
    pub(super) head: Checkpoint,
}

/// The heads that this place, and the files that were given, know of.
pub(super) fn heads_seen(
    data: &Path,
    name: &str,
    arguments: &RestoreArguments,
) -> Result<Vec<Seen>, Failure> {
    let own = LogPlace::of(data, name).proof.join("checkpoint");
    let own = own.is_file().then_some(own);
    let mut seen = Vec::new();
    for path in own.iter().chain(&arguments.checkpoint) {
        let place = path.display().to_string();
        let note = std::fs::read_to_string(path).with_context(|| format!("read {place}"));
        let note = note.or_fail(Outcome::DataProblem)?;
        let (head, _) =
            Checkpoint::of_note(&note).with_context(|| place.clone()).or_fail(Outcome::DataProblem)?;
        seen.push(Seen { place, note, head });
    }
    Ok(seen)
}

/// What is wrong with the restored log in the light of the heads that were seen.
pub(super) async fn compare(
    open: &Open,
    about: &LedgerBackup,
    seen: &[Seen],
) -> Result<Option<String>, Failure> {
    for Seen { place, head, .. } in seen {
        let size = head.tree_size;
        if size > about.size {
            return Ok(Some(format!(
                "{place} knows the log up to {size}, and the backup ends at {}: positions {} to {size} are not in it. \
                 Everything up to {} can be read, and nothing is signed or recorded. Restore a newer backup, or, where \
                 there is none, let two officers open a new epoch: `caseledger epoch prepare`, then `caseledger epoch open`",
                about.size,
                about.size + 1,
                about.size
            )));
        }
        if open.ledger.root_at(size).await.or_fail(Outcome::Integrity)? != head.root {
            return Ok(Some(format!(
                "{place} knows another log: at size {size} its root is not that of the restored one. One of the two \
                 was changed; keep both, and compare them with `caseledger verify`"
            )));
        }
    }
    Ok(None)
}

/// The latest head that a key of this very log signed and that the restored log does not hold. In its place it keeps
/// the log from going on, until a new epoch says what was lost.
pub(super) async fn latest_lost(
    open: &Open,
    about: &LedgerBackup,
    seen: &[Seen],
) -> Result<Option<String>, Failure> {
    let name = open.ledger.log_name().await.or_fail(Outcome::Integrity)?;
    let mut lost: Option<&Seen> = None;
    for one in seen.iter().filter(|one| one.head.origin == name.origin) {
        let note = Note::parse(&one.note);
        let signed = note.is_ok_and(|note| name.keys.iter().any(|key| note.is_signed_by(key) == Some(true)));
        let size = one.head.tree_size;
        let held = size <= about.size
            && open.ledger.root_at(size).await.or_fail(Outcome::Integrity)? == one.head.root;
        if signed && !held && lost.is_none_or(|lost| lost.head.tree_size < size) {
            lost = Some(one);
        }
    }
    Ok(lost.map(|lost| lost.note.clone()))
}

/// What the report says of the heads, where nothing is wrong with them.
pub(super) fn heads_line(seen: &[Seen]) -> String {
    match seen.iter().map(|seen| seen.head.tree_size).max() {
        Some(size) => format!("none: the newest one known covers {size}"),
        None => "none known; give the newest checkpoint that anybody kept with --checkpoint FILE".to_owned(),
    }
}
