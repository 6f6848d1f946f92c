//! The server process: is there one, start it, ask it to stop.
//!
//! Whether a server runs is asked at its socket, and only then of `postmaster.pid`: after a kill or a restart
//! of the machine that file names a process that is gone, or, worse, another one of the same number.
//! A process is the server of our cluster if its command line names the cluster's folder. Invariant: no
//! process is signalled and no file of the server removed on the word of a number alone.

use std::io::{Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::time::Instant;
use tokio_postgres::error::SqlState;

use super::accounts::Accounts;
use super::binaries::Binaries;
use super::cluster::{last_lines, tells_of_full_disk};
use super::error::PrivatePostgresError;
use super::folders::Folders;
use super::{BOOTSTRAP_ROLE, ConnectionTarget, read_if_there, settings};

/// The port in the socket's name; nothing listens on it.
pub(super) const PORT: u16 = 5432;
/// The socket's name.
pub(super) const SOCKET_FILE: &str = ".s.PGSQL.5432";

/// How long a server may recover before it answers.
const START_PATIENCE: Duration = Duration::from_secs(600);
/// How long a server process may be there without a socket.
const SILENCE_PATIENCE: Duration = Duration::from_secs(15);
/// How long orphans of a killed server may keep its memory.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(20);
/// How long a fast shutdown may take.
const STOP_PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(20);

/// A server process that answers.
#[derive(Debug)]
pub(super) struct Postmaster {
    pid: Pid,
    sockets: PathBuf,
    /// Ours to bury, if this process started it.
    child: Option<Child>,
}

/// What a server says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// Its version, such as `15.18`.
    pub(super) version: String,
    /// Its memory settings, in one phrase.
    pub(super) memory: String,
}

/// What came back from the socket.
enum Reply {
    Answers(Answer),
    /// Starting, recovering or stopping.
    Busy,
    /// Nobody listens.
    Silent,
}

impl Postmaster {
    /// The folder of its socket.
    pub(super) fn sockets(&self) -> &Path {
        &self.sockets
    }

    /// Its process id.
    pub(super) fn pid(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Whether this process started it.
    pub(super) fn is_ours(&self) -> bool {
        self.child.is_some()
    }

    /// Asks for a fast shutdown and waits for its end. The caller stands in the gate.
    pub(super) async fn stop(&mut self, folders: &Folders) -> Result<(), PrivatePostgresError> {
        self.ask_to_stop(folders);
        let until = Instant::now() + STOP_PATIENCE;
        while serves(self.pid, &folders.cluster()) && !self.is_buried() {
            if Instant::now() > until {
                return Err(unresponsive(self.pid, folders));
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.is_buried();
        if !self.sockets.starts_with(folders.home()) {
            // A short folder elsewhere is not worth keeping; if it is not empty, it is not only ours.
            let _ = std::fs::remove_dir(&self.sockets);
        }
        Ok(())
    }

    /// Asks for a fast shutdown, if the process is still the server of this cluster.
    pub(super) fn ask_to_stop(&self, folders: &Folders) {
        if serves(self.pid, &folders.cluster()) {
            // It may have ended in between, which is what is wanted.
            let _ = rustix::process::kill_process(self.pid, Signal::INT);
        }
    }

    /// Whether its process is there.
    pub(super) fn lives(&mut self, folders: &Folders) -> bool {
        serves(self.pid, &folders.cluster()) && !self.is_buried()
    }

    /// Whether our own child has ended; a child of others is none of ours.
    fn is_buried(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(Some(_))))
    }
}

/// The server that runs on the cluster already, whoever started it; `None` if none does. A server that is
/// just starting or stopping is waited for. With `reread` it is told to read again who may connect.
pub(super) async fn running(
    folders: &Folders,
    reread: bool,
) -> Result<Option<(Postmaster, Answer)>, PrivatePostgresError> {
    let (patient_until, silent_until) = (Instant::now() + START_PATIENCE, Instant::now() + SILENCE_PATIENCE);
    let mut told = !reread;
    loop {
        let Some((pid, sockets)) = recorded(folders)? else { return Ok(None) };
        let lives = serves(pid, &folders.cluster());
        if lives && !told {
            told = rustix::process::kill_process(pid, Signal::HUP).is_ok();
            // It reads the files before it forks for the next connection, but not before it wakes.
            tokio::time::sleep(PAUSE).await;
        }
        let until = match sockets {
            Some(sockets) => match ask(&sockets).await {
                Ok(Reply::Answers(answer)) => {
                    return Ok(Some((Postmaster { pid, sockets, child: None }, answer)));
                }
                Ok(Reply::Busy) => patient_until,
                Ok(Reply::Silent) => silent_until,
                // The new map may not have been read yet.
                Err(_) if reread && Instant::now() < silent_until => silent_until,
                Err(refused) => return Err(refused),
            },
            None => silent_until,
        };
        if !lives {
            return Ok(None);
        }
        if Instant::now() > until {
            return Err(unresponsive(pid, folders));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Starts a server and waits until it answers. The caller stands in the gate, and no server runs.
pub(super) async fn start(
    binaries: &Binaries,
    folders: &Folders,
    accounts: &Accounts,
) -> Result<(Postmaster, Answer), PrivatePostgresError> {
    let sockets = folders.create_sockets(accounts.server())?;
    settings::write_settings(folders, &sockets)?;
    forget_stranger(&pid_file(folders), folders)?;
    forget_stranger(&sockets.join(format!("{SOCKET_FILE}.lock")), folders)?;
    let until = Instant::now() + ORPHAN_PATIENCE;
    loop {
        match start_once(binaries, folders, accounts, &sockets).await {
            Err(PrivatePostgresError::Start { output, .. })
                if output.contains("pre-existing shared memory block") && Instant::now() < until =>
            {
                tokio::time::sleep(PAUSE * 10).await;
            }
            ended => return ended,
        }
    }
}

async fn start_once(
    binaries: &Binaries,
    folders: &Folders,
    accounts: &Accounts,
    sockets: &Path,
) -> Result<(Postmaster, Answer), PrivatePostgresError> {
    let (mut child, said_before) = spawn(binaries, folders, accounts)?;
    let pid = Pid::from_child(&child);
    let until = Instant::now() + START_PATIENCE;
    loop {
        if !matches!(child.try_wait(), Ok(None)) {
            return Err(why_ended(folders, said_before));
        }
        match ask(sockets).await {
            Ok(Reply::Answers(answer)) => {
                let sockets = sockets.to_owned();
                return Ok((Postmaster { pid, sockets, child: Some(child) }, answer));
            }
            Ok(Reply::Busy | Reply::Silent) => {}
            Err(refused) => {
                let _ = rustix::process::kill_process(pid, Signal::INT);
                return Err(refused);
            }
        }
        if Instant::now() > until {
            return Err(unresponsive(pid, folders));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Starts the program, writing to the log; also gives the log's length before.
///
/// It gets a process group of its own: a Ctrl-C at the terminal reaches us, and we stop it in order.
fn spawn(
    binaries: &Binaries,
    folders: &Folders,
    accounts: &Accounts,
) -> Result<(Child, u64), PrivatePostgresError> {
    use std::os::unix::process::CommandExt;

    let fault = |source| PrivatePostgresError::file("write", &folders.log(), source);
    let log = folders.open_log()?;
    let said_before = log.metadata().map_err(fault)?.len();
    let program = binaries.program("postgres");
    let mut config_file = std::ffi::OsString::from("config_file=");
    config_file.push(folders.settings());
    let mut command = accounts.command(&program, folders.home());
    command.arg("-D").arg(folders.cluster()).arg("-c").arg(config_file).args(settings::ENFORCED);
    command.stdout(log.try_clone().map_err(fault)?).stderr(log).process_group(0);
    let child = command.spawn().map_err(|source| PrivatePostgresError::Run { program, source })?;
    Ok((child, said_before))
}

/// Asks at the socket; an error is an answer that makes no sense or refuses us.
async fn ask(sockets: &Path) -> Result<Reply, PrivatePostgresError> {
    let target = ConnectionTarget {
        host: sockets.to_owned(),
        port: PORT,
        user: BOOTSTRAP_ROLE.to_owned(),
        dbname: BOOTSTRAP_ROLE.to_owned(),
    };
    let mut config = tokio_postgres::Config::from(&target);
    config.application_name("caseledger start").connect_timeout(Duration::from_secs(5));
    match question(&config).await {
        Ok(answer) => Ok(Reply::Answers(answer)),
        Err(fault) if fault.code() == Some(&SqlState::CANNOT_CONNECT_NOW) => Ok(Reply::Busy),
        // Every connection is taken: a server that is alive, and not for us to describe.
        Err(fault) if fault.code() == Some(&SqlState::TOO_MANY_CONNECTIONS) => Ok(Reply::Busy),
        Err(fault) if fault.code() == Some(&SqlState::ADMIN_SHUTDOWN) => Ok(Reply::Busy),
        Err(fault) if fault.code().is_none() => Ok(Reply::Silent),
        Err(source) => Err(PrivatePostgresError::Refused { sockets: sockets.to_owned(), source }),
    }
}

async fn question(config: &tokio_postgres::Config) -> Result<Answer, tokio_postgres::Error> {
    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
    let conversation = tokio::spawn(connection);
    let asked = client
        .query_one(
            "SELECT split_part(current_setting('server_version'), ' ', 1), \
             format('shared_buffers %s, effective_cache_size %s, maintenance_work_mem %s, work_mem %s', \
             current_setting('shared_buffers'), current_setting('effective_cache_size'), \
             current_setting('maintenance_work_mem'), current_setting('work_mem'))",
            &[],
        )
        .await;
    drop(client);
    conversation.abort();
    let row = asked?;
    Ok(Answer { version: row.try_get(0)?, memory: row.try_get(1)? })
}

/// What `postmaster.pid` says: the process, and the socket's folder once the server has written it.
fn recorded(folders: &Folders) -> Result<Option<(Pid, Option<PathBuf>)>, PrivatePostgresError> {
    let Some(text) = read_if_there(&pid_file(folders))? else { return Ok(None) };
    let pid = first_number(&text);
    // Lines: process, data folder, start, port, socket folder, address, shared memory, status.
    let sockets = text.lines().nth(4).filter(|line| !line.is_empty()).map(PathBuf::from);
    Ok(pid.map(|pid| (pid, sockets)))
}

/// Removes a lock file of the server whose number has been given to another program, or to a killed server
/// that its parent has not buried: PostgreSQL would take either for a server that runs. A file whose process
/// is gone is left to PostgreSQL, which knows how to clean up.
fn forget_stranger(lock_file: &Path, folders: &Folders) -> Result<(), PrivatePostgresError> {
    let Some(text) = read_if_there(lock_file)? else { return Ok(()) };
    let Some(pid) = first_number(&text) else { return Ok(()) };
    if serves(pid, &folders.cluster()) || rustix::process::test_kill_process(pid).is_err() {
        return Ok(());
    }
    std::fs::remove_file(lock_file).map_err(|source| PrivatePostgresError::file("remove", lock_file, source))
}

/// The process that a lock file of PostgreSQL names in its first line.
fn first_number(text: &str) -> Option<Pid> {
    text.lines().next().and_then(|line| line.trim().parse().ok()).and_then(Pid::from_raw)
}

fn pid_file(folders: &Folders) -> PathBuf {
    folders.cluster().join("postmaster.pid")
}

/// Whether the process lives and was started on `cluster`. Its command line is asked, which root may read in
/// a container too and which is empty once it has ended. Where the system does not tell (no `/proc`), a
/// process that lives is believed.
fn serves(pid: Pid, cluster: &Path) -> bool {
    if !Path::new("/proc/self/cmdline").exists() {
        return rustix::process::test_kill_process(pid).is_ok();
    }
    let Ok(line) = std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_nonzero())) else { return false };
    line.split(|byte| *byte == 0).any(|argument| argument == cluster.as_os_str().as_bytes())
}

fn unresponsive(pid: Pid, folders: &Folders) -> PrivatePostgresError {
    PrivatePostgresError::Unresponsive {
        pid: pid.as_raw_nonzero().get(),
        folder: folders.cluster(),
        log: folders.log(),
    }
}

/// Reads from the log why the server ended.
fn why_ended(folders: &Folders, said_before: u64) -> PrivatePostgresError {
    let log = folders.log();
    let mut bytes = Vec::new();
    let read = std::fs::File::open(&log).and_then(|mut file| {
        file.seek(SeekFrom::Start(said_before))?;
        file.take(1 << 20).read_to_end(&mut bytes)
    });
    let said = String::from_utf8_lossy(&bytes);
    match read {
        Ok(_) if tells_of_full_disk(&said) => {
            PrivatePostgresError::DiskFull { folder: folders.home().to_owned(), doing: "starting the server" }
        }
        Ok(_) => PrivatePostgresError::Start { output: last_lines(&said), log },
        Err(fault) => PrivatePostgresError::Start { output: fault.to_string(), log },
    }
}
