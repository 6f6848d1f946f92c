//! Text files: which may be a list of Annex A, and what to do about those that are not read.

use std::borrow::Cow;

use crate::errors::ReadError;
use crate::recognise::unknown;

/// The return of children looked after.
pub(crate) const LOOKED_AFTER_RETURN: &str = "the return of children looked after (SSDA903)";

/// Columns by which a table of the return is known beside `CHILD`.
const LOOKED_AFTER_COLUMNS: [&str; 24] = [
    "DECOM",
    "RNE",
    "PLACE",
    "DEC",
    "REC",
    "MC_DOB",
    "ETHNIC",
    "REVIEW",
    "REVIEW_CODE",
    "DUC",
    "MISSING",
    "MIS_START",
    "MIS_END",
    "IN_TOUCH",
    "ACTIV",
    "ACCOM",
    "SDQ_SCORE",
    "HEALTH_CHECK",
    "DATE_INT",
    "DATE_PLACED",
    "PREV_PERM",
    "SW_ID",
    "SW_DECOM",
    "DOLO_START",
];

/// Whether a collection is the return of children looked after.
pub(crate) fn is_looked_after_return(collection: &str) -> bool {
    ["CLA", "SSDA903", "903", "LAC"].iter().any(|name| collection.eq_ignore_ascii_case(name))
}

/// An encoding that is none of those that are told.
pub(crate) const NOT_UTF8: &str = "not UTF-8 (perhaps Windows-1252)";

/// Lines from the top among which the header of a table stands.
const TOP: usize = 30;

/// Whether a file that begins with these bytes may be a table in UTF-8; it is neither workbook, XML nor JSON.
///
/// # Errors
/// Why it is not read otherwise, and what to do.
pub(crate) fn check(head: &[u8]) -> Result<(), ReadError> {
    let (text, encoding) = decoded(head);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let top: Vec<Vec<String>> = start.lines().take(TOP).map(cells).collect();
    let is_table = top.iter().any(|cells| cells.len() > 1);
    if top.iter().any(|cells| is_table_of_looked_after(cells)) {
        return Err(ReadError::NotReadYet { format: LOOKED_AFTER_RETURN });
    }
    if let Some(encoding) = encoding.filter(|_| start.starts_with(['<', '{'])) {
        return Err(ReadError::OtherEncoding { encoding });
    }
    match encoding {
        Some(encoding) if is_table => Err(other_encoding(encoding)),
        Some(encoding) => Err(ReadError::OtherEncoding { encoding }),
        None if is_table => Ok(()),
        None => Err(unknown("begins like none of them")),
    }
}

/// Why a table is not read that is not UTF-8.
pub(crate) fn other_encoding(encoding: &str) -> ReadError {
    unknown(&format!("is a table in a text file (CSV) that is {encoding}: save it as CSV UTF-8, or as .xlsx"))
}

/// The bytes as text, and the name of their encoding where it is not UTF-8.
fn decoded(head: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    let zeros =
        |offset: usize| head.iter().skip(offset).step_by(2).take(32).filter(|byte| **byte == 0).count();
    match head {
        [0xff, 0xfe, ..] => (utf16(head, u16::from_le_bytes).into(), Some("UTF-16")),
        [0xfe, 0xff, ..] => (utf16(head, u16::from_be_bytes).into(), Some("UTF-16")),
        _ if head.len() > 8 && zeros(1) * 2 > head.len().min(64) / 2 => {
            (utf16(head, u16::from_le_bytes).into(), Some("UTF-16"))
        }
        _ if head.len() > 8 && zeros(0) * 2 > head.len().min(64) / 2 => {
            (utf16(head, u16::from_be_bytes).into(), Some("UTF-16"))
        }
        _ => match std::str::from_utf8(head) {
            Ok(text) => (text.into(), None),
            // The head may end inside a character.
            Err(fault) if fault.error_len().is_none() => (String::from_utf8_lossy(head), None),
            Err(_) => (String::from_utf8_lossy(head), Some(NOT_UTF8)),
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).map(|c| c.unwrap_or('\u{fffd}')).collect()
}

/// The cells of a line, by whichever separator parts it into most.
fn cells(line: &str) -> Vec<String> {
    let split = |separator: char| -> Vec<String> {
        line.split(separator).map(|cell| cell.trim().trim_matches('"').to_uppercase()).collect()
    };
    [',', ';', '\t', '|'].map(split).into_iter().max_by_key(Vec::len).unwrap_or_default()
}

/// Whether the cells, in upper case, are headers of a table of the return of children looked after.
pub(crate) fn is_table_of_looked_after(cells: &[String]) -> bool {
    let has = |name: &str| cells.iter().any(|cell| cell == name);
    has("CHILD") && LOOKED_AFTER_COLUMNS.iter().any(|name| has(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPISODES: &str = "CHILD,DECOM,RNE,LS,CIN,PLACE\r\nINV-1,01/05/2024,S,V2,N1,U6\r\n";

    fn utf16(text: &str, mark: bool, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some(0xfeff);
        mark.into_iter().chain(text.encode_utf16()).flat_map(unit).collect()
    }

    #[test]
    fn each_encoding_of_a_table_of_the_looked_after_return_names_the_return() {
        let quoted = EPISODES.replace("CHILD", "\"CHILD\"").replace(',', ";");
        let mut other = EPISODES.replace("INV-1", "INV-Z").into_bytes();
        other.push(0xeb);
        let files = [
            EPISODES.as_bytes().to_vec(),
            quoted.into_bytes(),
            format!("\u{feff}{EPISODES}").into_bytes(),
            utf16(EPISODES, true, u16::to_le_bytes),
            utf16(EPISODES, true, u16::to_be_bytes),
            utf16(EPISODES, false, u16::to_le_bytes),
            other,
        ];
        for file in files {
            let text = check(&file).unwrap_err().to_string();
            assert!(text.contains("SSDA903") && text.contains("not read yet"), "{text}");
        }
    }

    #[test]
    fn other_text_files_say_which_format_to_save_as() {
        let table = [
            (b"Child Unique ID\tName\n1\tZo\xeb\n".to_vec(), ".xlsx"),
            (utf16("Child Unique ID,Name\n1,x\n", true, u16::to_le_bytes), ".xlsx"),
            (utf16("<Message><Header>", true, u16::to_le_bytes), "UTF-16; save it as UTF-8"),
            (utf16("{\"format\":", false, u16::to_be_bytes), "UTF-16; save it as UTF-8"),
            (b"nothing of the kind".to_vec(), "begins like none of them"),
        ];
        for (file, expected) in table {
            let text = check(&file).unwrap_err().to_string();
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn a_table_in_utf8_may_be_a_list_also_below_a_title() {
        for text in ["Child Unique ID,Date of Contact\n1,2\n", "Contacts of April\n\nChild;Date\n1;2\n"] {
            assert!(check(text.as_bytes()).is_ok(), "{text}");
        }
    }
}
