//! The private PostgreSQL: a database server of our own in a data folder of our own, found, initialised,
//! started, shared and stopped.
//!
//! It reaches no further than a server that answers: databases, roles and tables belong to the ledger. It
//! listens on a Unix socket only, and only operating-system accounts named in its map may connect.
//!
//! Who may use one data folder at once:
//! - one holder ([`Hold::Exclusive`], the long-running server); a second one is told who holds it;
//! - any number of users ([`Hold::Shared`], commands), beside the holder or without one;
//! - the first user starts the server, the last one to leave stops it, whoever they are.
//!
//! All three stand on locks of the kernel, which vanish with their process: a killed process holds nothing,
//! and the server that it leaves running is taken over by the next user. Invariant: nobody starts, stops or
//! initialises the server without the gate (`locks`), so at most one server runs on a data folder.

mod accounts;
mod binaries;
mod clients;
mod cluster;
mod error;
mod folders;
mod locks;
mod postmaster;
mod settings;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use clients::ClientProgram;
pub(crate) use error::PrivatePostgresError;

use accounts::Accounts;
use binaries::Binaries;
use folders::Folders;
use locks::{Holder, InUse};
use postmaster::{Answer, Postmaster};

/// How PostgreSQL, with the messages of locale C, says that a disk is full.
const NO_ROOM: &str = "No space left on device";
/// Most bytes of the log that are looked through.
const LONGEST_LOOK: u64 = 1 << 20;

/// The name of the first superuser, which creates roles and databases and is used for nothing else.
pub(crate) const BOOTSTRAP_ROLE: &str = "postgres";

/// What every other role's name begins with.
pub(crate) const ROLE_PREFIX: &str = "caseledger";

/// How a process uses the data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The long-running server: at most one on a data folder.
    Exclusive,
    /// A command: any number, beside the server or alone.
    Shared,
}

/// What to start, and for whom.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The data folder of the product; the server lives in `postgres` below it. Created if missing.
    pub(crate) data: PathBuf,
    /// The only folder in which to look for server programs; without it they are searched for.
    pub(crate) pg_bin: Option<PathBuf>,
    /// How the folder is used.
    pub(crate) hold: Hold,
    /// What this process is, in the words that a refused second holder reads, such as `caseledger serve`.
    pub(crate) command: String,
    /// The login roles that may be connected as, beside the bootstrap role; each begins with
    /// [`ROLE_PREFIX`]. They need not exist yet.
    pub(crate) roles: Vec<String>,
}

/// A running server that this process uses.
///
/// Call [`PrivatePostgres::stop`] at the end. Dropped without it (an early return, a panic), the last user
/// only asks the server to stop and does not wait.
#[derive(Debug)]
pub(crate) struct PrivatePostgres {
    folders: Folders,
    accounts: Accounts,
    binaries: Binaries,
    postmaster: Mutex<Postmaster>,
    sockets: PathBuf,
    answer: Answer,
    hold: Hold,
    in_use: Option<InUse>,
    holder: Option<Holder>,
    /// Length of the server's log when this user came.
    log_before: u64,
}

impl PrivatePostgres {
    /// Gives a server that answers: the one that runs on this folder, else a new one, on a data folder that
    /// is initialised if there is none.
    ///
    /// # Errors
    /// A refusal if another process holds the folder exclusively; else the first thing that stands in the
    /// way. Nothing half-made is left behind.
    pub(crate) async fn start(options: Options) -> Result<PrivatePostgres, PrivatePostgresError> {
        settings::check_roles(&options.roles)?;
        let folders = Folders::create(&options.data)?;
        let gate = locks::pass_gate(&folders).await?;
        let holder = match options.hold {
            Hold::Exclusive => Some(Holder::claim(&folders, &options.command)?),
            Hold::Shared => None,
        };
        let in_use = InUse::enter(&folders)?;
        let accounts = Accounts::choose(&folders)?;
        folders.check_reachable(accounts.server())?;
        let binaries = prepare_cluster(&options, &folders, &accounts).await?;
        let changed = settings::write_access(&folders, &accounts, &options.roles)?;
        let (postmaster, answer) = match postmaster::running(&folders, changed).await? {
            Some(found) => found,
            None => postmaster::start(&binaries, &folders, &accounts).await?,
        };
        drop(gate);
        let in_use = Some(in_use);
        let log_before = std::fs::metadata(folders.log()).map_or(0, |about| about.len());
        Ok(PrivatePostgres {
            folders,
            accounts,
            binaries,
            sockets: postmaster.sockets().to_owned(),
            postmaster: Mutex::new(postmaster),
            answer,
            hold: options.hold,
            in_use,
            holder,
            log_before,
        })
    }

    /// The last line of the server's log, since this user came, that says that the disk is full. It names files of the
    /// server and no data.
    pub(crate) fn no_room(&self) -> Option<String> {
        let mut log = File::open(self.folders.log()).ok()?;
        let length = log.metadata().ok()?.len();
        // A log that is shorter than before was put aside in the meantime.
        let new = if length < self.log_before { 0 } else { self.log_before };
        log.seek(SeekFrom::Start(new.max(length.saturating_sub(LONGEST_LOOK)))).ok()?;
        let mut text = Vec::new();
        log.read_to_end(&mut text).ok()?;
        let text = String::from_utf8_lossy(&text);
        text.lines().rfind(|line| line.contains(NO_ROOM)).map(str::to_owned)
    }

    /// Where to connect as `role` to `database`; neither is checked here.
    pub(crate) fn connection(&self, role: &str, database: &str) -> ConnectionTarget {
        ConnectionTarget {
            host: self.sockets.clone(),
            port: postmaster::PORT,
            user: role.to_owned(),
            dbname: database.to_owned(),
        }
    }

    /// The folder of the server's programs.
    pub(crate) fn programs(&self) -> &Path {
        self.binaries.folder()
    }

    /// One line: which programs, which data, whose process, how much memory, and how to stop it.
    pub(crate) fn chosen(&self) -> String {
        let postmaster = self.postmaster();
        let origin = if postmaster.is_ours() { "started" } else { "already running" };
        let stop = match self.hold {
            Hold::Exclusive => format!("stop with Ctrl-C or kill -TERM {}", std::process::id()),
            Hold::Shared => "stops with the last command that uses it".to_owned(),
        };
        format!(
            "private PostgreSQL {} ({}) from {}, data in {}, socket in {}, as {} (process {}), {}; {stop}",
            self.answer.version,
            origin,
            self.binaries.folder().display(),
            self.folders.cluster().display(),
            self.sockets.display(),
            self.accounts.server().name,
            postmaster.pid(),
            self.answer.memory,
        )
    }

    /// Starts the server again where its process has ended although nobody asked it to; says whether that was so.
    ///
    /// # Errors
    /// What stands in the way; the next call tries again.
    pub(crate) async fn revive(&self) -> Result<bool, PrivatePostgresError> {
        if self.postmaster().lives(&self.folders) {
            return Ok(false);
        }
        let _gate = locks::pass_gate(&self.folders).await?;
        // Another user may have been faster.
        let (postmaster, _) = match postmaster::running(&self.folders, false).await? {
            Some(found) => found,
            None => postmaster::start(&self.binaries, &self.folders, &self.accounts).await?,
        };
        if postmaster.sockets() != self.sockets {
            return Err(PrivatePostgresError::Moved {
                from: self.sockets.clone(),
                to: postmaster.sockets().to_owned(),
            });
        }
        *self.postmaster() = postmaster;
        Ok(true)
    }

    fn postmaster(&self) -> MutexGuard<'_, Postmaster> {
        self.postmaster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves the server; the last user to leave stops it (open transactions are rolled back) and waits.
    ///
    /// # Errors
    /// If the server is still there after two minutes; it may then be stopped by hand.
    pub(crate) async fn stop(mut self) -> Result<(), PrivatePostgresError> {
        let gate = locks::pass_gate(&self.folders).await?;
        let last = self.in_use.take().is_some_and(InUse::leave_as_last);
        if last {
            self.postmaster.get_mut().unwrap_or_else(PoisonError::into_inner).stop(&self.folders).await?;
        }
        self.holder = None;
        drop(gate);
        Ok(())
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        let Some(in_use) = self.in_use.take() else { return };
        // Whoever is at the gate now is about to use the server: leave it to them.
        let Some(_gate) = locks::try_gate(&self.folders) else { return };
        if in_use.leave_as_last() {
            self.postmaster().ask_to_stop(&self.folders);
        }
    }
}

/// One place to connect to; turns into a [`tokio_postgres::Config`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectionTarget {
    /// The folder of the Unix socket.
    pub(crate) host: PathBuf,
    /// Only part of the socket's file name: nothing listens on TCP.
    pub(crate) port: u16,
    /// The database role.
    pub(crate) user: String,
    /// The database.
    pub(crate) dbname: String,
}

impl From<&ConnectionTarget> for tokio_postgres::Config {
    fn from(target: &ConnectionTarget) -> Self {
        let mut config = tokio_postgres::Config::new();
        config.host_path(&target.host).port(target.port).user(&target.user).dbname(&target.dbname);
        config
    }
}

/// Where the data folder stands unless somebody names another: `$XDG_DATA_HOME/caseledger` or
/// `~/.local/share/caseledger`; for root `/var/lib/caseledger`, because the server runs as another account
/// that cannot enter root's home. `None` if there is no home folder.
pub(crate) fn default_data_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    usual_data_folder(rustix::process::geteuid().is_root(), variable("XDG_DATA_HOME"), variable("HOME"))
}

fn usual_data_folder(is_root: bool, data_home: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    if is_root {
        return Some(PathBuf::from("/var/lib/caseledger"));
    }
    let base = data_home
        .filter(|folder| folder.is_absolute())
        .or_else(|| home.filter(|folder| folder.is_absolute()).map(|home| home.join(".local/share")));
    base.map(|base| base.join("caseledger"))
}

/// Finds programs that fit the cluster, and makes the cluster if there is none.
async fn prepare_cluster(
    options: &Options,
    folders: &Folders,
    accounts: &Accounts,
) -> Result<Binaries, PrivatePostgresError> {
    let existing = cluster::major(folders, accounts)?;
    let binaries = Binaries::find(options.pg_bin.as_deref(), folders, accounts, existing).await?;
    if existing.is_none() {
        cluster::create(&binaries, folders, accounts).await?;
    }
    Ok(binaries)
}

/// Reads a small file; a missing one is `None`.
fn read_if_there(path: &Path) -> Result<Option<String>, PrivatePostgresError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(PrivatePostgresError::file("read", path, source)),
    }
}
