//! What a newer file says of a child of which no row of it is recorded: it does not name the child, or names it in rows that
//! could not be read.

use std::collections::BTreeSet;

use domain::events::{Kind, RecordedEvent};
use domain::ids::{EventId, StreamId};

use super::behalf::Behalf;
use super::extracts::PriorExtract;
use super::fill::list_of;
use super::held::HeldEvent;
use super::later::{NewerFile, files};
use super::planning::Planner;
use super::{Import, absence, coverage};
use crate::layout::List;

/// The files about days before, or the same day, with rows about a stream that could not be read.
pub(super) fn unread_before(import: &Import<'_>, stream: StreamId) -> Vec<NewerFile> {
    let names = |extract: &PriorExtract| extract.unread.values().any(|streams| streams.contains(&stream));
    files(import, |extract| extract.as_at <= import.as_at && names(extract))
}

impl NewerFile {
    /// The lists in which rows about a stream could not be read, where none of the file was.
    fn unread(&self, stream: StreamId) -> Vec<&'static List> {
        let of_stream = self.extract.unread.iter().filter(|(_, streams)| streams.contains(&stream));
        of_stream.filter_map(|(sheet, _)| Some(list_of(sheet)?.1)).collect()
    }
}

impl<'a> Planner<'a> {
    /// States what rows about the child may have said that a file before this one could not read, as it would have stated
    /// it had the child been known.
    pub(super) fn settle_unread_before(&mut self, files: &'a [NewerFile], history: &[RecordedEvent]) {
        let by = self.import;
        for file in files {
            if self.spoken.contains(&file.extract.import) {
                continue;
            }
            self.import = file.import(by);
            self.behalf = Some(Behalf::of_no_row(by.id));
            coverage::state_unread(self, &file.unread(self.stream), history);
        }
        (self.import, self.behalf) = (by, None);
    }

    /// Settles what a newer file says of which no row about the child is recorded: it does not name the child, or names it
    /// in rows that could not be read. Of what stands in the window of a file after it that does, that one decides.
    pub(super) fn not_named(&mut self, file: &'a NewerFile, by: Import<'_>, history: &[RecordedEvent]) {
        self.behalf = Some(Behalf::of_no_row(by.id));
        let unread = file.unread(self.stream);
        coverage::state_unread(self, &unread, history);
        self.spared = self.named_later(file);
        let now = self.so_far(history);
        let import = self.import;
        self.import = Import { scope: &file.whole, ..import };
        self.unsaid = listed_in(&[unread, self.named_that_day(file)].concat());
        self.withdraw_absent(&[]);
        self.settle_left(&[], &now);
        (self.import, self.unsaid) = (import, Vec::new());
        self.spared.clear();
    }

    /// The records in the windows of files that name the child and are about later days: these say which of them were.
    fn named_later(&self, file: &NewerFile) -> BTreeSet<EventId> {
        let is_later = |later: &&NewerFile| {
            later.extract.as_at > file.extract.as_at && self.spoken.contains(&later.extract.import)
        };
        let later: Vec<&NewerFile> = self.newer.iter().filter(is_later).collect();
        let is_told = |event: &HeldEvent| {
            later.iter().any(|later| {
                let mut lists = later.extract.lists.keys().filter_map(|sheet| Some(list_of(sheet)?.1));
                lists.any(|list| {
                    let mut listed = absence::listed(list);
                    listed.any(|rule| rule.kind == event.kind())
                        && absence::is_in_window_of(self, event, list, later.extract.as_at)
                })
            })
        };
        self.held.events.iter().filter(|event| is_told(event)).map(|event| event.id).collect()
    }

    /// The lists of a file that does not name the child in which another file of its day does: the files of one day decide
    /// together whom they leave out.
    fn named_that_day(&self, file: &NewerFile) -> Vec<&'static List> {
        let is_of_day = |other: &&NewerFile| {
            other.extract.as_at == file.extract.as_at && self.spoken.contains(&other.extract.import)
        };
        let lists = self.newer.iter().filter(is_of_day).flat_map(|other| other.extract.lists.keys());
        lists.filter_map(|sheet| Some(list_of(sheet)?.1)).collect()
    }
}

/// What no row of these lists says: which of their records it is.
fn listed_in(lists: &[&'static List]) -> Vec<(&'static str, Kind)> {
    let kinds = |list: &&'static List| {
        let code = list.code.as_str();
        list.events.iter().map(move |rule| (code, rule.kind)).collect::<Vec<_>>()
    };
    lists.iter().flat_map(kinds).collect()
}
