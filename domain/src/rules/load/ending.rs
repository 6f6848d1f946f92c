//! Lines of the table of endings, from the file to what is folded.

use toml::Spanned;

use super::super::condition::check_day_field;
use super::super::file::{RawDuty, RawEnding};
use super::super::{Cause, DefectReason, Duty, Ending, Ends, InForce, RuleId, Standing, Support, Verified};
use super::Reader;
use crate::calendar::{Limit, Unit};
use crate::events::EntityRole;

/// In a file: every role of a process.
const EVERY_PROCESS: &str = "every_process";

/// A line with its place in the file and whether it says that it overrides another.
pub(in super::super) struct LoadedEnding {
    pub(in super::super) ending: Ending,
    pub(in super::super) overrides: bool,
    pub(in super::super) line: usize,
}

/// Duties with their place in the file.
pub(in super::super) struct LoadedDuty {
    pub(in super::super) duty: Duty,
    pub(in super::super) line: usize,
}

impl Reader<'_> {
    pub(super) fn ending(&mut self, raw: RawEnding) -> Option<LoadedEnding> {
        let at = raw.id.span();
        let line = self.line(&at);
        let cause = match (raw.on, raw.birthday) {
            (Some(on), None) => Cause::Events(self.matches(on)),
            (None, Some(age)) => Cause::Birthday(age),
            (Some(_), Some(_)) | (None, None) => {
                return self.misshapen(
                    at,
                    "an ending happens on events or on a birthday: on = […] or birthday = 18",
                );
            }
        };
        let after = raw.after.map(|after| Limit::new(after.limit, after.unit));
        if after.is_some_and(|after| matches!(after.unit, Unit::Hours | Unit::SchoolTerms)) {
            return self.misshapen(at, "an ending takes effect after days, weeks or months");
        }
        if let (Some(field), Cause::Events(events)) = (&raw.on_day, &cause) {
            for event in events {
                self.keep(field.span(), check_day_field(event.kind, field.get_ref()));
            }
        }
        let on_day = raw.on_day.map(|field| field.into_inner().into());
        let from = self.optional_day(raw.in_force_from.as_ref())?;
        let to = self.optional_day(raw.in_force_to.as_ref())?;
        let keeps: Vec<Ends> = raw.keeps.iter().flat_map(|name| self.ends(name)).collect();
        let mut ends: Vec<Ends> = Vec::new();
        for one in raw.ends.iter().flat_map(|name| self.ends(name)) {
            ends.extend((!keeps.contains(&one) && !ends.contains(&one)).then_some(one));
        }
        let within = self.optional_role(raw.within);
        let while_running = self.optional_role(raw.while_running);
        let unless_running = raw.unless_running.iter().filter_map(|role| self.role(role)).collect();
        let contradicts = raw.contradicts.iter().filter_map(|role| self.role(role)).collect();
        let unless = self.matches(raw.unless);
        let ending = Ending {
            id: raw.id.get_ref().as_str().into(),
            title: raw.title,
            within,
            ends,
            rules: rules(&raw.rules),
            not_required: rules(&raw.not_required),
            begun_with: self.matches(raw.begun_with),
            spares: rules(&raw.spares),
            clocks_go_on: raw.clocks_go_on,
            lasting: raw.lasting,
            of_group: raw.of_group,
            unless: (!unless.is_empty()).then_some(Standing(unless)),
            undone_by: self.matches(raw.undone_by),
            decided_anew: raw.decided_anew,
            while_running,
            unless_running,
            after,
            on_day,
            contradicts,
            observed: raw.observed,
            goes_on: raw.goes_on,
            source: raw.source,
            paragraph: raw.paragraph,
            kind: raw.kind,
            verified: Verified { read: raw.verified, note: raw.verified_note },
            in_force: InForce { from, to, not_commenced: false },
            cause,
        };
        let by_birthday = matches!(ending.cause, Cause::Birthday(_));
        if by_birthday && (ending.within.is_some() || ending.after.is_some()) {
            return self.misshapen(at, "a birthday ends something of the child, on its day");
        }
        if !ending.not_required.is_empty() && ending.within.is_none() {
            return self.misshapen(at, "what is not required any more belongs to a process: within = \"…\"");
        }
        Some(LoadedEnding { ending, overrides: raw.overrides, line })
    }

    pub(super) fn duty(&mut self, raw: RawDuty) -> LoadedDuty {
        let line = raw.rules.first().map_or(1, |rule| self.line(&rule.span()));
        let names: Vec<String> = raw.rules.into_iter().map(Spanned::into_inner).collect();
        let verified = Verified { read: raw.verified, note: raw.verified_note };
        let duty = Duty { rules: rules(&names), why: raw.why, source: raw.source, verified };
        LoadedDuty { duty, line }
    }

    /// What a name in `ends` stands for.
    pub(super) fn ends(&mut self, name: &Spanned<String>) -> Vec<Ends> {
        match name.get_ref().as_str() {
            EVERY_PROCESS => EntityRole::ALL.iter().copied().map(Ends::Process).collect(),
            "allocation" => vec![Ends::Support(Support::Allocation)],
            "care_leaver" => vec![Ends::Support(Support::CareLeaver)],
            role => {
                let unknown = || DefectReason::UnknownRole { role: role.to_owned() };
                let role = self.keep(name.span(), EntityRole::from_name(role).ok_or_else(unknown));
                role.map(Ends::Process).into_iter().collect()
            }
        }
    }

    fn optional_role(&mut self, name: Option<Spanned<String>>) -> Option<EntityRole> {
        name.and_then(|name| self.role(&name))
    }
}

fn rules(names: &[String]) -> Vec<RuleId> {
    names.iter().map(|name| RuleId::new(name)).collect()
}
