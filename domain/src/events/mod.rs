//! What can happen: every kind of event, its typed facts, and their stored form.
//!
//! [`practice`] has one file per subject; `kinds` lists every kind with its group, the categories of stream in which
//! it may stand, the process that it is about and its rank. A kind is a stable `snake_case` name with a schema
//! version; adding is cheap, shapes change by an upcaster at read, and meaning never changes under one name. Facts
//! hold codes, dates and entity ids only: no names, no identifiers, no free text.

mod authors;
mod code;
pub mod code_lists;
mod coded;
mod described;
mod entities;
mod figures;
mod kinds;
pub mod practice;
mod returned;
mod roles;
mod sample;
mod shapes;
mod stage;
mod stored;
mod upcast;

pub use authors::{AuthorRole, Authors};
pub use code::{Code, NotACode};
pub use coded::{CodeAt, Coded};
pub use described::Field;
pub use entities::{Entities, EntityRole};
pub use figures::{DecimalText, DigestText, NotADecimal, NotADigest};
pub use kinds::{Body, Group, Kind};
pub use practice::*;
pub(crate) use roles::Roles;
pub(crate) use shapes::{codes, facts};
pub use stage::Stage;
pub use stored::{MalformedEvent, RecordedEvent};
pub use upcast::{UPCASTS, Upcast};

use serde::{Deserialize, Serialize};

use crate::time::Occurred;

/// One fact of a journey: when it happened, which processes it belongs to, who did it, and what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEvent {
    /// When it happened in practice.
    pub occurred: Occurred,
    /// The processes it belongs to, by role.
    pub entities: Entities,
    /// Who did, decided, authorised or chaired it, as far as that is known.
    pub authors: Authors,
    /// What happened.
    pub body: Body,
}

impl CaseEvent {
    /// An event that belongs to no process and whose authors are not known.
    pub fn new(occurred: Occurred, body: impl Into<Body>) -> Self {
        Self { occurred, entities: Entities::none(), authors: Authors::UNKNOWN, body: body.into() }
    }

    /// The same event, belonging to one process more.
    #[must_use]
    pub fn of(mut self, role: EntityRole, entity: crate::ids::EntityId) -> Self {
        self.entities.insert(role, entity);
        self
    }

    /// The same event, with one author more: the stream of a worker.
    #[must_use]
    pub fn by(mut self, role: AuthorRole, worker: crate::ids::StreamId) -> Self {
        self.authors.insert(role, worker);
        self
    }

    /// The process that this event is about itself, such as the referral of a `referral_received`.
    pub fn own_entity(&self) -> Option<crate::ids::EntityId> {
        self.body.kind().own_role().and_then(|role| self.entities.get(role))
    }
}

/// Facts of an event kind: a shape that can be written and read, and whose codes can be looked through.
pub trait Facts: Serialize + for<'de> Deserialize<'de> + schemars::JsonSchema + Coded {}

impl<T: Serialize + for<'de> Deserialize<'de> + schemars::JsonSchema + Coded> Facts for T {}

#[cfg(test)]
mod tests;
