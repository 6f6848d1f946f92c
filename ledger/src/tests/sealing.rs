//! Sealed fields through the log, and boxes that were moved or changed. Every person is invented.

use std::collections::HashSet;

use domain::envelope::SealedFields;
use domain::ids::{Revision, StreamId};

use crate::keys::{KeyFault, KeyId, KeyPurpose, KeyStore};
use crate::sealing::{SealFault, keys_of};
use crate::test_support::{append_to, fresh_ledger, some_event, some_stream};
use crate::{Expected, Identifier, UnsealFault};

fn fields() -> SealedFields {
    SealedFields::none().with("given_name", "Invented").with("upn", "A123456789012")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sealed_fields_come_back_in_another_process_and_stand_nowhere_in_clear() {
    let (database, ledger) = fresh_ledger().await;
    let stream = some_stream();
    let mut event = some_event(1);
    event.sealed = fields();
    ledger.append(append_to(stream, Expected::NoStream, vec![event, some_event(2)])).await.unwrap();
    let other = database.open_ledger().await;
    let stored = other.read_stream(stream, Revision(1)).await.unwrap();
    assert_eq!(other.unseal(&stored[0]).await.unwrap(), Some(fields()));
    assert_eq!(other.unseal(&stored[1]).await.unwrap(), None);
    let admin = database.admin().await;
    let clear = "SELECT count(*) FROM caseledger.events e WHERE e::text LIKE '%A123456789012%' \
                 OR position('A123456789012'::bytea IN sealed) > 0";
    assert_eq!(admin.query_one(clear, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moved_or_changed_box_does_not_open() {
    let (_database, ledger) = fresh_ledger().await;
    let stream = some_stream();
    let [mut first, mut second] = [some_event(1), some_event(2)];
    first.sealed = fields();
    second.sealed = fields();
    ledger.append(append_to(stream, Expected::NoStream, vec![first, second])).await.unwrap();
    let stored = ledger.read_stream(stream, Revision(1)).await.unwrap();
    let swapped = domain::envelope::StoredEvent { sealed: stored[1].sealed.clone(), ..stored[0].clone() };
    let other_kind =
        domain::envelope::StoredEvent { kind: "referral_received".to_owned(), ..stored[0].clone() };
    let other_version = domain::envelope::StoredEvent { schema_version: 2, ..stored[0].clone() };
    for moved in [swapped, other_kind, other_version] {
        let refused = ledger.unseal(&moved).await;
        assert!(
            matches!(refused, Err(UnsealFault::Seal { source: SealFault::DoesNotOpen { .. }, .. })),
            "{refused:?}"
        );
    }
    let container = stored[0].sealed.clone().unwrap();
    for at in 0..container.len() {
        let mut changed = container.clone();
        changed[at] ^= 1;
        let changed = domain::envelope::StoredEvent { sealed: Some(changed), ..stored[0].clone() };
        assert!(ledger.unseal(&changed).await.is_err(), "byte {at}");
    }
    for length in 0..container.len() {
        let cut =
            domain::envelope::StoredEvent { sealed: Some(container[..length].to_vec()), ..stored[0].clone() };
        assert!(ledger.unseal(&cut).await.is_err(), "cut at {length}");
    }
    assert_eq!(
        keys_of(stored[0].event_id, &container).unwrap(),
        [KeyId::new(ledger.id(), KeyPurpose::Subject(stream))]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_destroyed_key_is_told_apart_and_never_made_anew() {
    let (database, ledger) = fresh_ledger().await;
    let stream = some_stream();
    let mut event = some_event(1);
    event.sealed = fields();
    ledger.append(append_to(stream, Expected::NoStream, vec![event.clone()])).await.unwrap();
    database.keys().destroy(KeyId::new(ledger.id(), KeyPurpose::Subject(stream))).unwrap();
    let other = database.open_ledger().await;
    let stored = other.read_stream(stream, Revision(1)).await.unwrap();
    let gone = other.unseal(&stored[0]).await;
    assert!(matches!(gone, Err(UnsealFault::Key { source: KeyFault::Destroyed { .. }, .. })), "{gone:?}");
    let mut later = some_event(2);
    later.sealed = fields();
    let refused = other.append(append_to(stream, Expected::Any, vec![later])).await;
    assert!(
        matches!(refused, Err(crate::AppendError::Key { source: KeyFault::Destroyed { .. }, .. })),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identifiers_lead_to_streams_and_their_index_is_held_against_what_events_say() {
    let (database, ledger) = fresh_ledger().await;
    let (child, other) = (some_stream(), some_stream());
    for stream in [child, other] {
        let mut command = append_to(stream, Expected::NoStream, vec![some_event(1)]);
        command.appends[0].identifiers = vec![Identifier::new("la_child_id", "Invented 17")];
        ledger.append(command).await.unwrap();
    }
    let mut both = vec![child, other];
    both.sort_unstable();
    assert_eq!(ledger.find_by_identifier("la_child_id", " inVENTED17 ").await.unwrap(), both);
    assert_eq!(ledger.find_by_identifier("upn", "invented17").await.unwrap(), []);
    assert_eq!(
        database.open_ledger().await.find_by_identifier("la_child_id", "INVENTED17").await.unwrap(),
        both
    );
    let said = [child, other].map(|stream| (stream, Identifier::new("la_child_id", "Invented 17")));
    assert!(!format!("{:?}", said[0].1).contains("17"));
    let difference = async |unknown: &HashSet<StreamId>| {
        let before = ledger.index_rows().await.unwrap();
        ledger.compare_index(before, &said, unknown).await.unwrap()
    };
    let none = HashSet::new();
    assert_eq!((difference(&none).await.agreeing, difference(&none).await.is_none()), (2, true));
    // Somebody points one child's identifier at a third stream, and another at a stream whose key is gone.
    let (third, keyless) = (some_stream(), some_stream());
    let admin = database.admin().await;
    let sql = "UPDATE caseledger.identifier_index SET stream = $2 WHERE stream = $1";
    admin.execute(sql, &[&other.0, &third.0]).await.unwrap();
    let sql = "INSERT INTO caseledger.identifier_index SELECT token, $2, kind FROM caseledger.identifier_index WHERE stream = $1";
    admin.execute(sql, &[&child.0, &keyless.0]).await.unwrap();
    let unknown = HashSet::from([keyless]);
    let found = difference(&unknown).await;
    assert_eq!((found.agreeing, found.missing(), found.extra(), found.unknown), (1, 1, 1, 1));
    ledger.mend_index(&database.superuser(), &found).await.unwrap();
    assert!(difference(&unknown).await.is_none());
    let mut all = vec![child, other, keyless];
    all.sort_unstable();
    assert_eq!(ledger.find_by_identifier("la_child_id", "Invented 17").await.unwrap(), all);
}
