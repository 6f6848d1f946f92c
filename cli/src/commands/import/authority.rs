//! Whose file it is: a ledger belongs to one authority, and another one's file is refused.

use std::path::Path;

use crate::arguments::ImportArguments;
use crate::exit_code::{Failure, Outcome};

/// What the caller said about a file.
pub(crate) struct Said<'a> {
    /// Where it lies.
    pub(crate) file: &'a Path,
    /// Whose it is, where the file does not say so.
    pub(crate) authority: Option<&'a str>,
    /// That another authority's file is meant.
    pub(crate) another: bool,
    /// What is not done with a refused file, as a participle.
    pub(crate) done: &'static str,
}

impl<'a> Said<'a> {
    /// Of a file that is imported.
    pub(super) fn of_import(arguments: &'a ImportArguments) -> Self {
        let (file, authority) = (arguments.file.as_path(), arguments.authority.as_deref());
        Self { file, authority, another: arguments.another_authority, done: "recorded" }
    }
}

/// The authority whose children the rows are about: what the file or the caller states, else the ledger's. `None`
/// where nobody states one.
///
/// # Errors
/// A [`Failure`] where the ledger is another authority's and nobody said that this is meant.
pub(crate) fn of_file(
    ledger: Option<&str>,
    file: Option<&str>,
    said: Said<'_>,
) -> Result<Option<String>, Failure> {
    let stated = file.or(said.authority);
    match (ledger, stated) {
        (Some(ledger), Some(stated)) if ledger != stated && !said.another => {
            let whose = if file.is_some() { "the file is" } else { "--authority says that the file is" };
            Err(Failure::new(
                Outcome::DataProblem,
                format!(
                    "{}: {whose} of authority {stated}, the ledger is of {ledger}: nothing is {}; choose the right \
                     file or --ledger, or give --another-authority where this is meant",
                    said.file.display(),
                    said.done
                ),
            ))
        }
        (_, stated) => Ok(stated.or(ledger).map(str::to_owned)),
    }
}
