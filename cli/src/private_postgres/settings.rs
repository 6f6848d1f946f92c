//! What the server is told: memory, durability, the log, and who may connect.
//!
//! The files are written anew at each start, so an edit there does not last; durability and the absence of
//! TCP also stand on the command line, which no file and no `ALTER SYSTEM` overrides. Invariant: `fsync`,
//! `full_page_writes` and `synchronous_commit` are on.

use std::fmt::Write;
use std::path::Path;

use super::accounts::Accounts;
use super::error::PrivatePostgresError;
use super::folders::Folders;
use super::{BOOTSTRAP_ROLE, ROLE_PREFIX};

/// Settings given on the command line, as arguments of `postgres`.
pub(super) const ENFORCED: [&str; 6] =
    ["-c", "fsync=on", "-c", "full_page_writes=on", "-c", "listen_addresses="];

/// Everything that does not depend on the machine.
const FIXED: &str = "\
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100

# Durability is not for sale.
fsync = on
full_page_writes = on
synchronous_commit = on

# A log is written much and compresses badly; few, spread checkpoints keep full pages rare.
wal_level = replica
wal_compression = off
min_wal_size = 256MB
max_wal_size = 2GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
random_page_cost = 1.1
jit = off

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'

# Ids may stand in a log, facts may not: no statements, no details of the rows concerned.
log_error_verbosity = terse
log_min_error_statement = panic
log_line_prefix = '%m [%p] '
";

/// Memory given to the server, in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Memory {
    shared_buffers: u64,
    effective_cache: u64,
    maintenance: u64,
    work: u64,
}

impl Memory {
    /// A share that leaves room for this program and others: an eighth for shared buffers (32 MiB to 2 GiB),
    /// half as what the system is expected to cache, a 32nd for building an index (32 to 512 MiB), a 1024th
    /// for one sort (4 to 32 MiB).
    fn of_machine(total: u64) -> Memory {
        Memory {
            shared_buffers: (total / 8).clamp(32, 2048),
            effective_cache: (total / 2).max(64),
            maintenance: (total / 32).clamp(32, 512),
            work: (total / 1024).clamp(4, 32),
        }
    }
}

/// Writes the settings of the next start.
pub(super) fn write_settings(folders: &Folders, sockets: &Path) -> Result<(), PrivatePostgresError> {
    let text = render(folders, sockets, Memory::of_machine(machine_memory()));
    folders.replace(&folders.settings(), &text).map(drop)
}

/// Writes who may connect; says whether that is different now from what a running server has read.
pub(super) fn write_access(
    folders: &Folders,
    accounts: &Accounts,
    roles: &[String],
) -> Result<bool, PrivatePostgresError> {
    let access = "local all all peer map=caseledger\nlocal replication all peer map=caseledger\n";
    let map = render_map(&accounts.may_connect(), roles);
    let access_changed = folders.replace(&folders.access(), access)?;
    Ok(folders.replace(&folders.account_map(), &map)? || access_changed)
}

/// Lets through only names that cannot be taken for another role, a pattern or the bootstrap role.
pub(super) fn check_roles(roles: &[String]) -> Result<(), PrivatePostgresError> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let wrong = roles.iter().find(|role| !role.starts_with(ROLE_PREFIX) || !role.chars().all(plain));
    match wrong {
        Some(role) => Err(PrivatePostgresError::RoleName { role: role.clone(), prefix: ROLE_PREFIX }),
        None => Ok(()),
    }
}

fn render(folders: &Folders, sockets: &Path, memory: Memory) -> String {
    let mut text = "# Written at each start of caseledger; edits here do not last.\n".to_owned();
    for (name, path) in [
        ("hba_file", folders.access()),
        ("ident_file", folders.account_map()),
        ("unix_socket_directories", sockets.to_owned()),
    ] {
        let _ = writeln!(text, "{name} = {}", quoted(&path, name == "unix_socket_directories"));
    }
    let Memory { shared_buffers, effective_cache, maintenance, work } = memory;
    let _ = writeln!(text, "shared_buffers = {shared_buffers}MB\neffective_cache_size = {effective_cache}MB");
    let _ = writeln!(text, "maintenance_work_mem = {maintenance}MB\nwork_mem = {work}MB\n");
    text.push_str(FIXED);
    text
}

/// A path as PostgreSQL's settings quote it; in a list of folders it is quoted once more for the comma.
fn quoted(path: &Path, in_list: bool) -> String {
    let text = path.display().to_string();
    let item = if in_list { format!("\"{}\"", text.replace('"', "\"\"")) } else { text };
    format!("'{}'", item.replace('\\', "\\\\").replace('\'', "''"))
}

/// One line for each account and role. Versions before 16 know no patterns for roles, so each is named.
fn render_map(accounts: &[&str], roles: &[String]) -> String {
    let mut text = String::new();
    for account in accounts {
        for role in std::iter::once(BOOTSTRAP_ROLE).chain(roles.iter().map(String::as_str)) {
            let _ = writeln!(text, "caseledger \"{account}\" {role}");
        }
    }
    text
}

/// The memory of the machine, or of the container if that has less, in MiB; a modest guess if unknown.
fn machine_memory() -> u64 {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let physical = total_of_meminfo(&read("/proc/meminfo")).unwrap_or(2048);
    let bytes: Option<u64> = read("/sys/fs/cgroup/memory.max").trim().parse().ok();
    bytes.map_or(physical, |bytes| physical.min(bytes >> 20))
}

fn total_of_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes >> 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_stays_between_its_bounds() {
        for (total, shared_buffers, effective_cache, maintenance, work) in [
            (128, 32, 64, 32, 4),
            (2048, 256, 1024, 64, 4),
            (8192, 1024, 4096, 256, 8),
            (24_576, 2048, 12_288, 512, 24),
            (1_048_576, 2048, 524_288, 512, 32),
        ] {
            let expected = Memory { shared_buffers, effective_cache, maintenance, work };
            assert_eq!(Memory::of_machine(total), expected, "{total} MiB");
        }
    }

    #[test]
    fn the_memory_of_the_machine_is_read_in_mebibytes() {
        assert_eq!(total_of_meminfo("MemTotal:       24685344 kB\nMemFree: 1 kB\n"), Some(24_106));
        assert_eq!(total_of_meminfo("MemFree: 1 kB\n"), None);
    }

    #[test]
    fn a_path_cannot_end_its_quotes() {
        for (path, in_list, expected) in [
            ("/a b", false, "'/a b'"),
            ("/it's", false, "'/it''s'"),
            ("/a,b", true, "'\"/a,b\"'"),
            ("/a\"b\\c", true, "'\"/a\"\"b\\\\c\"'"),
        ] {
            assert_eq!(quoted(Path::new(path), in_list), expected);
        }
    }

    #[test]
    fn the_map_names_each_account_with_each_role_and_nobody_else() {
        let map = render_map(&["root", "first.last"], &["caseledger_reader".to_owned()]);
        assert_eq!(
            map,
            "caseledger \"root\" postgres\ncaseledger \"root\" caseledger_reader\n\
             caseledger \"first.last\" postgres\ncaseledger \"first.last\" caseledger_reader\n"
        );
    }

    #[test]
    fn a_role_that_is_not_ours_is_refused() {
        for role in ["postgres", "pg_read_all_data", "all", "+caseledger", "caseledger x", "caseledger\"", ""]
        {
            let refused = check_roles(&["caseledger_reader".to_owned(), role.to_owned()]);
            assert!(matches!(refused, Err(PrivatePostgresError::RoleName { .. })), "{role:?}");
        }
        assert!(check_roles(&["caseledger_appender".to_owned()]).is_ok());
    }
}
