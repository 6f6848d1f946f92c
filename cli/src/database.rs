//! The database of a ledger: which one is used, what it is called, how it is reached.

use anyhow::Context as _;
use tokio_postgres::{Client, Config, NoTls};

use crate::exit_code::{Failure, OrFailure as _, Outcome};

/// The variable that names a database of one's own.
const OWN_DATABASE: &str = "CASELEDGER_DATABASE_URL";

/// The database of one's own, where one is named. Another program's variable is not taken for ours: that would put a
/// ledger into a database that was meant for something else.
pub(crate) fn own_database() -> Result<Option<Config>, Failure> {
    match std::env::var(OWN_DATABASE) {
        Ok(url) => {
            let invalid =
                || format!("{OWN_DATABASE} is invalid; write postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
            url.parse().with_context(invalid).or_fail(Outcome::Usage).map(Some)
        }
        Err(_) => {
            if std::env::var_os("DATABASE_URL").is_some() {
                eprintln!("DATABASE_URL is ignored; to use a database of your own, set {OWN_DATABASE}");
            }
            Ok(None)
        }
    }
}

/// Where a database is, without its password.
pub(crate) fn address(config: &Config) -> String {
    use tokio_postgres::config::Host;
    let named = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    });
    let numbered = config.get_hostaddrs().iter().map(ToString::to_string);
    let hosts: Vec<String> = named.chain(numbered).collect();
    let ports: Vec<String> = config.get_ports().iter().map(ToString::to_string).collect();
    let port = if ports.is_empty() { "5432".to_owned() } else { ports.join(",") };
    let part =
        |word: &str, value: Option<&str>| value.map_or(String::new(), |value| format!(", {word} {value}"));
    format!(
        "{} port {port}{}{}",
        if hosts.is_empty() { "no host".to_owned() } else { hosts.join(",") },
        part("database", config.get_dbname()),
        part("user", config.get_user()),
    )
}

/// Two processes may find no database and both make it; the second is told in one of two ways.
pub(crate) fn unless_somebody_was_faster(fault: tokio_postgres::Error) -> Result<(), tokio_postgres::Error> {
    use tokio_postgres::error::SqlState;
    let there = [SqlState::DUPLICATE_DATABASE, SqlState::UNIQUE_VIOLATION];
    if fault.code().is_some_and(|code| there.contains(code)) { Ok(()) } else { Err(fault) }
}

/// Name of a ledger's database.
pub(crate) fn database(name: &str) -> String {
    format!("caseledger_{name}")
}

/// A connection that is driven in the background until its client is dropped.
pub(crate) async fn connect(config: &Config) -> Result<Client, Failure> {
    let failed = || {
        format!(
            "cannot connect to the database at {}; check that the server runs and that {OWN_DATABASE}, where it is \
             set, is right",
            address(config)
        )
    };
    let (client, connection) = config.connect(NoTls).await.with_context(failed).or_fail(Outcome::Fault)?;
    tokio::spawn(async move {
        // The client sees the same error at its next statement.
        let _ = connection.await;
    });
    Ok(client)
}
