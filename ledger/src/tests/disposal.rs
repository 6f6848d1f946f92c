//! Disposal: only what two officers asked for, only those columns, and the same request goes on after a crash.

use chrono::{DateTime, NaiveDate, Utc};
use domain::envelope::{EventContext, SealedFields};
use domain::events::CaseEvent;
use domain::events::custody::{DisposalAuthorised, LegalHoldPlaced, OfficerKeyRegistered};
use domain::ids::{EventId, Position, Revision, StreamId};
use domain::time::Occurred;
use tokio_postgres::NoTls;
use uuid::Uuid;

use crate::disposal::{DisposalFault, KeyOutcome, LogFiles, empty_rows, rewrite};
use crate::keys::{KeyFault, KeyId, KeyPurpose, KeyStore as _};
use crate::notes::{NoteSigner, Sign as _};
use crate::officers::{Action, CarryOutFault, IrregularCause, Particulars, RequestFault, sign_request};
use crate::test_support::{TestDatabase, append_to, fresh_ledger, some_event, some_stream};
use crate::{Expected, Identifier, Ledger, UnsealFault};

const HORIZON: &str = "2027-02-01";

pub(super) fn now() -> DateTime<Utc> {
    "2026-11-22T09:00:00Z".parse().unwrap()
}

pub(super) fn horizon() -> NaiveDate {
    HORIZON.parse().unwrap()
}

pub(super) fn by() -> EventContext {
    EventContext::new(Uuid::nil(), "records_manager")
}

pub(super) fn officers() -> [NoteSigner; 2] {
    [("caldicott-guardian.E09000001", 1), ("head-of-service.E09000001", 2)]
        .map(|(name, seed)| NoteSigner::from_seed(name, &[seed; 32]).unwrap())
}

pub(super) async fn with_officers() -> (TestDatabase, Ledger) {
    let (database, ledger) = fresh_ledger().await;
    for officer in officers() {
        let custody = ledger.custody().await.unwrap();
        let body = OfficerKeyRegistered { key: officer.verifier().to_string(), request: None };
        ledger.record_custody(&custody, vec![body.into()], &by(), now()).await.unwrap();
    }
    (database, ledger)
}

/// An invented child with three events, each with a sealed field, and an identifier that leads to it.
async fn child(ledger: &Ledger) -> StreamId {
    let stream = some_stream();
    let events = (1..=3).map(|number| {
        let mut event = some_event(number);
        event.sealed = SealedFields::none().with("name", format!("Invented Child {number}"));
        event
    });
    let mut command = append_to(stream, Expected::NoStream, events.collect());
    command.appends[0].identifiers.push(Identifier { kind: "upn".into(), value: stream.to_string() });
    ledger.append(command).await.unwrap();
    stream
}

/// A request that both officers signed, and what they saw.
pub(super) struct Asked {
    pub(super) text: String,
    pub(super) seen: Particulars,
}

impl Asked {
    pub(super) fn both(&self) -> (&str, Option<&Particulars>) {
        (&self.text, Some(&self.seen))
    }
}

pub(super) async fn signed(ledger: &Ledger, action: Action) -> Asked {
    let (request, seen) = ledger.prepare_request(action).await.unwrap();
    let seen = seen.unwrap();
    let [one, two] = officers();
    let text = sign_request(&request.to_string(), Some(&seen), &one).unwrap();
    Asked { text: sign_request(&text, Some(&seen), &two).unwrap(), seen }
}

pub(super) async fn request(ledger: &Ledger, stream: StreamId) -> Asked {
    let up_to = ledger.last_position(stream).await.unwrap();
    signed(ledger, Action::Dispose { stream, up_to, rule: "CIN-18-3".parse().unwrap() }).await
}

async fn leaf_hashes(database: &TestDatabase) -> Vec<Vec<u8>> {
    let sql = "SELECT leaf_hash FROM caseledger.events ORDER BY position";
    database.admin().await.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Every step from the start, as a command does it.
pub(super) async fn dispose(
    database: &TestDatabase,
    ledger: &Ledger,
    request: &Asked,
) -> Result<KeyOutcome, DisposalFault> {
    let known = ledger.authorise_disposal(request.both(), &by(), now()).await?;
    let disposed = empty_rows(&database.superuser(), known.event).await?;
    ledger.conclude_disposal(known.event, &disposed, horizon(), &by(), now()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disposed_record_is_empty_and_every_leaf_stays() {
    let (database, ledger) = with_officers().await;
    let (gone, kept) = (child(&ledger).await, child(&ledger).await);
    let leaves = leaf_hashes(&database).await;
    let sealed = ledger.read_stream(gone, Revision(1)).await.unwrap().remove(0);
    let text = request(&ledger, gone).await;
    assert_eq!(dispose(&database, &ledger, &text).await.unwrap(), KeyOutcome::Destroyed);

    let events = ledger.read_stream(gone, Revision(1)).await.unwrap();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event.facts.is_none() && event.sealed.is_none()));
    let others = ledger.read_stream(kept, Revision(1)).await.unwrap();
    assert!(others.iter().all(|event| event.facts.is_some() && event.sealed.is_some()));
    assert_eq!(leaf_hashes(&database).await[..leaves.len()], leaves);
    // Who follows the log is still given every entry.
    let entries = ledger.leaves(Position(1), leaves.len() as u64).await.unwrap();
    assert_eq!(entries.iter().map(|leaf| crate::tree::leaf_hash(leaf).to_vec()).collect::<Vec<_>>(), leaves);
    assert_eq!(ledger.find_by_identifier("upn", &gone.to_string()).await.unwrap(), []);
    assert_eq!(ledger.find_by_identifier("upn", &kept.to_string()).await.unwrap(), [kept]);
    // A copy of the row from before opens no more.
    let unsealed = ledger.unseal(&sealed).await;
    assert!(
        matches!(unsealed, Err(UnsealFault::Key { source: KeyFault::Destroyed { .. }, .. })),
        "{unsealed:?}"
    );
    // What is recorded says which positions, under which rule, until when a backup may hold them.
    let custody = ledger.custody().await.unwrap();
    let [known] = custody.authorisations() else { panic!("one disposal") };
    let (first, last) = (events[0].position.0, events[2].position.0);
    assert_eq!(
        known.disposed.iter().map(|range| (range.first, range.last)).collect::<Vec<_>>(),
        [(first, last)]
    );
    assert_eq!((known.rule.as_str(), known.backup_horizon), ("CIN-18-3", Some(horizon())));
    assert_eq!(custody.irregular(), []);
    assert!(custody.is_destroyed(KeyId::new(ledger.id(), KeyPurpose::Subject(gone))));
    // A disposed event is still the one that it was: the same again is known, not recorded anew.
    let head = ledger.head().await.unwrap().position;
    assert_eq!(dispose(&database, &ledger, &text).await.unwrap(), KeyOutcome::Destroyed);
    assert_eq!(ledger.head().await.unwrap().position, head, "a second time adds nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disposal_goes_on_after_a_crash_at_any_step() {
    let (database, ledger) = with_officers().await;
    for steps in 0..=4 {
        let stream = child(&ledger).await;
        let text = request(&ledger, stream).await;
        // As far as the crash.
        if steps > 0 {
            let known = ledger.authorise_disposal(text.both(), &by(), now()).await.unwrap();
            if steps > 1 {
                let disposed = empty_rows(&database.superuser(), known.event).await.unwrap();
                assert_eq!(disposed.len(), 3);
                if steps > 2 {
                    let rewritten = rewrite(&database.superuser(), &[]).await.unwrap();
                    assert!(matches!(rewritten.log, LogFiles::Gone | LogFiles::Kept { .. }));
                }
                if steps > 3 {
                    ledger.conclude_disposal(known.event, &disposed, horizon(), &by(), now()).await.unwrap();
                }
            }
        }
        // A new process, from the start, with the same request.
        let again = database.open_ledger().await;
        assert_eq!(dispose(&database, &again, &text).await.unwrap(), KeyOutcome::Destroyed, "after {steps}");
        let custody = again.custody().await.unwrap();
        assert_eq!(custody.irregular(), []);
        assert_eq!(custody.authorisations().iter().filter(|known| known.stream == stream).count(), 1);
        let disposed: u64 =
            custody.authorisations().last().unwrap().disposed.iter().map(|r| r.last - r.first + 1).sum();
        assert_eq!(disposed, 3, "recorded once, after {steps}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_session_setting_and_no_role_changes_a_row_that_was_not_authorised() {
    let (database, ledger) = with_officers().await;
    let (authorised, other) = (child(&ledger).await, child(&ledger).await);
    let text = request(&ledger, authorised).await;
    let known = ledger.authorise_disposal(text.both(), &by(), now()).await.unwrap();
    let admin = database.admin().await;
    let settings = [
        "SET session_replication_role = replica",
        "SET session_replication_role = local",
        "SET caseledger.disposal = 'on'",
        "SET caseledger.subject = 'x'",
        "SET row_security = off",
    ];
    let empty = "UPDATE caseledger.events SET facts = NULL, sealed = NULL, salt = NULL";
    for setting in settings {
        admin.batch_execute(setting).await.unwrap();
        // The superuser itself, the disposer beside its function, and the disposer with more than its three columns.
        for (role, statement) in [
            ("NONE", format!("{empty} WHERE stream = '{authorised}'")),
            ("NONE", format!("{empty} WHERE stream = '{other}'")),
            ("caseledger_disposer", format!("{empty} WHERE stream = '{other}'")),
            ("caseledger_disposer", empty.to_owned()),
            (
                "caseledger_disposer",
                format!("UPDATE caseledger.events SET facts = '{{}}' WHERE stream = '{authorised}'"),
            ),
            (
                "caseledger_disposer",
                format!("UPDATE caseledger.events SET facts = facts WHERE stream = '{authorised}'"),
            ),
            (
                "caseledger_disposer",
                format!("UPDATE caseledger.events SET kind = 'x' WHERE stream = '{authorised}'"),
            ),
            ("caseledger_disposer", format!("DELETE FROM caseledger.events WHERE stream = '{authorised}'")),
            ("caseledger_disposer", "TRUNCATE caseledger.events CASCADE".to_owned()),
        ] {
            admin.batch_execute(&format!("SET ROLE {role}")).await.unwrap();
            let error = admin.batch_execute(&statement).await.expect_err(&statement);
            let code = error.code().unwrap().code().to_owned();
            admin.batch_execute("RESET ROLE").await.unwrap();
            assert!(["55000", "42501"].contains(&code.as_str()), "{setting}; {role}: {statement}: {error}");
        }
    }
    let untouched: i64 = admin
        .query_one("SELECT count(*) FROM caseledger.events WHERE salt IS NULL", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(untouched, 0);
    // The server's own roles may not call the function; nobody may for an event that authorises nothing.
    for role in ["caseledger_appender", "caseledger_projector", "caseledger_reader"] {
        let (client, connection) = database.role(role).connect(NoTls).await.unwrap();
        drop(tokio::spawn(connection));
        let error = client.query("SELECT caseledger.dispose($1)", &[&known.event.0]).await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), "42501", "{role}: {error}");
    }
    let hold = ledger.read_stream(other, Revision(1)).await.unwrap()[0].event_id;
    for event in [hold, EventId(some_stream().0)] {
        let refused = empty_rows(&database.superuser(), event).await;
        assert!(matches!(refused, Err(DisposalFault::Database { .. })), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authorisation_that_nobody_signed_is_seen() {
    let (_database, ledger) = with_officers().await;
    let stream = child(&ledger).await;
    let custody = ledger.custody().await.unwrap();
    let forged = DisposalAuthorised {
        stream,
        up_to: ledger.last_position(stream).await.unwrap().0,
        rule: "CIN-18-3".parse().unwrap(),
        request: "nothing\n".to_owned(),
        sealed_salt: None,
        positions: None,
    };
    let refused = ledger.record_custody(&custody, vec![forged.clone().into()], &by(), now()).await;
    assert!(matches!(refused, Err(CarryOutFault::Irregular(IrregularCause::Request(_)))), "{refused:?}");
    // Whoever takes over the server's role can append it all the same; the fold gives it no effect and names it.
    let event = CaseEvent::new(Occurred::UNKNOWN, forged);
    let new = event.to_new(EventId(some_stream().0), SealedFields::none(), by()).unwrap();
    let mut command = append_to(custody.system_stream(), Expected::Any, vec![new]);
    command.appends[0].category = domain::envelope::Category::System;
    let at = ledger.append(command).await.unwrap().first_position;
    let custody = ledger.custody().await.unwrap();
    assert_eq!(custody.authorisations(), []);
    assert_eq!(custody.irregular().iter().map(|one| one.position).collect::<Vec<_>>(), [at]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_against_a_disposal_is_said_and_changes_nothing() {
    let (database, ledger) = with_officers().await;
    let stream = child(&ledger).await;
    let early = request(&ledger, stream).await;
    ledger.append(append_to(stream, Expected::Any, vec![some_event(9)])).await.unwrap();
    let went_on = ledger.authorise_disposal(early.both(), &by(), now()).await;
    assert!(matches!(went_on, Err(DisposalFault::WentOn { .. })), "{went_on:?}");

    let held = request(&ledger, stream).await;
    let custody = ledger.custody().await.unwrap();
    let hold = LegalHoldPlaced { stream, reason: "inquiry".parse().unwrap(), placed_by: None };
    ledger.record_custody(&custody, vec![hold.into()], &by(), now()).await.unwrap();
    let refused = ledger.authorise_disposal(held.both(), &by(), now()).await;
    assert!(
        matches!(
            &refused,
            Err(DisposalFault::Refused(CarryOutFault::Irregular(IrregularCause::OnHold { .. })))
        ),
        "{refused:?}"
    );
    let destroy = signed(&ledger, Action::DestroyKey { stream, reason: "erasure".parse().unwrap() }).await;
    let refused = ledger.carry_out(destroy.both(), &by(), now()).await;
    assert!(matches!(refused, Err(CarryOutFault::Irregular(IrregularCause::OnHold { .. }))), "{refused:?}");
    assert!(database.keys().find(KeyId::new(ledger.id(), KeyPurpose::Subject(stream))).unwrap().is_some());

    // A hold that comes between the authorisation and the emptying still counts, in the database itself.
    let second = child(&ledger).await;
    let text = request(&ledger, second).await;
    let known = ledger.authorise_disposal(text.both(), &by(), now()).await.unwrap();
    let custody = ledger.custody().await.unwrap();
    let hold = LegalHoldPlaced { stream: second, reason: "inquiry".parse().unwrap(), placed_by: None };
    ledger.record_custody(&custody, vec![hold.into()], &by(), now()).await.unwrap();
    let refused = empty_rows(&database.superuser(), known.event).await;
    assert!(matches!(refused, Err(DisposalFault::Database { .. })), "{refused:?}");
    let custody = ledger.custody().await.unwrap();
    let hold = custody.holds(second).next().unwrap().event;
    let lift = signed(&ledger, Action::LiftHold { stream: second, hold }).await;
    ledger.carry_out(lift.both(), &by(), now()).await.unwrap();
    assert_eq!(dispose(&database, &ledger, &text).await.unwrap(), KeyOutcome::Destroyed);

    // A request for something else, and one of another ledger.
    let reused = ledger.authorise_disposal(lift.both(), &by(), now()).await;
    assert!(
        matches!(
            &reused,
            Err(DisposalFault::Refused(CarryOutFault::Request(RequestFault::RequestReused { .. })))
        ),
        "{reused:?}"
    );
    let (_elsewhere, other) = with_officers().await;
    let foreign = request(&other, child(&other).await).await;
    let refused = ledger.authorise_disposal(foreign.both(), &by(), now()).await;
    assert!(
        matches!(
            &refused,
            Err(DisposalFault::Refused(CarryOutFault::Request(RequestFault::OtherLedger { .. })))
        ),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rewrite_does_not_pass_over_a_transaction_that_still_sees_the_rows() {
    let (database, ledger) = with_officers().await;
    let stream = child(&ledger).await;
    let text = request(&ledger, stream).await;
    let reader = database.admin().await;
    reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await.unwrap();
    reader.query_one("SELECT count(*) FROM caseledger.events", &[]).await.unwrap();
    let known = ledger.authorise_disposal(text.both(), &by(), now()).await.unwrap();
    empty_rows(&database.superuser(), known.event).await.unwrap();
    let held = rewrite(&database.superuser(), &[]).await;
    assert!(matches!(&held, Err(DisposalFault::HeldBack { pids }) if pids.len() == 1), "{held:?}");
    reader.batch_execute("COMMIT").await.unwrap();
    rewrite(&database.superuser(), &[]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_seals_later_events_is_kept() {
    let (database, ledger) = with_officers().await;
    let stream = child(&ledger).await;
    let text = request(&ledger, stream).await;
    let known = ledger.authorise_disposal(text.both(), &by(), now()).await.unwrap();
    let mut later = some_event(9);
    later.sealed = SealedFields::none().with("name", "Invented Child");
    ledger.append(append_to(stream, Expected::Any, vec![later])).await.unwrap();
    let disposed = empty_rows(&database.superuser(), known.event).await.unwrap();
    let outcome = ledger.conclude_disposal(known.event, &disposed, horizon(), &by(), now()).await.unwrap();
    assert_eq!((outcome, disposed.len()), (KeyOutcome::KeptForLaterEvents, 3));
    let last = ledger.read_stream(stream, Revision(4)).await.unwrap().remove(0);
    assert!(ledger.unseal(&last).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_key_store_does_not_bring_a_destroyed_key_back() {
    let (database, ledger) = with_officers().await;
    let stream = child(&ledger).await;
    let event = ledger.read_stream(stream, Revision(1)).await.unwrap().remove(0);
    assert!(ledger.unseal(&event).await.unwrap().is_some());
    let store = std::path::PathBuf::from(database.handle().lines().nth(2).unwrap());
    let copy = store.with_extension("copy");
    copy_folder(&store, &copy);

    let destroy = signed(&ledger, Action::DestroyKey { stream, reason: "erasure".parse().unwrap() }).await;
    ledger.carry_out(destroy.both(), &by(), now()).await.unwrap();
    let gone = |read: Result<_, UnsealFault>| {
        matches!(read, Err(UnsealFault::Key { source: KeyFault::Destroyed { .. }, .. }))
    };
    assert!(gone(ledger.unseal(&event).await));
    assert!(database.open_ledger().await.returned_keys().is_empty());
    let id = ledger.id();
    drop(ledger);

    // The whole key store as it was before, tombstone and list of destroyed keys gone.
    std::fs::remove_dir_all(&store).unwrap();
    copy_folder(&copy, &store);
    let id = KeyId::new(id, KeyPurpose::Subject(stream));
    assert!(database.keys().find(id).unwrap().is_some(), "the copy alone would open it");
    let restored = database.open_ledger().await;
    assert_eq!(restored.returned_keys().iter().map(|one| one.key).collect::<Vec<_>>(), [id]);
    assert!(gone(restored.unseal(&event).await), "it is not used");
    assert!(!database.keys().is_gone(id).unwrap(), "opening a ledger changes nothing");
    let admitted = restored.admit_writing().await.unwrap();
    assert_eq!(admitted.destroyed_again.iter().map(|one| one.key).collect::<Vec<_>>(), [id]);
    assert!(database.keys().is_gone(id).unwrap());
    assert!(restored.copies_of_destroyed_keys().await.unwrap().is_empty());
    assert!(database.open_ledger().await.returned_keys().is_empty(), "once");
    std::fs::remove_dir_all(&copy).unwrap();
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}
