//! What runs for a child on a day: one list of statuses, from which tags, filters and columns take their words.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::processes::{Processes, Runs};
use domain::rules::Support;

/// Something that can run for a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Running {
    /// The child is missing now.
    Missing,
    /// A period of care.
    LookedAfter,
    /// A court application.
    InProceedings,
    /// A child protection plan.
    OnPlan,
    /// A section 47 enquiry.
    Enquiry,
    /// A plan of another authority, of a child who lives here for a time.
    TemporaryPlan,
    /// An emergency order, police protection or a child assessment order.
    EmergencyProtection,
    /// Pre-proceedings.
    PreProceedings,
    /// The work of a service at the edge of care.
    EdgeOfCare,
    /// A child-in-need plan or case.
    ChildInNeed,
    /// An arrangement of private fostering, which is no care and is visited all the same.
    PrivatelyFostered,
    /// A referral has opened a case that is not closed.
    CaseOpen,
    /// An assessment that is not authorised.
    Assessment,
    /// Early help.
    EarlyHelp,
    /// Support as a care leaver.
    CareLeaver,
}

/// What is running for a child on a day: in every reading of the record, or in some only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    runs: u16,
    untold: u16,
}

impl Running {
    /// Every status, the most intensive first.
    pub const ALL: [Self; 15] = [
        Self::Missing,
        Self::LookedAfter,
        Self::InProceedings,
        Self::OnPlan,
        Self::EmergencyProtection,
        Self::Enquiry,
        Self::TemporaryPlan,
        Self::PreProceedings,
        Self::EdgeOfCare,
        Self::ChildInNeed,
        Self::PrivatelyFostered,
        Self::CaseOpen,
        Self::Assessment,
        Self::EarlyHelp,
        Self::CareLeaver,
    ];

    /// The words for the reader, which are also the value of a filter.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::LookedAfter => "looked after",
            Self::InProceedings => "in care proceedings",
            Self::OnPlan => "child protection plan",
            Self::Enquiry => "section 47 enquiry",
            Self::PreProceedings => "pre-proceedings",
            Self::EdgeOfCare => "edge of care",
            Self::ChildInNeed => "child in need",
            Self::PrivatelyFostered => "privately fostered",
            Self::CaseOpen => "open referral",
            Self::Assessment => "open assessment",
            Self::TemporaryPlan => "plan of another authority",
            Self::EmergencyProtection => "emergency protection",
            Self::EarlyHelp => "early help",
            Self::CareLeaver => "care leaver",
        }
    }

    /// The words where we cannot tell whether it runs.
    pub const fn untold(self) -> &'static str {
        match self {
            Self::Missing => "missing: cannot tell",
            Self::LookedAfter => "looked after: cannot tell",
            Self::InProceedings => "in care proceedings: cannot tell",
            Self::OnPlan => "child protection plan: cannot tell",
            Self::Enquiry => "section 47 enquiry: cannot tell",
            Self::PreProceedings => "pre-proceedings: cannot tell",
            Self::EdgeOfCare => "edge of care: cannot tell",
            Self::ChildInNeed => "child in need: cannot tell",
            Self::PrivatelyFostered => "privately fostered: cannot tell",
            Self::CaseOpen => "open referral: cannot tell",
            Self::Assessment => "open assessment: cannot tell",
            Self::TemporaryPlan => "plan of another authority: cannot tell",
            Self::EmergencyProtection => "emergency protection: cannot tell",
            Self::EarlyHelp => "early help: cannot tell",
            Self::CareLeaver => "care leaver: cannot tell",
        }
    }

    /// The status of these words; blanks, hyphens and underscores count alike, and so do capitals.
    ///
    /// # Errors
    /// A sentence that names every status.
    pub fn read(text: &str) -> Result<Self, String> {
        let plain = |text: &str| text.trim().to_lowercase().replace(['_', '-'], " ");
        let found = Self::ALL.into_iter().find(|status| plain(status.words()) == plain(text));
        found.ok_or_else(|| unknown("status", text, &Self::ALL.map(Self::words)))
    }

    /// The roles of the processes that make it so; empty where it has no process of its own.
    pub const fn roles(self) -> &'static [EntityRole] {
        match self {
            Self::Missing => &[EntityRole::MissingEpisode],
            Self::LookedAfter => &[EntityRole::PeriodOfCare],
            Self::InProceedings => &[EntityRole::Application],
            Self::OnPlan => &[EntityRole::Plan],
            Self::Enquiry => &[EntityRole::Enquiry],
            Self::PreProceedings => &[EntityRole::PreProceedings],
            Self::EdgeOfCare => &[EntityRole::EdgeOfCareService],
            Self::ChildInNeed => &[EntityRole::ChildInNeedPlan, EntityRole::ChildInNeedCase],
            Self::PrivatelyFostered => &[EntityRole::PrivateFostering],
            Self::CaseOpen => &[EntityRole::Referral],
            Self::Assessment => &[EntityRole::Assessment],
            Self::TemporaryPlan => &[EntityRole::TemporaryPlan],
            Self::EmergencyProtection => {
                &[EntityRole::EmergencyOrder, EntityRole::PoliceProtection, EntityRole::ChildAssessmentOrder]
            }
            Self::EarlyHelp => &[EntityRole::EarlyHelpCase, EntityRole::EarlyHelpAssessment],
            Self::CareLeaver => &[],
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u16
    }
}

/// What is wrong with the value of a filter, with every value that there is.
pub fn unknown(what: &str, value: &str, choices: &[&str]) -> String {
    format!("Unknown {what} “{value}”. Use one of: {}.", choices.join(", "))
}

impl Status {
    /// What is running on `as_at`.
    pub fn on(processes: &Processes<'_>, as_at: NaiveDate) -> Self {
        let mut status = Self::default();
        for running in Running::ALL {
            status = match processes.runs(running.roles(), as_at) {
                Runs::Yes => status.with(running),
                Runs::CannotTell => status.with_untold(running),
                Runs::No => status,
            };
        }
        // An open referral says so already.
        if status.has(Running::CaseOpen) {
            status = status.without(Running::Assessment);
        }
        // Whoever is looked after has not left care.
        let leaver = processes.supported(Support::CareLeaver, as_at).is_some();
        match (leaver, processes.runs(Running::LookedAfter.roles(), as_at)) {
            (false, _) | (true, Runs::Yes) => status,
            (true, Runs::CannotTell) => status.with_untold(Running::CareLeaver),
            (true, Runs::No) => status.with(Running::CareLeaver),
        }
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, running: Running) -> Self {
        Self { runs: self.runs | running.bit(), ..self }
    }

    /// With one more of which we cannot tell whether it runs.
    #[must_use]
    pub const fn with_untold(self, running: Running) -> Self {
        Self { untold: self.untold | running.bit(), ..self }
    }

    const fn without(self, running: Running) -> Self {
        Self { runs: self.runs & !running.bit(), untold: self.untold & !running.bit() }
    }

    /// The status with these words.
    #[must_use]
    pub fn read<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        words.fold(Self::default(), |status, words| {
            let mut all = Running::ALL.into_iter();
            match all.find(|running| running.words() == words || running.untold() == words) {
                Some(running) if running.words() == words => status.with(running),
                Some(running) => status.with_untold(running),
                None => status,
            }
        })
    }

    /// Whether this runs in every reading.
    pub const fn has(self, running: Running) -> bool {
        self.runs & running.bit() != 0
    }

    /// Whether we cannot tell whether this runs.
    pub const fn is_untold(self, running: Running) -> bool {
        self.untold & running.bit() != 0
    }

    /// Whether this runs, as far as can be told: lists that ask for it show it, lest a child be missed.
    pub const fn may_have(self, running: Running) -> bool {
        self.has(running) || self.is_untold(running)
    }

    /// Whether nothing runs in any reading.
    pub const fn is_nothing(self) -> bool {
        self.runs == 0 && self.untold == 0
    }

    /// What runs, and of what we cannot tell whether it does, the most intensive first.
    pub fn iter(self) -> impl Iterator<Item = Running> {
        Running::ALL.into_iter().filter(move |running| self.may_have(*running))
    }

    /// The words for what is running, the most intensive first; empty where nothing is.
    pub fn words(self) -> Vec<&'static str> {
        let words = |running: Running| if self.has(running) { running.words() } else { running.untold() };
        self.iter().map(words).collect()
    }
}
