//! For whom an act is recorded: another file than the one that is imported.

use domain::envelope::{EventContext, ImportRef};
use domain::ids::ImportId;

use super::Import;
use super::held::NO_LIST;

/// The file for which something is recorded while another one is imported.
pub(super) struct Behalf {
    /// Code of the list.
    pub(super) sheet: String,
    /// The row; 0 where it is not known, or there is none.
    pub(super) row: u32,
    /// The import that records it.
    pub(super) by: ImportId,
}

impl Behalf {
    /// What belongs to no row of the file, recorded by an import.
    pub(super) fn of_no_row(by: ImportId) -> Self {
        Behalf { sheet: NO_LIST.to_owned(), row: 0, by }
    }

    /// The context of what is recorded for `import`.
    pub(super) fn context(&self, import: Import<'_>) -> EventContext {
        let mut context = EventContext::new(self.by.as_uuid(), "import");
        let (sheet, row) = (self.sheet.clone(), self.row);
        context.import = Some(ImportRef { import: import.id, as_at: import.as_at, sheet, row });
        context
    }
}
