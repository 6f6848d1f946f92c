//! A private PostgreSQL for tests: one server a test process, a fresh database a test.
//!
//! It is no part of the program. Unless [`serve_with`] chose other settings the server runs without fsync, so no
//! test may say anything about durability; it stops and its folder goes when the test process ends, however it
//! ends.

#![expect(clippy::missing_panics_doc, reason = "a test that cannot be set up has failed")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command as Program, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use domain::envelope::{Category, EventContext, NewEvent, SealedFields};
use domain::events::Code;
use domain::ids::{CommandId, EventId, StreamId};
use domain::time::Occurred;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

use crate::keys::DirectoryKeys;
use crate::notes::VerifierKey;
use crate::{Clock, Command, Expected, Ledger, Opening, Options, StreamAppend};

/// Who the server runs as when the tests run as root.
const UNPRIVILEGED: &str = "postgres";
const TEMPLATE: &str = "caseledger_template";

struct Server {
    socket_folder: PathBuf,
    // Dropping it closes the pipe that the server's keeper reads from, and the keeper stops the server.
    _keeper: Child,
}

/// Quick, and good for nothing but tests: a crash of the machine may lose what was committed.
const TEST_SETTINGS: &[&str] =
    &["fsync=off", "full_page_writes=off", "max_connections=200", "shared_buffers=128MB", "max_wal_size=2GB"];

static SETTINGS: OnceLock<Vec<String>> = OnceLock::new();
static SERVER: OnceLock<Server> = OnceLock::new();
static TEMPLATE_MADE: OnceCell<()> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Chooses the server's settings, each as `name=value` of plain letters, instead of those for tests; for a
/// benchmark, whose figures mean something only with durable ones. To be called before the first database is made.
///
/// # Panics
/// Where the settings are chosen already.
pub fn serve_with(settings: Vec<String>) {
    SETTINGS.set(settings).expect("settings are chosen once, before the first database is made");
}

fn settings() -> String {
    let given = SETTINGS.get_or_init(|| TEST_SETTINGS.iter().map(|&setting| setting.to_owned()).collect());
    given.iter().map(|setting| format!("-c {setting} ")).collect()
}

fn server() -> &'static Server {
    SERVER.get_or_init(Server::start)
}

impl Server {
    fn start() -> Self {
        let bin = binaries();
        let root = std::env::temp_dir().join(format!("caseledger-test-{}-{}", std::process::id(), random()));
        fs::create_dir(&root).expect("the temporary folder can be written to");
        fs::set_permissions(&root, fs::Permissions::from_mode(0o700)).expect("own folder");
        let account = unprivileged_account();
        if let Some((user, group)) = account {
            std::os::unix::fs::chown(&root, Some(user), Some(group)).expect("root may give a folder away");
        }
        let script = format!(
            "set -e; cd {root}; {bin}/initdb -D data -U admin -A trust -E UTF8 --locale=C --data-checksums --no-sync >initdb.log 2>&1\n\
             {bin}/postgres -D data -k {root} -c listen_addresses= {settings}-c timezone=UTC >server.log 2>&1 &\n\
             server=$!; echo started; read -r _ || true; kill -INT $server; wait $server || true; cd /; rm -rf {root}",
            root = root.display(),
            bin = bin.display(),
            settings = settings(),
        );
        let mut keeper = Program::new("sh");
        keeper.arg("-c").arg(script).stdin(Stdio::piped()).stdout(Stdio::null()).process_group(0);
        if let Some((user, group)) = account {
            keeper.uid(user).gid(group);
        }
        let mut keeper = keeper.spawn().expect("a shell");
        wait_until_ready(&bin, &root, &mut keeper);
        Self { socket_folder: root, _keeper: keeper }
    }

    fn config(&self, user: &str, database: &str) -> Config {
        let mut config = Config::new();
        config.host_path(&self.socket_folder).user(user).dbname(database);
        config
    }
}

fn wait_until_ready(bin: &Path, root: &Path, keeper: &mut Child) {
    for _ in 0..600 {
        let ready = Program::new(bin.join("pg_isready")).arg("-q").arg("-h").arg(root).status();
        if ready.is_ok_and(|status| status.success()) {
            return;
        }
        assert!(
            matches!(keeper.try_wait(), Ok(None)),
            "the test server did not start; see initdb in its folder"
        );
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the test server is not ready after 30 s");
}

/// `CASELEDGER_PG_BIN`, or the newest of Debian's versioned folders, or the folder of `initdb` on the PATH.
pub fn binaries() -> PathBuf {
    if let Some(given) = std::env::var_os("CASELEDGER_PG_BIN") {
        return given.into();
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian =
        versions.map(|entry| entry.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = || std::env::split_paths(&path).find(|folder| folder.join("initdb").exists());
    debian.or_else(on_path).expect("PostgreSQL server binaries; name their folder in CASELEDGER_PG_BIN")
}

/// The account to drop to, as user and group; `None` where the tests do not run as root.
pub fn unprivileged_account() -> Option<(u32, u32)> {
    let me = fs::metadata("/proc/self").expect("a proc file system").uid();
    if me != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").expect("accounts can be read");
    let account = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let is_it = fields.next() == Some(UNPRIVILEGED);
        let ids = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        is_it.then_some(ids)
    });
    Some(account.expect("an account postgres, because PostgreSQL does not run as root"))
}

fn random() -> Uuid {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("random bytes");
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("the test server takes connections");
    drop(tokio::spawn(connection));
    client
}

/// A fresh database with the ledger's tables, and a key store of its own.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    socket_folder: PathBuf,
    keys: PathBuf,
    owned: bool,
}

impl TestDatabase {
    /// Makes a database with the tables installed and no ledger in it.
    pub async fn installed() -> Self {
        TEMPLATE_MADE.get_or_init(make_template).await;
        Self::copy_of(TEMPLATE).await
    }

    /// Makes a database with nothing in it.
    pub async fn empty() -> Self {
        Self::copy_of("template1").await
    }

    async fn copy_of(template: &str) -> Self {
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&server().config("admin", "postgres")).await;
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        admin.batch_execute(&create).await.expect("a new database");
        let keys = std::env::temp_dir().join(format!("caseledger-keys-{}", random()));
        Self { name, socket_folder: server().socket_folder.clone(), keys, owned: true }
    }

    /// A copy of the database as it stands, with the same key store; nobody else may be connected to it. It is what
    /// a restored backup is.
    pub async fn copied(&self) -> Self {
        let mut copy = Self::copy_of(&self.name).await;
        copy.keys.clone_from(&self.keys);
        copy.owned = false;
        copy
    }

    /// The same, after the last connection of a ledger that was dropped has ended.
    pub async fn copied_when_idle(&self) -> Self {
        let admin = self.admin().await;
        let others = "SELECT count(*) FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        while admin.query_one(others, &[]).await.expect("the server answers").get::<_, i64>(0) > 0 {
            tokio::task::yield_now().await;
        }
        drop(admin);
        loop {
            let name = &self.name;
            let admin = connect(&server().config("admin", "postgres")).await;
            let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1";
            if admin.query_one(left, &[name]).await.expect("the server answers").get::<_, i64>(0) == 0 {
                return self.copied().await;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Gives this database the name of another, whose users are cut off and find this one when they come back: what
    /// happens when a backup is restored under running programs.
    pub async fn put_in_place_of(&self, other: &Self) {
        let admin = connect(&server().config("admin", "postgres")).await;
        let (name, own) = (&other.name, &self.name);
        let close = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        admin.batch_execute(&close).await.expect("the database closes");
        let cut = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = ANY($1)";
        admin.query(cut, &[&vec![name, own]]).await.expect("connections can be cut");
        let swap = [
            format!("ALTER DATABASE {name} RENAME TO {name}_lost"),
            format!("ALTER DATABASE {own} RENAME TO {name}"),
        ];
        for statement in swap {
            admin.batch_execute(&statement).await.expect("nobody is connected");
        }
    }

    /// What another process needs to use the same database; see [`Self::from_handle`].
    pub fn handle(&self) -> String {
        format!("{}\n{}\n{}", self.name, self.socket_folder.display(), self.keys.display())
    }

    /// The same database in another process, which does not clean it up.
    pub fn from_handle(handle: &str) -> Self {
        let mut lines = handle.lines();
        let mut next = || lines.next().expect("three lines").to_owned();
        Self { name: next(), socket_folder: next().into(), keys: next().into(), owned: false }
    }

    fn config(&self, user: &str) -> Config {
        let mut config = Config::new();
        config.host_path(&self.socket_folder).user(user).dbname(&self.name);
        config
    }

    /// Connects as superuser.
    pub fn superuser(&self) -> Config {
        self.config("admin")
    }

    /// Connects as the role that appends and reads, which is what programs use.
    pub fn appender(&self) -> Config {
        self.config("caseledger_appender")
    }

    /// Connects as another of the ledger's roles, such as `caseledger_reader`.
    pub fn role(&self, name: &str) -> Config {
        self.config(name)
    }

    /// A connection as superuser.
    pub async fn admin(&self) -> Client {
        connect(&self.superuser()).await
    }

    /// The key store of the database's ledger; each call opens it anew, as another process would.
    pub fn keys(&self) -> Arc<DirectoryKeys> {
        Arc::new(DirectoryKeys::open(&self.keys).expect("a key store"))
    }

    /// A key store for a ledger that is to be made in this database.
    pub fn new_keys(&self) -> Arc<DirectoryKeys> {
        Arc::new(DirectoryKeys::create(&self.keys).expect("a new key store"))
    }

    /// Where the key store is.
    pub fn keys_folder(&self) -> &Path {
        &self.keys
    }

    /// Opens the database's first ledger, which nobody signs.
    pub async fn create_ledger(&self, options: Options) -> Ledger {
        self.create_ledger_signed_by(None, options).await
    }

    /// Opens the database's first ledger, with a key that signs it.
    pub async fn create_ledger_signed_by(&self, log_key: Option<VerifierKey>, options: Options) -> Ledger {
        let opening = Opening {
            authority: Code::try_new("E09000001").expect("a code"),
            origin: "caseledger.example/E09000001/events".to_owned(),
            log_key,
        };
        Ledger::create(&self.appender(), self.new_keys(), opening, options).await.expect("a new ledger")
    }

    /// Opens the ledger again, as another process would.
    pub async fn open_ledger(&self) -> Ledger {
        self.open_ledger_with(Options::default()).await
    }

    /// The same with other options.
    pub async fn open_ledger_with(&self, options: Options) -> Ledger {
        Ledger::open(&self.appender(), self.keys(), options).await.expect("the ledger opens")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.owned {
            let _ = fs::remove_dir_all(&self.keys);
        }
    }
}

async fn make_template() {
    let admin = connect(&server().config("admin", "postgres")).await;
    admin.batch_execute(&format!("CREATE DATABASE {TEMPLATE}")).await.expect("a template database");
    crate::install(&server().config("admin", TEMPLATE)).await.expect("the ledger's tables");
}

/// A ledger in a fresh database.
pub async fn fresh_ledger() -> (TestDatabase, Ledger) {
    let database = TestDatabase::installed().await;
    let ledger = database.create_ledger(Options::default()).await;
    (database, ledger)
}

/// A clock that stands still until it is set.
#[derive(Clone, Debug)]
pub struct SetClock(Arc<std::sync::Mutex<chrono::DateTime<chrono::Utc>>>);

impl SetClock {
    /// A clock that says `now`.
    pub fn at(now: chrono::DateTime<chrono::Utc>) -> Self {
        Self(Arc::new(std::sync::Mutex::new(now)))
    }

    /// Sets it.
    pub fn set(&self, now: chrono::DateTime<chrono::Utc>) {
        *self.0.lock().expect("no test panics while it sets the clock") = now;
    }

    /// The clock for [`Options::clock`].
    pub fn clock(&self) -> Clock {
        let this = self.clone();
        Clock::new(move || *this.0.lock().expect("no test panics while it sets the clock"))
    }
}

/// A random id of a stream.
pub fn some_stream() -> StreamId {
    StreamId(random())
}

/// A random id of a command.
pub fn some_command() -> CommandId {
    CommandId(random())
}

/// An event about an invented child: a contact numbered `number`.
pub fn some_event(number: u32) -> NewEvent {
    NewEvent {
        event_id: EventId(random()),
        occurred: Occurred::UNKNOWN,
        kind: "contact_received".into(),
        schema_version: 1,
        facts: format!("{{\"details\":{{\"number\":{number}}}}}"),
        sealed: SealedFields::none(),
        context: EventContext::new(Uuid::nil(), "social_worker"),
    }
}

/// A command of one stream.
pub fn append_to(stream: StreamId, expected: Expected, events: Vec<NewEvent>) -> Command {
    let append = StreamAppend::new(stream, Category::Child, expected, events);
    Command { command_id: some_command(), appends: vec![append] }
}

/// Writes a line where the test's output goes, also when output is captured.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// From here on a database's clock is ahead for whoever connects anew; `admin` is a superuser's connection.
///
/// # Panics
/// Where the superuser may not say so.
pub async fn lead_database_clock(admin: &Client, ahead: chrono::TimeDelta) {
    let name: String = admin
        .query_one("SELECT quote_ident(current_database())", &[])
        .await
        .expect("a superuser may ask")
        .get(0);
    let seconds = ahead.num_seconds();
    let sql = format!(
        "CREATE SCHEMA IF NOT EXISTS wrong; GRANT USAGE ON SCHEMA wrong TO PUBLIC; \
         CREATE OR REPLACE FUNCTION wrong.clock_timestamp() RETURNS timestamptz LANGUAGE sql \
         AS $$SELECT pg_catalog.clock_timestamp() + interval '{seconds} seconds'$$; \
         ALTER DATABASE {name} SET search_path = wrong, pg_catalog"
    );
    admin.batch_execute(&sql).await.expect("a superuser may say so");
}
