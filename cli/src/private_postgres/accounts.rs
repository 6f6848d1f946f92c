//! Operating-system accounts: who calls, whose folder it is, and who runs the server.
//!
//! PostgreSQL refuses root, so a server that root starts runs as the owner of the data, or as an account made
//! for it. Names come from the `id` program, which asks the same user database as PostgreSQL does.
//! Invariant: the account of the server is never root.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::PrivatePostgresError;
use super::folders::Folders;

/// Accounts that may run the server when root starts it on a folder of its own, best first.
const SERVICE_ACCOUNTS: [&str; 2] = ["postgres", "caseledger"];

/// One account of the operating system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    /// Its name, as peer authentication reports it.
    pub(super) name: String,
    /// Its user id.
    pub(super) uid: u32,
    /// Its first group.
    pub(super) gid: u32,
}

impl Account {
    /// The account with this user id, if it has a name.
    fn of(uid: u32) -> Option<Account> {
        let uid_text = uid.to_string();
        Some(Account { name: id(&["-un", &uid_text])?, uid, gid: id(&["-g", &uid_text])?.parse().ok()? })
    }

    /// The account with this name, if there is one.
    fn named(name: &str) -> Option<Account> {
        let uid = id(&["-u", name])?.parse().ok()?;
        Some(Account { name: name.to_owned(), uid, gid: id(&["-g", name])?.parse().ok()? })
    }

    fn try_of(uid: u32) -> Result<Account, PrivatePostgresError> {
        Account::of(uid).ok_or(PrivatePostgresError::NamelessAccount { uid })
    }
}

/// The accounts that matter to one data folder.
#[derive(Debug, Clone)]
pub(super) struct Accounts {
    caller: Account,
    owner: Account,
    server: Account,
}

impl Accounts {
    /// Looks up the caller and the folder's owner, and chooses who runs the server: the caller, unless that
    /// is root; then the owner of the cluster or of the folder; then an account made for it.
    pub(super) fn choose(folders: &Folders) -> Result<Accounts, PrivatePostgresError> {
        let caller = Account::try_of(rustix::process::geteuid().as_raw())?;
        let owner = Account::try_of(folders.owner_uid()?)?;
        let server = if caller.uid != 0 {
            caller.clone()
        } else {
            let data_owner = [owner_of(&folders.cluster()), Some(owner.uid)];
            match data_owner.into_iter().flatten().find(|uid| *uid != 0) {
                Some(uid) => Account::try_of(uid)?,
                None => service_account()?,
            }
        };
        Ok(Accounts { caller, owner, server })
    }

    /// Who runs the server; never root.
    pub(super) fn server(&self) -> &Account {
        &self.server
    }

    /// The names that may connect: the caller and the folder's owner, each once.
    pub(super) fn may_connect(&self) -> Vec<&str> {
        let mut names = vec![self.caller.name.as_str(), self.owner.name.as_str()];
        names.dedup();
        names
    }

    /// A program to be run as the server's account, in a folder that it can enter, with nothing on its
    /// standard input and none of the caller's PostgreSQL settings.
    pub(super) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).stdin(Stdio::null()).env("LC_ALL", "C").env("TZ", "UTC");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        if self.caller.uid != self.server.uid {
            // With a user id of its own the child also loses root's other groups.
            command.uid(self.server.uid).gid(self.server.gid).env("HOME", "/");
        }
        command
    }
}

/// The user id of a path's owner, if the path is there.
pub(super) fn owner_of(path: &Path) -> Option<u32> {
    std::fs::symlink_metadata(path).ok().map(|about| about.uid())
}

fn service_account() -> Result<Account, PrivatePostgresError> {
    SERVICE_ACCOUNTS
        .iter()
        .find_map(|name| Account::named(name).filter(|account| account.uid != 0))
        .ok_or_else(|| PrivatePostgresError::NoServerAccount { candidates: SERVICE_ACCOUNTS.join(" or ") })
}

/// One line from the `id` program; `None` if it knows no such account.
fn id(arguments: &[&str]) -> Option<String> {
    let output = Command::new("id").args(arguments).stdin(Stdio::null()).output().ok()?;
    let line = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
