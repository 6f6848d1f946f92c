//! Whether a signed request was signed by two different registered officers. Pure.

use std::collections::BTreeSet;

use domain::ids::{LedgerId, Position};
use thiserror::Error;
use uuid::Uuid;

use super::custody::Custody;
use super::request::{Malformed, Request};
use crate::notes::{Note, NoteFault, SignatureLine};

/// How many different officers have to sign.
const NEEDED: usize = 2;

/// A request that two different officers signed, with its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// What they asked for.
    pub request: Request,
    /// Who signed: at least two, ascending.
    pub officers: Vec<String>,
    /// The signed note as it was given.
    pub text: String,
}

/// Why a request is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RequestFault {
    /// It is no signed note.
    #[error("the request is no signed note")]
    Note {
        /// What is wrong.
        #[from]
        source: NoteFault,
    },
    /// It is no request.
    #[error("the request cannot be read")]
    Malformed {
        /// Where and why.
        #[from]
        source: Malformed,
    },
    /// It was signed for another ledger.
    #[error("the request is for ledger {found}, this is {expected}")]
    OtherLedger {
        /// The ledger that the request names.
        found: LedgerId,
        /// This ledger.
        expected: LedgerId,
    },
    /// One officer stands under it twice; two people have to sign.
    #[error("officer {officer} signed twice; two different officers have to sign")]
    SameOfficerTwice {
        /// The officer.
        officer: String,
    },
    /// A registered officer's line does not verify: the text was changed, or the line is another text's.
    #[error("the signature of officer {officer} does not fit the request's text")]
    BadSignature {
        /// The officer.
        officer: String,
    },
    /// Too few registered officers signed, and somebody signed who is none.
    #[error("{name} is no registered officer with this key; {found} of {NEEDED} officers signed")]
    UnknownOfficer {
        /// The name in the signature line.
        name: String,
        /// How many registered officers signed.
        found: usize,
    },
    /// Too few officers signed.
    #[error("{found} of {NEEDED} officers signed")]
    TooFew {
        /// How many did.
        found: usize,
    },
    /// A request is carried out once.
    #[error("request {request} was used at position {position}")]
    RequestReused {
        /// The request's id.
        request: Uuid,
        /// Where.
        position: Position,
    },
    /// It asks for something else than is being done.
    #[error("the request asks for {found}, not for {expected}")]
    OtherAction {
        /// What is being done.
        expected: &'static str,
        /// What it asks for.
        found: &'static str,
    },
}

impl Custody {
    /// Checks a signed request against the officers of this moment. That its id is new is not checked here:
    /// see [`Self::check_new`].
    ///
    /// # Errors
    /// [`RequestFault`].
    pub fn check(&self, text: &str) -> Result<Signed, RequestFault> {
        let note = Note::parse(text)?;
        let request = Request::parse(note.text())?;
        if request.ledger != self.ledger() {
            return Err(RequestFault::OtherLedger { found: request.ledger, expected: self.ledger() });
        }
        let officers = self.signers(&note)?;
        Ok(Signed { request, officers, text: text.to_owned() })
    }

    /// The same, and the request has not been carried out before.
    ///
    /// # Errors
    /// [`RequestFault`].
    pub fn check_new(&self, text: &str) -> Result<Signed, RequestFault> {
        let signed = self.check(text)?;
        match self.used_at(signed.request.id) {
            Some(position) => Err(RequestFault::RequestReused { request: signed.request.id, position }),
            None => Ok(signed),
        }
    }

    fn signers(&self, note: &Note) -> Result<Vec<String>, RequestFault> {
        let (mut signed, mut unknown) = (BTreeSet::new(), None);
        for line in note.signatures() {
            match self.signer(note, line)? {
                Some(officer) if !signed.insert(officer.clone()) => {
                    return Err(RequestFault::SameOfficerTwice { officer });
                }
                Some(_) => {}
                None => unknown = unknown.or(Some(line.name())),
            }
        }
        match (signed.len(), unknown) {
            (NEEDED.., _) => Ok(signed.into_iter().collect()),
            (found, Some(name)) => Err(RequestFault::UnknownOfficer { name: name.to_owned(), found }),
            (found, None) => Err(RequestFault::TooFew { found }),
        }
    }

    /// The officer of a line; `None` where no registered key is named by it.
    fn signer(&self, note: &Note, line: &SignatureLine) -> Result<Option<String>, RequestFault> {
        let Some(officer) = self.officers().find(|officer| officer.key.is_named_in(line)) else {
            return Ok(None);
        };
        let name = officer.key.name().to_owned();
        if officer.key.signed(note.text(), line) {
            Ok(Some(name))
        } else {
            Err(RequestFault::BadSignature { officer: name })
        }
    }
}
