//! Where the first event of each kind stands, kept for as long as the ledger does not grow.
//!
//! Every question needs it; the ledger answers it from a table of a few hundred rows.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use domain::events::Kind;
use domain::ids::Position;
use ledger::ReadFault;

type First = Arc<Vec<(Kind, Position)>>;

/// What was read last, with the head at which it was.
#[derive(Debug, Default)]
pub(crate) struct KindsHeld(Mutex<Option<(Position, First)>>);

impl KindsHeld {
    /// The first positions as they stand at a head; `read` is asked where another head was seen last.
    pub(crate) async fn at<R>(&self, head: Position, read: impl FnOnce() -> R) -> Result<First, ReadFault>
    where
        R: Future<Output = Result<Vec<(String, Position)>, ReadFault>>,
    {
        if let Some((at, first)) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner)
            && *at == head
        {
            return Ok(Arc::clone(first));
        }
        // A kind that this program does not know stops no clock of it.
        let known = |(name, position): (String, Position)| Some((Kind::from_name(&name).ok()?, position));
        let first: First = Arc::new(read().await?.into_iter().filter_map(known).collect());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((head, Arc::clone(&first)));
        Ok(first)
    }
}
