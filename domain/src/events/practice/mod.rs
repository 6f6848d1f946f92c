//! What can happen, one file per subject of practice: the facts of each kind, typed, with what they hold back.
//!
//! No kind is named here that [`super::Kind`] does not list; what a kind is called, where it stands and which process it is
//! about is said there.

pub mod adoption;
pub mod adoption_work;
pub mod advocacy;
pub mod alerts;
pub mod assessment;
pub mod care_leavers;
pub mod care_planning;
pub mod child_in_need;
pub mod child_protection;
pub mod conferences;
pub mod court;
pub mod court_directions;
pub mod court_sets;
pub mod custody;
pub mod detention;
pub mod early_help;
pub mod edge_of_care;
pub mod education;
pub mod emergency;
pub mod exploitation;
pub mod family_tools;
pub mod front_door;
pub mod gateway;
pub mod governance;
pub mod health;
pub mod health_work;
pub mod homelessness;
pub mod households;
pub mod identity;
pub mod improvement;
pub mod incidents;
pub mod looked_after;
pub mod looked_after_reviews;
pub mod missing;
pub mod oversight;
pub mod panels;
pub mod pathway;
pub mod permanence;
pub mod placement_work;
pub mod pre_proceedings;
pub mod private_fostering;
pub mod published;
pub mod record_keeping;
pub mod records;
pub mod safeguarding_practice;
pub mod schools_and_work;
pub mod transfers;
pub mod unborn;
pub mod voice;
pub mod workforce;
