//! Where a ledger lives: data folder, private PostgreSQL (or a database of your own), key store; opened and closed.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use domain::events::Code;
use domain::ids::Position;
use domain::rules::RuleBook;
use ledger::keys::DirectoryKeys;
use ledger::{Clock, Ledger, OpenFault, Opening};
use replay::{Projector, ProjectorFault, Replayer};
use tokio_postgres::Config;

use crate::arguments::Place;
use crate::database::{address, connect, database, own_database, unless_somebody_was_faster};
use crate::exit_code::{Failure, OrFailure as _, Outcome};
use crate::private_postgres::{
    BOOTSTRAP_ROLE, ClientProgram, Hold, Options, PrivatePostgres, default_data_folder,
};
use crate::signing::LogPlace;
use crate::unfinished::refuse_unfinished;
use crate::upkeep::Works;
use crate::writing;

/// The login roles of the ledger.
const ROLES: [&str; 3] = ["caseledger_appender", "caseledger_projector", "caseledger_reader"];

/// How often a long-running command looks whether the private server is there.
const LOOK_AFTER: std::time::Duration = std::time::Duration::from_secs(2);

/// The program's own clock; the one place where it reads the time.
pub(crate) fn clock() -> Clock {
    Clock::system()
}

/// A database server that answers: a private one, or one that somebody else runs.
pub(crate) struct Server {
    private: Option<PrivatePostgres>,
    own: Option<Config>,
    data: PathBuf,
    pg_bin: Option<PathBuf>,
    rules: &'static RuleBook,
}

impl Server {
    /// Starts or joins the private server, or connects to the database of `CASELEDGER_DATABASE_URL`.
    ///
    /// # Errors
    /// A [`Failure`] that says what stands in the way.
    pub(crate) async fn start(place: &Place, hold: Hold, command: &str) -> Result<Self, Failure> {
        let rules = rules(place)?;
        let data = place.data.clone().or_else(default_data_folder);
        let data = data.ok_or_else(|| {
            Failure::new(Outcome::Usage, "no data folder: set --data DIR or CASELEDGER_DATA")
        })?;
        if let Some(own) = own_database()? {
            eprintln!("using the database at {}; keys in {}", address(&own), data.display());
            return Ok(Self { private: None, own: Some(own), data, pg_bin: place.pg_bin.clone(), rules });
        }
        let options = Options {
            data: data.clone(),
            pg_bin: place.pg_bin.clone(),
            hold,
            command: format!("caseledger {command}"),
            roles: ROLES.map(str::to_owned).to_vec(),
        };
        let private = PrivatePostgres::start(options).await.or_fail(Outcome::Fault)?;
        eprintln!("{}", private.chosen());
        Ok(Self { private: Some(private), own: None, data, pg_bin: place.pg_bin.clone(), rules })
    }

    /// A fault with its cause, where the private server found no room on its disk: it may have gone down for it, and
    /// then nobody else can say so.
    pub(crate) fn explained(&self, failure: Failure) -> Failure {
        let cause = self.private.as_ref().filter(|_| failure.outcome == Outcome::Fault);
        match cause.and_then(PrivatePostgres::no_room) {
            Some(line) => Failure {
                error: failure
                    .error
                    .context(format!("the database server found no room on its disk ({line})")),
                ..failure
            },
            None => failure,
        }
    }

    /// Starts the private server again where its process has ended, as long as the answer is polled. Another server is
    /// somebody else's to start.
    pub(crate) async fn keep_running(&self) -> Infallible {
        let Some(private) = &self.private else { return std::future::pending().await };
        loop {
            tokio::time::sleep(LOOK_AFTER).await;
            match private.revive().await {
                Ok(true) => eprintln!("the private PostgreSQL had ended, and was started again"),
                Ok(false) => {}
                Err(fault) => tracing::warn!(
                    error = &fault as &dyn std::error::Error,
                    "PostgreSQL is not started again"
                ),
            }
        }
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Leaves the server; the last user of a private one stops it.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        match self.private {
            Some(private) => private.stop().await.or_fail(Outcome::Fault),
            None => Ok(()),
        }
    }

    /// Whether a ledger of this name is there. What an interrupted restore left is none, and is refused.
    pub(crate) async fn holds(&self, name: &str) -> Result<bool, Failure> {
        refuse_unfinished(&self.data, name)?;
        self.is_there(name).await
    }

    /// The same, also for a restore that is under way.
    pub(crate) async fn is_there(&self, name: &str) -> Result<bool, Failure> {
        if self.own.is_some() {
            return self.has_genesis(name).await;
        }
        let client = connect(&self.superuser("postgres")).await?;
        let sql = "SELECT FROM pg_database WHERE datname = $1";
        let found = client.query_opt(sql, &[&database(name)]).await.or_fail(Outcome::Fault)?;
        if found.is_none() { Ok(false) } else { self.has_genesis(name).await }
    }

    /// Whether there is a database of this name, whatever it holds.
    pub(crate) async fn has_database(&self, name: &str) -> Result<bool, Failure> {
        refuse_unfinished(&self.data, name)?;
        if self.own.is_some() {
            return Ok(true);
        }
        let client = connect(&self.superuser("postgres")).await?;
        let sql = "SELECT FROM pg_database WHERE datname = $1";
        Ok(client.query_opt(sql, &[&database(name)]).await.or_fail(Outcome::Fault)?.is_some())
    }

    async fn has_genesis(&self, name: &str) -> Result<bool, Failure> {
        let client = connect(&self.superuser(&database(name))).await?;
        let row = client
            .query_one("SELECT to_regclass('caseledger.events') IS NOT NULL", &[])
            .await
            .or_fail(Outcome::Fault)?;
        if !row.get::<_, bool>(0) {
            return Ok(false);
        }
        let row = client
            .query_one("SELECT EXISTS (SELECT FROM caseledger.events)", &[])
            .await
            .or_fail(Outcome::Fault)?;
        Ok(row.get(0))
    }

    /// Makes a ledger of this name for an authority.
    ///
    /// # Errors
    /// A [`Failure`] where one is there already, or the database refuses.
    pub(crate) async fn create(&self, name: &str, authority: &str) -> Result<Open, Failure> {
        let authority = Code::try_new(authority).context("the authority's code").or_fail(Outcome::Usage)?;
        refuse_unfinished(&self.data, name)?;
        self.check_free(name).await?;
        self.make_database(name).await?;
        self.install(name).await?;
        let origin = format!("caseledger.local/{authority}/{name}");
        make_private(&self.data.join("keys"))?;
        let keys = Arc::new(DirectoryKeys::create(&self.keys_folder(name)).or_fail(Outcome::Fault)?);
        let log_key = Some(LogPlace::of(&self.data, name).new_key(&origin)?);
        let opening = Opening { origin, authority, log_key };
        let database = self.role(name, "caseledger_appender");
        let created = Ledger::create(&database, keys, opening, self.options(name)).await;
        match created {
            Ok(ledger) => Ok(self.opened(name, ledger)),
            Err(OpenFault::AlreadyThere { ledger }) => {
                Err(Failure::new(Outcome::Refused, format!("ledger {name:?} is there already (id {ledger})")))
            }
            Err(fault) => Err(fault).or_fail(Outcome::Fault),
        }
    }

    /// Where a ledger is or was, none is made: its keys would not be those of the new one.
    async fn check_free(&self, name: &str) -> Result<(), Failure> {
        let log = LogPlace::of(&self.data, name);
        let left =
            [log.key_store_note(), log.proof.join("checkpoint")].into_iter().find(|path| path.exists());
        if self.holds(name).await? {
            return Err(Failure::new(Outcome::Refused, format!("ledger {name:?} is there already")));
        }
        let Some(left) = left else { return Ok(()) };
        let message = format!(
            "{} belongs to a ledger {name:?} whose database is not there. Restore that ledger with `caseledger restore`, \
             or choose another name with --ledger",
            left.display()
        );
        Err(Failure::new(Outcome::Refused, message))
    }

    /// How this program uses a ledger.
    fn options(&self, name: &str) -> ledger::Options {
        let key_store_note = Some(LogPlace::of(&self.data, name).key_store_note());
        ledger::Options { clock: clock(), key_store_note, ..ledger::Options::default() }
    }

    /// Makes the database of a ledger on the private server, where it is missing; true where it was made here. Another
    /// server's database is somebody else's to make.
    ///
    /// # Errors
    /// A [`Failure`] where the server refuses.
    pub(crate) async fn make_database(&self, name: &str) -> Result<bool, Failure> {
        if self.own.is_some() {
            return Ok(false);
        }
        let client = connect(&self.superuser("postgres")).await?;
        let sql = "SELECT FROM pg_database WHERE datname = $1";
        if client.query_opt(sql, &[&database(name)]).await.or_fail(Outcome::Fault)?.is_some() {
            return Ok(false);
        }
        // The name was checked to be letters, digits and '_'.
        let made = client.batch_execute(&format!("CREATE DATABASE {}", database(name))).await;
        made.or_else(unless_somebody_was_faster).or_fail(Outcome::Fault)?;
        Ok(true)
    }

    /// Takes away a database that was made for a restore which failed.
    ///
    /// # Errors
    /// A [`Failure`] where the server refuses.
    pub(crate) async fn drop_database(&self, name: &str) -> Result<(), Failure> {
        let client = connect(&self.superuser("postgres")).await?;
        if self.own.is_some() {
            let message = "an interrupted restore left its tables in this database: have its owner drop the schema caseledger, \
                           then restore again";
            return if self.is_there(name).await? {
                Err(Failure::new(Outcome::Refused, message))
            } else {
                Ok(())
            };
        }
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", database(name));
        client.batch_execute(&sql).await.or_fail(Outcome::Fault)
    }

    /// One of PostgreSQL's client programs, of a major version not below `oldest`; the server's own where it will do.
    ///
    /// # Errors
    /// A [`Failure`] where there is none.
    pub(crate) async fn client_program(
        &self,
        name: &'static str,
        oldest: u32,
    ) -> Result<ClientProgram, Failure> {
        let beside_server = self.private.as_ref().map(PrivatePostgres::programs);
        let first = beside_server.or(self.pg_bin.as_deref());
        ClientProgram::find(name, first, oldest).await.or_fail(Outcome::Fault)
    }

    /// Opens the ledger of this name, after making it where there is none. Several processes may do so at once.
    ///
    /// # Errors
    /// As for [`Self::create`] and [`Self::open`].
    pub(crate) async fn open_or_create(&self, name: &str, authority: &str) -> Result<Open, Failure> {
        match self.create(name, authority).await {
            // Somebody else was faster: the ledger that they made is the one.
            Err(_) if self.holds(name).await? => self.open(name).await,
            made => made,
        }
    }

    /// Opens the ledger of this name.
    ///
    /// # Errors
    /// A [`Failure`] where there is none, or it cannot be opened.
    pub(crate) async fn open(&self, name: &str) -> Result<Open, Failure> {
        if !self.holds(name).await? {
            return Err(self.no_ledger(name));
        }
        self.open_there(name).await
    }

    /// Opens a ledger that is there.
    pub(crate) async fn open_there(&self, name: &str) -> Result<Open, Failure> {
        let keys = self.keys(name)?;
        self.install(name).await?;
        let opened = Ledger::open(&self.role(name, "caseledger_appender"), keys, self.options(name)).await;
        Ok(self.opened(name, opened.map_err(not_opened)?))
    }

    /// No ledger has this name: the place that was searched, and what to do.
    pub(crate) fn no_ledger(&self, name: &str) -> Failure {
        let place = self.own.as_ref().map_or_else(|| self.data.display().to_string(), address);
        let hint = "name another with --ledger or --data, create it with `caseledger init --authority CODE`, or import a file";
        Failure::new(Outcome::NotFound, format!("no ledger {name:?} in {place}; {hint}"))
    }

    fn opened(&self, name: &str, ledger: Ledger) -> Open {
        for returned in ledger.returned_keys() {
            eprintln!(
                "caution: key {} of stream {} was destroyed and was in the key store again (was it restored from a \
                 backup?); it is not used, and is destroyed again by `caseledger keys check` or the next command that \
                 writes",
                returned.key, returned.subject
            );
        }
        Open {
            replayer: Replayer::with_book(ledger.clone(), self.rules),
            ledger,
            log: LogPlace::of(&self.data, name),
            projector: self.role(name, "caseledger_projector"),
        }
    }

    async fn install(&self, name: &str) -> Result<(), Failure> {
        let superuser = self.superuser(&database(name));
        ledger::install(&superuser).await.or_fail(Outcome::Fault)?;
        let mut client = connect(&superuser).await?;
        projections::read_models::install(&mut client)
            .await
            .context("install the read models")
            .or_fail(Outcome::Fault)
    }

    /// The key store of a ledger that is there.
    ///
    /// # Errors
    /// A [`Failure`] where it is missing or cannot be used.
    pub(crate) fn keys(&self, name: &str) -> Result<Arc<DirectoryKeys>, Failure> {
        DirectoryKeys::open(&self.keys_folder(name)).map(Arc::new).map_err(writing::of_keys)
    }

    fn keys_folder(&self, name: &str) -> PathBuf {
        self.data.join("keys").join(name)
    }

    /// Connects to a ledger's database as the user that installs it: no role of the ledger may dispose of a record.
    pub(crate) fn administrator(&self, name: &str) -> Config {
        self.superuser(&database(name))
    }

    /// Connects to a ledger's database as the role that may read and make everything in it.
    pub(crate) fn superuser_of(&self, name: &str) -> Config {
        self.superuser(&database(name))
    }

    fn superuser(&self, database: &str) -> Config {
        match (&self.private, &self.own) {
            (Some(private), _) => Config::from(&private.connection(BOOTSTRAP_ROLE, database)),
            (None, own) => own.clone().unwrap_or_default(),
        }
    }

    /// Connects as a role of the ledger: directly on the private server, by `role` on another.
    pub(crate) fn role(&self, name: &str, role: &str) -> Config {
        match (&self.private, &self.own) {
            (Some(private), _) => Config::from(&private.connection(role, &database(name))),
            (None, own) => {
                let mut config = own.clone().unwrap_or_default();
                config.options(format!("-c role={role}"));
                config
            }
        }
    }
}

/// Keys that are not this ledger's, or not all there, are a matter of integrity; all else is a fault.
fn not_opened(fault: OpenFault) -> Failure {
    if let OpenFault::Key { source } = fault {
        return writing::of_keys(source);
    }
    Failure { outcome: Outcome::Fault, error: fault.into() }
}

/// The rules that every answer goes by; a file with a defect stops the command before it starts anything.
///
/// # Errors
/// A [`Failure`] where the authority's own file cannot be read or has a defect.
pub(crate) fn rules(place: &Place) -> Result<&'static RuleBook, Failure> {
    if place.rules.is_none() && place.adopt.is_empty() {
        return Ok(RuleBook::built_in());
    }
    let book = crate::commands::rules::book(place.rules.as_deref(), &place.adopt)?;
    if let Some(file) = &place.rules {
        eprintln!("rules: the built-in ones with {} on top", file.display());
    }
    // The program answers by one book for as long as it runs.
    Ok(Box::leak(Box::new(book)))
}

/// A ledger that answers.
#[derive(Clone)]
pub(crate) struct Open {
    /// The log.
    pub(crate) ledger: Ledger,
    /// Where its signer's files are.
    pub(crate) log: LogPlace,
    /// Who answers questions.
    pub(crate) replayer: Replayer,
    projector: Config,
}

impl Open {
    /// A projector with a connection of its own.
    pub(crate) async fn projector(&self) -> Result<Projector, Failure> {
        Ok(Projector::new(self.replayer.clone(), connect(&self.projector).await?, clock()))
    }

    /// Keeps the read models up without end; for a server, whose questions it does not wait for.
    ///
    /// # Errors
    /// A [`Failure`]; one of integrity where the read models were folded from another log than this one.
    pub(crate) fn follow(
        &self,
        works: Works,
    ) -> impl Future<Output = Result<Infallible, Failure>> + Send + use<> {
        let replayer = Replayer::with_book(self.ledger.for_upkeep(), self.replayer.book());
        let database = self.projector.clone();
        async move {
            let mut projector = Projector::new(replayer, connect(&database).await?, clock());
            projector.catch_up().await.map_err(not_projected)?;
            works.now();
            projector.follow().await.map_err(not_projected)
        }
    }

    /// Brings the read models up to the head, and gives the position reached.
    ///
    /// # Errors
    /// A [`Failure`]; one of integrity where the read models were folded from another log than this one.
    pub(crate) async fn project(&self) -> Result<Position, Failure> {
        self.projector().await?.catch_up().await.map_err(not_projected)
    }
}

/// Only another log is damage. An event that this program does not understand may be a newer program's.
fn not_projected(fault: ProjectorFault) -> Failure {
    let outcome = match fault {
        ProjectorFault::OtherLog { .. } => Outcome::Integrity,
        ProjectorFault::Replay { .. } | ProjectorFault::Database { .. } | ProjectorFault::Follow { .. } => {
            Outcome::Fault
        }
    };
    Failure { outcome, error: anyhow::Error::from(fault).context("keep the read models up") }
}

pub(crate) fn make_private(folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt as _;
    if folder.is_dir() {
        return Ok(());
    }
    let made = std::fs::DirBuilder::new().mode(0o700).recursive(true).create(folder);
    made.map_err(|error| anyhow!(error).context(format!("create {}", folder.display())))
        .or_fail(Outcome::Fault)
}
