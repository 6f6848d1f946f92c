//! Rows: tables, summary lists and the timeline.

use maud::{Markup, html};

/// A cell of a table.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What it shows.
    pub content: Markup,
    /// Whether it is a number, set to the right.
    pub numeric: bool,
}

impl Cell {
    /// A cell with text or links.
    pub fn new(content: Markup) -> Self {
        Self { content, numeric: false }
    }

    /// A cell with a number.
    pub fn number(content: impl maud::Render) -> Self {
        Self { content: html! { (content) }, numeric: true }
    }
}

/// A table; it scrolls sideways on its own where the screen is narrow.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    /// Read out first, and shown.
    pub caption: &'a str,
    /// Column headings.
    pub head: &'a [&'a str],
    /// Rows; the first cell is the row's heading.
    pub rows: Vec<Vec<Cell>>,
}

/// A table with a caption and headings for columns and rows.
pub fn table(table: &Table<'_>) -> Markup {
    let numeric_column = |at: usize| {
        table.rows.iter().all(|row| row.get(at).is_some_and(|cell| cell.numeric)) && !table.rows.is_empty()
    };
    html! {
        div class="cl-scroll" role="region" aria-label=(table.caption) tabindex="0" {
            table class="govuk-table" {
                caption class="govuk-table__caption govuk-table__caption--m" { (table.caption) }
                thead class="govuk-table__head" {
                    tr class="govuk-table__row" {
                        @for (at, heading) in table.head.iter().enumerate() {
                            th scope="col" class=(if numeric_column(at) { "govuk-table__header govuk-table__header--numeric" } else { "govuk-table__header" }) { (heading) }
                        }
                    }
                }
                tbody class="govuk-table__body" {
                    @for row in &table.rows {
                        tr class="govuk-table__row" { (row_cells(row)) }
                    }
                }
            }
        }
    }
}

fn row_cells(row: &[Cell]) -> Markup {
    html! {
        @for (at, cell) in row.iter().enumerate() {
            @if at == 0 {
                th scope="row" class="govuk-table__header" { (cell.content) }
            } @else {
                td class=(if cell.numeric { "govuk-table__cell govuk-table__cell--numeric" } else { "govuk-table__cell" }) { (cell.content) }
            }
        }
    }
}

/// A label and what it stands for.
#[derive(Clone, Debug)]
pub struct SummaryRow {
    /// The label.
    pub key: String,
    /// The value.
    pub value: Markup,
}

impl SummaryRow {
    /// A row of label and value.
    pub fn new(key: impl Into<String>, value: Markup) -> Self {
        Self { key: key.into(), value }
    }
}

/// Labels and values.
pub fn summary_list(rows: &[SummaryRow]) -> Markup {
    html! {
        dl class="govuk-summary-list" {
            @for row in rows {
                div class="govuk-summary-list__row" {
                    dt class="govuk-summary-list__key" { (row.key) }
                    dd class="govuk-summary-list__value" { (row.value) }
                }
            }
        }
    }
}

/// One entry of a timeline.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Anchor of the entry.
    pub id: String,
    /// A short title, usually a link.
    pub title: Markup,
    /// Who or which system made the entry.
    pub byline: Option<String>,
    /// For machines: a day (`2022-09-19`) or an instant; `None` where the day is not known.
    pub datetime: Option<String>,
    /// For the reader: only as precise as it is known.
    pub date: String,
    /// The rest.
    pub description: Markup,
    /// Whether the entry no longer counts; it is struck and says so.
    pub struck: bool,
}

/// MOJ's timeline as an ordered list. `level` is the level of the titles' headings, 2 to 6.
pub fn timeline(level: u8, entries: &[Entry]) -> Markup {
    html! {
        ol class="moj-timeline cl-timeline" {
            @for entry in entries {
                li class=(if entry.struck { "moj-timeline__item cl-struck" } else { "moj-timeline__item" }) id=(entry.id) {
                    div class="moj-timeline__header" {
                        (heading(level, &entry.title))
                        @if let Some(byline) = &entry.byline { " " p class="moj-timeline__byline" { "by " (byline) } }
                    }
                    p class="moj-timeline__date" {
                        @match &entry.datetime {
                            Some(datetime) => { time datetime=(datetime) { (entry.date) } },
                            None => { (entry.date) },
                        }
                    }
                    div class="moj-timeline__description" { (entry.description) }
                }
            }
        }
    }
}

fn heading(level: u8, title: &Markup) -> Markup {
    html! {
        @match level {
            0..=2 => h2 class="moj-timeline__title" { (title) },
            3 => h3 class="moj-timeline__title" { (title) },
            4 => h4 class="moj-timeline__title" { (title) },
            5 => h5 class="moj-timeline__title" { (title) },
            _ => h6 class="moj-timeline__title" { (title) },
        }
    }
}
