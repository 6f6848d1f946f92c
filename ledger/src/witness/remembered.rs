//! The witness itself: for each log it remembers the newest head that it countersigned, durably, before it answers.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::cosign;
use crate::durable::{replace, sync_folder};
use crate::hash::{Hash, hex, sha256};
use crate::notes::{Note, Sign, SignFault, VerifierKey, from_base64};
use crate::proof::{Checkpoint, CheckpointFault};
use crate::tree;

/// Most bytes of a request that are read.
pub const MAX_BODY_BYTES: usize = 64 * 1024;
/// Most hashes of a consistency proof.
const MAX_PROOF: usize = 63;

/// A witness for some logs.
#[derive(Debug)]
pub struct Witness {
    signer: Arc<dyn Sign>,
    folder: PathBuf,
    logs: Mutex<BTreeMap<String, Remembered>>,
    // Two processes on one folder could countersign two histories.
    _alone: File,
}

#[derive(Debug)]
struct Remembered {
    keys: Vec<VerifierKey>,
    newest: Option<Checkpoint>,
}

/// Why a witness cannot start, or cannot remember.
#[derive(Debug, Error)]
pub enum WitnessFault {
    /// The file system refuses.
    #[error("witness folder: {}", path.display())]
    Storage {
        /// Which file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
    /// Another process uses the folder.
    #[error("another witness uses the folder {}", path.display())]
    Taken {
        /// The folder.
        path: PathBuf,
    },
    /// What was remembered cannot be read.
    #[error("what was remembered in {} cannot be read; without it nothing must be countersigned", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: CheckpointFault,
    },
}

/// An answer other than a countersignature: an HTTP status, and what it says.
#[derive(Debug, Error)]
pub enum Refusal {
    /// 400: the request is not one.
    #[error("bad request: {reason}")]
    Bad {
        /// What is wrong.
        reason: &'static str,
    },
    /// 403: no key of the log signed it.
    #[error("the checkpoint is not signed by a known key of this log")]
    Unsigned,
    /// 404: the log is not one that is witnessed.
    #[error("the log {origin} is not witnessed here")]
    UnknownLog {
        /// Its origin.
        origin: String,
    },
    /// 409: the old size is not what was countersigned last, or a head of the same size has another root.
    #[error("the last countersigned size is {size}")]
    Conflict {
        /// The size that was countersigned last.
        size: u64,
    },
    /// 422: the proof does not lead from the old root to the new one.
    #[error("the consistency proof does not hold")]
    Inconsistent,
    /// 500: it cannot be remembered or signed, and so is not countersigned.
    #[error("the witness cannot remember")]
    Fault {
        /// Why.
        #[from]
        source: WitnessFault,
    },
    /// 500: the witness's signer does not sign.
    #[error("the witness cannot sign")]
    Sign {
        /// Why.
        #[from]
        source: SignFault,
    },
}

impl Refusal {
    /// The HTTP status that stands for it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Bad { .. } => 400,
            Self::Unsigned => 403,
            Self::UnknownLog { .. } => 404,
            Self::Conflict { .. } => 409,
            Self::Inconsistent => 422,
            Self::Fault { .. } | Self::Sign { .. } => 500,
        }
    }
}

impl Witness {
    /// A witness of these logs, with what it remembers in a folder. The name of a log's key is the log's origin.
    ///
    /// # Errors
    /// [`WitnessFault`].
    pub fn open(folder: &Path, signer: Arc<dyn Sign>, logs: Vec<VerifierKey>) -> Result<Self, WitnessFault> {
        fs::create_dir_all(folder).map_err(storage(folder))?;
        let lock = folder.join("lock");
        let alone = File::create(&lock).map_err(storage(&lock))?;
        alone.try_lock().map_err(|_| WitnessFault::Taken { path: folder.to_owned() })?;
        let mut remembered: BTreeMap<String, Remembered> = BTreeMap::new();
        for key in logs {
            let origin = key.name().to_owned();
            let newest = recall(&file(folder, &origin))?;
            let log = remembered.entry(origin).or_insert(Remembered { keys: Vec::new(), newest });
            log.keys.push(key);
        }
        Ok(Self { signer, folder: folder.to_owned(), logs: Mutex::new(remembered), _alone: alone })
    }

    /// Answers an `add-checkpoint` request: the countersignature lines, each ended by a newline. Blocking.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was countersigned then.
    pub fn add_checkpoint(&self, body: &[u8], now: DateTime<Utc>) -> Result<String, Refusal> {
        let asked = Request::parse(body)?;
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = &asked.checkpoint.origin;
        let Some(log) = logs.get_mut(origin) else {
            return Err(Refusal::UnknownLog { origin: origin.clone() });
        };
        if !log.keys.iter().any(|key| asked.note.is_signed_by(key) == Some(true)) {
            return Err(Refusal::Unsigned);
        }
        asked.continues(log.newest.as_ref())?;
        let line = cosign(self.signer.as_ref(), asked.note.text(), now)?;
        let path = file(&self.folder, origin);
        let note = asked.note.to_string();
        let written = replace(&path, note.as_bytes()).and_then(|()| sync_folder(&self.folder));
        written.map_err(storage(&path))?;
        log.newest = Some(asked.checkpoint);
        Ok(format!("{line}\n"))
    }
}

struct Request {
    old: u64,
    proof: Vec<Hash>,
    checkpoint: Checkpoint,
    note: Note,
}

impl Request {
    fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let bad = |reason| Refusal::Bad { reason };
        let text = std::str::from_utf8(body).map_err(|_| bad("it is not UTF-8"))?;
        let (head, note) = text.split_once("\n\n").ok_or(bad("no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old "));
        let old =
            old.filter(|size| *size == "0" || size.starts_with(|first: char| ('1'..='9').contains(&first)));
        let old: u64 =
            old.and_then(|size| size.parse().ok()).ok_or(bad("the first line is not `old SIZE`"))?;
        let hash = |line: &str| from_base64(line).and_then(|bytes| bytes.try_into().ok());
        let proof: Option<Vec<Hash>> = lines.map(hash).collect();
        let proof = proof.ok_or(bad("a line of the proof is not a hash in base64"))?;
        if proof.len() > MAX_PROOF {
            return Err(bad("the proof has more than 63 hashes"));
        }
        let (checkpoint, note) =
            Checkpoint::of_note(note).map_err(|_| bad("what follows the empty line is no checkpoint"))?;
        if old > checkpoint.tree_size {
            return Err(bad("the old size is above the checkpoint's"));
        }
        Ok(Self { old, proof, checkpoint, note })
    }

    fn continues(&self, newest: Option<&Checkpoint>) -> Result<(), Refusal> {
        let known = newest.map_or(0, |head| head.tree_size);
        let new = &self.checkpoint;
        if self.old != known {
            return Err(Refusal::Conflict { size: known });
        }
        if newest.is_some_and(|head| head.tree_size == new.tree_size && head.root != new.root) {
            return Err(Refusal::Conflict { size: known });
        }
        let old_root = newest.map_or_else(tree::of_nothing, |head| head.root);
        if tree::is_consistent(known, new.tree_size, old_root, new.root, &self.proof) {
            Ok(())
        } else {
            Err(Refusal::Inconsistent)
        }
    }
}

/// File of what is remembered of a log.
fn file(folder: &Path, origin: &str) -> PathBuf {
    folder.join(format!("{}.checkpoint", hex(&sha256(&[origin.as_bytes()]))))
}

fn recall(path: &Path) -> Result<Option<Checkpoint>, WitnessFault> {
    match fs::read_to_string(path) {
        Ok(note) => {
            let damaged = |source| WitnessFault::Damaged { path: path.to_owned(), source };
            Ok(Some(Checkpoint::of_note(&note).map_err(damaged)?.0))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(storage(path)(source)),
    }
}

fn storage(path: &Path) -> impl FnOnce(io::Error) -> WitnessFault {
    let path = path.to_owned();
    move |source| WitnessFault::Storage { path, source }
}
