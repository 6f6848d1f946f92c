//! The server stays up: no request ends it, and what goes away below it comes back without anybody's doing.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use caseledger_tests::data_folder::{DataFolder, TestLedger};
use caseledger_tests::events::entity;
use caseledger_tests::program::fixture;
use caseledger_tests::served::{Reply, Server, find_pid, get};
use rustix::process::Signal;

use crate::disposal::two_invented_children;

/// Within so long a server has to answer again.
const SOON: Duration = Duration::from_secs(10);

/// An own database server is looked after every two seconds, and recovers after a kill.
const AFTER_RECOVERY: Duration = Duration::from_secs(40);

fn served(name: &str) -> (DataFolder, TestLedger, Server) {
    let folder = DataFolder::make();
    let ledger = folder.ledger(name);
    let sample = fixture("annex-a/Annex_A.xlsx").display().to_string();
    ledger.run(&["import", &sample, "--authority", "999"]);
    let server = Server::of(&ledger);
    (folder, ledger, server)
}

#[test]
fn no_request_ends_the_server() {
    let (_folder, _ledger, mut server) = served("asked");
    for (open, close) in [("[", "]"), ("{a:", "}"), ("{a:[", "]}")] {
        let deep = format!("{{ledger(a:{}1{})}}", open.repeat(2_500), close.repeat(2_500));
        let refused = server.graphql(&deep);
        assert_eq!(refused.status, 400, "{}", refused.text);
        assert!(refused.has("OVER_BUDGET") && refused.has("brackets open at once"), "{}", refused.text);
        // A plain GET, as any page could send it.
        let coded = deep.replace('{', "%7B").replace('}', "%7D").replace('[', "%5B").replace(']', "%5D");
        assert_eq!(server.get(&format!("/graphql?query={coded}")).status, 400);
    }
    let unended = format!("{{ledger(a:[\"\"\" \" {} \"", "[".repeat(2_500));
    assert_eq!(server.graphql(&unended).status, 400);
    let deep_json = format!(
        "{{\"query\":\"{{ledger{{id}}}}\",\"variables\":{{\"a\":{}1{}}}}}",
        "[".repeat(9_000),
        "]".repeat(9_000)
    );
    let posted = server.ask(&format!(
        "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{deep_json}",
        deep_json.len()
    ));
    assert_eq!(posted.status, 400, "{}", posted.text);
    assert!(server.is_running(), "the server ended");
    server.answers_within(SOON, "all that");
}

#[test]
fn a_name_that_is_not_the_servers_is_refused() {
    let (_folder, _ledger, server) = served("named");
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:80", "ledger.example"] {
        assert_eq!(server.ask(&get("/children", host)).status, 200, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8080"] {
        for path in ["/children", "/graphql?query=%7Bledger%7Bid%7D%7D", "/health/ready", "/log/checkpoint"] {
            let refused = server.ask(&get(path, host));
            assert_eq!(refused.status, 421, "{host}{path}");
            assert!(refused.has("--host NAME"), "{}", refused.text);
        }
    }
    let unnamed = server.ask("GET /children HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!([400, 421].contains(&unnamed.status), "{}", unnamed.text);
}

#[test]
fn many_questions_at_once_are_answered_or_told_to_come_again() {
    let (_folder, _ledger, mut server) = served("crowded");
    let days: Vec<String> =
        (1..=12).flat_map(|month| (1..=10).map(move |day| format!("2019-{month:02}-{day:02}"))).collect();
    let server_ref = &server;
    let replies: Vec<Reply> = thread::scope(|scope| {
        let asked: Vec<_> =
            days.iter().map(|day| scope.spawn(move || server_ref.get(&format!("/?as-at={day}")))).collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for reply in &replies {
        let told_to_wait = reply.status == 503 && reply.has("retry-after: ");
        assert!(reply.status == 200 || told_to_wait, "{}", reply.text);
    }
    assert!(replies.iter().any(|reply| reply.status == 200));
    assert!(server.is_running(), "the server ended");
    server.is_healthy_within(SOON, "the crowd");
}

#[test]
fn whoever_says_nothing_is_let_go() {
    let (_folder, _ledger, server) = served("silent");
    let mut silent: Vec<TcpStream> = ["", "GET / HTTP/1.1\r\nHost: local"]
        .map(|beginning| {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            stream.write_all(beginning.as_bytes()).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            stream
        })
        .into();
    for stream in &mut silent {
        let mut left = Vec::new();
        // Closed, with or without a word; nobody waits for ever.
        let ended = stream.read_to_end(&mut left);
        assert!(ended.is_ok(), "still open after 30 s: {ended:?}");
    }
    server.answers_within(SOON, "two silent connections");
}

#[test]
fn killed_backends_and_a_killed_database_are_lived_through() {
    let (folder, ledger, mut server) = served("killed");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for round in 0..5 {
        runtime.block_on(async {
            let admin = ledger.connect("postgres").await;
            let all_others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                              WHERE pid <> pg_backend_pid() AND datname = current_database()";
            admin.query_one(all_others, &[]).await.unwrap();
        });
        server.answers_within(SOON, "killed backends");
        assert!(server.is_running(), "the server ended in round {round}");
    }
    server.is_healthy_within(SOON, "killed backends");
    let cluster = folder.data().join("postgres");
    let pid = find_pid(&cluster);
    rustix::process::kill_process(pid, Signal::KILL).unwrap();
    server.answers_within(AFTER_RECOVERY, "a killed database server");
    server.is_healthy_within(AFTER_RECOVERY, "a killed database server");
    assert_ne!(find_pid(&cluster), pid);
    // It still writes: what is signed, and what another command records beside it.
    ledger.run(&["roster"]).ended(0);
    ledger.run(&["verify"]).ended(0);
    assert!(server.told_to_end().success());
}

/// Whoever watches the server reads what it refuses, without having asked for logs.
#[tokio::test]
async fn what_goes_wrong_is_said_where_nobody_asked_for_a_log() {
    let folder = DataFolder::make();
    let ledger = folder.ledger("says");
    ledger.import(&folder.write("children.jsonl", two_invented_children().text()), &[]).ended(0);
    let server = Server::of(&ledger);
    let owner = ledger.connect("postgres").await;
    let question = "{ child(reference: \"INV-1\") { stream } }";
    assert!(!server.graphql(question).text.contains("\"errors\""));
    let elsewhere = format!("UPDATE caseledger.identifier_index SET stream = '{}'", entity(2));
    owner.batch_execute(&elsewhere).await.unwrap();
    let asked = server.graphql(question);
    assert!(asked.text.contains("\"FAULT\""), "{}", asked.text);
    server.says_within("the look-up table of identifiers leads to", SOON);
    let head = "INSERT INTO caseledger.heads (base_size, tree_size, recorded_at, epoch, writer) \
                SELECT max(tree_size), max(tree_size) + 5, now(), 1, gen_random_uuid() FROM caseledger.heads";
    owner.batch_execute(head).await.unwrap();
    let said = server.says_within("the log is not signed any more", AFTER_RECOVERY);
    assert!(said.contains("was not written by this ledger's programs"), "{said}");
}
