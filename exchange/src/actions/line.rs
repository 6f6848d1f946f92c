//! One line: its fields, and the act that they make.

use std::borrow::Cow;

use domain::envelope::SealedFields;
use domain::events::record_keeping::CorrectionReason;
use domain::events::{CaseEvent, Code, Kind};
use domain::ids::{CommandId, EventId, StreamId};
use domain::time::Occurred;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::ActFault;
use crate::jsonl::{Sealed, check_days, check_sealed, facts_of, recordable_kind, shape};

/// One act of a file, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActLine {
    /// Line in the file, from 1.
    pub line: u64,
    /// The request that it belongs to.
    pub command_id: CommandId,
    /// What is asked.
    pub asked: Asked,
    /// Who records it, where the line says so.
    pub recorder: Recorder,
}

/// Who records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorder {
    /// The worker.
    pub recorded_by: Option<StreamId>,
    /// In which role, a short code.
    pub role: Option<String>,
    /// In which team.
    pub team: Option<String>,
}

/// What a line asks to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// What happened.
    Record {
        /// Whom it is about: an identifier, or the id of a stream. `None` where a record begins that names no stream.
        of: Option<String>,
        /// Whether a record begins.
        new: bool,
        /// The event.
        event: Box<CaseEvent>,
        /// What is sealed beside its facts.
        sealed: SealedFields,
    },
    /// That what was recorded is wrong.
    Amend(Amendment),
}

/// That an event was wrong, never happened, or stands again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// The event, or for a withdrawal or a reinstatement an amendment of one.
    pub event: EventId,
    /// What is said of it.
    pub what: Amends,
    /// Why.
    pub reason: CorrectionReason,
    /// Who authorised it.
    pub authorised_by: Option<StreamId>,
}

/// What an amendment says of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amends {
    /// What should have been recorded instead.
    Correct(Change),
    /// It never happened; of an amendment: what was recorded before it counts again.
    Withdraw,
    /// What was withdrawn counts again.
    Reinstate,
}

/// What a correction says otherwise. What is absent stays as it is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// When it happened.
    pub occurred: Option<Occurred>,
    /// Its facts as they are stored: `details`, `entities` and `authors`; each of the three that is named is replaced whole.
    pub facts: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields<'a> {
    command: Uuid,
    #[serde(borrow)]
    record: Option<Cow<'a, str>>,
    correct: Option<Uuid>,
    withdraw: Option<Uuid>,
    reinstate: Option<Uuid>,
    of: Option<String>,
    new: Option<bool>,
    occurred: Option<Occurred>,
    #[serde(borrow)]
    facts: Option<&'a RawValue>,
    sealed: Option<Sealed>,
    reason: Option<CorrectionReason>,
    authorised_by: Option<Uuid>,
    recorded_by: Option<Uuid>,
    role: Option<String>,
    team: Option<String>,
}

/// The facts of an event that states none.
pub const NO_FACTS: &str = r#"{"details":{}}"#;

impl ActLine {
    /// Reads one line of text.
    pub(super) fn read(line: u64, text: &str) -> Result<Self, ActFault> {
        let fields: Fields<'_> = serde_json::from_str(text).map_err(|error| shape(&error))?;
        let acts = [
            fields.record.is_some(),
            fields.correct.is_some(),
            fields.withdraw.is_some(),
            fields.reinstate.is_some(),
        ];
        let found = acts.into_iter().filter(|is_there| *is_there).count();
        if found != 1 {
            return Err(ActFault::NotOneAct { found });
        }
        check_recorder(fields.role.as_deref(), fields.team.as_deref())?;
        let command_id = CommandId(fields.command);
        let recorder = Recorder {
            recorded_by: fields.recorded_by.map(StreamId),
            role: fields.role.clone(),
            team: fields.team.clone(),
        };
        Ok(Self { line, command_id, asked: fields.asked()?, recorder })
    }
}

impl Fields<'_> {
    fn asked(self) -> Result<Asked, ActFault> {
        if let Some(name) = &self.record {
            let name = name.clone();
            return self.recorded(&name);
        }
        self.refuse_stray("an amendment", [("of", self.of.is_some()), ("new", self.new.is_some())])?;
        self.refuse_stray("an amendment", [("sealed", self.sealed.is_some())])?;
        let why = "typing_error, late_information, wrong_child, disputed, court_direction or data_clean_up";
        let reason = self.reason.ok_or(ActFault::Missing { field: "reason", why })?;
        let authorised_by = self.authorised_by.map(StreamId);
        let amend = |event: Uuid, what| {
            Asked::Amend(Amendment { event: EventId(event), what, reason, authorised_by })
        };
        if let Some(event) = self.correct {
            return Ok(amend(event, Amends::Correct(self.change()?)));
        }
        let (event, what, act) = match (self.withdraw, self.reinstate) {
            (Some(event), _) => (event, Amends::Withdraw, "withdraw"),
            (None, event) => (event.unwrap_or_default(), Amends::Reinstate, "reinstate"),
        };
        self.refuse_stray(act, [("occurred", self.occurred.is_some()), ("facts", self.facts.is_some())])?;
        Ok(amend(event, what))
    }

    fn recorded(self, kind: &str) -> Result<Asked, ActFault> {
        let amends = [("reason", self.reason.is_some()), ("authorised_by", self.authorised_by.is_some())];
        self.refuse_stray("record", amends)?;
        let why = "when it happened, or \"unknown\"";
        let occurred = self.occurred.ok_or(ActFault::Missing { field: "occurred", why })?;
        let new = self.new.unwrap_or(false);
        if self.of.is_none() && !new {
            let why = "whom it is about; or \"new\":true for a record that begins";
            return Err(ActFault::Missing { field: "of", why });
        }
        let text = self.facts.map_or(NO_FACTS, RawValue::get);
        let sealed = SealedFields(self.sealed.map(|sealed| sealed.0).unwrap_or_default());
        let event = event_of(kind, occurred, text, &sealed)?;
        Ok(Asked::Record { of: self.of, new, event: Box::new(event), sealed })
    }

    fn change(self) -> Result<Change, ActFault> {
        let facts = match self.facts {
            Some(facts) => serde_json::from_str(facts.get()).map_err(|error| shape(&error))?,
            None => Map::new(),
        };
        if self.occurred.is_none() && facts.is_empty() {
            let why = "what should have been recorded: occurred, facts, or both";
            return Err(ActFault::Missing { field: "occurred", why });
        }
        Ok(Change { occurred: self.occurred, facts })
    }

    fn refuse_stray<const N: usize>(
        &self,
        act: &'static str,
        fields: [(&'static str, bool); N],
    ) -> Result<(), ActFault> {
        match fields.into_iter().find(|(_, is_there)| *is_there) {
            Some((field, _)) => Err(ActFault::Stray { field, act }),
            None => Ok(()),
        }
    }
}

/// An event from its parts as a person writes them; the facts are those of the kind's newest version. Days that are none are
/// refused, as in every file.
///
/// # Errors
/// [`ActFault`] for an unknown kind, facts that are none of it, or a day that is no day.
pub fn event_of(
    kind: &str,
    occurred: Occurred,
    facts: &str,
    sealed: &SealedFields,
) -> Result<CaseEvent, ActFault> {
    let kind = recordable_kind(kind)?;
    let (facts, _, event) = facts_of(kind, occurred, kind.schema_version(), facts)?;
    check_days(occurred, None, &facts)?;
    check_sealed(sealed, &facts)?;
    check_fields(kind, sealed)?;
    Ok(event)
}

/// Refuses what the kind does not seal: an identifier under a misspelt name would find nobody.
fn check_fields(kind: Kind, sealed: &SealedFields) -> Result<(), ActFault> {
    let known = kind.sealed_fields();
    for (field, text) in &sealed.0 {
        if !known.contains(field) {
            return Err(ActFault::Sealed { kind: kind.name(), known });
        }
        if text.trim().is_empty() || text.chars().count() > MAX_SEALED {
            return Err(ActFault::SealedText { field: field.clone() });
        }
    }
    Ok(())
}

/// The most characters of a sealed text.
const MAX_SEALED: usize = 4_000;

/// The most characters of the name of a team.
const MAX_TEAM: usize = 100;

/// Refuses a role or a team that is a text of another kind: neither is sealed.
///
/// # Errors
/// [`ActFault::Role`], [`ActFault::Team`].
pub fn check_recorder(role: Option<&str>, team: Option<&str>) -> Result<(), ActFault> {
    if role.is_some_and(|role| Code::try_new(role).is_err()) {
        return Err(ActFault::Role);
    }
    let is_name = |team: &str| {
        let length = team.chars().count();
        (1..=MAX_TEAM).contains(&length) && !team.chars().any(char::is_control)
    };
    if team.is_some_and(|team| !is_name(team)) { Err(ActFault::Team) } else { Ok(()) }
}
