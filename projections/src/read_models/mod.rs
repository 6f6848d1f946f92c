//! The tables that hold folded rows, and the statements that write and read them.
//!
//! They serve lists over all children; a question about one child, or about another moment, is folded from the
//! ledger. Invariant: the rows of a child and the checkpoint that covers them change in one transaction.

mod query;
mod rows;
mod write;

pub use query::{Attention, ChildFilter, attention, children, left_out};
pub use rows::{ChildRow, ClockRow, child_row, clock_rows};
pub use write::{Checkpoint, load_checkpoint, remove, replace, save_checkpoint, start_over};

use tokio_postgres::Client;

/// The tables that hold values of a child's record; what was removed from them is gone only after a rewrite.
pub const CHILD_TABLES: [&str; 2] = ["projection.child", "projection.clock"];

/// Makes the tables, or finds them there. Needs a superuser connection; may run at any time.
///
/// # Errors
/// What the database says.
pub async fn install(superuser: &mut Client) -> Result<(), tokio_postgres::Error> {
    let transaction = superuser.transaction().await?;
    transaction.batch_execute(include_str!("schema.sql")).await?;
    transaction.commit().await
}
