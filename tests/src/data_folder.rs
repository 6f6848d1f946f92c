//! One data folder for all tests of a test executable, with a ledger of its own for each test.
//!
//! The program's own private PostgreSQL runs on it. The first command of a run starts the server and its last
//! user stops it; here the test executable counts as a user (it holds the lock that users hold), so that the
//! commands of many tests meet one running server. When the executable ends, however it ends, a keeper notices,
//! runs one last command, which stops the server, and removes the folder.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};

use ledger::keys::DirectoryKeys;
use ledger::{Clock, Ledger, Options};
use replay::{Projector, Replayer};
use serde_json::Value;
use tokio_postgres::{Client, Config, NoTls};

use crate::program::{Ran, program};

/// The shared folder of this test executable.
pub struct DataFolder {
    root: PathBuf,
    _in_use: File,
    // Its end of the pipe closes with this process.
    _keeper: Child,
}

/// The shared folder; made at the first call.
pub fn shared() -> &'static DataFolder {
    static FOLDER: OnceLock<DataFolder> = OnceLock::new();
    FOLDER.get_or_init(DataFolder::make)
}

impl DataFolder {
    /// A folder of its own, for a test that cannot share one.
    pub fn make() -> DataFolder {
        let root = new_folder("caseledger-e2e");
        let data = root.join("data");
        // The ledger that is asked for does not exist; the server is started all the same.
        let _ = command(&data, "none").args(["doctor"]).output().expect("the program starts");
        let lock = File::open(data.join("postgres/in-use.lock")).expect("the first command made the lock");
        lock.lock_shared().expect("locks work here");
        let folder = DataFolder { _keeper: keeper(&root, &data), _in_use: lock, root };
        // Starts the server that the next commands meet.
        folder.ledger("none").run(&["doctor"]).ended(6);
        folder
    }

    /// A ledger of this name; it is made by the first import into it.
    pub fn ledger(&self, name: &str) -> TestLedger {
        TestLedger { data: self.data(), name: name.to_owned() }
    }

    /// The data folder of the program.
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Where a file of this name may be written; names are shared by all tests.
    pub fn file(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file for a test.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        fs::write(&path, bytes).expect("the folder can be written to");
        path
    }
}

/// A new folder that the server's account can pass through.
pub fn new_folder(name: &str) -> PathBuf {
    let unique = uuid::Uuid::new_v4().simple().to_string();
    let root = std::env::temp_dir().join(format!("{name}-{}", unique.get(..12).unwrap_or_default()));
    fs::create_dir(&root).expect("the temporary folder can be written to");
    fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).expect("own folder");
    root
}

fn keeper(root: &Path, data: &Path) -> Child {
    let script = "read -r _; \"$0\" --data \"$1\" --ledger none doctor >/dev/null 2>&1; cd /; rm -rf \"$2\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(program()).arg(data).arg(root);
    shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    shell.spawn().expect("a shell")
}

fn command(data: &Path, ledger: &str) -> Command {
    let mut command = Command::new(program());
    command.arg("--data").arg(data).args(["--ledger", ledger]);
    command
}

/// A ledger of one test.
#[derive(Debug, Clone)]
pub struct TestLedger {
    data: PathBuf,
    name: String,
}

impl TestLedger {
    /// The program, told where this ledger is.
    pub fn command(&self) -> Command {
        command(&self.data, &self.name)
    }

    /// Runs the program on this ledger.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command().args(arguments))
    }

    /// Runs the program on this ledger and reads its answer; anything but success fails the test.
    pub fn ask(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command().args(arguments).args(["--format", "json"])).ended(0)
    }

    /// Imports a file, with further arguments, and reads the report.
    pub fn import(&self, file: &Path, arguments: &[&str]) -> Ran {
        Ran::of(self.command().arg("import").arg(file).args(arguments).args(["--format", "json"]))
    }

    /// Where to connect as a role of the ledger.
    pub fn database(&self, role: &str) -> Config {
        let mut config = Config::new();
        config.host_path(self.sockets()).user(role).dbname(format!("caseledger_{}", self.name));
        config
    }

    /// The socket's folder, which the server writes into its own record: a long path has another place.
    fn sockets(&self) -> PathBuf {
        let record = self.data.join("postgres/cluster/postmaster.pid");
        let record = fs::read_to_string(record).expect("the server runs, and root or its own account tests");
        record.lines().nth(4).expect("the fifth line is the socket's folder").into()
    }

    /// The name of the ledger.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection to a database of the server that is no ledger's, as its first superuser.
    pub async fn on_server(&self, database: &str) -> Client {
        let mut config = self.database("postgres");
        config.dbname(database);
        let (client, connection) = config.connect(NoTls).await.expect("the server answers");
        tokio::spawn(connection);
        client
    }

    /// A connection as a role.
    pub async fn connect(&self, role: &str) -> Client {
        let (client, connection) = self.database(role).connect(NoTls).await.expect("the server answers");
        tokio::spawn(connection);
        client
    }

    /// The ledger itself, without the program between.
    pub async fn open(&self) -> Ledger {
        self.open_at(Clock::system()).await
    }

    /// The same with a clock of its own.
    pub async fn open_at(&self, clock: Clock) -> Ledger {
        let keys = DirectoryKeys::open(&self.data.join("keys").join(&self.name)).expect("keys are there");
        let options = Options { clock, ..Options::default() };
        Ledger::open(&self.database("caseledger_appender"), Arc::new(keys), options).await.expect("it opens")
    }

    /// A projector of its own.
    pub async fn projector(&self) -> Projector {
        let replayer = Replayer::new(self.open().await);
        Projector::new(replayer, self.connect("caseledger_projector").await, Clock::system())
    }

    /// Every row of a query as one JSON value.
    pub async fn rows(&self, query: &str) -> Vec<Value> {
        let client = self.connect("postgres").await;
        let sql = format!("SELECT to_json(found)::text FROM ({query}) AS found");
        let rows = client.query(&sql, &[]).await.expect("the query is right");
        rows.iter().map(|row| serde_json::from_str(row.get(0)).expect("PostgreSQL writes JSON")).collect()
    }
}
