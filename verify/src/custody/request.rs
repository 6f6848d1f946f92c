//! The text of a request that officers sign.

use crate::hash::uuid_of;
use crate::notes::hash_of;
use crate::row::Id;

/// Actions about a record.
const OF_RECORD: [&str; 3] = ["dispose", "destroy-key", "lift-hold"];

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) action: String,
    pub(super) ledger: Id,
    /// Its id, used once.
    pub(super) id: String,
    fields: Vec<(String, String)>,
}

impl Request {
    /// Reads `caseledger request 1` and its `name: value` lines; or `caseledger request 2`, which is about a record and
    /// ends with the commitment to what the officers saw of it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let of_record = match lines.next()? {
            "caseledger request 1" => false,
            "caseledger request 2" => true,
            _ => return None,
        };
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(": ")?;
            fields.push((name.to_owned(), value.to_owned()));
        }
        if of_record {
            let (name, commitment) = fields.pop()?;
            hash_of(&commitment).filter(|_| name == "particulars")?;
        }
        let mut head = fields.drain(..3.min(fields.len()));
        let mut next = |name: &str| head.next().filter(|(found, _)| found == name).map(|(_, value)| value);
        let (action, ledger, id) = (next("action")?, next("ledger")?, next("request")?);
        drop(head);
        uuid_of(&id)?;
        if of_record && !OF_RECORD.contains(&action.as_str()) {
            return None;
        }
        Some(Self { action, ledger: uuid_of(&ledger)?, id, fields })
    }

    /// Whether it says each of these, and each name once.
    pub(super) fn says(&self, fields: &[(&str, &str)]) -> bool {
        fields.iter().all(|(name, value)| {
            let mut said = self.fields.iter().filter(|(found, _)| found == name);
            said.next().is_some_and(|(_, said)| said == value) && said.next().is_none()
        })
    }
}
