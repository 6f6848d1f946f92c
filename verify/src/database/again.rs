//! Some stretches of a log, read and hashed again: a look that takes no time, and no verification.

use std::path::Path;

use tokio_postgres::Config;

use super::sections::{Stretch, stretches};
use super::tiles::Tiles;
use super::{DatabaseFault, connect, events, tables};
use crate::finding::{Findings, Kind};

/// What was found where it was looked.
#[derive(Debug)]
pub struct Looked {
    /// The rows that were read.
    pub rows: u64,
    /// What is wrong with them.
    pub findings: Findings,
}

/// Reads the rows of some stretches of positions (first and last, both inclusive), rebuilds what was hashed when they were
/// recorded, and holds each hash against the stored one and, where there is a folder of tiles, against that which stands
/// outside the database.
///
/// What goes across stretches is not asked: order, heads, signatures, authorisations. Of each kind of damage `examples` are
/// kept. Positions past the newest head are left out.
///
/// # Errors
/// [`DatabaseFault`] where it cannot be read; everything else is a finding.
pub async fn hash_again(
    config: &Config,
    asked: &[(u64, u64)],
    proof_folder: Option<&Path>,
    examples: usize,
) -> Result<Looked, DatabaseFault> {
    let client = connect(config).await?;
    let head = tables::pin(&client).await?.head;
    let tiles = proof_folder.map(Tiles::open).transpose()?;
    let mut looked = Looked { rows: 0, findings: Findings::new(examples) };
    for (from, to) in asked.iter().map(|(from, to)| (*from, (*to).min(head))) {
        for stretch in stretches(&client, from, to).await? {
            let (first, last) = match stretch {
                Stretch::Rows { first, last } => (first, last),
                Stretch::Nothing { first, last } => {
                    let count = last - first + 1;
                    looked.findings.between(Kind::Missing, first, last, count, "no row is there");
                    continue;
                }
            };
            let mut section = events::read(&client, first, last, examples).await?;
            if let Some(tiles) = &tiles {
                tiles.compare(&mut section)?;
            }
            looked.rows += u64::try_from(section.rows.len()).unwrap_or(u64::MAX);
            looked.findings.merge(section.findings);
        }
    }
    Ok(looked)
}
