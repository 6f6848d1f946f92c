//! One function per component of the GOV.UK and MOJ design systems that the pages use.
//!
//! A component knows markup and nothing of children, clocks or the ledger. Every component works without
//! JavaScript, takes its heading level from the caller where it has a heading, and says a state in words:
//! colour only repeats them.

mod frame;
mod lists;
mod navigation;
mod notices;

pub use frame::{Frame, page};
pub use lists::{Cell, Entry, SummaryRow, Table, summary_list, table, timeline};
pub use navigation::{NavigationItem, Paging, pagination, service_navigation, sub_navigation};
pub(crate) use notices::count;
pub use notices::{
    Colour, Due, Problem, banner, contextual_date, details, error_summary, identity_bar, inset, tag, warning,
};
