//! Mistakes in a format's table, found by the tests before anybody reads a file by it.

use domain::events::{Body, EntityRole, Field, Kind, Stage};
use serde_json::{Map, Value};

use super::{Act, EventRule, FactRule, FactSource, Layout, List, Owner, Role, ValueKind};

/// Every mistake in the table, each with its list and event.
fn defects(layout: &Layout) -> Vec<String> {
    let mut found = Vec::new();
    for list in &layout.lists {
        for (nth, rule) in list.events.iter().enumerate() {
            let mut say = |what: String| {
                found.push(format!("list {}, {} on {}: {what}", list.code, rule.kind.name(), rule.on));
            };
            columns(list, rule, &mut say);
            place(layout, list, (nth, rule), &mut say);
            facts(list, rule.kind, &rule.facts, &mut say);
            sealed(list, rule, &mut say);
        }
    }
    found.extend(person(layout));
    found
}

fn columns(list: &List, rule: &EventRule, say: &mut impl FnMut(String)) {
    let named = [Some(&rule.on), rule.since.as_ref(), rule.starts_as.as_ref()].into_iter().flatten();
    for column in named.chain(rule.facts.values().filter_map(column_of)).chain(rule.sealed.values()) {
        if list.column(column).is_none() {
            say(format!("the list has no column {column:?}"));
        }
    }
    let Some(on) = list.column(&rule.on) else { return };
    let fits = match on.role {
        Role::Key => rule.act == Act::Opens && on.value == ValueKind::Date,
        Role::Latest => rule.act != Act::Ends && on.value == ValueKind::Date,
        Role::State => rule.act == Act::Gives,
        Role::Attribute => rule.act != Act::Opens,
        Role::Child | Role::Adopter | Role::Identifier | Role::Derived => false,
    };
    // A key also dates a step that is known by it.
    let step = on.role == Role::Key && rule.apart_by.is_some();
    if !(fits || step) {
        say(format!("its column is {:?}", on.role));
    }
}

fn column_of(rule: &FactRule) -> Option<&String> {
    match &rule.source {
        FactSource::Fixed(_) => None,
        FactSource::Column { column, .. } => Some(column),
    }
}

fn place(layout: &Layout, list: &List, (nth, rule): (usize, &EventRule), say: &mut impl FnMut(String)) {
    if rule.act == Act::Opens && rule.kind.own_role().is_none() {
        say("the kind opens no process".to_owned());
    }
    if rule
        .left
        .is_some_and(|end| !rule.opened().is_some_and(|role| list.ends_of(role).any(|kind| kind == end)))
    {
        say("what it is left by is no end of it in the list".to_owned());
    }
    if rule.act == Act::Ends && !matches!(rule.kind.stage(), Stage::Ends) {
        say("the kind ends no process".to_owned());
    }
    let owner = match rule.of {
        Some(Owner::Process(role)) => Some(role),
        Some(Owner::Subject) | None => None,
    };
    for role in rule.within.iter().copied().chain(owner) {
        let before = list.events.iter().take(nth);
        if !before.into_iter().chain(around(layout, list)).any(|other| other.opened() == Some(role)) {
            say(format!("no event before it opens {}", role.name()));
        }
    }
    if let Some(below) = &rule.unless_below {
        let column = layout.list(&below.list).and_then(|list| list.column(&below.column));
        if column.is_none() {
            say(format!("there is no column {} in list {}", below.column, below.list));
        }
    }
}

fn around<'a>(layout: &'a Layout, list: &'a List) -> impl Iterator<Item = &'a EventRule> {
    let up = |list: &&'a List| list.parent.as_deref().and_then(|code| layout.list(code));
    std::iter::successors(up(&list), move |list| up(list)).flat_map(|list| &list.events)
}

fn facts(
    list: &List,
    kind: Kind,
    rules: &std::collections::BTreeMap<String, FactRule>,
    say: &mut impl FnMut(String),
) {
    let fields = kind.fields();
    for field in rules.keys().filter(|name| !fields.iter().any(|field| field.name == **name)) {
        say(format!("the kind has no field {field:?}"));
    }
    for field in fields.iter().filter(|field| field.required && !rules.contains_key(&field.name)) {
        say(format!("the field {:?} must be given", field.name));
    }
    let choices = |rule: &FactRule, field: &Field| match &rule.source {
        FactSource::Fixed(value) => vec![value.clone()],
        FactSource::Column { values, .. } if !values.is_empty() => values.values().cloned().collect(),
        FactSource::Column { column, .. } => {
            list.column(column).map(|c| sample(c.value, field)).into_iter().collect()
        }
    };
    let given: Vec<(&Field, Vec<Value>)> =
        fields.iter().filter_map(|field| Some((field, choices(rules.get(&field.name)?, field)))).collect();
    let first: Map<String, Value> = given
        .iter()
        .filter_map(|(field, values)| Some((field.name.clone(), values.first()?.clone())))
        .collect();
    for (field, values) in &given {
        for value in values {
            let mut details = first.clone();
            details.insert(field.name.clone(), value.clone());
            if let Err(fault) = Body::of(kind, Value::Object(details)) {
                say(format!("the field {:?} cannot hold {value}: {fault}", field.name));
            }
        }
    }
}

/// A value as a column of this kind gives it.
fn sample(kind: ValueKind, field: &Field) -> Value {
    let one = match kind {
        ValueKind::Date => Value::from("2024-05-01"),
        ValueKind::Count => Value::from(1),
        ValueKind::Flag => Value::Bool(true),
        ValueKind::Code => Value::from("N1"),
        ValueKind::Identifier
        | ValueKind::Decimal
        | ValueKind::Name
        | ValueKind::Text
        | ValueKind::Postcode
        | ValueKind::Urn => Value::Null,
    };
    if field.shape.starts_with("list of") { Value::Array(vec![one]) } else { one }
}

fn sealed(list: &List, rule: &EventRule, say: &mut impl FnMut(String)) {
    let fields = rule.kind.sealed_fields();
    for (name, column) in &rule.sealed {
        // A worker's name goes into the worker's own stream.
        if !fields.contains(name) && name != "worker" {
            say(format!("the kind seals no {name:?}"));
        }
        if list.column(column).is_some_and(|column| column.value == ValueKind::Date) {
            say(format!("{column:?} holds no text"));
        }
    }
}

fn person(layout: &Layout) -> Vec<String> {
    let mut found = Vec::new();
    let has = |column: &str| layout.lists.iter().any(|list| list.column(column).is_some());
    let read = layout.person.facts.values().filter_map(column_of).chain(layout.person.sealed.values());
    found.extend(read.filter(|column| !has(column)).map(|column| format!("person: no list has {column:?}")));
    let fields = Kind::ChildRegistered.fields();
    let unknown = layout.person.facts.keys().filter(|name| !fields.iter().any(|field| field.name == **name));
    found.extend(unknown.map(|name| format!("person: a child has no field {name:?}")));
    found
}

#[test]
fn the_tables_of_the_program_have_no_defect() {
    for layout in [Layout::annex_a(), Layout::cin_census()] {
        assert_eq!(defects(layout), [""; 0], "{}", layout.format);
    }
}

const SMALL: &str = r#"
format = "small"
[person]
facts = { date_of_birth = "born_on" }
sealed = { la_child_id = "child_id" }
[[list]]
code = "1"
title = "Contacts"
record = "contact"
columns = [
  { field = "child_id", headers = ["ID"], role = "child", value = "identifier" },
  { field = "born_on", headers = ["Born"], role = "attribute", value = "date" },
  { field = "received_on", headers = ["Received"], role = "key", value = "date" },
  { field = "source", headers = ["Source"], role = "attribute", value = "code", codes = "referral_source" },
]
[[list.event]]
opens = "contact_received"
on = "received_on"
facts = { source = "source" }
"#;

#[test]
fn a_format_needs_no_more_than_its_table() {
    let layout: Layout = toml::from_str(SMALL).unwrap();
    assert_eq!(defects(&layout), [""; 0]);
    assert_eq!(layout.lists[0].own_record().and_then(EventRule::opened), Some(EntityRole::Contact));
}

#[test]
fn each_mistake_in_a_table_is_named() {
    let refused_at_load = [
        ("opens = \"contact_received\"", "opens = \"contact_recieved\"", "unknown event kind"),
        ("on = \"received_on\"", "on = \"received_on\"\nwithin = [\"enquiries\"]", "unknown role"),
        (
            "opens = \"contact_received\"",
            "opens = \"contact_received\"\nends = \"case_closed\"",
            "needs one of",
        ),
        ("on = \"received_on\"", "on = \"received_on\"\nwhen = 1", "unknown field"),
        ("role = \"key\"", "role = \"keys\"", "unknown variant"),
    ];
    for (from, to, message) in refused_at_load {
        let fault = toml::from_str::<Layout>(&SMALL.replace(from, to)).unwrap_err().to_string();
        assert!(fault.contains(message), "{to}: {fault}");
    }
    let found_by_test = [
        ("on = \"received_on\"", "on = \"recieved_on\"", "no column \"recieved_on\""),
        ("{ source = \"source\" }", "{ sauce = \"source\" }", "no field \"sauce\""),
        ("{ source = \"source\" }", "{ source = \"received\" }", "no column \"received\""),
        ("{ source = \"source\" }", "{ source = { is = true } }", "cannot hold true"),
        ("opens = \"contact_received\"", "gives = \"referral_decision_made\"", "\"outcome\" must be given"),
        ("opens = \"contact_received\"", "ends = \"contact_received\"", "ends no process"),
        (
            "on = \"received_on\"",
            "on = \"received_on\"\nwithin = [\"plan\"]",
            "no event before it opens plan",
        ),
        (
            "on = \"received_on\"",
            "on = \"received_on\"\nsealed = { name = \"child_id\" }",
            "seals no \"name\"",
        ),
    ];
    for (from, to, message) in found_by_test {
        let found = defects(&toml::from_str(&SMALL.replace(from, to)).unwrap());
        assert!(found.iter().any(|defect| defect.contains(message)), "{to}: {found:?}");
    }
}
