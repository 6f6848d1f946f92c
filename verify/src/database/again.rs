//! Some stretches of a log, read and hashed again: a look that takes no time, and no verification.

use std::path::Path;

use tokio_postgres::Config;

use super::tiles::Tiles;
use super::{DatabaseFault, SECTION, connect, events, tables};
use crate::finding::Findings;

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
    stretches: &[(u64, u64)],
    proof_folder: Option<&Path>,
    examples: usize,
) -> Result<Looked, DatabaseFault> {
    let client = connect(config).await?;
    let head = tables::pin(&client).await?.head;
    let tiles = proof_folder.map(Tiles::open).transpose()?;
    let mut looked = Looked { rows: 0, findings: Findings::new(examples) };
    for (first, last) in stretches.iter().flat_map(|(first, last)| parts(*first, (*last).min(head))) {
        let mut section = events::read(&client, first, last, examples).await?;
        if let Some(tiles) = &tiles {
            tiles.compare(&mut section)?;
        }
        looked.rows += u64::try_from(section.rows.len()).unwrap_or(u64::MAX);
        looked.findings.merge(section.findings);
    }
    Ok(looked)
}

/// A stretch in parts that fit into memory.
fn parts(first: u64, last: u64) -> impl Iterator<Item = (u64, u64)> {
    let step = usize::try_from(SECTION).unwrap_or(usize::MAX);
    (first..=last).step_by(step).map(move |from| (from, (from + SECTION - 1).min(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_stretch_is_read_in_parts_that_leave_nothing_out() {
        let of = |first, last| parts(first, last).collect::<Vec<_>>();
        assert_eq!(of(1, 10), [(1, 10)]);
        assert_eq!(of(5, 5), [(5, 5)]);
        assert_eq!(of(6, 5), []);
        assert_eq!(of(3, SECTION + 3), [(3, SECTION + 2), (SECTION + 3, SECTION + 3)]);
    }
}
