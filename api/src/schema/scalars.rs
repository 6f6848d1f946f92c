//! Scalars: a civil day, and a position that does not fit into GraphQL's 32-bit `Int`.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::NaiveDate;

/// A civil day in Europe/London, `YYYY-MM-DD`. It never has a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date(pub(super) NaiveDate);

#[Scalar]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let day = (text.len() == 10).then(|| text.parse().ok()).flatten();
        day.map(Self).ok_or_else(|| InputValueError::custom("not a day: write YYYY-MM-DD"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// The place of an event in the whole ledger, as a decimal string: dense from 1, in commit order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position(pub(super) domain::ids::Position);

#[Scalar]
impl ScalarType for Position {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = &value else { return Err(InputValueError::expected_type(value)) };
        let position = text.parse().map(domain::ids::Position);
        position.map(Self).map_err(|_| InputValueError::custom("not a position: write a decimal string"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}
