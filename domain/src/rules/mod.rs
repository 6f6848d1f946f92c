//! The rule book: what is measured, by which clock, how long, since when and by what authority.
//!
//! Rules are data (`domain/rules/*.toml`, one file per phase, explained in `docs/rules.md`); this module reads them
//! strictly and answers with deadlines. It knows no journey: which events of a child start and stop a clock is decided in
//! `clocks`, so that a deadline can be asked for a bare date.
//!
//! Invariant: a [`RuleBook`] that exists is whole: every id is unique, versions of one rule never overlap, every event
//! kind, role and condition is known, and no rule follows itself.

mod asked;
mod book;
mod condition;
mod deadline;
mod defect;
mod ending;
mod field;
mod file;
mod load;
mod rule;
mod shape;
mod short_breaks;
mod tally;
mod unknown;

pub use book::{RuleBook, Shapes};
pub use condition::Condition;
pub use deadline::{Deadline, DeadlineError, DeadlineOptions, ShortLimit, Start, VersionChoice};
pub use defect::{DefectReason, RuleBookDefects, RuleDefect};
pub use ending::{Cause, Duty, Effect, Ending, Endings, Ends, Support};
pub use field::Field;
pub use rule::{
    Attribution, Bound, ChosenBy, Definition, Exceptional, InForce, Operator, Rule, RuleId, RuleKind,
    RuleVersion, RunningClocks, ShareOf, Target, Transition, Verified,
};
pub use shape::{
    AfterCare, Band, Birthday, Chain, ClockShape, DueBy, EarlyStop, EventMatch, Extending, Interval,
    LookBack, Pause, Shape, Standing, Subject, Turned, UnlinkedStops,
};
pub use short_breaks::ShortBreaks;
pub use tally::{
    By, Counts, Each, Figure, FollowUp, Has, Held, Lasted, Lies, Members, Once, Open, Short, StandIn, Tally,
    Value,
};
pub use unknown::UnknownRule;
