//! The `caseledger` program.

#[expect(dead_code, reason = "the commands that start it come next")]
mod private_postgres;

fn main() {}
