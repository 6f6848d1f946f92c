//! What runs for a child on a day: one list of statuses, from which tags, filters and columns take their words.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::processes::Processes;
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

/// What is running for a child on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status(u16);

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
    const fn roles(self) -> &'static [EntityRole] {
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
            let of_role = |role: &EntityRole| {
                processes.iter().any(|process| process.role == *role && process.runs_on(as_at))
            };
            if running.roles().iter().any(of_role) {
                status = status.with(running);
            }
        }
        // An open referral says so already.
        if status.has(Running::CaseOpen) {
            status = status.without(Running::Assessment);
        }
        // Whoever is looked after has not left care.
        let leaver = processes.supported(Support::CareLeaver, as_at).is_some();
        if leaver && !status.has(Running::LookedAfter) { status.with(Running::CareLeaver) } else { status }
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, running: Running) -> Self {
        Self(self.0 | running.bit())
    }

    const fn without(self, running: Running) -> Self {
        Self(self.0 & !running.bit())
    }

    /// Whether this runs.
    pub const fn has(self, running: Running) -> bool {
        self.0 & running.bit() != 0
    }

    /// Whether nothing runs.
    pub const fn is_nothing(self) -> bool {
        self.0 == 0
    }

    /// What runs, the most intensive first.
    pub fn iter(self) -> impl Iterator<Item = Running> {
        Running::ALL.into_iter().filter(move |running| self.has(*running))
    }

    /// The words for what is running, the most intensive first; empty where nothing is.
    pub fn words(self) -> Vec<&'static str> {
        self.iter().map(Running::words).collect()
    }
}
