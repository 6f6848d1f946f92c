//! Finding PostgreSQL's server programs.
//!
//! A folder counts only if `postgres --version` runs there as the account that will run the server: programs
//! in root's home are no use to it. Nothing is installed here.

use std::path::{Path, PathBuf};

use super::accounts::Accounts;
use super::error::PrivatePostgresError;
use super::folders::Folders;

/// The oldest major version that is accepted.
const OLDEST_MAJOR: u32 = 14;

/// Folders with one folder per version below them, and the part that leads from there to the programs.
const VERSIONED: [(&str, &str); 4] =
    [("/usr/lib/postgresql", "bin"), ("/usr", "bin"), ("/usr/libexec", ""), ("/opt/homebrew/opt", "bin")];

/// A folder with server programs that run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// The first folder of the right major version (`None`: any): the one asked for and no other, else PATH,
    /// then the versioned folders of Debian, Red Hat, Alpine and Homebrew, newest first, then the folder of
    /// programs unpacked for this user.
    pub(super) async fn find(
        asked_for: Option<&Path>,
        folders: &Folders,
        accounts: &Accounts,
        major: Option<u32>,
    ) -> Result<Binaries, PrivatePostgresError> {
        let candidates = asked_for.map_or_else(usual_folders, |folder| vec![folder.to_owned()]);
        let (mut usable, mut refused) = (Vec::new(), Vec::new());
        for folder in candidates {
            match probe(&folder, folders, accounts).await {
                Ok(found) if major.is_none_or(|wanted| wanted == found.major) => return Ok(found),
                Ok(found) => usable.push(found),
                Err(reason) => refused.push((folder, reason)),
            }
        }
        Err(why_none(asked_for, folders, major, &usable, refused))
    }

    /// The folder of the programs.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The path of one program.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Where the programs usually are, best first; only folders that exist.
pub(super) fn usual_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).filter_map(|folder| {
        let program = folder.join("postgres").canonicalize().ok()?;
        // A link in PATH leads to the folder in which the other programs are too.
        let real = program.parent().filter(|real| real.join("initdb").is_file());
        Some(real.map_or(folder, Path::to_owned))
    });
    let mut folders: Vec<PathBuf> = in_path.collect();
    folders.extend(versioned_folders());
    folders.extend(unpacked_folder());
    let mut seen = std::collections::BTreeSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
    folders
}

/// Where `setup/postgres-wheel.sh` unpacks programs for a user who may not install any.
fn unpacked_folder() -> Option<PathBuf> {
    let folder = super::default_data_folder()?.with_file_name("caseledger-postgresql").join("bin");
    folder.join("postgres").is_file().then_some(folder)
}

/// The versioned folders, newest major version first.
fn versioned_folders() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for (base, rest) in VERSIONED {
        for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let folder = entry.path().join(rest);
            if let Some(major) = name.to_str().and_then(major_of_folder)
                && folder.join("postgres").is_file()
            {
                found.push((major, folder));
            }
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// The major version in a folder's name: `15`, `pgsql-17`, `postgresql16`, `postgresql@17`.
fn major_of_folder(name: &str) -> Option<u32> {
    let number =
        ["postgresql@", "postgresql", "pgsql-", ""].iter().find_map(|start| name.strip_prefix(start))?;
    number.parse().ok()
}

/// Asks one folder for its version; an error says in words what is wrong.
async fn probe(folder: &Path, folders: &Folders, accounts: &Accounts) -> Result<Binaries, String> {
    // Relative to where the caller is, not to where the program is run.
    let folder = std::path::absolute(folder).map_err(|fault| fault.to_string())?;
    let initdb = folder.join("initdb");
    if !initdb.is_file() {
        return Err("it has no initdb".to_owned());
    }
    let command = accounts.command(&folder.join("postgres"), folders.home());
    let output = tokio::process::Command::from(command).arg("--version").output().await;
    let output = output
        .map_err(|fault| format!("its postgres does not run as {}: {fault}", accounts.server().name))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let major = major_of_program(&said).ok_or_else(|| format!("its postgres names no version ({said:?})"))?;
    if major < OLDEST_MAJOR {
        return Err(format!("version {major} is older than {OLDEST_MAJOR}"));
    }
    Ok(Binaries { folder, major })
}

/// The major version in `postgres (PostgreSQL) 15.8 (Debian 15.8-1)`, `… 18beta1` or `… 17.0`.
fn major_of_program(said: &str) -> Option<u32> {
    let version = said.strip_prefix("postgres (PostgreSQL) ")?;
    let digits = version.split(|letter: char| !letter.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// The error for the case at hand: programs of another version, a wrong folder, or none at all.
fn why_none(
    asked_for: Option<&Path>,
    folders: &Folders,
    major: Option<u32>,
    usable: &[Binaries],
    refused: Vec<(PathBuf, String)>,
) -> PrivatePostgresError {
    if let (Some(cluster), false) = (major, usable.is_empty()) {
        let found: Vec<String> = usable.iter().map(|binaries| binaries.major.to_string()).collect();
        return PrivatePostgresError::OtherVersion {
            folder: folders.cluster(),
            cluster,
            found: found.join(", "),
        };
    }
    if let (Some(folder), Some((_, reason))) = (asked_for, refused.first()) {
        return PrivatePostgresError::WrongBinaries { folder: folder.to_owned(), reason: reason.clone() };
    }
    let places = refused.into_iter().map(|(folder, reason)| format!("{}: {reason}", folder.display()));
    let tried: Vec<String> = places.collect();
    let nowhere = "not in PATH, not in /usr/lib/postgresql".to_owned();
    let tried = if tried.is_empty() { nowhere } else { tried.join("; ") };
    PrivatePostgresError::NoBinaries { minimum: OLDEST_MAJOR, tried }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_the_program_says() {
        for (said, major) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Some(15)),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("postgres (PostgreSQL) 17.0", Some(17)),
            ("initdb (PostgreSQL) 17.0", None),
            ("postgres (PostgreSQL) devel", None),
            ("", None),
        ] {
            assert_eq!(major_of_program(said), major, "{said:?}");
        }
    }

    #[test]
    fn a_versioned_folder_names_its_version() {
        for (name, major) in [
            ("15", Some(15)),
            ("pgsql-17", Some(17)),
            ("postgresql16", Some(16)),
            ("postgresql@17", Some(17)),
            ("postgresql", None),
            ("lib", None),
        ] {
            assert_eq!(major_of_folder(name), major, "{name}");
        }
    }
}
