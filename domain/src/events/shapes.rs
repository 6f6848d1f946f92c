//! How the facts of an event are declared: strict shapes, closed lists of codes, and which fields take which list.

/// Declares the facts of one event: the shape is strict; an absent `Option` is left out of the stored form.
///
/// `field: Option<Code> as list` takes its codes from a list of [`crate::events::code_lists`];
/// `Name seals(field, …)` says which texts are sealed beside the facts. Both stand in the JSON schema, so that
/// documentation, `caseledger kinds` and the decider read one source.
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident $(seals($($sealed:ident),+))? {
        $($(#[$field_doc:meta])* $field:ident : $kind:ty $(as $list:ident)?),* $(,)?
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        $(#[schemars(extend("x-sealed" = [$(stringify!($sealed)),+]))])?
        pub struct $name {
            $($(#[$field_doc])* $(#[schemars(extend("x-code-list" = stringify!($list)))])? pub $field: $kind),*
        }

        impl $crate::events::Coded for $name {
            fn codes<'a>(&'a self, visit: &mut dyn FnMut($crate::events::CodeAt<'a>)) {
                let _ = &visit;
                $($($crate::events::coded::Codes::each(&self.$field, stringify!($field), stringify!($list), visit);)?)*
            }
        }
    )*};
}
pub(crate) use facts;

/// Declares a closed list of codes with their `snake_case` names.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident { $($(#[$code_doc:meta])* $code:ident),+ $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$code_doc])* $code),+
        }
    )*};
}
pub(crate) use codes;
