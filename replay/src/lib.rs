//! Drives journeys through folds: one child or all, as known now or at any moment, live or again from the start.
//!
//! One implementation serves every way of asking, so a page, a list and an audit cannot disagree. It owns the
//! checkpoints; it knows nothing of HTTP and files.

mod authority;
mod child;
mod compare;
mod disposed;
mod fault;
mod groups;
mod kinds;
mod knowledge;
mod projector;

pub use authority::ChildFold;
pub use child::{ChildReplay, Found};
pub use compare::{Comparison, compare};
pub use disposed::DisposedEvent;
pub use fault::ReplayFault;
pub use knowledge::{Asked, Knowledge};
pub use projector::{PROJECTION, Projector, ProjectorFault};

use std::sync::Arc;

use domain::clocks::ClockEngine;
use domain::envelope::Category;
use domain::rules::RuleBook;
use ledger::Ledger;

use crate::kinds::KindsHeld;

/// Answers questions from one ledger. Cheap to clone.
#[derive(Clone)]
pub struct Replayer {
    ledger: Ledger,
    book: &'static RuleBook,
    engines: Arc<[ClockEngine<'static>; Category::ALL.len()]>,
    kinds: Arc<KindsHeld>,
}

impl Replayer {
    /// A replayer with the built-in rules.
    pub fn new(ledger: Ledger) -> Self {
        Self::with_book(ledger, RuleBook::built_in())
    }

    /// A replayer with the rules of one authority.
    pub fn with_book(ledger: Ledger, book: &'static RuleBook) -> Self {
        let engines = Category::ALL.map(|category| ClockEngine::of(book, category));
        Self { ledger, book, engines: Arc::new(engines), kinds: Arc::default() }
    }

    /// The ledger that it reads.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The rules in force.
    pub fn book(&self) -> &'static RuleBook {
        self.book
    }

    /// The compiled rules that are asked of streams of a category.
    pub fn engine(&self, category: Category) -> &ClockEngine<'static> {
        let [child, household, proceedings, adopter, worker, authority, system] = &*self.engines;
        match category {
            Category::Child => child,
            Category::Household => household,
            Category::Proceedings => proceedings,
            Category::Adopter => adopter,
            Category::Worker => worker,
            Category::Authority => authority,
            Category::System => system,
        }
    }
}
