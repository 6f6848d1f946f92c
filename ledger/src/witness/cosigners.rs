//! The log's side: asks every witness of the policy to countersign the newest head, and keeps what they answer.

use std::collections::BTreeMap;
use std::pin::Pin;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{COSIGNATURE_AHEAD_S, Policy, PolicyWitness, cosigned_at};
use crate::append::signed;
use crate::ledger::Ledger;
use crate::notes::{Note, NoteFault, SignatureLine, to_base64};
use crate::proof::{Checkpoint, CheckpointFault, ProofFault};
use crate::read::ReadFault;

/// An HTTP answer: status and body.
pub type Posted = Result<(u16, String), String>;

/// Sends a request body to an address; the program brings the HTTP client.
pub trait Post: Send + Sync {
    /// Posts a body and waits, not for ever, for status and body of the answer. An `Err` says why there is none.
    fn post(&self, url: &str, body: String) -> Pin<Box<dyn Future<Output = Posted> + Send>>;
}

/// What a witness did when it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It countersigned this size.
    Cosigned(u64),
    /// It has seen a larger log than this one: one of the two is not the one that was signed before.
    SawMore(u64),
    /// It did not countersign, and why.
    Refused(String),
}

/// Why witnesses could not be asked.
#[derive(Debug, Error)]
pub enum CosignFault {
    /// The log cannot be read.
    #[error("reading what is to be countersigned")]
    Proof {
        /// Why.
        #[from]
        source: ProofFault,
    },
    /// The own checkpoint cannot be read.
    #[error("the own checkpoint")]
    Checkpoint {
        /// Why.
        #[from]
        source: CheckpointFault,
    },
    /// A countersignature cannot be kept.
    #[error("keeping a countersignature")]
    Keep {
        /// Why.
        #[from]
        source: ReadFault,
    },
}

/// The witnesses of a log, and what is known of how far each has seen it.
#[derive(Debug)]
pub struct Cosigners {
    ledger: Ledger,
    policy: Policy,
    seen: BTreeMap<String, u64>,
}

impl Cosigners {
    /// The witnesses of a policy.
    pub fn new(ledger: Ledger, policy: Policy) -> Self {
        Self { ledger, policy, seen: BTreeMap::new() }
    }

    /// Asks every witness that has an address to countersign the newest signed head, and says what each did.
    /// Nothing is asked before the first head is signed.
    ///
    /// # Errors
    /// [`CosignFault`], where this side cannot ask; a witness that is away is no error.
    pub async fn round(
        &mut self,
        post: &dyn Post,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<String, Asked>, CosignFault> {
        let Some(note) = self.ledger.checkpoint().await? else { return Ok(BTreeMap::new()) };
        let (checkpoint, note) = Checkpoint::of_note(&note)?;
        let mut answers = BTreeMap::new();
        for witness in self.policy.witnesses().to_vec() {
            if let Some(url) = witness.url.clone() {
                let answer = self.ask(post, &witness, &url, &checkpoint, &note, now).await?;
                answers.insert(witness.name, answer);
            }
        }
        Ok(answers)
    }

    async fn ask(
        &mut self,
        post: &dyn Post,
        witness: &PolicyWitness,
        url: &str,
        checkpoint: &Checkpoint,
        note: &Note,
        now: DateTime<Utc>,
    ) -> Result<Asked, CosignFault> {
        let size = checkpoint.tree_size;
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        // A witness that has seen another size than is believed says which, once.
        for _ in 0..2 {
            let old = self.seen.get(&witness.name).copied().unwrap_or(0);
            if old > size {
                return Ok(Asked::SawMore(old));
            }
            let body = self.request(old, size, note).await?;
            match post.post(&url, body).await {
                Ok((200, lines)) => return self.keep(witness, checkpoint, note, &lines, now).await,
                Ok((409, known)) => match known.trim_end().parse() {
                    Ok(known) if known != old => {
                        self.seen.insert(witness.name.clone(), known);
                    }
                    Ok(_) | Err(_) => {
                        return Ok(Asked::Refused(
                            "it has countersigned another head of this size".to_owned(),
                        ));
                    }
                },
                Ok((status, reason)) => {
                    let reason: String =
                        reason.lines().next().unwrap_or_default().chars().take(200).collect();
                    return Ok(Asked::Refused(format!("HTTP {status} {reason}")));
                }
                Err(reason) => return Ok(Asked::Refused(reason)),
            }
        }
        Ok(Asked::Refused("it keeps naming another size".to_owned()))
    }

    async fn request(&self, old: u64, size: u64, note: &Note) -> Result<String, CosignFault> {
        let path = if old == 0 { Vec::new() } else { self.ledger.consistency(old, size).await?.path };
        let hashes: String = path.iter().map(|hash| to_base64(hash) + "\n").collect();
        Ok(format!("old {old}\n{hashes}\n{note}"))
    }

    /// Keeps the lines that are the witness's own and hold; a line from anybody else counts for nothing.
    async fn keep(
        &mut self,
        witness: &PolicyWitness,
        checkpoint: &Checkpoint,
        note: &Note,
        lines: &str,
        now: DateTime<Utc>,
    ) -> Result<Asked, CosignFault> {
        let latest = u64::try_from(now.timestamp()).unwrap_or(0) + COSIGNATURE_AHEAD_S;
        let holds = |line: &SignatureLine| {
            cosigned_at(&witness.key, note.text(), line).is_some_and(|time| time <= latest)
        };
        let Some(line) = lines.lines().filter_map(SignatureLine::parse).find(holds) else {
            return Ok(Asked::Refused("its countersignature does not hold".to_owned()));
        };
        self.ledger.keep_cosignature(checkpoint.tree_size, &line).await?;
        self.seen.insert(witness.name.clone(), checkpoint.tree_size);
        Ok(Asked::Cosigned(checkpoint.tree_size))
    }
}

impl Ledger {
    /// Keeps a countersignature of a checkpoint of the present epoch.
    async fn keep_cosignature(&self, tree_size: u64, line: &SignatureLine) -> Result<(), ReadFault> {
        let client = self.reader().connection().await?;
        let sql = "INSERT INTO caseledger.cosignatures (epoch, tree_size, line) \
                   SELECT c.epoch, c.tree_size, $2 FROM caseledger.checkpoints c WHERE c.tree_size = $1 \
                   ORDER BY c.epoch DESC LIMIT 1 ON CONFLICT DO NOTHING";
        client.execute(sql, &[&signed(tree_size), &line.to_string()]).await?;
        Ok(())
    }

    /// Size of the newest checkpoint that enough witnesses of the policy countersigned; 0 where there is none.
    ///
    /// # Errors
    /// [`CosignFault`].
    pub async fn witnessed_size(&self, policy: &Policy, now: DateTime<Utc>) -> Result<u64, CosignFault> {
        let client = self.reader().connection().await?;
        let sql = "SELECT c.tree_size, c.note || string_agg(w.line || E'\\n', '' ORDER BY w.line) \
                   FROM (SELECT DISTINCT epoch, tree_size FROM caseledger.cosignatures \
                         ORDER BY epoch DESC, tree_size DESC LIMIT 100) newest \
                   JOIN caseledger.checkpoints c USING (epoch, tree_size) \
                   JOIN caseledger.cosignatures w USING (epoch, tree_size) \
                   GROUP BY c.epoch, c.tree_size, c.note ORDER BY c.epoch DESC, c.tree_size DESC";
        let rows = client.query(sql, &[]).await.map_err(ReadFault::from)?;
        let latest = u64::try_from(now.timestamp()).unwrap_or(0) + COSIGNATURE_AHEAD_S;
        for row in rows {
            let (size, note): (i64, String) =
                (row.try_get(0).map_err(ReadFault::from)?, row.try_get(1).map_err(ReadFault::from)?);
            let note = Note::parse(&note).map_err(|source: NoteFault| CheckpointFault::from(source))?;
            if policy.is_met_by(&policy.cosigned_by(&note, latest)) {
                return Ok(size.unsigned_abs());
            }
        }
        Ok(0)
    }
}
