//! Observations: what is irregular in a journey, with a code, a sentence and the events involved.
//!
//! They are derived from the journey each time, so they are right for every moment and basis of knowledge,
//! and vanish when a correction resolves them. They never change a journey. The decider uses the same fold:
//! a live command that would add an [`Standing::Impossible`] observation is refused; an import is only observed.

mod amendments;
mod codes;
mod endings;
mod exclusive;
mod life;
mod lifecycle;
mod processes;
mod timetables;

pub use crate::events::Stage;
pub(crate) use codes::irregular;
pub use exclusive::{EXCLUSIVE, NOTICED, Overlap, exclusive_of, is_exclusive};
pub use life::Life;
pub(crate) use life::is_about_the_record;
pub(crate) use lifecycle::may_precede_birth;
pub use lifecycle::stage;

use chrono::NaiveDate;

use crate::ids::EventId;
use crate::journey::{Anomaly, Journey, KnownEvent};
use crate::processes::{Processes, Reading, Twice, derived_of};
use crate::rules::Endings;

/// Something irregular.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observation {
    /// What it is.
    pub code: ObservationCode,
    /// The events involved, in practice order; never empty.
    pub events: Vec<EventId>,
}

/// Whether something irregular can be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It cannot be true: a live command is refused, an imported row is observed.
    Impossible,
    /// It may be true and is odd.
    Odd,
}

macro_rules! observation_codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal, $standing:ident, $sentence:literal;)+) => {
        /// Every irregularity that is looked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ObservationCode {
            $($(#[$doc])* $code),+
        }

        impl ObservationCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$code),+];

            /// The stable `snake_case` name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name),+ }
            }

            /// Whether it can be true.
            pub const fn standing(self) -> Standing {
                match self { $(Self::$code => Standing::$standing),+ }
            }

            /// One sentence for the reader.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$code => $sentence),+ }
            }
        }
    };
}

observation_codes! {
    /// The occurrence lies after the day on which it was recorded.
    AfterRecording = "occurred_after_recording", Impossible, "it is dated after the day on which it was recorded";
    /// The occurrence lies after the as-at day of the extract that holds it.
    AfterExtract = "occurred_after_extract", Odd, "it is dated after the extract that holds it";
    /// More than 280 days before birth (CIN census rule 8606 allows a referral up to 280 days before).
    BeforeConception = "before_conception", Impossible, "it is dated more than 280 days before the child's birth";
    /// Before birth, but for what is done about an unborn child: a referral, an assessment, a conference, a plan.
    BeforeBirth = "before_birth", Odd, "it is dated before the child's birth";
    /// A child cannot be looked after before birth.
    LookedAfterBeforeBirth = "looked_after_before_birth", Impossible, "a child cannot be looked after before birth";
    /// After the child's death.
    AfterDeath = "after_death", Impossible, "it is dated after the child's death";
    /// After the pregnancy ended without a live birth.
    AfterPregnancyEnded = "after_pregnancy_ended", Impossible, "it is dated after the pregnancy ended without a live birth";
    /// A code that the closed list of its field does not hold; an imported row keeps it as it stands.
    CodeUnrecognised = "code_not_in_list", Impossible, "it has a code that the list of its field does not hold";
    /// A code outside the days of practice on which it is valid, where those were read in a source.
    CodeOutOfYears = "code_out_of_years", Impossible, "it has a code that was not valid on its day";
    /// A code outside the days on which it is valid as far as is generally known.
    CodeYearsDoubtful = "code_years_doubtful", Odd, "it has a code that may not have been valid on its day (the years are not verified)";
    /// Birth and expected birth are more than 120 days apart (our bound; CIN census rules 8525Q and 8530Q query a window).
    ExpectedBirthImplausible = "expected_birth_implausible", Odd, "birth and expected birth lie more than 120 days apart";
    /// Looked after on or after the eighteenth birthday.
    LookedAfterAtEighteen = "looked_after_at_eighteen", Odd, "the child is recorded as looked after on or after the eighteenth birthday";
    /// The event's own process is not named.
    ProcessNotNamed = "process_not_named", Impossible, "it does not name the process that it is about";
    /// A process was opened twice.
    OpenedTwice = "opened_twice", Impossible, "the process was already opened";
    /// A process ended twice.
    EndedTwice = "ended_twice", Impossible, "the process had already ended";
    /// A process goes on or ends that never began.
    NotOpened = "not_opened", Impossible, "the process that it belongs to was never opened";
    /// It names a process of which neither the beginning nor the end is recorded, while another of its role is.
    ProcessNotOnRecord = "process_not_on_record", Odd, "it names a process that is not on record, while another one is";
    /// A process ends before it begins.
    EndBeforeStart = "end_before_start", Impossible, "it is dated before its process began";
    /// A conference before the enquiry that it names, or a plan before the conference that it names.
    BeforeWhatLedToIt = "before_what_led_to_it", Impossible, "it is dated before what led to it";
    /// Something happens in a process after its end.
    AfterEnd = "after_end", Odd, "it is dated after its process ended";
    /// Something else ended the process (a death, a birthday, the closure of its case), and no end of its own is recorded.
    LeftOpen = "left_open", Odd, "it was left open when something else ended it";
    /// The process began after what ends it for good: a death, the eighteenth birthday.
    BegunAfterEnding = "begun_after_ending", Odd, "it began after what ends it for good";
    /// A plan, a period of care, an order or an application ran when the case was closed or moved away. It is still counted.
    RunningAtClosure = "running_at_closure", Odd, "it was running when the case was closed or moved to another authority";
    /// Two child protection plans of one authority at a time (Working Together: one plan; CIN census rule 8940).
    OverlappingPlans = "overlapping_plans", Impossible, "another child protection plan is running at the time";
    /// Two periods of care at a time.
    OverlappingPeriodsOfCare = "overlapping_periods_of_care", Impossible, "another period of care is running at the time";
    /// An enquiry while another is running.
    OverlappingEnquiries = "overlapping_enquiries", Odd, "another section 47 enquiry is running at the time";
    /// An application while another is running that is not of the same set of proceedings.
    OverlappingApplications = "overlapping_applications", Odd, "another application about the child is running at the time";
    /// A placement while another is running: a temporary one, a short break, or an end that was not recorded.
    OverlappingPlacements = "overlapping_placements", Odd, "another placement is running at the time";
    /// Two child in need plans that begin on one day, also where one of them ended on it (CIN census rule 4014).
    DoubledInNeedPlan = "doubled_child_in_need_plan", Odd, "another child in need plan begins on the same day";
    /// A child in need plan while another is running (CIN census rules 4014 and 4004).
    OverlappingInNeedPlans = "overlapping_child_in_need_plans", Odd, "another child in need plan is running at the time";
    /// A referral while a case is open.
    ReferralOnOpenCase = "referral_on_open_case", Odd, "a referral was received while a case was open";
    /// A conference on a Saturday or Sunday (CIN census rule 8875).
    ConferenceOnWeekend = "conference_on_weekend", Odd, "a conference is dated to a weekend";
    /// An extension of care proceedings to a day before the 26 weeks end.
    ExtensionBeforeLastDay = "extension_before_last_day", Odd, "the timetable is extended to a day before the 26 weeks end";
    /// An extension of care proceedings that ends more than 8 weeks after the later of the end of the time that it extends and
    /// the day on which it is granted (Children Act 1989, section 32(8)).
    ExtensionOverEightWeeks = "extension_over_8_weeks", Odd, "the timetable is extended by more than 8 weeks at once";
    /// Two reviews, conferences, core groups or visits of one day that contradict each other in nothing. Meetings count once; visits
    /// do where both entries state the same time, since two visits of one day can be real.
    EnteredTwice = "entered_twice", Odd, "it was probably entered twice: another entry of the day says the same";
    /// A correction, withdrawal or reinstatement of something that this stream does not hold.
    AmendsNothing = "amends_nothing", Impossible, "it amends an event that this stream does not hold";
    /// A correction of an event that was withdrawn by then. What it says counts once the event is reinstated.
    CorrectsWithdrawn = "corrects_withdrawn", Odd, "it corrects an event that is withdrawn, and counts nowhere until that is reinstated";
    /// A correction that would change the kind of event.
    ChangesKind = "changes_kind", Impossible, "a correction cannot change the kind of event; withdraw it and record the other";
}

/// Everything irregular in a journey, sorted by code and then by events. `as_at` is the day that the question is about;
/// `endings` say what ends what.
pub fn observe(journey: &Journey, as_at: NaiveDate, endings: &Endings) -> Vec<Observation> {
    let events: Vec<&KnownEvent> = journey.events.iter().collect();
    let reading = Reading::of(journey, &events, NaiveDate::MAX);
    let events = reading.read(events);
    let derived = derived_of(journey, &events, endings, as_at);
    observe_processes(journey, as_at, &Processes::of(&events, &derived, endings))
}

/// The same, where the processes of the journey are known already.
pub fn observe_processes(journey: &Journey, as_at: NaiveDate, ended: &Processes<'_>) -> Vec<Observation> {
    let mut found = Vec::new();
    codes::observe(journey, &mut found);
    life::observe(journey, as_at, &mut found);
    processes::observe(journey, as_at, ended, &mut found);
    endings::observe(ended, as_at, &mut found);
    timetables::observe(journey, &mut found);
    amendments::observe(journey, &mut found);
    let entered_twice = |entries: &[EventId; 2]| Observation {
        code: ObservationCode::EnteredTwice,
        events: entries.to_vec(),
    };
    found.extend(Twice::of(journey).entries().iter().map(entered_twice));
    found.extend(journey.anomalies.iter().map(of_anomaly));
    found.sort();
    found.dedup();
    found
}

fn of_anomaly(anomaly: &Anomaly) -> Observation {
    match anomaly {
        Anomaly::TargetNotHeld { event_id, .. } => {
            Observation { code: ObservationCode::AmendsNothing, events: vec![*event_id] }
        }
        Anomaly::KindChanged { event_id } => {
            Observation { code: ObservationCode::ChangesKind, events: vec![*event_id] }
        }
    }
}

fn about(code: ObservationCode, events: &[&KnownEvent]) -> Observation {
    Observation { code, events: events.iter().map(|event| event.event_id).collect() }
}

#[cfg(test)]
mod tests;
