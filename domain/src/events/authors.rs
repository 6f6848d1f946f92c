//! Who did what an event tells of, which is often not who recorded it.

use serde::{Deserialize, Serialize};

use crate::ids::StreamId;

/// In which way somebody stands behind an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthorRole {
    /// Authorised it.
    AuthorisedBy,
    /// Chaired it.
    ChairedBy,
    /// Decided it.
    DecidedBy,
    /// Did it.
    DoneBy,
}

impl AuthorRole {
    /// Every role, in alphabetical order of their names.
    pub const ALL: [Self; 4] = [Self::AuthorisedBy, Self::ChairedBy, Self::DecidedBy, Self::DoneBy];

    /// The `snake_case` name, as stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorisedBy => "authorised_by",
            Self::ChairedBy => "chaired_by",
            Self::DecidedBy => "decided_by",
            Self::DoneBy => "done_by",
        }
    }
}

/// The authors of one act: the streams of workers, each of them possibly unknown. Never a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authors {
    /// Who authorised it.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorised_by: Option<StreamId>,
    /// Who chaired it.
    #[serde(skip_serializing_if = "Option::is_none")]
    chaired_by: Option<StreamId>,
    /// Who decided it.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<StreamId>,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    done_by: Option<StreamId>,
}

impl Authors {
    /// Nobody is known.
    pub const UNKNOWN: Self = Self { authorised_by: None, chaired_by: None, decided_by: None, done_by: None };

    /// The worker in a role.
    pub const fn get(&self, role: AuthorRole) -> Option<StreamId> {
        match role {
            AuthorRole::AuthorisedBy => self.authorised_by,
            AuthorRole::ChairedBy => self.chaired_by,
            AuthorRole::DecidedBy => self.decided_by,
            AuthorRole::DoneBy => self.done_by,
        }
    }

    /// Sets the worker in a role; an earlier one is replaced.
    pub const fn insert(&mut self, role: AuthorRole, worker: StreamId) {
        let slot = match role {
            AuthorRole::AuthorisedBy => &mut self.authorised_by,
            AuthorRole::ChairedBy => &mut self.chaired_by,
            AuthorRole::DecidedBy => &mut self.decided_by,
            AuthorRole::DoneBy => &mut self.done_by,
        };
        *slot = Some(worker);
    }

    /// Every known author, in order of the roles' names.
    pub fn iter(&self) -> impl Iterator<Item = (AuthorRole, StreamId)> + '_ {
        AuthorRole::ALL.into_iter().filter_map(|role| Some((role, self.get(role)?)))
    }

    /// Whether nobody is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::UNKNOWN
    }
}
