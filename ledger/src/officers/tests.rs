//! Requests: their one form, who must have signed, and what the fold of the system stream makes of them.

use domain::envelope::{Category, EventContext};
use domain::events::custody::{
    DisposalAuthorised, KeyDestroyed, LegalHoldLifted, LegalHoldPlaced, OfficerKeyRegistered,
    OfficerKeyRevoked, PositionRange, RecordDisposed,
};
use domain::events::{Body, CaseEvent, RecordedEvent};
use domain::ids::{CommandId, EventId, LedgerId, Position, Revision, StreamId};
use domain::time::Occurred;
use uuid::Uuid;

use super::particulars::Recognised;
use super::*;
use crate::keys::{KeyId, KeyPurpose};
use crate::notes::{Note, NoteSigner, Sign as _, sign_text};

const LEDGER: LedgerId = LedgerId(Uuid::from_u128(1));
const SYSTEM: StreamId = StreamId(Uuid::from_u128(2));
const CHILD: StreamId = StreamId(Uuid::from_u128(3));

/// Officers of an invented authority: 1 the Caldicott guardian, 2 the head of service, 3 the data protection officer.
fn officer(number: u8) -> NoteSigner {
    let role = ["caldicott-guardian", "head-of-service", "data-protection-officer"][usize::from(number) - 1];
    NoteSigner::from_seed(&format!("{role}.E09000001"), &[number; 32]).unwrap()
}

fn request(id: u128, action: Action) -> Request {
    let particulars = action.record().map(|_| [9; 32]);
    Request { ledger: LEDGER, id: Uuid::from_u128(id), action, particulars }
}

fn signed(request: &Request, by: &[&NoteSigner]) -> String {
    let mut note = Note::try_new(request.to_string()).unwrap();
    for signer in by {
        note.add(sign_text(*signer, note.text()).unwrap()).unwrap();
    }
    note.to_string()
}

fn dispose(up_to: u64) -> Action {
    Action::Dispose { stream: CHILD, up_to: Position(up_to), rule: "CIN-18-3".parse().unwrap() }
}

fn apply(custody: &mut Custody, body: impl Into<Body>) -> EventId {
    let number = custody.revision().0 + 1;
    let event_id = EventId(Uuid::from_u128(1_000 + u128::from(number)));
    custody.apply(&RecordedEvent {
        position: Position(u64::from(number) * 10),
        stream: SYSTEM,
        category: Category::System,
        revision: Revision(number),
        event_id,
        command_id: CommandId(Uuid::nil()),
        recorded_at: chrono::DateTime::UNIX_EPOCH,
        context: EventContext::new(Uuid::nil(), "ledger"),
        event: CaseEvent::new(Occurred::UNKNOWN, body),
    });
    event_id
}

fn register(number: u8, request: Option<String>) -> OfficerKeyRegistered {
    OfficerKeyRegistered { key: officer(number).verifier().to_string(), request }
}

/// A ledger with the first two officers.
fn founded() -> Custody {
    let mut custody = Custody::new(LEDGER, SYSTEM);
    apply(&mut custody, register(1, None));
    apply(&mut custody, register(2, None));
    assert_eq!(custody.irregular(), []);
    custody
}

fn last_cause(custody: &Custody) -> &IrregularCause {
    &custody.irregular().last().expect("something irregular").cause
}

#[test]
fn requests_have_one_form() {
    let key = officer(3).verifier().clone();
    let hold = EventId(Uuid::from_u128(5));
    for action in [
        dispose(7),
        Action::RegisterOfficer { key: key.clone() },
        Action::RevokeOfficer { key },
        Action::DestroyKey { stream: CHILD, reason: "erasure".parse().unwrap() },
        Action::LiftHold { stream: CHILD, hold },
        Action::OpenEpoch {
            origin: "a.example/log".to_owned(),
            size: 9,
            root: [7; 32],
            head_size: 5,
            reason: "restored".parse().unwrap(),
        },
    ] {
        let request = request(4, action);
        let text = request.to_string();
        assert_eq!(Request::parse(&text), Ok(request), "{text}");
        // Any line taken out, doubled or with a space more is refused.
        let lines: Vec<&str> = text.lines().collect();
        for at in 0..lines.len() {
            let mut without = lines.clone();
            without.remove(at);
            let mut twice = lines.clone();
            twice.insert(at, lines[at]);
            let spaced = text.replacen(lines[at], &format!("{} ", lines[at]), 1);
            for changed in
                [without.join("\n") + "\n", twice.join("\n") + "\n", spaced, text.trim_end().to_owned()]
            {
                assert!(Request::parse(&changed).is_err(), "{changed}");
            }
        }
    }
    assert_eq!(
        request(4, dispose(7)).to_string(),
        "caseledger request 2\naction: dispose\nledger: 00000000-0000-0000-0000-000000000001\n\
         request: 00000000-0000-0000-0000-000000000004\nstream: 00000000-0000-0000-0000-000000000003\n\
         up-to: 7\nrule: CIN-18-3\nparticulars: CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=\n"
    );
}

#[test]
fn a_malformed_line_is_named() {
    let text = request(4, dispose(7)).to_string();
    for (from, to, line) in [
        ("request 2", "request 3", 1),
        ("request 2", "request 1", 8),
        ("dispose", "open-epoch", 5),
        ("dispose", "forget", 2),
        ("ledger: ", "ledger: x", 3),
        ("request: ", "request=", 4),
        ("stream: ", "stream: \u{a0}", 5),
        ("up-to: 7", "up-to: -7", 6),
        ("CIN-18-3", "a free text", 7),
        ("particulars: C", "particulars: ", 8),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_eq!(Request::parse(&changed).unwrap_err().line, line, "{changed}");
    }
    // The same value written in another way is another text: only one form is signed.
    assert!(Request::parse(&text.replace("up-to: 7", "up-to: +7")).is_err());
    assert!(Request::parse(&text.replace("up-to: 7", "up-to: 07")).is_err());
    assert_eq!(Request::parse(&format!("{text}more: x\n")).unwrap_err().line, 9);
}

#[test]
fn two_different_officers_have_to_sign() {
    let custody = founded();
    let (one, two, three) = (officer(1), officer(2), officer(3));
    let wanted = request(4, dispose(7));
    let whole = signed(&wanted, &[&one, &two]);
    let accepted = custody.check_new(&whole).unwrap();
    assert_eq!(accepted.officers, ["caldicott-guardian.E09000001", "head-of-service.E09000001"]);
    assert_eq!(accepted.request, wanted);
    // A further line by somebody unknown changes nothing.
    assert!(custody.check(&signed(&wanted, &[&three, &one, &two])).is_ok());

    let twice = {
        let line = sign_text(&one, &wanted.to_string()).unwrap();
        format!("{wanted}\n{line}\n{line}\n")
    };
    let same_name = NoteSigner::from_seed("caldicott-guardian.E09000001", &[9; 32]).unwrap();
    let elsewhere = Request { ledger: LedgerId(Uuid::from_u128(9)), ..wanted.clone() };
    let cases: Vec<(&str, String, RequestFault)> = vec![
        (
            "one officer, two lines",
            twice,
            RequestFault::SameOfficerTwice { officer: one.verifier().name().to_owned() },
        ),
        ("one officer", signed(&wanted, &[&one]), RequestFault::TooFew { found: 1 }),
        (
            "one officer and a stranger",
            signed(&wanted, &[&one, &three]),
            RequestFault::UnknownOfficer { name: three.verifier().name().to_owned(), found: 1 },
        ),
        (
            "another key under an officer's name",
            signed(&wanted, &[&two, &same_name]),
            RequestFault::UnknownOfficer { name: same_name.verifier().name().to_owned(), found: 1 },
        ),
        (
            "a text that was changed after signing",
            whole.replace("up-to: 7", "up-to: 8"),
            RequestFault::BadSignature { officer: one.verifier().name().to_owned() },
        ),
        (
            "another ledger's",
            signed(&elsewhere, &[&one, &two]),
            RequestFault::OtherLedger { found: elsewhere.ledger, expected: LEDGER },
        ),
    ];
    for (what, text, fault) in cases {
        assert_eq!(custody.check(&text), Err(fault), "{what}");
    }
    assert!(matches!(custody.check(&wanted.to_string()), Err(RequestFault::Note { .. })));
    assert!(matches!(
        custody.check("no request\n\n\u{2014} a eHh4eHh4\n"),
        Err(RequestFault::Malformed { .. })
    ));
}

/// A request about a record, and what its officers saw.
fn with_particulars() -> (Request, Particulars) {
    let found = Recognised {
        category: "child",
        events: 3,
        days: None,
        said: vec![("la_child_id".to_owned(), "INV-1\nsalt: x".to_owned().into())],
    };
    let mut wanted = request(4, dispose(7));
    let particulars = Particulars::new(wanted.id, (CHILD, Position(7)), &found, [5; 32].into());
    wanted.particulars = Some(particulars.commitment());
    (wanted, particulars)
}

#[test]
fn an_officer_signs_a_request_once() {
    let (wanted, seen) = with_particulars();
    let (one, two) = (officer(1), officer(2));
    let sign = |text: &str, officer: &NoteSigner| sign_request(text, Some(&seen), officer);
    let once = sign(&wanted.to_string(), &one).unwrap();
    let refused = sign(&once, &one);
    assert!(matches!(refused, Err(SignRequestFault::SameOfficerTwice { .. })), "{refused:?}");
    // Another key under the same name is the same officer.
    let renewed = NoteSigner::from_seed(one.verifier().name(), &[8; 32]).unwrap();
    assert!(matches!(sign(&once, &renewed), Err(SignRequestFault::SameOfficerTwice { .. })));
    let twice = sign(&once, &two).unwrap();
    assert_eq!(twice, signed(&wanted, &[&one, &two]));
    assert!(founded().check_new(&twice).is_ok());
    assert!(matches!(sign("anything\n", &one), Err(SignRequestFault::Malformed { .. })));
    assert!(matches!(sign("", &one), Err(SignRequestFault::Note { .. })));
}

#[test]
fn nobody_signs_for_a_record_that_they_did_not_see() {
    let (wanted, seen) = with_particulars();
    let written = seen.to_string();
    let sign = |request: &Request, seen: &str| {
        let seen = Particulars::parse(seen)?;
        sign_request(&request.to_string(), Some(&seen), &officer(1)).map(|_| ()).map_err(
            |fault| match fault {
                SignRequestFault::Particulars(fault) => fault,
                other @ (SignRequestFault::Malformed { .. }
                | SignRequestFault::Note { .. }
                | SignRequestFault::SameOfficerTwice { .. }
                | SignRequestFault::Sign { .. }) => panic!("{other}"),
            },
        )
    };
    assert_eq!(sign(&wanted, &written), Ok(()));
    assert_eq!(written.lines().count(), 8, "a text of several lines is one: {written}");
    // Each line changed, taken out or given another value is another record.
    for line in written.lines().skip(1).take(6) {
        let other = written.replace(line, &format!("{line}0"));
        assert_eq!(sign(&wanted, &other), Err(ParticularsFault::OtherRequest), "{other}");
        let without = written.replace(&format!("{line}\n"), "");
        assert_eq!(sign(&wanted, &without), Err(ParticularsFault::OtherRequest), "{without}");
    }
    let salted = written.replace("salt: BQ", "salt: BA");
    assert_eq!(sign(&wanted, &salted), Err(ParticularsFault::OtherRequest));
    for (from, to, line) in
        [("particulars 1", "particulars 2", 1), ("salt: BQ", "salt: ", 8), ("\nsalt", "\nsale", 8)]
    {
        let fault = sign(&wanted, &written.replace(from, to)).unwrap_err();
        assert!(matches!(fault, ParticularsFault::Malformed { line: found, .. } if found == line), "{fault}");
    }
    // Without particulars, and a request of a program of before.
    let alone = sign_request(&wanted.to_string(), None, &officer(1));
    assert!(matches!(alone, Err(SignRequestFault::Particulars(ParticularsFault::Absent))), "{alone:?}");
    let before = Request { particulars: None, ..wanted };
    assert_eq!(sign(&before, &written), Err(ParticularsFault::NotInRequest));
    let custody = founded();
    assert!(custody.check_new(&signed(&before, &[&officer(1), &officer(2)])).is_ok(), "it is still read");
}

#[test]
fn officers_come_and_go_only_by_request_and_never_below_two() {
    let mut custody = founded();
    assert!(!custody.is_founding());
    let (one, two, three) = (officer(1), officer(2), officer(3));
    apply(&mut custody, register(3, None));
    assert_eq!(last_cause(&custody), &RequestFault::TooFew { found: 0 }.into());
    assert_eq!(custody.officers().count(), 2, "an entry that nobody authorised has no effect");

    let key = three.verifier().clone();
    let revoke =
        |id, whose: &NoteSigner| request(id, Action::RevokeOfficer { key: whose.verifier().clone() });
    let too_few = signed(&revoke(10, &two), &[&one, &two]);
    apply(&mut custody, OfficerKeyRevoked { key: two.verifier().to_string(), request: too_few });
    assert_eq!(last_cause(&custody), &IrregularCause::TooFewLeft);

    let enlist = signed(&request(11, Action::RegisterOfficer { key }), &[&one, &two]);
    apply(&mut custody, register(3, Some(enlist.clone())));
    assert_eq!(custody.officers().count(), 3);
    apply(&mut custody, register(3, Some(enlist)));
    assert_eq!(
        last_cause(&custody),
        &IrregularCause::KeyInUse { officer: three.verifier().name().to_owned() }
    );

    let retire = signed(&revoke(12, &two), &[&one, &three]);
    apply(&mut custody, OfficerKeyRevoked { key: two.verifier().to_string(), request: retire });
    assert_eq!(custody.officers().count(), 2);
    let refused = custody.check(&signed(&request(13, dispose(7)), &[&one, &two]));
    assert_eq!(
        refused,
        Err(RequestFault::UnknownOfficer { name: two.verifier().name().to_owned(), found: 1 }),
        "a revoked key signs nothing more"
    );
    // The same bytes under another name are the same person.
    let alias = NoteSigner::from_seed("somebody-else.E09000001", &[1; 32]).unwrap();
    let register = OfficerKeyRegistered { key: alias.verifier().to_string(), request: None };
    apply(&mut custody, register);
    assert_eq!(last_cause(&custody), &IrregularCause::KeyInUse { officer: one.verifier().name().to_owned() });
}

#[test]
fn a_request_is_carried_out_once_and_only_as_signed() {
    let mut custody = founded();
    let text = signed(&request(4, dispose(7)), &[&officer(1), &officer(2)]);
    let authorise = |up_to, request: &str| DisposalAuthorised {
        stream: CHILD,
        up_to,
        rule: "CIN-18-3".parse().unwrap(),
        request: request.to_owned(),
        sealed_salt: None,
        positions: None,
    };
    apply(&mut custody, authorise(8, &text));
    assert_eq!(last_cause(&custody), &IrregularCause::Differs);
    apply(&mut custody, authorise(7, &text));
    assert_eq!((custody.authorisations().len(), custody.irregular().len()), (1, 1));
    apply(&mut custody, authorise(7, &text));
    let position = custody.authorisations()[0].position;
    let reused = RequestFault::RequestReused { request: Uuid::from_u128(4), position };
    assert_eq!(last_cause(&custody), &reused.clone().into());
    assert_eq!(custody.check_new(&text), Err(reused));
    let lift =
        LegalHoldLifted { stream: CHILD, hold: EventId(Uuid::nil()), request: text, sealed_salt: None };
    apply(&mut custody, lift);
    assert_eq!(last_cause(&custody), &IrregularCause::NoSuchHold);
    apply(&mut custody, authorise_system());
    assert_eq!(last_cause(&custody), &IrregularCause::SystemStream);
}

fn authorise_system() -> DisposalAuthorised {
    let action = Action::Dispose { stream: SYSTEM, up_to: Position(1), rule: "x".parse().unwrap() };
    let request = signed(&request(77, action), &[&officer(1), &officer(2)]);
    DisposalAuthorised {
        stream: SYSTEM,
        up_to: 1,
        rule: "x".parse().unwrap(),
        request,
        sealed_salt: None,
        positions: None,
    }
}

#[test]
fn a_hold_stands_against_disposal_and_destruction_until_two_officers_lift_it() {
    let mut custody = founded();
    let by = [&officer(1), &officer(2)];
    let held = LegalHoldPlaced { stream: CHILD, reason: "inquiry".parse().unwrap(), placed_by: None };
    let hold = apply(&mut custody, held);
    let rule = "CIN-18-3".parse().unwrap();
    let authorised = DisposalAuthorised {
        stream: CHILD,
        up_to: 7,
        rule,
        request: signed(&request(4, dispose(7)), &by),
        sealed_salt: None,
        positions: None,
    };
    assert_eq!(
        custody.admits(&authorised.clone().into()),
        Err(IrregularCause::OnHold { stream: CHILD, hold })
    );
    let destroy = Action::DestroyKey { stream: CHILD, reason: "erasure".parse().unwrap() };
    let key_id = KeyId::new(LEDGER, KeyPurpose::Subject(CHILD));
    let destroyed = KeyDestroyed {
        key_id: key_id.to_string(),
        subject: CHILD,
        request: signed(&request(5, destroy), &by),
    };
    apply(&mut custody, destroyed.clone());
    assert_eq!(last_cause(&custody), &IrregularCause::OnHold { stream: CHILD, hold });

    let lift = signed(&request(6, Action::LiftHold { stream: CHILD, hold }), &by);
    apply(&mut custody, LegalHoldLifted { stream: CHILD, hold, request: lift, sealed_salt: None });
    assert_eq!(custody.holds(CHILD).count(), 0);
    apply(&mut custody, destroyed);
    assert!(custody.is_destroyed(key_id));
    apply(&mut custody, authorised);
    assert_eq!(custody.authorisations().len(), 1);
    assert_eq!(custody.irregular().len(), 1);
}

#[test]
fn what_was_disposed_must_lie_within_what_was_authorised() {
    let mut custody = founded();
    let request_text = signed(&request(4, dispose(7)), &[&officer(1), &officer(2)]);
    let rule = "CIN-18-3".parse().unwrap();
    let authorised = DisposalAuthorised {
        stream: CHILD,
        up_to: 7,
        rule,
        request: request_text.clone(),
        sealed_salt: None,
        positions: None,
    };
    let authorisation = apply(&mut custody, authorised);
    let disposed = |last| RecordDisposed {
        authorisation,
        stream: CHILD,
        positions: vec![PositionRange { first: 2, last }],
        backup_horizon: "2027-01-01".parse().unwrap(),
    };
    apply(&mut custody, disposed(8));
    assert_eq!(last_cause(&custody), &IrregularCause::NotAuthorised);
    apply(&mut custody, disposed(7));
    let one = &custody.authorisations()[0];
    assert_eq!(one.disposed, [PositionRange { first: 2, last: 7 }]);
    assert_eq!(custody.authorisation_of(CHILD, Position(7)).map(|one| one.event), Some(authorisation));
    assert_eq!(custody.authorisation_of(CHILD, Position(8)), None);
    // The key goes with the record, under the same request; not the key of somebody else.
    let key = |subject| KeyId::new(LEDGER, KeyPurpose::Subject(subject));
    let destroy =
        |subject, id: KeyId| KeyDestroyed { key_id: id.to_string(), subject, request: request_text.clone() };
    apply(&mut custody, destroy(SYSTEM, key(SYSTEM)));
    apply(&mut custody, destroy(CHILD, key(SYSTEM)));
    assert_eq!(custody.irregular().len(), 3);
    apply(&mut custody, destroy(CHILD, key(CHILD)));
    assert!(custody.is_destroyed(key(CHILD)));
}
