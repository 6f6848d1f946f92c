//! Witnesses countersign what continues what they saw, and nothing else; a log whose witnesses are away goes on.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::notes::{KeyType, NoteSigner, Sign};
use crate::proof::ProofOptions;
use crate::test_support::{TestDatabase, append_to, some_event, some_stream};
use crate::witness::{Asked, Cosigners, Policy, PolicyFault, Post, Posted, Refusal, Witness, WitnessFault};
use crate::{Expected, Ledger, Options};

const LONG: Duration = Duration::from_secs(20);
const ORIGIN: &str = "caseledger.example/E09000001/events";

fn now() -> DateTime<Utc> {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

/// Witnesses by address; one without a witness behind it is away.
#[derive(Default)]
struct Network(Vec<(String, Arc<Witness>)>);

impl Post for Network {
    fn post(&self, url: &str, body: String) -> Pin<Box<dyn Future<Output = Posted> + Send>> {
        let name = url.strip_prefix("https://").unwrap().strip_suffix("/add-checkpoint").unwrap();
        let witness = self.0.iter().find(|(known, _)| known == name).map(|(_, witness)| Arc::clone(witness));
        Box::pin(async move {
            let witness = witness.ok_or("it is away")?;
            Ok(match witness.add_checkpoint(body.as_bytes(), now()) {
                Ok(lines) => (200, lines),
                Err(Refusal::Conflict { size }) => (409, format!("{size}\n")),
                Err(refusal) => (refusal.status(), refusal.to_string()),
            })
        })
    }
}

fn key(name: &str) -> Arc<NoteSigner> {
    Arc::new(NoteSigner::generate(name).unwrap())
}

fn witness(folder: &tempfile::TempDir, signer: &Arc<NoteSigner>, log: &NoteSigner) -> Arc<Witness> {
    let place = folder.path().join(signer.verifier().name());
    let signer: Arc<dyn Sign> = Arc::<NoteSigner>::clone(signer);
    Arc::new(Witness::open(&place, signer, vec![log.verifier().clone()]).unwrap())
}

struct Log {
    // Kept, so that it is cleaned up when the test ends.
    _database: TestDatabase,
    ledger: Ledger,
    signing: crate::proof::Signing,
}

async fn signed_log(folder: &tempfile::TempDir, name: &str, key: &Arc<NoteSigner>) -> Log {
    let database = TestDatabase::installed().await;
    let ledger = database.create_ledger_signed_by(Some(key.verifier().clone()), Options::default()).await;
    let signer: Arc<dyn Sign> = Arc::<NoteSigner>::clone(key);
    let options = ProofOptions { folder: folder.path().join(name), signer, rebuild: false };
    let signing = ledger.start_signing(options).await.unwrap();
    Log { _database: database, ledger, signing }
}

impl Log {
    async fn grow(&self, events: u32) -> u64 {
        let events = (0..events).map(some_event).collect();
        let command = append_to(some_stream(), Expected::NoStream, events);
        let size = self.ledger.append(command).await.unwrap().tree_size;
        assert!(self.signing.covers(size, LONG).await);
        size
    }
}

fn policy(witnesses: &[&Arc<NoteSigner>], quorum: &str) -> Policy {
    let line = |signer: &&Arc<NoteSigner>| {
        let key = signer.verifier().of_type(KeyType::CosignatureV1);
        format!("witness {0} {key} https://{0}\n", key.name())
    };
    let names: Vec<&str> = witnesses.iter().map(|signer| signer.verifier().name()).collect();
    let lines: String = witnesses.iter().map(line).collect();
    Policy::parse(&format!(
        "# invented\n\n{lines}group all-of-them {quorum} {}\nquorum all-of-them\n",
        names.join(" ")
    ))
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_three_witnesses_are_enough_and_one_that_is_away_catches_up() {
    let folder = tempfile::tempdir().unwrap();
    let log_key = key(ORIGIN);
    let log = signed_log(&folder, "log", &log_key).await;
    let [audit, partner, alliance] = ["audit.example", "partner.example", "alliance.example"].map(key);
    let policy = policy(&[&audit, &partner, &alliance], "2");
    let one =
        |signer: &Arc<NoteSigner>| (signer.verifier().name().to_owned(), witness(&folder, signer, &log_key));
    let mut network = Network(vec![one(&audit)]);
    let mut cosigners = Cosigners::new(log.ledger.clone(), policy.clone());
    let first = log.grow(300).await;
    let answers = cosigners.round(&network, now()).await.unwrap();
    assert_eq!(answers["audit.example"], Asked::Cosigned(first));
    assert_eq!(answers["partner.example"], Asked::Refused("it is away".to_owned()));
    assert_eq!(log.ledger.witnessed_size(&policy, now()).await.unwrap(), 0, "one is not enough");
    network.0.push(one(&partner));
    let second = log.grow(5).await;
    let answers = cosigners.round(&network, now()).await.unwrap();
    assert_eq!(answers["audit.example"], Asked::Cosigned(second));
    assert_eq!(answers["partner.example"], Asked::Cosigned(second));
    assert_eq!(log.ledger.witnessed_size(&policy, now()).await.unwrap(), second);
    // A log that has forgotten how far its witnesses are is told.
    let third = log.grow(700).await;
    let answers = Cosigners::new(log.ledger.clone(), policy.clone()).round(&network, now()).await.unwrap();
    assert_eq!(answers["audit.example"], Asked::Cosigned(third));
    let early = "1999-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(log.ledger.witnessed_size(&policy, early).await.unwrap(), 0, "signatures from the future");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_history_under_the_same_key_gets_no_countersignature_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (log_key, partner) = (key(ORIGIN), key("partner.example"));
    let (log, other) =
        (signed_log(&folder, "log", &log_key).await, signed_log(&folder, "other", &log_key).await);
    let policy = policy(&[&partner], "any");
    let open = || Network(vec![("partner.example".to_owned(), witness(&folder, &partner, &log_key))]);
    let network = open();
    let seen = log.grow(9).await;
    Cosigners::new(log.ledger.clone(), policy.clone()).round(&network, now()).await.unwrap();
    drop(network);
    let network = open();
    let ask = async || {
        let answers =
            Cosigners::new(other.ledger.clone(), policy.clone()).round(&network, now()).await.unwrap();
        answers["partner.example"].clone()
    };
    assert_eq!(ask().await, Asked::SawMore(seen));
    assert_eq!(other.grow(9).await, seen);
    assert!(matches!(ask().await, Asked::Refused(_)), "the same size and another root");
    other.grow(1).await;
    assert_eq!(ask().await, Asked::Refused("HTTP 422 the consistency proof does not hold".to_owned()));
    let size = log.grow(1).await;
    let answers = Cosigners::new(log.ledger.clone(), policy).round(&network, now()).await.unwrap();
    assert_eq!(answers["partner.example"], Asked::Cosigned(size), "the history that it saw goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_is_refused_with_its_status() {
    let folder = tempfile::tempdir().unwrap();
    let (log_key, partner) = (key(ORIGIN), key("partner.example"));
    let log = signed_log(&folder, "log", &log_key).await;
    log.grow(3).await;
    let note = log.ledger.checkpoint().await.unwrap().unwrap();
    let witness = witness(&folder, &partner, &log_key);
    let unsigned = note.replacen("\n4\n", "\n5\n", 1);
    let unknown = note.replacen(ORIGIN, "caseledger.example/other", 1);
    let hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    let cases = [
        (String::new(), 400),
        (format!("old 0\n{note}"), 400),
        (format!("old 00\n\n{note}"), 400),
        (format!("old -1\n\n{note}"), 400),
        (format!("old 5\n\n{note}"), 400),
        (format!("new 0\n\n{note}"), 400),
        (format!("old 0\nAAAA\n\n{note}"), 400),
        (format!("old 0\n{}\n{note}", hash.repeat(64)), 400),
        ("old 0\n\nno note\n".to_owned(), 400),
        (format!("old 0\n\n{unsigned}"), 403),
        (format!("old 0\n\n{unknown}"), 404),
        (format!("old 1\n\n{note}"), 409),
        (format!("old 0\n{hash}\n{note}"), 422),
    ];
    for (body, status) in cases {
        let refusal = witness.add_checkpoint(body.as_bytes(), now()).unwrap_err();
        assert_eq!(refusal.status(), status, "{body:?}: {refusal}");
    }
    assert!(witness.add_checkpoint(format!("old 0\n\n{note}").as_bytes(), now()).is_ok());
    assert!(witness.add_checkpoint(format!("old 4\n\n{note}").as_bytes(), now()).is_ok(), "again is no harm");
    let taken = Witness::open(&folder.path().join("partner.example"), key("x.example"), vec![]);
    assert!(matches!(taken, Err(WitnessFault::Taken { .. })));
}

#[test]
fn a_policy_is_read_or_its_line_is_named() {
    let witness = |name: &str| key(name).verifier().of_type(KeyType::CosignatureV1).to_string();
    let (a, b, log) = (witness("a.example"), witness("b.example"), key("log.example").verifier().to_string());
    let good = format!(
        "log {log} https://log.example\nwitness a {a}\nwitness b\t{b}\n group g all a b \n# end\nquorum g\n"
    );
    let policy = Policy::parse(&good).unwrap();
    assert!(!policy.is_met_by(&["a"].into()) && policy.is_met_by(&["a", "b"].into()));
    assert!(Policy::parse("quorum none\n").unwrap().is_met_by(&[].into()));
    let cases = [
        (format!("witness a {a}\n"), None),
        ("quorum a\n".to_owned(), Some(1)),
        (format!("witness a {log}\nquorum a\n"), Some(1)),
        (format!("log {a}\nquorum none\n"), Some(1)),
        (format!("witness a {a}\nwitness a {b}\nquorum a\n"), Some(2)),
        (format!("witness a {a}\nwitness b {a}\nquorum a\n"), Some(2)),
        (format!("witness a {a}\ngroup g 2 a\nquorum g\n"), Some(2)),
        (format!("witness a {a}\ngroup g 0 a\nquorum g\n"), Some(2)),
        (format!("witness a {a}\ngroup g any a\ngroup h any a\nquorum h\n"), Some(3)),
        (format!("witness none {a}\nquorum none\n"), Some(1)),
        ("quorum none\nquorum none\n".to_owned(), Some(2)),
        ("wittness a\n".to_owned(), Some(1)),
        ("witness a key\n".to_owned(), Some(1)),
    ];
    for (text, expected) in cases {
        let found = match Policy::parse(&text).unwrap_err() {
            PolicyFault::Line { line, .. } | PolicyFault::Key { line, .. } => Some(line),
            PolicyFault::NoQuorum => None,
        };
        assert_eq!(found, expected, "{text}");
    }
}
