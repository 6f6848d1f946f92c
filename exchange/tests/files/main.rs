//! What files of the field leave behind in a ledger: lists of Annex A, the census, workbooks, text tables and events. Every child
//! is invented.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what fails in a helper fails the test")]

mod absence;
mod any_order;
mod bad_input;
mod both_orders;
mod by_hand;
mod containers;
mod corrected_day;
mod headers;
mod imports;
mod late_files;
mod left;
mod left_out_days;
mod lines;
mod meaning;
mod memory;
mod misplaced;
mod one_record;
mod order;
mod repeated_rows;
mod row_order;
mod same_day;
mod sample_files;
mod samples;
mod several_elements;
mod sheets;
mod smaller;
mod states_in_order;
mod text_tables;
mod told_twice;
mod truth;
mod unsaid;
mod unsaid_cells;
mod who;
mod workbook;
mod written;
mod zipped;
