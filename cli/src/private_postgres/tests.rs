//! The private PostgreSQL against real servers, as root and as an ordinary user; each test on a folder of its
//! own, which is short enough for a socket and open to the server's account.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::*;

const ROLE: &str = "caseledger_reader";

/// A folder below `/tmp` that other accounts may pass through.
fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("caseledger-test-").tempdir_in("/tmp").unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    folder
}

fn options(data: &Path, hold: Hold) -> Options {
    Options {
        data: data.to_owned(),
        pg_bin: None,
        hold,
        command: "caseledger test".to_owned(),
        roles: vec![ROLE.to_owned()],
    }
}

async fn start(data: &Path, hold: Hold) -> PrivatePostgres {
    PrivatePostgres::start(options(data, hold)).await.unwrap()
}

async fn refusal(options: Options) -> PrivatePostgresError {
    match PrivatePostgres::start(options).await {
        Ok(started) => panic!("started as {}", started.chosen()),
        Err(refusal) => refusal,
    }
}

/// Runs a statement as `role` and gives the first column of the first row.
async fn ask(
    server: &PrivatePostgres,
    role: &str,
    statement: &str,
) -> Result<Option<String>, tokio_postgres::Error> {
    let config = tokio_postgres::Config::from(&server.connection(role, "postgres"));
    let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let messages = client.simple_query(statement).await?;
    Ok(messages.iter().find_map(|message| {
        let tokio_postgres::SimpleQueryMessage::Row(row) = message else { return None };
        row.get(0).map(str::to_owned)
    }))
}

async fn setting(server: &PrivatePostgres, name: &str) -> String {
    ask(server, BOOTSTRAP_ROLE, &format!("SHOW {name}")).await.unwrap().unwrap()
}

/// Whether a process of this number is there and has not ended.
fn lives(pid: i32) -> bool {
    std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

/// Ends a server the hard way and waits until it is gone.
async fn kill(server: &mut PrivatePostgres) {
    let pid = rustix::process::Pid::from_raw(server.postmaster().pid()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    while lives(server.postmaster().pid()) {
        tokio::task::yield_now().await;
    }
}

/// A folder with programs that say and do what a test needs.
fn programs(at: &Path, version: &str, initdb: &str) -> PathBuf {
    let folder = at.join("programs");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    for (name, text) in
        [("postgres", format!("echo 'postgres (PostgreSQL) {version}'")), ("initdb", initdb.to_owned())]
    {
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

#[tokio::test]
async fn a_fresh_server_is_durable_private_and_told_in_one_line() {
    let data = folder();
    let server = start(data.path(), Hold::Exclusive).await;
    for (name, value) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("lc_collate", "C"),
        ("timezone", "UTC"),
        ("wal_compression", "off"),
        ("log_error_verbosity", "terse"),
    ] {
        let shown = match name {
            // Gone as a setting in later versions; the database still knows.
            "lc_collate" => {
                ask(&server, BOOTSTRAP_ROLE, "SELECT datcollate FROM pg_database").await.unwrap().unwrap()
            }
            _ => setting(&server, name).await,
        };
        assert_eq!(shown.to_lowercase(), value.to_lowercase(), "{name}");
    }
    let sockets = std::fs::metadata(server.postmaster().sockets()).unwrap();
    assert_eq!(sockets.mode() & 0o777, 0o700);
    let line = server.chosen();
    assert_eq!(line.lines().count(), 1);
    for part in ["(started)", "shared_buffers", "Ctrl-C", &server.postmaster().pid().to_string()] {
        assert!(line.contains(part), "{part} in {line}");
    }
    let pid = server.postmaster().pid();
    server.stop().await.unwrap();
    assert!(!lives(pid));
}

#[tokio::test]
async fn only_named_roles_may_be_connected_as() {
    let data = folder();
    let server = start(data.path(), Hold::Shared).await;
    for role in [ROLE, "caseledger_stranger"] {
        ask(&server, BOOTSTRAP_ROLE, &format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    }
    assert_eq!(ask(&server, ROLE, "SELECT current_user").await.unwrap().as_deref(), Some(ROLE));
    let refused = ask(&server, "caseledger_stranger", "SELECT 1").await.unwrap_err();
    assert_eq!(refused.code(), Some(&tokio_postgres::error::SqlState::INVALID_AUTHORIZATION_SPECIFICATION));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_role_named_later_is_let_in_to_a_server_that_runs() {
    let data = folder();
    let first = start(data.path(), Hold::Shared).await;
    ask(&first, BOOTSTRAP_ROLE, "CREATE ROLE caseledger_projector LOGIN").await.unwrap();
    let mut later = options(data.path(), Hold::Shared);
    later.roles.push("caseledger_projector".to_owned());
    let second = PrivatePostgres::start(later).await.unwrap();
    let seen = ask(&second, "caseledger_projector", "SELECT current_user").await.unwrap();
    assert_eq!(seen.as_deref(), Some("caseledger_projector"));
    second.stop().await.unwrap();
    first.stop().await.unwrap();
}

#[tokio::test]
async fn what_was_written_is_there_after_a_stop_and_after_a_kill() {
    let data = folder();
    let server = start(data.path(), Hold::Exclusive).await;
    ask(&server, BOOTSTRAP_ROLE, "CREATE TABLE kept AS SELECT 41 AS number").await.unwrap();
    server.stop().await.unwrap();

    let mut server = start(data.path(), Hold::Exclusive).await;
    ask(&server, BOOTSTRAP_ROLE, "UPDATE kept SET number = number + 1").await.unwrap();
    kill(&mut server).await;
    drop(server);

    let server = start(data.path(), Hold::Exclusive).await;
    let number = ask(&server, BOOTSTRAP_ROLE, "SELECT number FROM kept").await.unwrap();
    assert_eq!(number.as_deref(), Some("42"));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_holder_is_told_who_holds() {
    let data = folder();
    let first = start(data.path(), Hold::Exclusive).await;
    let refused = refusal(options(data.path(), Hold::Exclusive)).await;
    let told = refused.to_string();
    let PrivatePostgresError::Held { pid, command, since, .. } = refused else { panic!("{told}") };
    assert_eq!((pid, command.as_str()), (std::process::id().to_string(), "caseledger test"));
    assert!(chrono::DateTime::parse_from_rfc3339(&since).is_ok(), "{since}");
    assert!(told.contains(&format!("held by process {}", std::process::id())), "{told}");
    assert_eq!(setting(&first, "fsync").await, "on");
    first.stop().await.unwrap();
    start(data.path(), Hold::Exclusive).await.stop().await.unwrap();
}

#[tokio::test]
async fn a_command_uses_the_server_that_runs_and_leaves_it_running() {
    let data = folder();
    let holder = start(data.path(), Hold::Exclusive).await;
    let command = start(data.path(), Hold::Shared).await;
    assert_eq!(command.postmaster().pid(), holder.postmaster().pid());
    assert!(command.chosen().contains("(already running)"), "{}", command.chosen());
    command.stop().await.unwrap();
    assert_eq!(setting(&holder, "fsync").await, "on");
    let pid = holder.postmaster().pid();
    holder.stop().await.unwrap();
    assert!(!lives(pid));
}

#[tokio::test]
async fn the_last_user_stops_the_server_whoever_started_it() {
    let data = folder();
    let starter = start(data.path(), Hold::Shared).await;
    let pid = starter.postmaster().pid();
    let (other, third) = tokio::join!(start(data.path(), Hold::Exclusive), start(data.path(), Hold::Shared));
    starter.stop().await.unwrap();
    other.stop().await.unwrap();
    assert!(lives(pid));
    assert_eq!(setting(&third, "fsync").await, "on");
    third.stop().await.unwrap();
    assert!(!data.path().join("postgres/cluster/postmaster.pid").exists());
}

#[tokio::test]
async fn users_that_arrive_together_share_one_server() {
    let data = folder();
    let arrive = || start(data.path(), Hold::Shared);
    let (one, two, three) = tokio::join!(arrive(), arrive(), arrive());
    let mut pids = vec![one.postmaster().pid(), two.postmaster().pid(), three.postmaster().pid()];
    pids.dedup();
    assert_eq!(pids.len(), 1);
    let (one, two, three) = tokio::join!(one.stop(), two.stop(), three.stop());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert!(!lives(pids[0]));
}

#[tokio::test]
async fn a_server_whose_users_were_killed_is_taken_over() {
    let data = folder();
    let mut killed = start(data.path(), Hold::Exclusive).await;
    let pid = killed.postmaster().pid();
    // What the kernel does to the locks of a killed process, and nothing else.
    killed.in_use = None;
    killed.holder = None;
    let heir = start(data.path(), Hold::Exclusive).await;
    assert_eq!(heir.postmaster().pid(), pid);
    heir.stop().await.unwrap();
    drop(killed);
    assert!(!lives(pid));
}

#[tokio::test]
async fn dropped_without_stop_the_last_user_asks_the_server_to_stop() {
    let data = folder();
    let server = start(data.path(), Hold::Shared).await;
    let pid = server.postmaster().pid();
    drop(server);
    let gone = async {
        while lives(pid) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.unwrap();
}

#[tokio::test]
async fn a_pid_file_that_names_a_stranger_does_not_stop_the_next_start() {
    let data = folder();
    let mut server = start(data.path(), Hold::Shared).await;
    kill(&mut server).await;
    drop(server);
    // The number of the killed server now belongs to this test.
    let path = data.path().join("postgres/cluster/postmaster.pid");
    let old = std::fs::read_to_string(&path).unwrap();
    let rest = old.split_once('\n').unwrap().1;
    std::fs::write(&path, format!("{}\n{rest}", std::process::id())).unwrap();
    start(data.path(), Hold::Shared).await.stop().await.unwrap();
}

#[tokio::test]
async fn a_long_data_folder_has_its_socket_in_a_short_one() {
    let data = folder();
    let deep = data.path().join("a".repeat(60)).join("b c'd\"e".repeat(10));
    let server = start(&deep, Hold::Shared).await;
    let sockets = server.postmaster().sockets().to_owned();
    assert!(!sockets.starts_with(data.path()), "{}", sockets.display());
    assert_eq!(std::fs::metadata(&sockets).unwrap().mode() & 0o777, 0o700);
    let attached = start(&deep, Hold::Shared).await;
    assert_eq!(attached.connection(ROLE, "postgres").host, sockets);
    attached.stop().await.unwrap();
    server.stop().await.unwrap();
    assert!(!sockets.exists());
}

#[tokio::test]
async fn a_path_with_quotes_and_spaces_is_only_a_path() {
    let data = folder();
    let odd = data.path().join("it's \"a\" $HOME, `id` \\ folder");
    let server = start(&odd, Hold::Shared).await;
    assert!(server.postmaster().sockets().starts_with(&odd));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_wrong_program_folder_is_named() {
    let data = folder();
    let empty = data.path().join("nothing here");
    let mut asked = options(&data.path().join("data"), Hold::Shared);
    asked.pg_bin = Some(empty.clone());
    let refused = refusal(asked).await;
    assert!(matches!(&refused, PrivatePostgresError::WrongBinaries { folder, .. } if *folder == empty));
    assert!(
        refused.to_string().contains("nothing here holds no usable PostgreSQL: it has no initdb"),
        "{refused}"
    );
}

#[tokio::test]
async fn data_of_another_major_version_are_left_alone() {
    let data = folder();
    start(data.path(), Hold::Shared).await.stop().await.unwrap();
    let made_by = std::fs::read_to_string(data.path().join("postgres/cluster/PG_VERSION")).unwrap();
    let mut asked = options(data.path(), Hold::Shared);
    asked.pg_bin = Some(programs(data.path(), "99.1", "exit 1"));
    let refused = refusal(asked).await;
    let told = refused.to_string();
    assert!(matches!(refused, PrivatePostgresError::OtherVersion { .. }), "{told}");
    let both = format!("made by PostgreSQL {}, but the programs found are of version 99", made_by.trim());
    assert!(told.contains(&both), "{told}");
    start(data.path(), Hold::Shared).await.stop().await.unwrap();
}

#[tokio::test]
async fn a_disk_that_fills_while_the_cluster_is_made_leaves_nothing() {
    let data = folder();
    let full =
        "mkdir \"$2/base\"; echo 'initdb: error: could not write: No space left on device' >&2; exit 1";
    let mut asked = options(&data.path().join("data"), Hold::Shared);
    asked.pg_bin = Some(programs(data.path(), "99.1", full));
    let refused = refusal(asked).await;
    assert!(matches!(refused, PrivatePostgresError::DiskFull { .. }), "{refused}");
    let home = data.path().join("data/postgres");
    assert!(!home.join("cluster").exists() && !home.join("cluster.unfinished").exists());
    start(&data.path().join("data"), Hold::Shared).await.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_no_cluster_is_left_alone() {
    let data = folder();
    start(data.path(), Hold::Shared).await.stop().await.unwrap();
    let version = data.path().join("postgres/cluster/PG_VERSION");
    std::fs::remove_file(&version).unwrap();
    let refused = refusal(options(data.path(), Hold::Shared)).await;
    assert!(matches!(refused, PrivatePostgresError::NotACluster { .. }), "{refused}");
    assert!(data.path().join("postgres/cluster/base").exists());
}

#[tokio::test]
async fn a_folder_that_the_servers_account_may_not_enter_is_named() {
    if !rustix::process::geteuid().is_root() {
        return; // An ordinary user's server is the user: no folder of theirs is closed to it.
    }
    let data = folder();
    std::fs::set_permissions(data.path(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let refused = refusal(options(&data.path().join("below"), Hold::Shared)).await;
    let told = refused.to_string();
    let PrivatePostgresError::Unreachable { folder, .. } = refused else { panic!("{told}") };
    assert_eq!(folder, data.path().canonicalize().unwrap());
    assert!(told.contains("chmod o+x"), "{told}");
}

#[test]
fn the_usual_data_folder_is_the_users_own_and_roots_is_open_to_the_server() {
    let path = |text: &str| Some(PathBuf::from(text));
    for (is_root, data_home, home, expected) in [
        (true, path("/home/kept/data"), path("/home/kept"), path("/var/lib/caseledger")),
        (false, path("/home/a/data"), path("/home/a"), path("/home/a/data/caseledger")),
        (false, path("relative"), path("/home/a"), path("/home/a/.local/share/caseledger")),
        (false, None, path("/home/a"), path("/home/a/.local/share/caseledger")),
        (false, None, None, None),
    ] {
        assert_eq!(usual_data_folder(is_root, data_home, home), expected);
    }
}
