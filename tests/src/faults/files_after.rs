//! What has to be so after a command was killed or its disk failed: the next one goes on, or says what to do.

use std::fs;

use anyhow::{bail, ensure};

use super::files::Trial;
use crate::program::Ran;

/// What kind of operation it is, which says how it is gone on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It records and signs.
    Writes,
    /// It makes the proof folder.
    Rebuilds,
    /// The same command again does what is left.
    Repeated,
    BacksUp,
    Restores,
    Adopts,
    Prepares,
    Signs,
    FindsDamage,
}

const REFUSED: i32 = 4;
const NOT_AS_IT_SHOULD_BE: i32 = 5;
const NOT_FOUND: i32 = 6;
const ROW_CHANGED: i32 = 10;

impl Kind {
    /// How the operation ends where nothing is in its way.
    pub(super) fn ends_well(self) -> i32 {
        match self {
            Self::FindsDamage => ROW_CHANGED,
            Self::Writes
            | Self::Rebuilds
            | Self::Repeated
            | Self::BacksUp
            | Self::Restores
            | Self::Adopts
            | Self::Prepares
            | Self::Signs => 0,
        }
    }
}

/// Goes on from what a fault left, and has the ledger verified.
pub(super) fn look(trial: &Trial<'_>, ended: i32) -> anyhow::Result<()> {
    match trial.kind {
        Kind::Writes | Kind::Repeated => ends(trial.again(), 0)?,
        Kind::Adopts => adopted(trial)?,
        Kind::Rebuilds => rebuilt(trial)?,
        Kind::BacksUp => backed_up(trial)?,
        Kind::Restores => restored(trial)?,
        Kind::Prepares => prepared(trial, ended)?,
        Kind::Signs => signed(trial)?,
        Kind::FindsDamage => {
            ends(trial.again(), ROW_CHANGED)?;
            let doctor = trial.run(&["doctor"]);
            ensure!(
                doctor.out.contains("last verify found damage"),
                "doctor has forgotten it: {}",
                doctor.out
            );
            return ends(doctor, NOT_AS_IT_SHOULD_BE);
        }
    }
    ends(trial.run(&["verify"]), 0)?;
    ends(trial.run(&["doctor"]), 0)
}

fn ends(ran: Ran, code: i32) -> anyhow::Result<()> {
    ensure!(
        ran.code == code,
        "afterwards caseledger {} ended with {}: {} {}",
        ran.line,
        ran.code,
        ran.message(),
        if ran.code == NOT_AS_IT_SHOULD_BE { &ran.out } else { "" }
    );
    Ok(())
}

fn says(ran: &Ran, what_to_do: &str) -> anyhow::Result<()> {
    ensure!(ran.message().contains(what_to_do), "{:?} does not say {what_to_do:?}", ran.message());
    Ok(())
}

/// The store is adopted by then, or is so now; after that there is nothing that is missing.
fn adopted(trial: &Trial<'_>) -> anyhow::Result<()> {
    let again = trial.again();
    if again.code == REFUSED {
        says(&again, "keys adopt")?;
        ends(trial.run(&["keys", "adopt"]), 0)?;
    } else {
        ends(again, 0)?;
    }
    ends(trial.run(&["import", &trial.prepared("next.jsonl")]), 0)
}

/// A folder that is half written is not signed over.
fn rebuilt(trial: &Trial<'_>) -> anyhow::Result<()> {
    let writes = trial.run(&["import", &trial.prepared("next.jsonl")]);
    if writes.code != 0 {
        says(&writes, "--rebuild-proof")?;
        let again = trial.again();
        if again.code == REFUSED {
            says(&again, "move it away")?;
            fs::remove_dir_all(trial.data("proof"))?;
            ends(trial.again(), 0)?;
        } else {
            ends(again, 0)?;
        }
    }
    ends(trial.run(&["import", &trial.prepared("next.jsonl")]), 0)
}

/// A folder with a manifest is a backup, and one without is none.
fn backed_up(trial: &Trial<'_>) -> anyhow::Result<()> {
    let [backup, keys] = ["backup", "keys"].map(|name| trial.own.join(name));
    let [of_ledger, of_keys] = [&backup, &keys].map(|folder| folder.display().to_string());
    let whole = backup.join("manifest.json").exists() && keys.join("manifest.json").exists();
    let name = format!("{}_back", trial.ledger.name());
    let restore = || trial.beside(&name).run(&["restore", &of_ledger, "--keys", &of_keys]);
    let restored = restore();
    if whole {
        ends(restored, 0)?;
        return trial.forget(&name);
    }
    ensure!(restored.code == 3 || restored.code == REFUSED, "half a backup was taken: {}", restored.code);
    for folder in [&backup, &keys] {
        let _ = fs::remove_dir_all(folder);
    }
    ends(trial.again(), 0)?;
    ends(restore(), 0)?;
    trial.forget(&name)
}

/// What was not compared with its manifest is no ledger.
fn restored(trial: &Trial<'_>) -> anyhow::Result<()> {
    let asked = trial.run(&["replay", "INV-2"]);
    match asked.code {
        0 => {
            let again = trial.again();
            says(&again, "is here already")?;
            ends(again, REFUSED)
        }
        NOT_FOUND => ends(trial.again(), 0),
        NOT_AS_IT_SHOULD_BE => {
            says(&asked, "caseledger restore")?;
            ends(trial.again(), 0)
        }
        code => bail!("what a restore left answers with {code}: {}", asked.message()),
    }
}

/// A request is whole, or is not there.
fn prepared(trial: &Trial<'_>, ended: i32) -> anyhow::Result<()> {
    let request = trial.own.join("request");
    let path = request.display().to_string();
    ensure!(ended != 0 || request.exists(), "it ended well, and there is no request");
    if !request.exists() {
        let again = trial.again();
        if again.code != 0 {
            says(&again, "is there already: name a new one")?;
            fs::remove_file(trial.own.join("request.particulars"))?;
            ends(trial.again(), 0)?;
        }
    }
    ends(trial.run(&["officer", "sign", &path, "--key", &trial.prepared("one.key")]), 0)
}

/// The request has its signature, or gets it now.
fn signed(trial: &Trial<'_>) -> anyhow::Result<()> {
    let again = trial.again();
    if again.code != 0 {
        says(&again, "signed")?;
    }
    let path = trial.own.join("request").display().to_string();
    ends(trial.run(&["officer", "sign", &path, "--key", &trial.prepared("two.key")]), 0)?;
    ends(trial.run(&["dispose", "--request", &path]), 0)
}
