//! An officer's part: the signature under a request. Needs no ledger.

use thiserror::Error;

use super::particulars::{Particulars, ParticularsFault};
use super::request::{Malformed, Request};
use crate::notes::{Note, NoteFault, Sign, SignFault, sign_text};

/// Why a request was not signed.
#[derive(Debug, Error)]
pub enum SignRequestFault {
    /// It is no request, prepared or signed.
    #[error("it is no request")]
    Malformed {
        /// Where and why.
        #[from]
        source: Malformed,
    },
    /// It is no note that can be signed.
    #[error("it is no note")]
    Note {
        /// Why.
        #[from]
        source: NoteFault,
    },
    /// One officer signs a request once; two people have to.
    #[error("officer {officer} has signed it already; a different officer has to sign")]
    SameOfficerTwice {
        /// The officer.
        officer: String,
    },
    /// Nothing says which record it is about, or something else than what it commits to.
    #[error(transparent)]
    Particulars(#[from] ParticularsFault),
    /// The signer refused.
    #[error("signing")]
    Sign {
        /// Why.
        #[from]
        source: SignFault,
    },
}

/// Adds a signature to a prepared request (its bare text), or to one that another officer signed. A request about a record
/// is signed only beside the particulars that it commits to: the officer has to see which record that is.
///
/// # Errors
/// [`SignRequestFault`].
pub fn sign_request(
    file: &str,
    particulars: Option<&Particulars>,
    signer: &dyn Sign,
) -> Result<String, SignRequestFault> {
    let mut note = if file.contains("\n\n") { Note::parse(file)? } else { Note::try_new(file)? };
    let request = Request::parse(note.text())?;
    if request.action.record().is_some() {
        request.particulars.ok_or(ParticularsFault::NotInRequest)?;
        particulars.ok_or(ParticularsFault::Absent)?.check(&request)?;
    }
    let officer = signer.verifier().name();
    if note.signatures().iter().any(|line| line.name() == officer) {
        return Err(SignRequestFault::SameOfficerTwice { officer: officer.to_owned() });
    }
    note.add(sign_text(signer, note.text())?)?;
    Ok(note.to_string())
}
