//! One test for each item of the counting list and of its amendments, and for what a plain limit cannot say: windows,
//! minima, hours, intervals, last days set by events, birthdays, pauses, tallies. Every child is invented.
