//! The extracts that the ledger holds already, and whom they were about.

use std::collections::BTreeSet;

use domain::envelope::Category;
use domain::ids::StreamId;
use exchange::import::PriorExtract;
use futures::StreamExt as _;
use ledger::{Ledger, StreamRange};

use crate::exit_code::{Failure, OrFailure as _, Outcome};

/// Streams of children and adopters that hold events of the given extracts.
pub(super) async fn imported_streams(
    ledger: &Ledger,
    prior: &[PriorExtract],
) -> Result<BTreeSet<StreamId>, Failure> {
    let head = ledger.head().await.or_fail(Outcome::Fault)?.position;
    let mut pages = ledger.read_stream_range(StreamRange::ALL, head, 4_000);
    let mut streams = BTreeSet::new();
    while let Some(page) = pages.next().await {
        let page = page.or_fail(Outcome::Fault)?;
        let imported = page.iter().filter(|event| {
            let import = event.context.import.as_ref().map(|import| import.import);
            matches!(event.category, Category::Child | Category::Adopter)
                && prior.iter().any(|held| Some(held.import) == import)
        });
        streams.extend(imported.map(|event| event.stream));
    }
    Ok(streams)
}
