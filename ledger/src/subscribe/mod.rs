//! Following the log: everything from a place on, then what comes, filtered by the database, page by page.
//!
//! Nothing is held between two pages, no transaction and no snapshot, so a slow consumer costs nobody anything.
//! Each page begins with a look at the event that the cursor stands on. Invariant: what a subscription hands out
//! continues the very history that its cursor was read from, or it says that it does not.

mod cursor;
mod filter;
mod news;

use deadpool_postgres::Object;
use domain::envelope::StoredEvent;
use domain::ids::Position;
use futures::TryStreamExt;
use thiserror::Error;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::append::signed;
use crate::hash::Hash;
use crate::ledger::Ledger;
use crate::read::ReadFault;
use crate::rows::{COLUMNS, MalformedRow, event};

pub use cursor::{Cursor, CursorFault, MalformedCursor};
pub use filter::EventFilter;
pub(crate) use news::{News, listen, notify_others, wait_at_most};

use cursor::{Place, judge};

/// Positions after which a subscription hands out its cursor even though nothing matched.
const QUIET: u64 = 20_000;

/// Why a subscription cannot go on.
#[derive(Debug, Error)]
pub enum SubscribeFault {
    /// The log could not be read just now; the subscription goes on from the same place when it is asked again.
    #[error("follow the ledger")]
    Read {
        /// Why.
        #[from]
        source: ReadFault,
    },
    /// The log is not the one that was read.
    #[error("follow the ledger")]
    Cursor {
        /// Why.
        #[from]
        source: CursorFault,
    },
}

impl From<tokio_postgres::Error> for SubscribeFault {
    fn from(error: tokio_postgres::Error) -> Self {
        ReadFault::from(error).into()
    }
}

/// Some events, and how far the consumer has come with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// In position order. Empty where many events in a row did not match and only the cursor moves on.
    pub events: Vec<StoredEvent>,
    /// To be kept together with whatever the events cause, and brought back to [`Ledger::subscribe`].
    pub cursor: Cursor,
}

/// Reads the log from a cursor on, without end.
#[derive(Debug)]
pub struct Subscription {
    ledger: Ledger,
    filter: EventFilter,
    cursor: Cursor,
    seen: watch::Receiver<u64>,
    doubts: watch::Receiver<u64>,
}

impl Subscription {
    /// How far it has come, also over events that did not match.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Waits until there is something new that matches, and returns it: at most `limit` events, at least 1 is
    /// asked for. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`SubscribeFault`]; also while nothing comes, once the database is found to be another or an older one.
    pub async fn next_batch(&mut self, limit: u32) -> Result<Batch, SubscribeFault> {
        let start = self.cursor.position().0;
        loop {
            self.seen.mark_unchanged();
            self.doubts.mark_unchanged();
            let page = self.ledger.page(&self.cursor, &self.filter, limit.max(1)).await?;
            self.cursor = page.batch.cursor;
            if !page.batch.events.is_empty() || self.cursor.position().0 >= start.saturating_add(QUIET) {
                return Ok(page.batch);
            }
            if page.is_last {
                self.wait().await;
            }
        }
    }

    /// Waits for a larger log, for a doubt about the log, or for as long as a lost notification may delay.
    async fn wait(&mut self) {
        let news = async {
            tokio::select! {
                changed = self.seen.changed() => changed,
                changed = self.doubts.changed() => changed,
            }
        };
        let _ = timeout(news::LONGEST_SILENCE, news).await;
    }
}

/// A page, and whether it reached the end of the log.
struct Page {
    batch: Batch,
    is_last: bool,
}

/// Two places of the log in one look: the one that the cursor stands on and the one that a page may reach.
const LOOK: &str = "\
    SELECT h.tree_size, h.epoch, here.leaf_hash, here.epoch, there.position, there.leaf_hash, there.epoch \
    FROM (SELECT tree_size, epoch FROM caseledger.heads ORDER BY base_size DESC LIMIT 1) AS h \
    LEFT JOIN LATERAL (SELECT e.leaf_hash, (SELECT epoch FROM caseledger.heads WHERE base_size < $1 \
        ORDER BY base_size DESC LIMIT 1) FROM caseledger.events e WHERE e.position = $1) AS here ON true \
    LEFT JOIN LATERAL (SELECT e.position, e.leaf_hash, (SELECT epoch FROM caseledger.heads \
        WHERE base_size < least($2, h.tree_size) ORDER BY base_size DESC LIMIT 1) \
        FROM caseledger.events e WHERE e.position = least($2, h.tree_size)) AS there ON true";

/// Where the epochs after one begin. Only asked where there is one.
const LATER_EPOCH: &str = "SELECT min(base_size) + 1 FROM caseledger.heads WHERE epoch > $1";

struct Look {
    head: Position,
    head_epoch: u32,
    here: Option<(u32, Hash)>,
    there: Option<(Position, u32, Hash)>,
}

impl Look {
    fn of(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let (leaf, epoch): (Option<&[u8]>, Option<i32>) = (row.try_get(2)?, row.try_get(3)?);
        let (position, far_leaf): (Option<i64>, Option<&[u8]>) = (row.try_get(4)?, row.try_get(5)?);
        let far_epoch: Option<i32> = row.try_get(6)?;
        let pair = |leaf: Option<&[u8]>, epoch: Option<i32>| {
            Some((epoch?.unsigned_abs(), Hash::try_from(leaf?).ok()?))
        };
        let there = position.zip(pair(far_leaf, far_epoch));
        Ok(Self {
            head: Position(row.try_get::<_, i64>(0)?.unsigned_abs()),
            head_epoch: row.try_get::<_, i32>(1)?.unsigned_abs(),
            here: pair(leaf, epoch),
            there: there.map(|(at, (epoch, leaf))| (Position(at.unsigned_abs()), epoch, leaf)),
        })
    }
}

async fn look(client: &Object, at: Position, far: u64) -> Result<Option<Look>, SubscribeFault> {
    let statement = client.prepare_cached(LOOK).await?;
    let row = client.query_opt(&statement, &[&signed(at.0), &signed(far)]).await?;
    Ok(row.as_ref().map(Look::of).transpose()?)
}

async fn check(client: &Object, cursor: &Cursor, look: Option<&Look>) -> Result<(), SubscribeFault> {
    let head = look.map_or(Position(0), |look| look.head);
    let event = look.and_then(|look| look.here);
    let later = look.filter(|look| look.head_epoch > cursor.epoch() && cursor.position().0 > 0);
    let goes_on_from = match later {
        None => None,
        Some(_) => later_epoch(client, cursor.epoch()).await?,
    };
    Ok(judge(cursor, Place { head, event, goes_on_from })?)
}

async fn later_epoch(client: &Object, epoch: u32) -> Result<Option<Position>, SubscribeFault> {
    let epoch = i32::try_from(epoch).unwrap_or(i32::MAX);
    let row = client.query_one(LATER_EPOCH, &[&epoch]).await?;
    let from: Option<i64> = row.try_get(0)?;
    Ok(from.map(|from| Position(from.unsigned_abs())))
}

impl Ledger {
    /// Everything that matches from a cursor on, in position order, then what comes.
    ///
    /// ```no_run
    /// # async fn follow(ledger: ledger::Ledger, kept: Option<String>) -> Result<(), Box<dyn std::error::Error>> {
    /// use ledger::{Cursor, EventFilter};
    /// let cursor = match kept {
    ///     Some(text) => text.parse()?,
    ///     None => Cursor::beginning(ledger.id()),
    /// };
    /// let wanted = EventFilter::ALL.of_kinds(["strategy_discussion_held"]);
    /// let mut following = ledger.subscribe(cursor, wanted).await?;
    /// loop {
    ///     let batch = following.next_batch(500).await?;
    ///     // Act on batch.events, and keep batch.cursor.to_string() in the same transaction.
    /// #   drop(batch);
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`SubscribeFault`]; [`SubscribeFault::Cursor`] where the cursor does not fit this log.
    pub async fn subscribe(
        &self,
        cursor: Cursor,
        filter: EventFilter,
    ) -> Result<Subscription, SubscribeFault> {
        self.check_cursor(&cursor).await?;
        let (seen, doubts) = (self.news().seen(), self.news().doubts());
        Ok(Subscription { ledger: self.clone(), filter, cursor, seen, doubts })
    }

    /// The cursor of a consumer that has consumed everything up to a position.
    ///
    /// # Errors
    /// [`SubscribeFault`]; [`CursorFault::BeyondHead`] past the end of the log.
    pub async fn cursor_at(&self, position: Position) -> Result<Cursor, SubscribeFault> {
        if position.0 == 0 {
            return Ok(Cursor::beginning(self.id()));
        }
        let client = self.reader().connection().await?;
        let look = look(&client, position, position.0).await?;
        let head = look.as_ref().map_or(Position(0), |look| look.head);
        let (epoch, leaf) =
            look.and_then(|look| look.here).ok_or(CursorFault::BeyondHead { asked: position, head })?;
        Ok(Cursor::from_parts(self.id(), epoch, position, leaf))
    }

    /// Whether a cursor fits the log as it is now.
    ///
    /// # Errors
    /// [`SubscribeFault::Cursor`] where it does not.
    pub async fn check_cursor(&self, cursor: &Cursor) -> Result<(), SubscribeFault> {
        self.check_ledger(cursor)?;
        let client = self.reader().connection().await?;
        let look = look(&client, cursor.position(), cursor.position().0).await?;
        check(&client, cursor, look.as_ref()).await
    }

    fn check_ledger(&self, cursor: &Cursor) -> Result<(), CursorFault> {
        let (asked, ledger) = (cursor.ledger(), self.id());
        if asked == ledger { Ok(()) } else { Err(CursorFault::OtherLedger { asked, ledger }) }
    }

    /// What matches among the next positions, after a look at the cursor's own place.
    async fn page(&self, cursor: &Cursor, filter: &EventFilter, limit: u32) -> Result<Page, SubscribeFault> {
        let after = cursor.position().0;
        let client = self.reader().connection().await?;
        let look = look(&client, cursor.position(), after.saturating_add(filter.reach(limit))).await?;
        check(&client, cursor, look.as_ref()).await?;
        let Some((end, epoch, leaf)) =
            look.as_ref().and_then(|look| look.there).filter(|far| far.0.0 > after)
        else {
            return Ok(Page { batch: Batch { events: Vec::new(), cursor: *cursor }, is_last: true });
        };
        let events = matching(&client, filter, after, end, limit).await?;
        let is_full = u32::try_from(events.len()).is_ok_and(|count| count >= limit);
        drop(client);
        let events = self.reader().told(events).await?;
        let cursor = match events.last() {
            Some(last) if is_full && last.position < end => self.cursor_at(last.position).await?,
            Some(_) | None => Cursor::from_parts(self.id(), epoch, end, leaf),
        };
        let is_last = look.is_some_and(|look| cursor.position() >= look.head);
        Ok(Page { batch: Batch { events, cursor }, is_last })
    }
}

async fn matching(
    client: &Object,
    filter: &EventFilter,
    after: u64,
    end: Position,
    limit: u32,
) -> Result<Vec<StoredEvent>, SubscribeFault> {
    let statement = client.prepare_cached(&filter.sql(COLUMNS)).await?;
    let (after, end, limit) = (signed(after), signed(end.0), i64::from(limit));
    let (first, last) = (filter.range.first_stream(), filter.range.last_stream());
    let parameters: [&(dyn ToSql + Sync); 6] = [&after, &end, &limit, &filter.kinds, &first, &last];
    let rows = client.query_raw(&statement, parameters).await?;
    let events: Vec<StoredEvent> =
        rows.map_err(ReadFault::from).and_then(|row| async move { Ok(event(&row)?) }).try_collect().await?;
    if *filter == EventFilter::ALL && !events.iter().map(|event| signed(event.position.0)).eq(after + 1..=end)
    {
        // Below a head every position is taken: a hole is a row that is gone.
        return Err(
            ReadFault::from(MalformedRow { position: after + 1, column: "position", source: None }).into()
        );
    }
    Ok(events)
}
