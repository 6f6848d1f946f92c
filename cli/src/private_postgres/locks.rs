//! The three locks of a data folder, all advisory locks of the kernel on files below it.
//!
//! - the *gate*, exclusive and short: held while somebody looks for a server, starts or stops it;
//! - *in use*, shared: held by everybody who uses the server, as long as they do;
//! - the *holder*, exclusive: held by the long-running server, with a line that says who it is.
//!
//! The files stay when nobody holds them; only the lock means something. A process that dies, however it
//! dies, loses its locks at that moment. Invariant: *in use* and *holder* are taken and given up only by one
//! who stands in the gate, except by dying.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, Write};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use rustix::fs::FlockOperation;

use super::error::PrivatePostgresError;
use super::folders::Folders;

/// How long to wait at the gate: another process may be recovering a large ledger behind it.
const GATE_PATIENCE: Duration = Duration::from_secs(600);
const GATE_PAUSE: Duration = Duration::from_millis(50);

/// Held while a server is looked for, started or stopped; given up when dropped.
#[derive(Debug)]
pub(super) struct Gate {
    _file: File,
}

/// Waits for the gate, without blocking the thread: a Ctrl-C may end the wait at any moment.
pub(super) async fn pass_gate(folders: &Folders) -> Result<Gate, PrivatePostgresError> {
    let attempt = async {
        loop {
            let file = folders.open_lock("gate")?;
            if try_lock(&file, FlockOperation::NonBlockingLockExclusive, folders, "gate")? {
                return Ok(Gate { _file: file });
            }
            tokio::time::sleep(GATE_PAUSE).await;
        }
    };
    tokio::time::timeout(GATE_PATIENCE, attempt).await.unwrap_or_else(|_| {
        Err(PrivatePostgresError::GateClosed { seconds: GATE_PATIENCE.as_secs(), gate: folders.lock("gate") })
    })
}

/// The gate if nobody stands in it.
pub(super) fn try_gate(folders: &Folders) -> Option<Gate> {
    let file = folders.open_lock("gate").ok()?;
    let passed = rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
    passed.then_some(Gate { _file: file })
}

/// This process uses the server.
#[derive(Debug)]
pub(super) struct InUse {
    file: File,
}

impl InUse {
    /// Joins the users. The caller stands in the gate, so nobody is just finding out who is the last.
    pub(super) fn enter(folders: &Folders) -> Result<InUse, PrivatePostgresError> {
        let file = folders.open_lock("in-use")?;
        rustix::fs::flock(&file, FlockOperation::LockShared)
            .map_err(|fault| PrivatePostgresError::file("lock", &folders.lock("in-use"), fault.into()))?;
        Ok(InUse { file })
    }

    /// Leaves, and says whether nobody is left. The caller stands in the gate.
    pub(super) fn leave_as_last(self) -> bool {
        rustix::fs::flock(&self.file, FlockOperation::NonBlockingLockExclusive).is_ok()
    }
}

/// This process holds the data folder; given up when dropped.
#[derive(Debug)]
pub(super) struct Holder {
    _file: File,
}

impl Holder {
    /// Takes hold, or says who holds. The caller stands in the gate, so the line read is whole.
    pub(super) fn claim(folders: &Folders, command: &str) -> Result<Holder, PrivatePostgresError> {
        let mut file = folders.open_lock("holder")?;
        if !try_lock(&file, FlockOperation::NonBlockingLockExclusive, folders, "holder")? {
            return Err(held(folders, &mut file));
        }
        let line = format!("{} {command}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(line.as_bytes()))
            .map_err(|source| PrivatePostgresError::file("write", &folders.lock("holder"), source))?;
        Ok(Holder { _file: file })
    }
}

/// The refusal, with what the holder wrote; it took hold when it wrote.
fn held(folders: &Folders, file: &mut File) -> PrivatePostgresError {
    let mut line = String::new();
    let since = match (file.read_to_string(&mut line), file.metadata().and_then(|about| about.modified())) {
        (Ok(_), Ok(written)) => DateTime::<Utc>::from(written).to_rfc3339_opts(SecondsFormat::Secs, true),
        (Ok(_), Err(_)) | (Err(_), _) => "an unknown time".to_owned(),
    };
    let (pid, command) = line.trim().split_once(' ').unwrap_or(("unknown", "unknown command"));
    PrivatePostgresError::Held {
        data: folders.data().to_owned(),
        pid: pid.to_owned(),
        command: command.to_owned(),
        since,
    }
}

/// Whether the lock was free; `false` means that another process holds it.
fn try_lock(
    file: &File,
    operation: FlockOperation,
    folders: &Folders,
    name: &str,
) -> Result<bool, PrivatePostgresError> {
    match rustix::fs::flock(file, operation).map_err(std::io::Error::from) {
        Ok(()) => Ok(true),
        Err(fault) if fault.kind() == ErrorKind::WouldBlock => Ok(false),
        Err(fault) => Err(PrivatePostgresError::file("lock", &folders.lock(name), fault)),
    }
}
