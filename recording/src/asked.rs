//! From what a line asks to an act: whom it names is looked up.

use domain::ids::StreamId;
use exchange::actions::Asked;
use replay::{Found, ReplayFault, Replayer};
use thiserror::Error;
use uuid::Uuid;

use crate::act::{Act, Change, To};

/// Why it is not known whom an act is about.
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
    /// The ledger cannot be asked.
    #[error(transparent)]
    Replay(#[from] ReplayFault),
}

fn listed(streams: &[StreamId]) -> String {
    streams.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The act that a line asks for.
///
/// # Errors
/// [`AskFault`] where it names nobody, or more than one.
pub async fn act_of(replayer: &Replayer, asked: Asked) -> Result<Act, AskFault> {
    Ok(match asked {
        Asked::Record { of, new, event, sealed } => {
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
        Asked::Correct { event, occurred, facts, reason, authorised_by } => {
            Act::Correct { event, change: Change { occurred, facts }, reason, authorised_by }
        }
        Asked::Withdraw { event, reason, authorised_by } => Act::Withdraw { event, reason, authorised_by },
        Asked::Reinstate { event, reason, authorised_by } => Act::Reinstate { event, reason, authorised_by },
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
