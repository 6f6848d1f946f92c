//! Rows in PostgreSQL's binary COPY format, field by field, without a copy of their bytes.

use futures::{TryStreamExt as _, pin_mut};
use tokio_postgres::Client;

use super::DatabaseFault;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Runs a query and gives each row's `N` fields in their binary form to `row`.
pub(super) async fn rows<const N: usize>(
    client: &Client,
    table: &'static str,
    query: &str,
    mut row: impl FnMut(&[Option<&[u8]>; N]) -> Option<()>,
) -> Result<(), DatabaseFault> {
    let shape = |reason| DatabaseFault::Shape { table, reason };
    let sql = format!("COPY ({query}) TO STDOUT (FORMAT binary)");
    let copied = client.copy_out(&sql).await.map_err(DatabaseFault::database(table))?;
    pin_mut!(copied);
    let (mut kept, mut started): (Vec<u8>, bool) = (Vec::new(), false);
    while let Some(message) = copied.try_next().await.map_err(DatabaseFault::database(table))? {
        let whole;
        let mut bytes: &[u8] = if kept.is_empty() {
            &message
        } else {
            // A row that came in two messages.
            kept.extend_from_slice(&message);
            whole = std::mem::take(&mut kept);
            &whole
        };
        if !started {
            bytes = header(bytes).ok_or(shape("it is no binary copy"))?;
            started = true;
        }
        loop {
            match tuple::<N>(bytes) {
                Tuple::Row(fields, rest) => {
                    row(&fields).ok_or(shape("a field has another type"))?;
                    bytes = rest;
                }
                Tuple::End => return drain(copied, table).await,
                Tuple::Partial => break,
                Tuple::Other => return Err(shape("it has another number of columns")),
            }
        }
        kept = bytes.to_vec();
    }
    Err(shape("it ends in the middle"))
}

/// Reads to the end, so that the connection can be used again.
async fn drain(
    mut copied: std::pin::Pin<&mut tokio_postgres::CopyOutStream>,
    table: &'static str,
) -> Result<(), DatabaseFault> {
    while copied.try_next().await.map_err(DatabaseFault::database(table))?.is_some() {}
    Ok(())
}

fn header(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(SIGNATURE)?;
    let (_flags, rest) = rest.split_first_chunk::<4>()?;
    let (extension, rest) = rest.split_first_chunk::<4>()?;
    rest.get(usize::try_from(u32::from_be_bytes(*extension)).ok()?..)
}

enum Tuple<'a, const N: usize> {
    Row([Option<&'a [u8]>; N], &'a [u8]),
    End,
    Partial,
    Other,
}

fn tuple<const N: usize>(bytes: &[u8]) -> Tuple<'_, N> {
    let Some((count, mut rest)) = bytes.split_first_chunk::<2>() else { return Tuple::Partial };
    match i16::from_be_bytes(*count) {
        -1 => return Tuple::End,
        count if usize::try_from(count) != Ok(N) => return Tuple::Other,
        _ => {}
    }
    let mut fields = [None; N];
    for field in &mut fields {
        let Some((length, after)) = rest.split_first_chunk::<4>() else { return Tuple::Partial };
        rest = after;
        // A length below zero is a null.
        if let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) {
            let Some((value, after)) = rest.split_at_checked(length) else { return Tuple::Partial };
            (*field, rest) = (Some(value), after);
        }
    }
    Tuple::Row(fields, rest)
}

/// An integer of just this width.
pub(super) fn int8(field: Option<&[u8]>) -> Option<i64> {
    Some(i64::from_be_bytes(field?.try_into().ok()?))
}

/// The same of 32 bits.
pub(super) fn int4(field: Option<&[u8]>) -> Option<i32> {
    Some(i32::from_be_bytes(field?.try_into().ok()?))
}

/// The same of 16 bits.
pub(super) fn int2(field: Option<&[u8]>) -> Option<i16> {
    Some(i16::from_be_bytes(field?.try_into().ok()?))
}

/// A UUID.
pub(super) fn uuid(field: Option<&[u8]>) -> Option<[u8; 16]> {
    field?.try_into().ok()
}

/// A value that may be null: the outer `None` is one of another type.
pub(super) fn nullable<T>(
    field: Option<&[u8]>,
    read: impl FnOnce(Option<&[u8]>) -> Option<T>,
) -> Option<Option<T>> {
    if field.is_none() { Some(None) } else { read(field).map(Some) }
}

/// Microseconds from 1970 to 2000, from which PostgreSQL counts.
const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// Days from 1970 to 2000.
const EPOCH_DAYS: i64 = 10_957;

/// A `timestamptz` in microseconds since 1970; `infinity` stays beyond every time.
pub(super) fn micros(field: Option<&[u8]>) -> Option<i64> {
    int8(field).map(|micros| micros.saturating_add(EPOCH_MICROS))
}

/// A `date` in days since 1970.
pub(super) fn days(field: Option<&[u8]>) -> Option<i64> {
    int4(field).map(|days| i64::from(days) + EPOCH_DAYS)
}
