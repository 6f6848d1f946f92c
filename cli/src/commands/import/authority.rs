//! Whose file it is: a ledger belongs to one authority, and another one's file is refused.

use crate::arguments::ImportArguments;
use crate::exit_code::{Failure, Outcome};

/// The authority whose children the rows are about: what the file or the caller states, else the ledger's. `None`
/// where nobody states one.
///
/// # Errors
/// A [`Failure`] where the ledger is another authority's and nobody said that this is meant.
pub(super) fn of_file(
    ledger: Option<&str>,
    file: Option<&str>,
    arguments: &ImportArguments,
) -> Result<Option<String>, Failure> {
    let stated = file.or(arguments.authority.as_deref());
    match (ledger, stated) {
        (Some(ledger), Some(stated)) if ledger != stated && !arguments.another_authority => {
            let said = if file.is_some() { "the file is" } else { "--authority says that the file is" };
            Err(Failure::new(
                Outcome::DataProblem,
                format!(
                    "{}: {said} of authority {stated}, the ledger is of {ledger}: nothing is recorded; choose the \
                     right file or --ledger, or give --another-authority where this is meant",
                    arguments.file.display()
                ),
            ))
        }
        (_, stated) => Ok(stated.or(ledger).map(str::to_owned)),
    }
}
