//! From what a line asks to an act: whom it names is looked up.

use chrono::{DateTime, Utc};
use domain::events::EntityRole;
use domain::ids::{EntityId, StreamId};
use domain::journey::KnownAt;
use exchange::actions;
use replay::{Asked, Found, ReplayFault, Replayer};
use thiserror::Error;
use uuid::Uuid;

use crate::act::{Act, To};

/// Why it is unknown whom an act is about, or which process.
#[derive(Debug, Error)]
pub enum AskFault {
    /// The identifier leads to nobody. It is not repeated: it may name somebody.
    #[error(
        "nobody is found by what the field of says; check it for missing zeros, or begin a record with \"new\":true"
    )]
    Nobody,
    /// It leads to several.
    #[error("several records share what the field of says; name the stream: {}", listed(.0))]
    Several(Vec<StreamId>),
    /// A record begins under a name of its own.
    #[error(
        "the field of of a new record is the id of its stream, a UUID, or is left out; identifiers go into sealed"
    )]
    NotAStream,
    /// No process of the role runs.
    #[error("no {} runs; name another with its id, or none", .0.name())]
    NoneRuns(EntityRole),
    /// Several run.
    #[error("several processes of {} run; name one of them: {}", .0.name(), listed(.1))]
    SeveralRun(EntityRole, Vec<EntityId>),
    /// The ledger cannot be asked.
    #[error(transparent)]
    Replay(#[from] ReplayFault),
}

fn listed(ids: &[impl ToString]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The act that a line asks for.
///
/// # Errors
/// [`AskFault`] where it names nobody, or more than one.
pub async fn act_of(replayer: &Replayer, asked: actions::Asked) -> Result<Act, AskFault> {
    Ok(match asked {
        actions::Asked::Record { of, new, event, sealed } => {
            let category = event.body.kind().category();
            let to = match of {
                None => To::New { stream: None, category },
                Some(of) if new => {
                    let stream = of.parse::<Uuid>().map_err(|_| AskFault::NotAStream)?;
                    To::New { stream: Some(StreamId(stream)), category }
                }
                Some(of) => To::Held(found(replayer, &of).await?),
            };
            Act::Record { to, event, sealed }
        }
        actions::Asked::Amend(amendment) => Act::Amend(amendment),
    })
}

/// The stream of whoever has this identifier. A stream that is to begin with an earlier act of the same request is its own name.
async fn found(replayer: &Replayer, of: &str) -> Result<StreamId, AskFault> {
    match replayer.find(of).await? {
        Found::One(stream) => Ok(stream),
        Found::Several(streams) => Err(AskFault::Several(streams)),
        Found::Nobody => of.parse().map_err(|_| AskFault::Nobody),
    }
}

/// The only process of a role that runs in a stream, as it is known now.
///
/// # Errors
/// [`AskFault`] where none runs, or several.
pub async fn only_running(
    replayer: &Replayer,
    stream: StreamId,
    role: EntityRole,
    now: DateTime<Utc>,
) -> Result<EntityId, AskFault> {
    let knowledge = replayer.resolve(Asked { known: KnownAt::NOW, as_at: None, now }).await?;
    let episodes = replayer.child(stream, knowledge).await?.map(|replay| replay.episodes).unwrap_or_default();
    let of_role = episodes.iter().filter(|episode| episode.role == role && !episode.never_began);
    let running: Vec<EntityId> =
        of_role.filter(|episode| episode.ended.is_none()).map(|episode| episode.entity).collect();
    match running.as_slice() {
        [only] => Ok(*only),
        [] => Err(AskFault::NoneRuns(role)),
        _ => Err(AskFault::SeveralRun(role, running)),
    }
}
