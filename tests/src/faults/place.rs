//! A ledger under test: its database, keys and proof folder, as one process tells another.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use domain::events::Code;
use ledger::keys::DirectoryKeys;
use ledger::notes::{NoteSigner, Sign as _, VerifierKey, load_signer, store_signer};
use ledger::proof::ProofOptions;
use ledger::{Ledger, Opening, Options};
use tokio_postgres::{Client, Config};

use super::server::{Server, connect};

const ORIGIN: &str = "caseledger.example/E09000001/faults";

/// Where a ledger is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Folder of the socket to connect to; the server's own, or a proxy's.
    pub(super) sockets: PathBuf,
    /// Name of the database.
    pub(super) database: String,
    /// Key store.
    pub(super) keys: PathBuf,
    /// Proof folder.
    pub(super) proof: PathBuf,
    /// File of the key that signs.
    pub(super) log_key: PathBuf,
}

impl Place {
    /// Makes a database and opens a ledger in it, with a key that signs.
    pub(super) async fn make(server: &Server, name: &str) -> anyhow::Result<Self> {
        let root = &server.folders().root;
        let place = Self {
            sockets: root.clone(),
            database: name.to_owned(),
            keys: root.join(format!("{name}-keys")),
            proof: root.join(format!("{name}-proof")),
            log_key: root.join(format!("{name}.log-key")),
        };
        server.admin("postgres").await?.batch_execute(&format!("CREATE DATABASE {name}")).await?;
        ledger::install(&place.config("admin")).await?;
        let signer = NoteSigner::generate(ORIGIN)?;
        store_signer(&place.log_key, &signer)?;
        let opening = Opening {
            authority: Code::try_new("E09000001").context("a code")?,
            origin: ORIGIN.to_owned(),
            log_key: Some(signer.verifier().clone()),
        };
        let keys = Arc::new(DirectoryKeys::create(&place.keys)?);
        Ledger::create(&place.config("caseledger_appender"), keys, opening, Options::default()).await?;
        Ok(place)
    }

    /// The same ledger through another socket.
    pub(super) fn through(&self, sockets: PathBuf) -> Self {
        Self { sockets, ..self.clone() }
    }

    /// The same ledger with a proof folder of another name beside its own.
    pub(super) fn with_proof(&self, name: &str) -> Self {
        Self { proof: self.proof.with_file_name(name), ..self.clone() }
    }

    /// Where to connect as a role.
    pub(super) fn config(&self, user: &str) -> Config {
        let mut config = Config::new();
        config.host_path(&self.sockets).user(user).dbname(&self.database);
        config
    }

    /// A connection as superuser.
    pub(super) async fn admin(&self) -> anyhow::Result<Client> {
        connect(&self.config("admin")).await
    }

    fn store(&self) -> anyhow::Result<Arc<DirectoryKeys>> {
        Ok(Arc::new(DirectoryKeys::open(&self.keys)?))
    }

    /// Opens the ledger as a program does. Its sessions carry `name`, so that they can be told from others.
    pub(super) async fn open(&self, name: &str, options: Options) -> anyhow::Result<Ledger> {
        let mut config = self.config("caseledger_appender");
        config.application_name(name);
        Ok(Ledger::open(&config, self.store()?, options).await?)
    }

    /// What it takes to sign.
    pub(super) fn proof_options(&self) -> anyhow::Result<ProofOptions> {
        // A second signer begins with a folder of its own.
        let rebuild = self.proof.file_name() != Some(format!("{}-proof", self.database).as_ref());
        let signer = Arc::new(load_signer(&self.log_key)?);
        Ok(ProofOptions { folder: self.proof.clone(), signer, rebuild })
    }

    /// The key whose signatures count.
    pub(super) fn verifier(&self) -> anyhow::Result<VerifierKey> {
        Ok(load_signer(&self.log_key)?.verifier().clone())
    }

    /// For another process.
    pub(super) fn to_text(&self) -> String {
        let paths =
            [&self.sockets, &self.keys, &self.proof, &self.log_key].map(|path| path.display().to_string());
        format!("{}\n{}", self.database, paths.join("\n"))
    }

    /// From another process.
    pub(super) fn from_text(text: &str) -> anyhow::Result<Self> {
        let mut lines = text.lines().map(str::to_owned);
        let mut next = || lines.next().context("a place has five lines");
        Ok(Self {
            database: next()?,
            sockets: next()?.into(),
            keys: next()?.into(),
            proof: next()?.into(),
            log_key: next()?.into(),
        })
    }
}
