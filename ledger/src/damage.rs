//! What is damage and no passing fault: the database answers, and what it holds is not what this program wrote.

use std::error::Error;

use thiserror::Error;
use tokio_postgres::Client;

use crate::append::AppendError;
use crate::officers::CustodyFault;
use crate::proof::SignerFault;
use crate::proof::nodes::NodesFault;
use crate::read::ReadFault;

/// The newest head claims more than there is.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "the newest head in the database claims {claimed} events, and the last one stands at position {last}: this program did \
     not write it. Nothing is read or recorded; run `caseledger verify`, find out who wrote there, and restore a copy from before"
)]
pub struct HeadWithoutEvents {
    /// The size that the head claims.
    pub claimed: u64,
    /// The position of the last event; 0 where there is none.
    pub last: u64,
}

/// In one statement: head and events of a batch become visible together.
const NEWEST: &str = "SELECT coalesce((SELECT tree_size FROM caseledger.heads ORDER BY base_size DESC LIMIT 1), 0), \
                      coalesce((SELECT max(position) FROM caseledger.events), 0)";

/// Whether the newest head claims events that are not there.
pub(crate) async fn head_without_events(
    client: &Client,
) -> Result<Option<HeadWithoutEvents>, tokio_postgres::Error> {
    let row = client.query_one(NEWEST, &[]).await?;
    let (claimed, last): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let [claimed, last] = [claimed, last].map(|size| u64::try_from(size).unwrap_or(0));
    Ok((claimed > last).then_some(HeadWithoutEvents { claimed, last }))
}

/// Whether a fault goes back to what the database holds, so that trying again is of no use.
pub fn is_damage(fault: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(fault);
    while let Some(found) = cause {
        if is_itself_damage(found) {
            return true;
        }
        cause = found.source();
    }
    false
}

fn is_itself_damage(fault: &(dyn Error + 'static)) -> bool {
    fault.is::<HeadWithoutEvents>()
        || matches!(fault.downcast_ref(), Some(NodesFault::Missing { .. }))
        || matches!(fault.downcast_ref(), Some(ReadFault::TimeInDoubt { .. }))
        || matches!(fault.downcast_ref(), Some(CustodyFault::Changed { .. }))
        || matches!(
            fault.downcast_ref(),
            Some(AppendError::Damaged { .. } | AppendError::HeadWithoutEvents { .. })
        )
        || fault.downcast_ref().is_some_and(SignerFault::is_about_the_log)
}
