//! A mark beside the database for as long as a restore is under way. What an interrupted one left is no ledger: nobody has
//! compared it with its manifest. Whoever restores holds a lock on the mark, so that one that runs is not disturbed.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::exit_code::{Failure, OrFailure as _, Outcome};

/// The mark of a restore that this process makes.
#[derive(Debug)]
pub(crate) struct Mark {
    path: PathBuf,
    /// Whether another restore had been interrupted.
    pub(crate) interrupted: bool,
    _lock: File,
}

fn place(data: &Path, name: &str) -> PathBuf {
    data.join("proof").join(format!("{name}.restoring"))
}

/// Refuses what a restore has not finished.
///
/// # Errors
/// A [`Failure`] of integrity where the mark is there.
pub(crate) fn refuse_unfinished(data: &Path, name: &str) -> Result<(), Failure> {
    let path = place(data, name);
    if !path.exists() {
        return Ok(());
    }
    let message = format!(
        "ledger {name:?} is being restored, or its restore was interrupted: nobody has compared it with its backup. Run \
         `caseledger restore` again with the same folders, which begins anew; {} says so",
        path.display()
    );
    Err(Failure::new(Outcome::Integrity, message))
}

impl Mark {
    /// Sets the mark, durably, before anything is made.
    pub(crate) fn set(data: &Path, name: &str) -> Result<Self, Failure> {
        let path = place(data, name);
        let folder = data.join("proof");
        std::fs::create_dir_all(&folder).or_fail(Outcome::Fault)?;
        let interrupted = path.exists();
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let lock = lock.with_context(|| format!("write {}", path.display())).or_fail(Outcome::Fault)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message =
                    format!("ledger {name:?} is being restored by another command; wait until it ends");
                return Err(Failure::new(Outcome::Refused, message));
            }
            Err(TryLockError::Error(fault)) => return Err(fault).or_fail(Outcome::Fault),
        }
        lock.sync_all().and_then(|()| File::open(&folder)?.sync_all()).or_fail(Outcome::Fault)?;
        Ok(Self { path, interrupted, _lock: lock })
    }

    /// Takes the mark away: what is there was compared, or nothing is.
    pub(crate) fn remove(self) -> Result<(), Failure> {
        std::fs::remove_file(&self.path)
            .with_context(|| format!("remove {}", self.path.display()))
            .or_fail(Outcome::Fault)?;
        self.path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all()).or_fail(Outcome::Fault)
    }
}
