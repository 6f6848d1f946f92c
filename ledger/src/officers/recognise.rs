//! Particulars of a record, read from its stream: made when a request is prepared, and held against the stream again when
//! it is carried out.

use chrono::NaiveDate;
use domain::envelope::{SealedFields, StoredEvent};
use domain::events::identity::{IDENTIFYING, identifiers};
use domain::events::{Body, CaseEvent, Kind, RecordedEvent};
use domain::ids::{Position, Revision, StreamId};
use domain::time::Occurred;
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::particulars::{Particulars, ParticularsFault, Recognised, Salt};
use super::request::{Action, Request};
use crate::keys::{KeyFault, SecretKey};
use crate::ledger::{Ledger, UnsealFault};
use crate::notes::{from_base64, to_base64};
use crate::read::ReadFault;

const LABEL: &[u8; 8] = b"CL1PARTS";

/// Whether a kind of event tells who its subject is: it identifies it, or is its birth, or a correction of either.
fn tells(kind: &str) -> bool {
    let further = [Kind::BirthRecorded, Kind::EventCorrected];
    IDENTIFYING.iter().chain(&further).any(|telling| telling.name() == kind)
}

/// Why a record cannot be recognised.
#[derive(Debug, Error)]
pub enum RecogniseFault {
    /// The ledger cannot be read.
    #[error("reading the record")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// Its sealed texts cannot be opened.
    #[error("opening the record")]
    Unseal {
        /// Why.
        #[from]
        source: UnsealFault,
    },
    /// An event of it cannot be understood.
    #[error("the record at position {position}")]
    Event {
        /// Where.
        position: Position,
        /// Why.
        source: domain::events::MalformedEvent,
    },
    /// The stream has no event.
    #[error("stream {stream} has no event")]
    NoSuchStream {
        /// The stream.
        stream: StreamId,
    },
    /// The key store refused, or the system gives no random bytes.
    #[error("the key store")]
    Key {
        /// Why.
        #[from]
        source: KeyFault,
    },
    /// What was read is not what the officers saw, or nothing says what they saw.
    #[error(transparent)]
    Particulars(#[from] ParticularsFault),
}

impl Ledger {
    /// A new request, and what officers recognise its record by; `None` where it is about no record.
    ///
    /// # Errors
    /// [`RecogniseFault`].
    pub async fn prepare_request(
        &self,
        action: Action,
    ) -> Result<(Request, Option<Particulars>), RecogniseFault> {
        let mut request = Request { ledger: self.id(), id: Uuid::now_v7(), action, particulars: None };
        let Some(stream) = request.action.record() else { return Ok((request, None)) };
        let salt = Zeroizing::new(*SecretKey::random()?.bytes());
        let events = self.read_stream(stream, Revision(1)).await?;
        let last = events.last().ok_or(RecogniseFault::NoSuchStream { stream })?.position;
        let up_to = request.action.up_to().unwrap_or(last);
        let found = self.recognised(&events, up_to).await?;
        let particulars = Particulars::new(request.id, (stream, up_to), &found, salt);
        request.particulars = Some(particulars.commitment());
        Ok((request, Some(particulars)))
    }

    /// Makes sure that the officers signed for the record that stands under this stream, by reading it again.
    ///
    /// # Errors
    /// [`RecogniseFault`].
    pub(crate) async fn check_particulars(
        &self,
        request: &Request,
        particulars: Option<&Particulars>,
    ) -> Result<(), RecogniseFault> {
        let Some(stream) = request.action.record() else { return Ok(()) };
        let commitment = request.particulars.ok_or(ParticularsFault::NotInRequest)?;
        let particulars = particulars.ok_or(ParticularsFault::Absent)?;
        particulars.check(request)?;
        let up_to = particulars.up_to()?;
        if request.action.up_to().is_some_and(|asked| asked != up_to) {
            return Err(ParticularsFault::OtherRequest.into());
        }
        let found = self.recognised(&self.read_stream(stream, Revision(1)).await?, up_to).await?;
        let now = Particulars::new(request.id, (stream, up_to), &found, particulars.salt().clone());
        if now.commitment() == commitment {
            Ok(())
        } else {
            Err(ParticularsFault::OtherRecord { stream }.into())
        }
    }

    /// The salt of a commitment under the key of the record's subject; `None` where it has no key.
    pub(crate) async fn seal_salt(
        &self,
        request: &Request,
        particulars: Option<&Particulars>,
    ) -> Result<Option<String>, KeyFault> {
        let (Some(stream), Some(particulars)) = (request.action.record(), particulars) else {
            return Ok(None);
        };
        let sealed =
            self.seal_text(stream, particulars.salt().as_slice(), &self.salt_label(request.id)).await?;
        Ok(sealed.map(|sealed| to_base64(&sealed)))
    }

    /// What officers saw of a record whose authorisation stands in the ledger, from the salt that was sealed with it;
    /// `None` where no salt was, or its key is gone.
    pub(crate) async fn sealed_particulars(
        &self,
        request: &Request,
        (sealed, up_to): (&str, Position),
    ) -> Result<Option<Particulars>, RecogniseFault> {
        let (Some(stream), Some(sealed)) = (request.action.record(), from_base64(sealed)) else {
            return Ok(None);
        };
        let salt = self.open_text(stream, &sealed, &self.salt_label(request.id)).await?;
        let Some(salt) = salt.and_then(|salt| <[u8; 32]>::try_from(salt.as_slice()).ok()) else {
            return Ok(None);
        };
        let found = self.recognised(&self.read_stream(stream, Revision(1)).await?, up_to).await?;
        Ok(Some(Particulars::new(request.id, (stream, up_to), &found, Salt::new(salt))))
    }

    fn salt_label(&self, request: Uuid) -> Vec<u8> {
        [LABEL.as_slice(), self.id().0.as_bytes(), request.as_bytes()].concat()
    }

    /// What the events of a stream up to a position, inclusive, say of it.
    async fn recognised(
        &self,
        events: &[StoredEvent],
        up_to: Position,
    ) -> Result<Recognised, RecogniseFault> {
        let (events, _) = events.split_at(events.partition_point(|event| event.position <= up_to));
        let category = events.first().map_or("none", |event| event.category.name());
        let mut found = Recognised { category, events: events.len(), ..Recognised::default() };
        for stored in events {
            found.takes_days(&stored.occurred);
            if stored.facts.is_none() || !tells(&stored.kind) {
                continue;
            }
            let sealed = self.texts_of(stored, &mut found).await?;
            let position = stored.position;
            let read = RecordedEvent::try_from(stored.clone());
            let event = read.map_err(|source| RecogniseFault::Event { position, source })?.event;
            found.takes(&event, &sealed);
        }
        Ok(found)
    }

    /// The sealed texts of an event that tells of its subject.
    async fn texts_of(
        &self,
        event: &StoredEvent,
        found: &mut Recognised,
    ) -> Result<SealedFields, RecogniseFault> {
        let left = self.unseal_what_is_left(event).await?;
        if left.is_none() {
            found.says("identifiers", "cannot be read any more: the key is gone");
        }
        Ok(left.unwrap_or_else(SealedFields::none))
    }
}

impl Recognised {
    fn takes_days(&mut self, occurred: &Occurred) {
        if let Some((first, last)) = occurred.earliest_day().zip(occurred.latest_day()) {
            let (held_first, held_last) = self.days.unwrap_or((first, last));
            self.days = Some((held_first.min(first), held_last.max(last)));
        }
    }

    fn takes(&mut self, event: &CaseEvent, sealed: &SealedFields) {
        for (name, value) in identifiers(event, sealed) {
            self.says(name, value);
        }
        self.takes_birth(event);
    }

    /// Days of birth, as they were stated and as they were corrected.
    fn takes_birth(&mut self, event: &CaseEvent) {
        let born = |found: &mut Self, day: Option<NaiveDate>, name: &str| {
            if let Some(day) = day {
                found.says(name, &day.to_string());
            }
        };
        if let Body::ChildRegistered(child) = &event.body {
            born(self, child.date_of_birth, "born");
            born(self, child.expected_date_of_birth, "expected");
        }
        if let Body::UnbornChildRegistered(child) = &event.body {
            born(self, child.expected_date_of_birth, "expected");
        }
        if let Body::BirthRecorded(_) = &event.body {
            self.says("born", &event.occurred.to_string());
        }
        if let Body::EventCorrected(correction) = &event.body {
            self.takes_birth(&correction.replacement);
        }
    }

    fn says(&mut self, name: &str, value: &str) {
        if !self.said.iter().any(|(held, said)| held == name && said.as_str() == value) {
            self.said.push((name.to_owned(), Zeroizing::new(value.to_owned())));
        }
    }
}
