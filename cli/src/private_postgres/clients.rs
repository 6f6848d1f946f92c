//! PostgreSQL's own client programs, `pg_dump` and `pg_restore`: found, and run against one database.
//!
//! They run as the caller, with none of the caller's PostgreSQL settings, and never ask for a password. Invariant: a
//! program is not older than what it has to read.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use super::binaries::usual_folders;
use super::cluster::{last_lines, tells_of_full_disk};
use super::error::PrivatePostgresError;

/// A client program that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientProgram {
    path: PathBuf,
    /// What it says of itself, for instance `pg_dump (PostgreSQL) 15.18`.
    pub(crate) says: String,
    /// Its major version.
    pub(crate) major: u32,
}

impl ClientProgram {
    /// The program called `name`, of a major version not below `oldest`: from the folder given first, else from
    /// the usual ones.
    pub(crate) async fn find(
        name: &'static str,
        first: Option<&Path>,
        oldest: u32,
    ) -> Result<Self, PrivatePostgresError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = first.map(Path::to_owned).into_iter();
        let folders = folders.chain(std::env::split_paths(&path)).chain(usual_folders());
        let mut too_old: Vec<String> = Vec::new();
        for folder in folders {
            let Some(found) = Self::probe(&folder.join(name)).await else { continue };
            if found.major >= oldest {
                return Ok(found);
            }
            too_old.push(format!("{} of {}", found.major, folder.display()));
        }
        too_old.dedup();
        let found = if too_old.is_empty() { "none".to_owned() } else { too_old.join(", ") };
        Err(PrivatePostgresError::NoClientProgram { name, oldest, found })
    }

    async fn probe(path: &Path) -> Option<Self> {
        if !path.is_file() {
            return None;
        }
        let output = Command::new(path).arg("--version").stdin(Stdio::null()).output().await.ok()?;
        let says = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let major = major_of(&says)?;
        Some(Self { path: path.to_owned(), says, major })
    }

    /// Runs it on a database to its end.
    ///
    /// # Errors
    /// What it said last, where it did not succeed.
    pub(crate) async fn run(
        &self,
        database: &Config,
        arguments: &[OsString],
    ) -> Result<(), PrivatePostgresError> {
        let mut command = Command::new(&self.path);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        command.env("LC_ALL", "C").arg("--no-password").args(connection(database)).args(arguments);
        if let Some(password) = database.get_password() {
            command.env("PGPASSWORD", String::from_utf8_lossy(password).as_ref());
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        let output = command.output().await;
        let output =
            output.map_err(|source| PrivatePostgresError::Run { program: self.path.clone(), source })?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let program = self.path.clone();
        let full = tells_of_full_disk(&said);
        Err(PrivatePostgresError::ClientFailed { program, full, output: last_lines(&said) })
    }
}

/// Where to connect, as arguments that every client program takes.
fn connection(database: &Config) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    let mut add = |name: &str, value: OsString| arguments.extend([name.into(), value]);
    match database.get_hosts().first() {
        Some(Host::Tcp(host)) => add("--host", host.into()),
        #[cfg(unix)]
        Some(Host::Unix(folder)) => add("--host", folder.into()),
        None => {}
    }
    if let Some(port) = database.get_ports().first() {
        add("--port", port.to_string().into());
    }
    if let Some(user) = database.get_user() {
        add("--username", user.into());
    }
    if let Some(name) = database.get_dbname() {
        add("--dbname", name.into());
    }
    arguments
}

/// The major version in `pg_dump (PostgreSQL) 15.18 (Debian …)`.
fn major_of(says: &str) -> Option<u32> {
    let (_, version) = says.split_once("(PostgreSQL) ")?;
    version.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_the_program_says() {
        for (says, major) in [
            ("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Some(15)),
            ("pg_restore (PostgreSQL) 18.1", Some(18)),
            ("pg_dump (PostgreSQL) 19devel", Some(19)),
            ("pg_dump", None),
        ] {
            assert_eq!(major_of(says), major, "{says}");
        }
    }

    #[test]
    fn a_socket_and_a_host_are_both_understood() {
        let config: Config = "postgres://u@db.example:5433/led".parse().unwrap();
        let words: Vec<String> =
            connection(&config).iter().map(|word| word.to_string_lossy().into_owned()).collect();
        assert_eq!(words, ["--host", "db.example", "--port", "5433", "--username", "u", "--dbname", "led"]);
        let mut config = Config::new();
        config.host_path("/run/sockets").user("u").dbname("led");
        assert_eq!(connection(&config).get(1).unwrap(), "/run/sockets");
    }
}
