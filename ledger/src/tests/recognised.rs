//! What two officers sign for is the record that they saw, and the ledger's own record is what was recorded. Every child is
//! invented.

use domain::envelope::SealedFields;
use domain::events::CaseEvent;
use domain::events::identity::ChildRegistered;
use domain::ids::{EventId, Position, Revision, StreamId};
use domain::time::Occurred;

use super::disposal::{by, dispose, horizon, now, officers, request, signed, with_officers};
use crate::disposal::{DisposalFault, empty_rows};
use crate::keys::{KeyId, KeyPurpose, KeyStore as _};
use crate::officers::{
    Action, CarryOutFault, CustodyFault, Particulars, ParticularsFault, RecogniseFault, Request, sign_request,
};
use crate::test_support::{append_to, some_event, some_stream};
use crate::{Expected, KeyStoreFault, Ledger};

/// An invented child with a reference, a day of birth and an enquiry.
async fn registered_child(ledger: &Ledger, reference: &str) -> StreamId {
    let stream = some_stream();
    let born = "2016-03-04".parse().unwrap();
    let registered = ChildRegistered {
        date_of_birth: Some(born),
        expected_date_of_birth: None,
        sex: None,
        ethnicity: None,
        disabilities: std::collections::BTreeSet::new(),
        upn_unknown: None,
    };
    let event = CaseEvent::new(Occurred::on(born), registered);
    let sealed = SealedFields::none().with("la_child_id", reference);
    let first = event.to_new(EventId(some_stream().0), sealed, by()).unwrap();
    let mut second = some_event(2);
    second.occurred = "2025-02-01".parse().unwrap();
    ledger.append(append_to(stream, Expected::NoStream, vec![first, second])).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn officers_see_whose_record_it_is_and_no_other_one_is_disposed_of() {
    let (database, ledger) = with_officers().await;
    let (wrong, right) = (registered_child(&ledger, "INV-1").await, registered_child(&ledger, "INV-2").await);
    let of_right = request(&ledger, right).await;
    let shown = of_right.seen.shown().to_owned();
    for line in [
        "record: child",
        "events: 2",
        "first-day: 2016-03-04",
        "last-day: 2025-02-01",
        "born: 2016-03-04",
        "la_child_id: INV-2",
    ] {
        assert!(shown.lines().any(|found| found == line), "{line} in {shown}");
    }
    assert!(!of_right.text.contains("INV-2") && !of_right.text.contains("2016"), "{}", of_right.text);

    // The request for one record with what somebody showed of another: the commitment is another one.
    let of_wrong = request(&ledger, wrong).await;
    let other = |refused: &Result<_, DisposalFault>, expected: ParticularsFault| matches!(refused, Err(DisposalFault::Refused(CarryOutFault::Record(RecogniseFault::Particulars(fault)))) if *fault == expected);
    let refused = ledger.authorise_disposal((&of_wrong.text, Some(&of_right.seen)), &by(), now()).await;
    assert!(other(&refused, ParticularsFault::OtherRequest), "{refused:?}");
    let refused = ledger.authorise_disposal((&of_wrong.text, None), &by(), now()).await;
    assert!(other(&refused, ParticularsFault::Absent), "{refused:?}");

    // Somebody who writes both: the officers see INV-2, the request names the stream of INV-1.
    let lie = Particulars::parse(&of_right.seen.to_string().replace(&right.to_string(), &wrong.to_string()))
        .unwrap();
    let mut forged = Request::of_note(&of_wrong.text).unwrap();
    forged.particulars = Some(lie.commitment());
    let text = officers()
        .iter()
        .fold(forged.to_string(), |text, officer| sign_request(&text, Some(&lie), officer).unwrap());
    let refused = ledger.authorise_disposal((&text, Some(&lie)), &by(), now()).await;
    assert!(
        other(&refused, ParticularsFault::OtherRequest)
            || other(&refused, ParticularsFault::OtherRecord { stream: wrong }),
        "{refused:?}"
    );
    assert_eq!(ledger.custody().await.unwrap().authorisations(), []);
    for stream in [wrong, right] {
        assert!(
            ledger.read_stream(stream, Revision(1)).await.unwrap().iter().all(|event| event.facts.is_some())
        );
    }

    // The right one: authorised; the record is held against it again before it is emptied, by the salt under its key.
    let known = ledger.authorise_disposal(of_right.both(), &by(), now()).await.unwrap();
    ledger.authorise_disposal((&of_right.text, None), &by(), now()).await.unwrap();
    let move_event = format!(
        "ALTER TABLE caseledger.events DISABLE TRIGGER ALL; \
         UPDATE caseledger.events SET stream = '{right}', revision = 3 WHERE stream = '{wrong}' AND revision = 2; \
         ALTER TABLE caseledger.events ENABLE ALWAYS TRIGGER only_dispose"
    );
    let admin = database.admin().await;
    let below = ledger.last_position(wrong).await.unwrap() < known.up_to;
    assert!(below, "the moved event lies within what may be emptied");
    admin.batch_execute(&move_event).await.unwrap();
    let refused = ledger.authorise_disposal((&of_right.text, None), &by(), now()).await;
    assert!(other(&refused, ParticularsFault::OtherRecord { stream: right }), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_officers_saw_is_told_by_nobody_once_the_key_is_gone() {
    let (database, ledger) = with_officers().await;
    let stream = registered_child(&ledger, "INV-3").await;
    let asked = request(&ledger, stream).await;
    let known = ledger.authorise_disposal(asked.both(), &by(), now()).await.unwrap();
    let (request, sealed) = (Request::of_note(&asked.text).unwrap(), known.sealed_salt.unwrap());
    let seen = ledger.sealed_particulars(&request, (&sealed, known.up_to)).await.unwrap();
    assert_eq!(
        seen.as_ref(),
        Some(&asked.seen),
        "while the key stands, an auditor can check what was signed"
    );
    dispose(&database, &ledger, &asked).await.unwrap();
    assert_eq!(ledger.sealed_particulars(&request, (&sealed, known.up_to)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_were_moved_and_emptied_between_the_steps_are_not_recorded_as_disposed_of() {
    let (database, ledger) = with_officers().await;
    let (other, asked_for) =
        (registered_child(&ledger, "INV-4").await, registered_child(&ledger, "INV-5").await);
    let asked = request(&ledger, asked_for).await;
    let known = ledger.authorise_disposal(asked.both(), &by(), now()).await.unwrap();
    let positions = ledger.read_stream(asked_for, Revision(1)).await.unwrap();
    let positions: Vec<u64> = positions.iter().map(|event| event.position.0).collect();
    let listed = known.positions.clone().unwrap();
    assert_eq!((listed[0].first, listed[0].last), (positions[0], positions[1]));
    let taken_along = format!(
        "ALTER TABLE caseledger.events DISABLE TRIGGER ALL; \
         UPDATE caseledger.events SET revision = revision + 2 WHERE stream = '{asked_for}'; \
         UPDATE caseledger.events SET stream = '{asked_for}', facts = NULL, sealed = NULL, salt = NULL WHERE stream = '{other}'"
    );
    let first = i64::try_from(positions[0]).unwrap() - 2;
    let leaves = ledger.leaves(Position(first.unsigned_abs()), 2).await.unwrap();
    let admin = database.admin().await;
    let keep = "INSERT INTO caseledger.disposed_leaves (position, leaf) VALUES ($1, $2)";
    for (leaf, position) in leaves.iter().zip(first..) {
        admin.execute(keep, &[&position, &leaf.as_slice()]).await.unwrap();
    }
    admin.batch_execute(&taken_along).await.unwrap();
    admin.batch_execute("ALTER TABLE caseledger.events ENABLE ALWAYS TRIGGER only_dispose").await.unwrap();
    let disposed = empty_rows(&database.superuser(), known.event).await.unwrap();
    assert_eq!(disposed.len(), 4, "the database believes the column");
    let refused = ledger.conclude_disposal(known.event, &disposed, horizon(), &by(), now()).await;
    assert!(
        matches!(refused, Err(DisposalFault::OtherRows { stream }) if stream == asked_for),
        "{refused:?}"
    );
    let custody = ledger.custody().await.unwrap();
    assert_eq!(custody.authorisations()[0].disposed, [], "nothing is recorded");
    for position in first..first + 2 {
        let position = Position(position.unsigned_abs());
        assert_eq!(custody.authorisation_of(asked_for, position), None, "nobody signed for these");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_done_on_the_word_of_a_changed_row_of_the_ledgers_own_keeping() {
    let (database, ledger) = with_officers().await;
    let stream = registered_child(&ledger, "INV-6").await;
    let destroy = signed(&ledger, Action::DestroyKey { stream, reason: "erasure".parse().unwrap() }).await;
    let key = KeyId::new(ledger.id(), KeyPurpose::Subject(stream));
    let admin = database.admin().await;
    admin.batch_execute("ALTER TABLE caseledger.events DISABLE TRIGGER ALL").await.unwrap();
    // An officer's key, the genesis, who recorded it, when: each is in the leaf, and the leaf hash stays.
    for change in [
        "facts = replace(facts::text, 'guardian', 'guardiaN')::json WHERE position = 2",
        "facts = replace(facts::text, '\"minimum_reader\":3', '\"minimum_reader\":2')::json WHERE position = 1",
        "recorded_by = gen_random_uuid() WHERE position = 3",
        "recorded_at = recorded_at + interval '1 second' WHERE position = 3",
        "occurred = '2020-01-01' WHERE position = 2",
    ] {
        admin.batch_execute("CREATE TABLE before AS TABLE caseledger.events").await.unwrap();
        admin.batch_execute(&format!("UPDATE caseledger.events SET {change}")).await.unwrap();
        let refused = ledger.carry_out(destroy.both(), &by(), now()).await;
        let is_told = |refused: &CustodyFault| matches!(refused, CustodyFault::Changed { .. });
        assert!(
            matches!(&refused, Err(CarryOutFault::Custody(fault)) if is_told(fault)),
            "{change}: {refused:?}"
        );
        let again = database.open_ledger().await;
        let admitted = again.admit_writing().await;
        assert!(
            matches!(&admitted, Err(KeyStoreFault::Custody(fault)) if is_told(fault)),
            "{change}: {admitted:?}"
        );
        assert!(again.enforce_destroyed_keys().await.is_err(), "{change}");
        assert!(
            again.compare_with_signed(std::path::Path::new("/nowhere"), false).await.is_err(),
            "{change}"
        );
        admin
            .batch_execute(
                "UPDATE caseledger.events e SET facts = b.facts, recorded_by = b.recorded_by, recorded_at = b.recorded_at, \
                 occurred = b.occurred FROM before b WHERE b.position = e.position; DROP TABLE before",
            )
            .await
            .unwrap();
    }
    assert!(database.keys().find(key).unwrap().is_some(), "no key was destroyed");
    ledger.carry_out(destroy.both(), &by(), now()).await.unwrap();
}
