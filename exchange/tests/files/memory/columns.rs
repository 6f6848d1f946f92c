//! What each column of a list can hold. Every child is invented.

use std::sync::LazyLock;

use exchange::{Column, List, Role, ValueKind};

/// Fields of a row with their texts.
pub(crate) type Row<'a> = Vec<(&'a str, String)>;

/// The codes of a column, in the order of their list.
pub(crate) fn codes_of(column: &Column) -> Vec<String> {
    static CODES: LazyLock<toml::Table> =
        LazyLock::new(|| include_str!("../../../formats/codes.toml").parse().unwrap());
    let codes = &*CODES;
    let lists = codes["lists"].as_table().unwrap();
    lists[column.codes.as_deref().unwrap()].as_table().unwrap().keys().cloned().collect()
}

/// What a column can hold.
pub(crate) fn value(column: &Column) -> String {
    match column.value {
        ValueKind::Date if column.role == Role::Key => "2024-02-05".to_owned(),
        ValueKind::Date if column.field == "born_on" => "2015-05-04".to_owned(),
        ValueKind::Date => "2024-03-12".to_owned(),
        ValueKind::Flag => "Y".to_owned(),
        ValueKind::Code => codes_of(column).first().unwrap().clone(),
        ValueKind::Count | ValueKind::Decimal => "1".to_owned(),
        ValueKind::Identifier | ValueKind::Name | ValueKind::Text | ValueKind::Postcode | ValueKind::Urn => {
            "Invented 1".to_owned()
        }
    }
}

/// A row of the list: its keys alone, or with all else that says that something began and nothing ended.
pub(crate) fn row(list: &List, is_full: bool) -> Row<'_> {
    let of_record = |column: &&Column| list.record_of(column) == list.record;
    let keys = |column: &&Column| match column.role {
        Role::Child | Role::Adopter => true,
        Role::Key => of_record(column),
        Role::Attribute => false,
        Role::Identifier | Role::State | Role::Latest | Role::Derived => {
            is_full && column.value != ValueKind::Flag
        }
    };
    list.columns.iter().filter(keys).map(|column| (column.field.as_str(), value(column))).collect()
}
