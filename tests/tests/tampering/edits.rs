//! The edits: what is done to which row, and what `verify` has to say first.

use crate::fixture::{Fixture, StoredRow};
use caseledger_tests::dice::Dice;

/// One edit.
#[derive(Debug)]
pub(crate) struct Edit {
    pub(crate) name: String,
    pub(crate) sql: Vec<String>,
    /// The exit codes that are right.
    pub(crate) codes: Vec<u8>,
    /// The position that the first finding has to name.
    pub(crate) position: Option<u64>,
    /// The stream that it has to name.
    pub(crate) stream: Option<String>,
}

/// Columns and what stands there instead.
const COLUMNS: [(&str, &str); 24] = [
    ("category", "category % 7 + 1"),
    ("schema_version", "schema_version + 1"),
    ("leaf_format", "2"),
    ("revision", "revision + 1000"),
    ("recorded_at", "recorded_at + interval '1 microsecond'"),
    ("import_row", "coalesce(import_row, 0) + 1"),
    ("import_as_at", "coalesce(import_as_at, '2020-01-01') + 1"),
    ("stream", "RANDOM_ID"),
    ("event_id", "RANDOM_ID"),
    ("command_id", "RANDOM_ID"),
    ("recorded_by", "RANDOM_ID"),
    ("import_id", "RANDOM_ID"),
    ("causation", "RANDOM_ID"),
    ("correlation", "RANDOM_ID"),
    ("kind", "kind || 'x'"),
    ("occurred", "occurred || '~'"),
    ("source_recorded_at", "coalesce(source_recorded_at, '2022-09-2') || '1'"),
    ("role", "coalesce(role, '') || 'x'"),
    ("team", "coalesce(team, '') || 'x'"),
    ("team", "CASE WHEN team IS NULL THEN '' END"),
    ("import_sheet", "coalesce(import_sheet, '') || 'x'"),
    ("confidentiality", "CASE WHEN confidentiality IS NULL THEN 'restricted' END"),
    ("salt", "set_byte(salt, BYTE, get_byte(salt, BYTE) # BIT)"),
    ("leaf_hash", "set_byte(leaf_hash, BYTE, get_byte(leaf_hash, BYTE) # BIT)"),
];

type Making = fn(&mut Dice, &Fixture) -> Edit;

const OTHERS: [Making; 18] = [
    facts,
    facts,
    sealed,
    sealed,
    swapped,
    removed,
    removed_and_closed_up,
    inserted,
    above_the_head,
    before_the_first,
    tail_cut,
    emptied,
    head_edited,
    head_removed,
    epoch_edited,
    kind_edited,
    command_edited,
    signature_edited,
];

/// The edit of this number: each column and each other kind has its turn, on a row that the dice choose.
pub(crate) fn edit(number: u64, dice: &mut Dice, fixture: &Fixture) -> Edit {
    let kinds = COLUMNS.len() + OTHERS.len();
    let turn = usize::try_from(number).unwrap() % kinds;
    match OTHERS.get(turn) {
        Some(make) => make(dice, fixture),
        None => column(COLUMNS[turn - OTHERS.len()], dice, fixture),
    }
}

fn column((column, value): (&str, &str), dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows);
    let id = format!("'{:08x}-0000-4000-8000-{:012x}'", dice.below(1 << 32), dice.below(1 << 48));
    let value = value
        .replace("RANDOM_ID", &id)
        .replace("BYTE", &dice.below(32).to_string())
        .replace("BIT", &(1 << dice.below(8)).to_string());
    // The finding names the stream that now stands there, which is not the row's own after this one edit.
    let stream = (column != "stream").then(|| row.stream.clone());
    Edit { stream, ..at(row, &format!("column {column}"), set(row, column, &value), &[10]) }
}

fn at(row: &StoredRow, name: &str, sql: Vec<String>, codes: &[u8]) -> Edit {
    Edit { name: name.to_owned(), sql, codes: codes.to_vec(), position: Some(row.position), stream: None }
}

fn set(row: &StoredRow, column: &str, value: &str) -> Vec<String> {
    vec![format!("UPDATE caseledger.events SET {column} = {value} WHERE position = {}", row.position)]
}

/// Another letter or digit somewhere in the facts.
fn facts(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows);
    let mut bytes = row.facts.clone().into_bytes();
    loop {
        let place = usize::try_from(dice.below(bytes.len() as u64)).unwrap();
        match bytes[place] {
            b'0'..=b'8' | b'a'..=b'y' => bytes[place] += 1,
            _ => continue,
        }
        break;
    }
    let text = String::from_utf8(bytes).unwrap();
    // A number that now begins with a nought, or a word that is none, is refused by the column's type.
    if serde_json::from_str::<serde_json::Value>(&text).is_err() {
        return facts(dice, fixture);
    }
    let edit = at(row, "facts", set(row, "facts", &format!("'{text}'")), &[10]);
    Edit { stream: Some(row.stream.clone()), ..edit }
}

fn sealed(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let rows: Vec<_> = fixture.rows.iter().filter(|row| row.has_sealed).cloned().collect();
    let row = dice.one_of(&rows);
    let place = format!("({} % octet_length(sealed))", dice.below(10_000));
    let value = format!("set_byte(sealed, {place}, get_byte(sealed, {place}) # {})", 1 << dice.below(8));
    at(row, "sealed", set(row, "sealed", &value), &[10])
}

/// Two whole rows change places. Each still leads to its own leaf hash.
fn swapped(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let (one, other) = (dice.one_of(&fixture.rows[1..]), dice.one_of(&fixture.rows[1..]));
    if one.position == other.position {
        return swapped(dice, fixture);
    }
    let (low, high) = (one.position.min(other.position), one.position.max(other.position));
    let row = &fixture.rows[usize::try_from(low - 1).unwrap()];
    let sql = vec![
        format!("UPDATE caseledger.events SET position = -1 WHERE position = {low}"),
        format!("UPDATE caseledger.events SET position = {low} WHERE position = {high}"),
        format!("UPDATE caseledger.events SET position = {high} WHERE position = -1"),
    ];
    at(row, "swapped", sql, &[13, 15])
}

fn removed(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows);
    at(
        row,
        "removed",
        vec![format!("DELETE FROM caseledger.events WHERE position = {}", row.position)],
        &[11],
    )
}

/// A row goes and the later ones move up, so that positions are dense again.
fn removed_and_closed_up(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows[1..fixture.rows.len() - 1]);
    let position = row.position;
    let sql = vec![
        format!("DELETE FROM caseledger.events WHERE position = {position}"),
        format!("UPDATE caseledger.events SET position = 1 - position WHERE position > {position}"),
        "UPDATE caseledger.events SET position = -position WHERE position < 0".to_owned(),
    ];
    at(row, "removed and closed up", sql, &[13, 15])
}

/// The columns of a copied row, under a new id and behind the stream's last revision.
fn copied(row: &StoredRow, position: u64, dice: &mut Dice) -> String {
    format!(
        "INSERT INTO caseledger.events SELECT {position}, recorded_at, revision + 5000, import_row, import_as_at, category, \
         schema_version, leaf_format, stream, '{:08x}-0000-4000-8000-000000000000', command_id, recorded_by, import_id, \
         causation, correlation, salt, leaf_hash, kind, occurred, source_recorded_at, role, team, import_sheet, \
         confidentiality, facts, sealed FROM kept.events WHERE position = {}",
        dice.below(1 << 32),
        row.position
    )
}

/// A row comes in between and the later ones move on.
fn inserted(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows[1..]).clone();
    let position = row.position;
    let sql = vec![
        format!("UPDATE caseledger.events SET position = -1 - position WHERE position >= {position}"),
        "UPDATE caseledger.events SET position = -position WHERE position < 0".to_owned(),
        copied(&row, position, dice),
    ];
    at(&row, "inserted", sql, &[10])
}

fn above_the_head(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows).clone();
    let position = fixture.size() + 1 + dice.below(3);
    let sql = vec![copied(&row, position, dice)];
    Edit { position: Some(position), ..at(&row, "above the head", sql, &[12]) }
}

fn before_the_first(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows).clone();
    let sql = vec![copied(&row, 0, dice)];
    Edit { position: Some(0), ..at(&row, "before the first", sql, &[12]) }
}

/// The newest batches go, with everything that belongs to them; only what stands outside the database tells.
fn tail_cut(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows[1..]).clone();
    let size = format!("(SELECT max(base_size) FROM kept.heads WHERE base_size < {})", row.position);
    let sql = vec![
        format!("DELETE FROM caseledger.events WHERE position > {size}"),
        format!("DELETE FROM caseledger.commands WHERE first_position > {size}"),
        format!("DELETE FROM caseledger.subtrees WHERE (index + 1) << height > {size}"),
        format!("DELETE FROM caseledger.checkpoints WHERE tree_size > {size}"),
        format!("DELETE FROM caseledger.heads WHERE tree_size > {size}"),
    ];
    at(&row, "tail cut", sql, &[15])
}

fn emptied(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows[1..]);
    let sql = set(row, "(facts, sealed, salt)", "(NULL, NULL, NULL)");
    Edit { stream: Some(row.stream.clone()), ..at(row, "emptied", sql, &[17]) }
}

fn head_edited(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows[1..]);
    let byte = dice.below(32);
    let change = *dice.one_of(&[
        "recorded_at = recorded_at + interval '1 second'",
        "root = set_byte(root, BYTE, get_byte(root, BYTE) # 1)",
    ]);
    let change = change.replace("BYTE", &byte.to_string());
    let of = format!("base_size < {0} AND tree_size >= {0}", row.position);
    at(row, "head edited", vec![format!("UPDATE caseledger.heads SET {change} WHERE {of}")], &[10])
}

fn head_removed(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows[1..]);
    let of = format!("base_size < {0} AND tree_size >= {0}", row.position);
    // Without the newest head its rows stand above the head that is then the newest.
    let sql = vec![format!("DELETE FROM caseledger.heads WHERE {of}")];
    let last = format!("{:?}", row.position == fixture.size());
    let codes: &[u8] = if last == "true" { &[11, 12, 15] } else { &[11, 12] };
    Edit { position: Some(row.position).filter(|_| last == "false"), ..at(row, "head removed", sql, codes) }
}

fn epoch_edited(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows);
    let of = format!("base_size < {0} AND tree_size >= {0}", row.position);
    let sql = format!("UPDATE caseledger.heads SET epoch = epoch + {} WHERE {of}", 1 + dice.below(3));
    at(row, "epoch edited", vec![sql], &[10])
}

/// The look-up table of kinds decides what an authority is said to record at all.
fn kind_edited(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let first = "(SELECT min(first_position) FROM kept.kinds)";
    let (sql, code) = match dice.below(4) {
        0 => (format!("DELETE FROM caseledger.kinds WHERE first_position = {first}"), 11),
        1 => (format!("UPDATE caseledger.kinds SET first_position = 2 WHERE first_position = {first}"), 10),
        2 => {
            (format!("UPDATE caseledger.kinds SET first_position = 99999 WHERE first_position = {first}"), 10)
        }
        _ => ("INSERT INTO caseledger.kinds VALUES ('exit_recorded', 1)".to_owned(), 12),
    };
    at(&fixture.rows[0], "kind edited", vec![sql], &[code])
}

fn command_edited(dice: &mut Dice, fixture: &Fixture) -> Edit {
    let row = dice.one_of(&fixture.rows[1..]);
    let of = format!("command_id = (SELECT command_id FROM kept.events WHERE position = {})", row.position);
    let (sql, code) = match dice.below(3) {
        0 => (format!("DELETE FROM caseledger.commands WHERE {of}"), 11),
        // Also of the newest command of all.
        1 => (format!("UPDATE caseledger.commands SET event_count = event_count + 1 WHERE {of}"), 13),
        _ => (format!("UPDATE caseledger.commands SET first_position = first_position - 1 WHERE {of}"), 13),
    };
    at(row, "command edited", vec![sql], &[code])
}

/// One letter of a signature in the table of checkpoints.
fn signature_edited(_: &mut Dice, fixture: &Fixture) -> Edit {
    let sql = "UPDATE caseledger.checkpoints SET note = overlay(note placing \
               CASE WHEN substr(note, length(note) - 20, 1) = 'A' THEN 'B' ELSE 'A' END from length(note) - 20 for 1) \
               WHERE tree_size = (SELECT max(tree_size) FROM caseledger.checkpoints)";
    Edit { position: None, ..at(&fixture.rows[0], "signature edited", vec![sql.to_owned()], &[14]) }
}
