//! Why there is no private PostgreSQL; each message names the place and says what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why the private PostgreSQL could not be found, made, started or stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrivatePostgresError {
    /// A refusal: another process holds the data folder exclusively.
    #[error(
        "{} is held by process {pid} ({command}) since {since}; stop it there, or choose another data \
         folder with --data",
        data.display()
    )]
    Held {
        /// The data folder.
        data: PathBuf,
        /// The holder's process id.
        pid: String,
        /// What the holder is.
        command: String,
        /// When it took hold, RFC 3339 in UTC.
        since: String,
    },
    /// No server programs anywhere.
    #[error(
        "no server programs of PostgreSQL {minimum} or later found ({tried}); install them (Debian, \
         Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; Alpine: apk add \
         postgresql16; macOS: brew install postgresql@17) or name their folder with --pg-bin"
    )]
    NoBinaries {
        /// The lowest major version that is good enough.
        minimum: u32,
        /// Where was looked, and what was wrong there.
        tried: String,
    },
    /// The folder that was asked for holds no usable programs.
    #[error(
        "--pg-bin {} holds no usable PostgreSQL: {reason}; name the folder that holds postgres and \
         initdb",
        folder.display()
    )]
    WrongBinaries {
        /// The folder named by the caller.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The data folder belongs to another major version.
    #[error(
        "{} was made by PostgreSQL {cluster}, but the programs found are of version {found}; name the \
         folder of PostgreSQL {cluster} with --pg-bin. To move to version {found}: make a backup with the \
         old programs (caseledger --pg-bin OLD backup DIR), move {} aside, and restore with the new ones \
         (caseledger --pg-bin NEW restore DIR)",
        folder.display(), folder.display()
    )]
    OtherVersion {
        /// The cluster's folder.
        folder: PathBuf,
        /// The major version that made it.
        cluster: u32,
        /// The versions at hand, joined by commas.
        found: String,
    },
    /// The folder of the cluster holds something else.
    #[error(
        "{} is not a PostgreSQL data folder (it has no readable PG_VERSION); move it away or choose \
         another data folder with --data",
        folder.display()
    )]
    NotACluster {
        /// The folder.
        folder: PathBuf,
    },
    /// The cluster belongs to an account that cannot run it.
    #[error(
        "{} belongs to account number {owner}, but the server would run as {account}; give it back \
         with: chown -R {account} {}",
        folder.display(), folder.display()
    )]
    ForeignCluster {
        /// The cluster's folder.
        folder: PathBuf,
        /// User id of its owner.
        owner: u32,
        /// The account that runs the server.
        account: String,
    },
    /// Started by root, and no account to run the server.
    #[error(
        "PostgreSQL refuses to run as root, and there is no account named {candidates} to run it; \
         create one (useradd --system --user-group --shell /usr/sbin/nologin caseledger) or start as \
         an ordinary user"
    )]
    NoServerAccount {
        /// The names that were tried.
        candidates: String,
    },
    /// The account has no name, which peer authentication and initdb need.
    #[error(
        "account number {uid} has no name in the user database, which PostgreSQL needs; add it to \
         /etc/passwd or start as another user"
    )]
    NamelessAccount {
        /// The user id.
        uid: u32,
    },
    /// A folder above the data stops the server's account.
    #[error(
        "the server runs as {account}, which may not enter {}; allow it (chmod o+x {}) or choose \
         another data folder with --data",
        folder.display(), folder.display()
    )]
    Unreachable {
        /// The first folder, from the root down, that cannot be entered.
        folder: PathBuf,
        /// The account that runs the server.
        account: String,
    },
    /// The folder for the socket is not ours alone.
    #[error(
        "{} cannot hold the server's socket: {reason}; remove it or set XDG_RUNTIME_DIR to a private \
         folder",
        folder.display()
    )]
    SocketFolder {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A login role whose name the map must not let through.
    #[error(
        "the database role {role:?} does not begin with {prefix} or has characters other than a-z, 0-9 and _"
    )]
    RoleName {
        /// The name.
        role: String,
        /// What names begin with.
        prefix: &'static str,
    },
    /// No room left on the disk.
    #[error(
        "no space left on the disk of {} while {doing}; free some space (a new ledger needs 100 MB) \
         and start again",
        folder.display()
    )]
    DiskFull {
        /// The folder that was written.
        folder: PathBuf,
        /// What was going on.
        doing: &'static str,
    },
    /// initdb failed.
    #[error("initdb could not make {}: {output}", folder.display())]
    Init {
        /// The cluster's folder.
        folder: PathBuf,
        /// The end of what it said.
        output: String,
    },
    /// The server ended while starting.
    #[error("the server ended while starting: {output}; its log is {}", log.display())]
    Start {
        /// The server's log.
        log: PathBuf,
        /// The end of what it said.
        output: String,
    },
    /// A server process exists but does not answer.
    #[error(
        "process {pid} runs on {} but does not answer; look into {}, or end it with: kill -INT {pid}",
        folder.display(), log.display()
    )]
    Unresponsive {
        /// The server's process id.
        pid: i32,
        /// The cluster's folder.
        folder: PathBuf,
        /// The server's log.
        log: PathBuf,
    },
    /// The server runs again with its socket in another place.
    #[error("the server runs again, with its socket in {} instead of {}; start this program again", to.display(), from.display())]
    Moved {
        /// Where the socket was.
        from: PathBuf,
        /// Where it is.
        to: PathBuf,
    },
    /// The server answers and refuses this account, or breaks the conversation.
    #[error("the server in {} answers but refuses the connection", sockets.display())]
    Refused {
        /// The folder of its socket.
        sockets: PathBuf,
        /// What it said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// Another process has been starting or stopping the server for too long.
    #[error(
        "another process has been starting or stopping the server for {seconds} s; the lock is {}",
        gate.display()
    )]
    GateClosed {
        /// How long was waited, in seconds.
        seconds: u64,
        /// The lock file.
        gate: PathBuf,
    },
    /// A client program is not there, or too old for what it has to read.
    #[error(
        "no {name} of PostgreSQL {oldest} or later found (found: {found}); it comes with the client programs of \
         PostgreSQL (Debian: postgresql-client); name their folder with --pg-bin"
    )]
    NoClientProgram {
        /// Its name.
        name: &'static str,
        /// The lowest major version that will do.
        oldest: u32,
        /// The versions at hand, with their folders.
        found: String,
    },
    /// A client program failed.
    #[error("{} failed{}: {output}", program.display(), if *full { ", the disk is full" } else { "" })]
    ClientFailed {
        /// The program.
        program: PathBuf,
        /// Whether its words tell of a full disk.
        full: bool,
        /// The end of what it said.
        output: String,
    },
    /// A program could not be run.
    #[error("could not run {}", program.display())]
    Run {
        /// The program.
        program: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file or folder could not be used.
    #[error("could not {doing} {}", path.display())]
    File {
        /// What was tried, a verb.
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl PrivatePostgresError {
    /// A fault on one file; a full disk keeps its own kind.
    pub(super) fn file(doing: &'static str, path: &Path, source: io::Error) -> PrivatePostgresError {
        if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            return PrivatePostgresError::DiskFull {
                folder: path.to_owned(),
                doing: "preparing the data folder",
            };
        }
        PrivatePostgresError::File { doing, path: path.to_owned(), source }
    }
}
