//! What the children of a list are called: read for the rows that are shown, and for no other.

use std::collections::BTreeMap;

use domain::ids::StreamId;
use maud::{Markup, html};

use super::query::Address;
use crate::asked::Asked;
use crate::reading::{Reading, ReadingFault};

/// The authority's own ids of some children, where the keys to them are held.
pub(super) struct Names(BTreeMap<StreamId, String>);

impl Names {
    pub(super) async fn read(
        reading: &dyn Reading,
        streams: impl IntoIterator<Item = StreamId>,
    ) -> Result<Self, ReadingFault> {
        let mut names = BTreeMap::new();
        for stream in streams {
            if let std::collections::btree_map::Entry::Vacant(place) = names.entry(stream)
                && let Some(name) = reading.reference(stream).await?
            {
                place.insert(name);
            }
        }
        Ok(Self(names))
    }

    pub(super) fn of(&self, stream: StreamId) -> String {
        self.0.get(&stream).cloned().unwrap_or_else(|| {
            let id = stream.to_string();
            format!("stream {}…", id.get(..8).unwrap_or_default())
        })
    }

    pub(super) fn link(&self, stream: StreamId, asked: Asked) -> Markup {
        html! { a class="govuk-link" href=(Address::knowing(format!("/children/{stream}"), asked)) { (self.of(stream)) } }
    }
}
