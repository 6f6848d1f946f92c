//! The parts of a workbook's package as its relationships name them.
//!
//! A relationship names a part by a reference: absolute (`/xl/worksheets/sheet1.xml`), or relative to the part that it
//! belongs to, also with steps in it (`./worksheets/sheet1.xml`). The library that reads workbooks knows fewer of these
//! forms, and looks for the texts and formats of a workbook under fixed names. So a package that uses others is written
//! again in memory, with the same parts under the names that are looked for.

use std::borrow::Cow;
use std::io::{Cursor, Read, Write};

use quick_xml::escape::escape;
use quick_xml::events::Event;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// A package that has been opened.
pub(crate) type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// The relationships of the package itself.
const OF_PACKAGE: &str = "_rels/.rels";

/// How much of a part that names others is read: far more than the relationships of a thousand parts take.
const MOST_BYTES: u64 = 1 << 20;

/// The parts that the library looks for under a fixed name beside the main part, by the last word of their type.
const FIXED: [(&str, &str); 2] = [("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")];

/// One relationship.
struct Relationship {
    id: String,
    kind: String,
    target: String,
    /// Whether the target is a part of the package, and no address elsewhere.
    is_inside: bool,
}

impl Relationship {
    fn is_a(&self, word: &str) -> bool {
        self.is_inside && self.kind.rsplit('/').next() == Some(word)
    }
}

/// The name of the package's main part; `None` where none is named.
pub(crate) fn main_part(archive: &mut Archive<'_>) -> Option<String> {
    let relationships = relationships(archive, OF_PACKAGE)?;
    let main = relationships.iter().find(|it| it.is_a("officeDocument"))?;
    Some(resolved("", &main.target))
}

/// The first bytes of a part as text; `None` where there is no such part.
pub(crate) fn beginning(archive: &mut Archive<'_>, name: &str) -> Option<String> {
    let mut bytes = Vec::new();
    archive.by_name(name).ok()?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The package with every part where the library looks for it: as it is, where it is so already or cannot be read.
pub(crate) fn plain(bytes: &[u8]) -> Cow<'_, [u8]> {
    rewritten(bytes).map_or(Cow::Borrowed(bytes), Cow::Owned)
}

/// The package written again; `None` where that is not needed, or not possible.
fn rewritten(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let of_package = relationships(&mut archive, OF_PACKAGE)?;
    let main = main_part(&mut archive)?;
    let (folder, name) = main.rsplit_once('/').map_or(("", main.as_str()), |(folder, name)| (folder, name));
    let beside = |part: &str| if folder.is_empty() { part.to_owned() } else { format!("{folder}/{part}") };
    let of_main = beside(&format!("_rels/{name}.rels"));
    let of_workbook = relationships(&mut archive, &of_main)?;
    let moved = moved(&of_workbook, folder, beside);
    let is_plain = of_package.iter().all(|it| !it.is_a("officeDocument") || is_known("", &it.target))
        && of_workbook.iter().all(|it| !it.is_inside || is_known(folder, &it.target));
    if is_plain && moved.is_empty() {
        return None;
    }
    let written =
        [(OF_PACKAGE.to_owned(), text_of("", &of_package)), (of_main, text_of(folder, &of_workbook))];
    write(&mut archive, &written, &moved).ok()
}

/// The parts that the library looks for under a fixed name and that have another: each with the name it is looked for.
fn moved(
    relationships: &[Relationship],
    folder: &str,
    beside: impl Fn(&str) -> String,
) -> Vec<(String, String)> {
    let place = |(word, fixed): &(&str, &str)| {
        let part = relationships.iter().find(|it| it.is_a(word))?;
        Some((resolved(folder, &part.target), beside(fixed)))
    };
    FIXED.iter().filter_map(place).filter(|(part, fixed)| !part.eq_ignore_ascii_case(fixed)).collect()
}

/// Writes every part again but those that are written anew or moved.
fn write(
    archive: &mut Archive<'_>,
    written: &[(String, String)],
    moved: &[(String, String)],
) -> zip::result::ZipResult<Vec<u8>> {
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index)?;
        let name = part.name().map(Cow::into_owned).unwrap_or_default();
        let same = |other: &str| name.eq_ignore_ascii_case(other);
        if written.iter().any(|(other, _)| same(other)) || moved.iter().any(|(_, fixed)| same(fixed)) {
            continue;
        }
        match moved.iter().find(|(part, _)| same(part)) {
            Some((_, fixed)) => to.raw_copy_file_rename(part, fixed.as_str())?,
            None => to.raw_copy_file(part)?,
        }
    }
    for (name, text) in written {
        to.start_file(name.as_str(), SimpleFileOptions::default())?;
        to.write_all(text.as_bytes())?;
    }
    Ok(to.finish()?.into_inner())
}

/// Relationships with every target inside the package as an absolute reference.
fn text_of(folder: &str, relationships: &[Relationship]) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships \
         xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    );
    for it in relationships.iter().filter(|it| it.is_inside) {
        let target = format!("/{}", resolved(folder, &it.target));
        let (id, kind, target) = (escape(&it.id), escape(&it.kind), escape(&target));
        text += &format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>");
    }
    text + "</Relationships>"
}

/// The relationships that a part holds; `None` where there is no such part, or it cannot be read.
fn relationships(archive: &mut Archive<'_>, part: &str) -> Option<Vec<Relationship>> {
    let name = archive.file_names().filter_map(Result::ok).find(|name| name.eq_ignore_ascii_case(part));
    let name = name?.into_owned();
    let text = beginning(archive, &name)?;
    let mut xml = quick_xml::Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut found = Vec::new();
    loop {
        let event = xml.read_event().ok()?;
        if let Event::Eof = event {
            return Some(found);
        }
        let (Event::Start(element) | Event::Empty(element)) = event else { continue };
        let value = |name: &str| {
            let attribute = element.try_get_attribute(name).ok().flatten()?;
            Some(attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned())
        };
        if let Some((kind, target)) = value("Type").zip(value("Target")) {
            let is_inside = value("TargetMode").is_none_or(|mode| mode != "External");
            found.push(Relationship { id: value("Id").unwrap_or_default(), kind, target, is_inside });
        }
    }
}

/// Whether the library finds the part under the reference as it stands.
fn is_known(folder: &str, target: &str) -> bool {
    let relative = if folder.is_empty() { target.to_owned() } else { format!("{folder}/{target}") };
    let found = target.strip_prefix('/').map_or(relative, str::to_owned);
    found == resolved(folder, target)
}

/// The name of the part that a reference names from within a folder: steps (`.` and `..`) taken, `%20` as a space, and
/// `\` as `/`, as some programs write it.
fn resolved(folder: &str, target: &str) -> String {
    let target = unescaped(&target.replace('\\', "/"));
    let from = if target.starts_with('/') { "" } else { folder };
    let mut steps: Vec<&str> = Vec::new();
    for step in from.split('/').chain(target.split('/')) {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// A reference with its percent escapes replaced; one that is none stays as it is.
fn unescaped(target: &str) -> String {
    let mut bytes = Vec::with_capacity(target.len());
    let mut rest = target.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| target.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{is_known, resolved};

    #[test]
    fn a_reference_names_its_part_whatever_its_form() {
        let table = [
            ("worksheets/sheet1.xml", "xl/worksheets/sheet1.xml", true),
            ("/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml", true),
            ("./worksheets/sheet1.xml", "xl/worksheets/sheet1.xml", false),
            ("../xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml", false),
            ("/xl/./worksheets//sheet1.xml", "xl/worksheets/sheet1.xml", false),
            ("worksheets\\sheet1.xml", "xl/worksheets/sheet1.xml", false),
            ("worksheets/sheet%201.xml", "xl/worksheets/sheet 1.xml", false),
            ("worksheets/100%.xml", "xl/worksheets/100%.xml", true),
            ("../../../sheet1.xml", "sheet1.xml", false),
        ];
        for (target, part, known) in table {
            assert_eq!((resolved("xl", target).as_str(), is_known("xl", target)), (part, known), "{target}");
        }
    }
}
