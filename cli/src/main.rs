//! The `caseledger` program.

mod private_postgres;

fn main() {}
