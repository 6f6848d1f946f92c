//! A PostgreSQL of the campaign's own, with durable settings, that can be killed and started again.
//!
//! A keeper stops it and removes its folder when the campaign's process ends, however it ends. Only processes that
//! this server started are ever killed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use ledger::test_support::{binaries, unprivileged_account};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::sleep;
use tokio_postgres::{Client, Config, NoTls};

/// What makes an acknowledgement durable, and what keeps the server small.
const DURABLE: [&str; 7] = [
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "shared_buffers=64MB",
    "max_connections=100",
    "max_wal_size=1GB",
    "timezone=UTC",
];
/// How long a start may take, recovery included.
const LONGEST_START: Duration = Duration::from_secs(60);

/// Where a server's files lie.
#[derive(Clone, Debug)]
pub(super) struct Folders {
    /// Everything else lies here unless another place is named; also the socket.
    pub(super) root: PathBuf,
    /// The cluster.
    pub(super) data: PathBuf,
    /// Its write-ahead log, where it has a place of its own.
    pub(super) wal: Option<PathBuf>,
}

impl Folders {
    /// A new folder for everything, that the server's account can pass through.
    pub(super) fn fresh() -> anyhow::Result<Self> {
        let root = crate::data_folder::new_folder("caseledger-faults");
        Ok(Self { data: root.join("data"), root, wal: None })
    }
}

/// A running server, or one that was killed.
pub(super) struct Server {
    folders: Folders,
    settings: Vec<String>,
    process: Option<Child>,
    // Its end of the pipe closes with this process.
    _keeper: Child,
}

impl Server {
    /// Makes a cluster and starts it. `settings` are added to the durable ones, or replace them.
    pub(super) async fn make(folders: Folders, settings: &[&str]) -> anyhow::Result<Self> {
        let keeper = keeper(&folders)?;
        give_away(&folders.root)?;
        let settings = DURABLE.iter().chain(settings).map(|&setting| setting.to_owned()).collect();
        let mut this = Self { folders, settings, process: None, _keeper: keeper };
        this.initialise()?;
        this.start().await?;
        Ok(this)
    }

    fn initialise(&self) -> anyhow::Result<()> {
        let mut initdb = self.as_its_account(&binaries().join("initdb"));
        initdb.arg("-D").arg(&self.folders.data).args(["-U", "admin", "-A", "trust", "-E", "UTF8"]);
        // Small segments, so that a full disk of the write-ahead log is soon met.
        initdb.args(["--locale=C", "--data-checksums", "--wal-segsize=1"]);
        if let Some(wal) = &self.folders.wal {
            initdb.arg("-X").arg(wal);
        }
        let made = initdb.stdout(Stdio::null()).output().context("initdb")?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        Ok(())
    }

    fn as_its_account(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folders.root).stdin(Stdio::null()).process_group(0);
        if let Some((user, group)) = unprivileged_account() {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts it and waits until it takes connections; returns how long that took. A server that ends at once is
    /// started again, as whoever watches over it would: a process that was being forked at the kill may still hold
    /// the memory of the last one.
    pub(super) async fn start(&mut self) -> anyhow::Result<Duration> {
        let began = Instant::now();
        self.process = Some(self.spawn()?);
        while self.admin("postgres").await.is_err() {
            ensure!(began.elapsed() < LONGEST_START, "PostgreSQL does not start: {}", self.last_words());
            if self.has_ended()? {
                self.process = Some(self.spawn()?);
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(began.elapsed())
    }

    fn spawn(&self) -> anyhow::Result<Child> {
        let log = fs::File::options().create(true).append(true).open(self.log())?;
        let mut postgres = self.as_its_account(&binaries().join("postgres"));
        postgres.arg("-D").arg(&self.folders.data).arg("-k").arg(&self.folders.root);
        postgres.args(["-c", "listen_addresses="]);
        for setting in &self.settings {
            postgres.args(["-c", setting]);
        }
        postgres.stdout(log.try_clone()?).stderr(log).spawn().context("postgres")
    }

    /// Kills the whole server, none of its processes being asked.
    pub(super) fn kill(&mut self) -> anyhow::Result<()> {
        let Some(mut process) = self.process.take() else { bail!("the server does not run") };
        let children = children_of(process.id());
        process.kill()?;
        for child in &children {
            // One that has ended by itself since is as dead as the others.
            let _ = kill_process(*child, Signal::KILL);
        }
        process.wait()?;
        wait_until_gone(&children)
    }

    /// Stops the server in an orderly way.
    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
        let Some(mut process) = self.process.take() else { bail!("the server does not run") };
        kill_process(Pid::from_child(&process), Signal::INT)?;
        process.wait()?;
        Ok(())
    }

    /// Whether the server has ended by itself.
    pub(super) fn has_ended(&mut self) -> anyhow::Result<bool> {
        let Some(process) = &mut self.process else { return Ok(true) };
        let ended = process.try_wait()?.is_some();
        if ended {
            self.process = None;
        }
        Ok(ended)
    }

    pub(super) fn folders(&self) -> &Folders {
        &self.folders
    }

    /// Where to connect as superuser.
    pub(super) fn superuser(&self, database: &str) -> Config {
        let mut config = Config::new();
        config.host_path(&self.folders.root).user("admin").dbname(database);
        config
    }

    /// A connection as superuser.
    pub(super) async fn admin(&self, database: &str) -> anyhow::Result<Client> {
        connect(&self.superuser(database)).await
    }

    fn log(&self) -> PathBuf {
        self.folders.root.join("server.log")
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join(" / ")
    }
}

/// A connection that is driven in the background.
pub(super) async fn connect(config: &Config) -> anyhow::Result<Client> {
    let (client, connection) = config.connect(NoTls).await?;
    drop(tokio::spawn(connection));
    Ok(client)
}

/// Gives a folder to the account that the server runs as.
pub(super) fn give_away(folder: &Path) -> anyhow::Result<()> {
    if let Some((user, group)) = unprivileged_account() {
        std::os::unix::fs::chown(folder, Some(user), Some(group))?;
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

/// Small file systems that a campaign mounted below the folder are taken away as well.
fn keeper(folders: &Folders) -> anyhow::Result<Child> {
    let script = "read -r _; pid=$(head -n 1 \"$1/postmaster.pid\" 2>/dev/null)\n\
                  if [ -n \"$pid\" ]; then kill -QUIT \"$pid\"; while kill -0 \"$pid\" 2>/dev/null; do sleep 0.1; done; fi\n\
                  cd /; umount \"$2\"/* 2>/dev/null; rm -rf \"$2\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "keeper"]).arg(&folders.data).arg(&folders.root);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    shell.spawn().context("a shell")
}

/// The processes that a process has started and that still run.
pub(super) fn children_of(parent: u32) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| parent_of(*id) == Some(parent)).filter_map(Pid::from_raw).collect()
}

/// The fourth field of a process's state: its name, the second, may hold spaces and stands in parentheses.
fn parent_of(process: i32) -> Option<u32> {
    let state = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = state.rsplit_once(") ")?;
    rest.split(' ').nth(1)?.parse().ok()
}

fn wait_until_gone(processes: &[Pid]) -> anyhow::Result<()> {
    let began = Instant::now();
    let runs = |process: &Pid| {
        let state =
            fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero())).unwrap_or_default();
        state.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
    };
    while processes.iter().any(runs) {
        ensure!(began.elapsed() < Duration::from_secs(10), "a killed process is still there");
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}
