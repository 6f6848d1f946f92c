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

/// The newest head and the last event, as they stand in the tables of a ledger that need not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewestHead {
    /// First position that the head claims.
    pub first: i64,
    /// Last position that it claims; 0 where there is no head.
    pub last: i64,
    /// The position of the last event; 0 where there is none.
    pub last_event: i64,
}

/// In one statement: head and events of a batch become visible together.
const NEWEST: &str = "SELECT coalesce(base_size, 0), coalesce(tree_size, 0), \
                      coalesce((SELECT max(position) FROM caseledger.events), 0) \
                      FROM (SELECT) AS one LEFT JOIN \
                      (SELECT base_size, tree_size FROM caseledger.heads ORDER BY base_size DESC LIMIT 1) AS head ON true";

impl NewestHead {
    /// Looks at the tables.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look(client: &Client) -> Result<Self, tokio_postgres::Error> {
        let row = client.query_one(NEWEST, &[]).await?;
        let base: i64 = row.try_get(0)?;
        Ok(Self { first: base.saturating_add(1), last: row.try_get(1)?, last_event: row.try_get(2)? })
    }

    /// Whether it stands for the last events.
    pub fn has_events(&self) -> bool {
        self.first <= self.last && self.last == self.last_event
    }
}

/// Whether the newest head claims events that are not there.
pub(crate) async fn head_without_events(
    client: &Client,
) -> Result<Option<HeadWithoutEvents>, tokio_postgres::Error> {
    let NewestHead { last, last_event, .. } = NewestHead::look(client).await?;
    let [claimed, last] = [last, last_event].map(|size| u64::try_from(size).unwrap_or(0));
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
