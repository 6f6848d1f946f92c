//! What somebody records: what happened, or that a record is wrong.

use std::path::PathBuf;

use clap::Args;
use domain::events::EntityRole;
use domain::events::record_keeping::CorrectionReason;
use domain::ids::{CommandId, EntityId, EventId, StreamId};
use domain::time::Occurred;
use serde_json::Value;

use crate::output::Format;

/// Record what happened.
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:
  caseledger record section47_enquiry_started --child 77 --occurred 2026-11-02
  caseledger record initial_conference_held --child 77 --occurred 2026-11-20 --in enquiry --facts conference.json
  caseledger record --file acts.jsonl --check
`caseledger kinds KIND` shows the facts of a kind; docs/recording.md each form of a line.")]
pub(crate) struct RecordArguments {
    /// The kind of event, as `caseledger kinds` lists it.
    #[arg(required_unless_present = "file")]
    pub(crate) kind: Option<String>,
    /// Whom it is about: the authority's own id of a child, another subject's id, or a stream id.
    #[arg(long, visible_alias = "of", value_name = "ID", required_unless_present_any = ["file", "new"])]
    pub(crate) child: Option<String>,
    /// Begin the record of a child, household, worker or other subject with this event.
    #[arg(long, conflicts_with_all = ["child", "file"])]
    pub(crate) new: bool,
    /// When it happened: a day, an instant with its offset, FROM/TO, or unknown.
    #[arg(long, value_name = "T", required_unless_present = "file")]
    pub(crate) occurred: Option<Occurred>,
    /// A file with its facts as JSON; `-` is standard input [default: no facts].
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// A file with what is sealed beside the facts, a JSON object of texts, such as `{"la_child_id":"77"}`.
    #[arg(long, value_name = "FILE")]
    pub(crate) sealed: Option<PathBuf>,
    /// A process that it belongs to, such as enquiry; without an id the only one that runs. May be given several times.
    #[arg(long = "in", value_name = "PROCESS[=ID]", value_parser = process)]
    pub(crate) within: Vec<(EntityRole, Option<EntityId>)>,
    /// A file of acts, one a line (docs/recording.md), instead of one event; `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kind", "child", "occurred", "facts", "sealed", "within", "command"])]
    pub(crate) file: Option<PathBuf>,
    /// How it is recorded.
    #[command(flatten)]
    pub(crate) by: By,
}

/// Say what should have stood in an event's place.
#[derive(Clone, Debug, Args)]
pub(crate) struct CorrectArguments {
    /// The event and why.
    #[command(flatten)]
    pub(crate) amended: Amended,
    /// When it happened, where that was wrong.
    #[arg(long, value_name = "T", required_unless_present = "facts")]
    pub(crate) occurred: Option<Occurred>,
    /// A file with the facts that were wrong, as JSON; `-` is standard input. Each of details, entities and authors that it
    /// holds is replaced whole.
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// How it is recorded.
    #[command(flatten)]
    pub(crate) by: By,
}

/// Say that an event never happened, or that it stands again.
#[derive(Clone, Debug, Args)]
pub(crate) struct WithdrawArguments {
    /// The event and why.
    #[command(flatten)]
    pub(crate) amended: Amended,
    /// How it is recorded.
    #[command(flatten)]
    pub(crate) by: By,
}

/// An event, and why it is amended.
#[derive(Clone, Debug, Args)]
pub(crate) struct Amended {
    /// Id of the event, as `caseledger replay --format json` prints it.
    pub(crate) event: EventId,
    /// Why: `typing_error`, `late_information`, `wrong_child`, `disputed`, `court_direction` or `data_clean_up`.
    #[arg(long, value_parser = reason)]
    pub(crate) reason: CorrectionReason,
    /// Stream id of the worker who authorised it.
    #[arg(long, value_name = "WORKER")]
    pub(crate) authorised_by: Option<StreamId>,
}

/// Who records, and how.
#[derive(Clone, Debug, Args)]
pub(crate) struct By {
    /// Stream id of the worker who records it [default: whoever runs this command, by an id that names nobody].
    #[arg(long, value_name = "WORKER")]
    pub(crate) by: Option<StreamId>,
    /// In which role, a short code.
    #[arg(long, default_value = "local_operator")]
    pub(crate) role: String,
    /// In which team.
    #[arg(long)]
    pub(crate) team: Option<String>,
    /// Id of this request: asking again with it never records twice [default: a new one].
    #[arg(long, value_name = "UUID")]
    pub(crate) command: Option<CommandId>,
    /// Say what would be recorded and observed, and record nothing.
    #[arg(long, visible_alias = "dry-run")]
    pub(crate) check: bool,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Reads the name of a process, with or without its id.
fn process(text: &str) -> Result<(EntityRole, Option<EntityId>), String> {
    let (name, id) = text.split_once('=').map_or((text, None), |(name, id)| (name, Some(id)));
    let role =
        EntityRole::from_name(name).ok_or("no process has this name; `caseledger kinds` names them")?;
    let id = id.map(|id| id.parse().map_err(|_| "behind '=' stands the id of a process, a UUID".to_owned()));
    Ok((role, id.transpose()?))
}

fn reason(text: &str) -> Result<CorrectionReason, String> {
    serde_json::from_value(Value::from(text)).map_err(|_| {
        "write typing_error, late_information, wrong_child, disputed, court_direction or data_clean_up"
            .to_owned()
    })
}
