//! From a rule file as written to checked rules.
//!
//! Every defect of a file is collected, so that whoever writes it sees all of them at once; a file with a defect gives no
//! rule at all.

use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use toml::Spanned;
use toml::value::Datetime;

use super::condition::check_field;
use super::file::{
    RawBound, RawChange, RawClock, RawFile, RawInterval, RawLimit, RawLookBack, RawRule, RawShape, RawTally,
    RawTarget, RawVersion,
};
use super::{
    Band, Bound, ChosenBy, DefectReason, Definition, Exceptional, InForce, Interval, LookBack, Rule,
    RuleDefect, RuleId, RuleVersion, RunningClocks, Shape, Standing, Target, Transition, Verified,
};
use crate::calendar::{Limit, StartDay, Unit};
use crate::envelope::Category;
use crate::journey::RecordedKinds;

mod clock;
mod ending;
mod tally;

pub(super) use ending::{LoadedDuty, LoadedEnding};

/// A rule with its place in the file and whether it says that it overrides another.
pub(super) struct Loaded {
    pub(super) rule: Rule,
    pub(super) overrides: bool,
    pub(super) line: usize,
    pub(super) follows_line: usize,
}

/// What a file changes of a rule that stands elsewhere.
pub(super) struct Changed {
    pub(super) rule: RuleId,
    /// They take the place of all versions; empty where the versions stay.
    pub(super) versions: Vec<RuleVersion>,
    /// They are added.
    pub(super) targets: Vec<Target>,
    /// Words that a changed limit makes untrue; `None` where they stay.
    pub(super) title: Option<String>,
    pub(super) numerator: Option<String>,
    pub(super) denominator: Option<String>,
    pub(super) line: usize,
}

impl Changed {
    /// Changes the rule.
    pub(super) fn apply(self, rule: &mut Rule) {
        if !self.versions.is_empty() {
            rule.versions = self.versions;
        }
        rule.targets.extend(self.targets);
        rule.title = self.title.unwrap_or_else(|| std::mem::take(&mut rule.title));
        let definition = &mut rule.definition;
        definition.numerator = self.numerator.unwrap_or_else(|| std::mem::take(&mut definition.numerator));
        definition.denominator =
            self.denominator.unwrap_or_else(|| std::mem::take(&mut definition.denominator));
    }
}

/// A file as read.
pub(super) struct LoadedFile {
    pub(super) rules: Vec<Loaded>,
    pub(super) changes: Vec<Changed>,
    pub(super) endings: Vec<LoadedEnding>,
    pub(super) duties: Vec<LoadedDuty>,
    /// What the authority says it records.
    pub(super) records: RecordedKinds,
    /// Rules and councils whose standards it adopts, each with its line.
    pub(super) adopt: Vec<(String, usize)>,
}

/// Reads one file. `shape_of` gives the shape of a rule that stands elsewhere, for changes of it.
pub(super) fn read(
    file: &str,
    text: &str,
    shape_of: &dyn Fn(&str) -> Option<Shape>,
) -> Result<LoadedFile, Vec<RuleDefect>> {
    let mut reader = Reader { file, text, defects: Vec::new() };
    let raw: RawFile = match toml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => {
            let reason = DefectReason::Syntax { message: error.message().replace('\n', ", ") };
            reader.defect(error.span().unwrap_or_default(), reason);
            return Err(reader.defects);
        }
    };
    let phase: Arc<str> = raw.phase.into();
    let rules: Vec<Loaded> = raw.rule.into_iter().filter_map(|rule| reader.rule(&phase, rule)).collect();
    let changes: Vec<Changed> =
        raw.change.into_iter().filter_map(|change| reader.change(change, shape_of)).collect();
    let adopt =
        raw.adopt.into_iter().map(|name| (name.get_ref().clone(), reader.line(&name.span()))).collect();
    let records = raw.records.into_iter().filter_map(|kind| reader.kind(&kind)).collect();
    let endings = raw.ending.into_iter().filter_map(|ending| reader.ending(ending)).collect();
    let duties = raw.duty.into_iter().map(|duty| reader.duty(duty)).collect();
    if reader.defects.is_empty() {
        Ok(LoadedFile { rules, changes, endings, duties, records, adopt })
    } else {
        Err(reader.defects)
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    defects: Vec<RuleDefect>,
}

impl Reader<'_> {
    fn defect(&mut self, at: Range<usize>, reason: DefectReason) {
        let line = self.line(&at);
        self.defects.push(RuleDefect { file: self.file.to_owned(), line, reason });
    }

    fn line(&self, at: &Range<usize>) -> usize {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// Keeps the value, or notes the defect and gives none.
    fn keep<T>(&mut self, at: Range<usize>, value: Result<T, DefectReason>) -> Option<T> {
        value.map_err(|reason| self.defect(at, reason)).ok()
    }

    fn change(&mut self, raw: RawChange, shape_of: &dyn Fn(&str) -> Option<Shape>) -> Option<Changed> {
        let at = raw.rule.span();
        let name = raw.rule.get_ref();
        let unknown = || DefectReason::Override {
            rule: name.clone(),
            reason: "is to be changed, and no rule is named so",
        };
        let shape = self.keep(at.clone(), shape_of(name).ok_or_else(unknown))?;
        if raw.version.is_empty() && raw.target.is_empty() {
            return self.misshapen(at, "a change needs a version or a target");
        }
        let shape = match shape {
            Shape::Deadline(_) => RawShape::Deadline,
            Shape::Flag(_) => RawShape::Flag,
            Shape::Bands(..) => RawShape::Bands,
            Shape::Tally(_) => RawShape::Tally,
        };
        let line = self.line(&at);
        let versions =
            if raw.version.is_empty() { Vec::new() } else { self.versions(at, shape, raw.version) };
        let targets = raw.target.into_iter().filter_map(|target| self.target(target)).collect();
        let (rule, title) = (RuleId::new(name), raw.title);
        let (numerator, denominator) = (raw.numerator, raw.denominator);
        Some(Changed { rule, versions, targets, title, numerator, denominator, line })
    }

    fn rule(&mut self, phase: &Arc<str>, raw: RawRule) -> Option<Loaded> {
        let at = raw.id.span();
        let line = self.line(&at);
        let follows_line = raw.follows.as_ref().map_or(line, |follows| self.line(&follows.span()));
        let raw_shape = raw.shape;
        let shape = self.shape(at.clone(), raw_shape, raw.clock, raw.look_back, raw.tally);
        let shown_apart = self.shown_apart(shape.as_ref(), raw.shown_apart);
        let versions = self.versions(at, raw_shape, raw.version);
        let targets = raw.target.into_iter().filter_map(|target| self.target(target)).collect();
        let rule = Rule {
            id: RuleId::new(raw.id.get_ref()),
            title: raw.title,
            phase: Arc::clone(phase),
            of: if raw.of.is_empty() { [Category::Child].into() } else { raw.of.into_iter().collect() },
            shape: shape?,
            follows: raw.follows.map(|follows| RuleId::new(follows.get_ref())),
            repeats: raw.repeats.map(|repeats| RuleId::new(repeats.get_ref())),
            counted_by: self.matches(raw.counted_by),
            shown_apart,
            share_of: raw.share_of,
            council: raw.council.map(Into::into),
            definition: Definition {
                attribution: raw.attribution,
                cohort: raw.cohort,
                numerator: raw.numerator,
                denominator: raw.denominator,
                operator: raw.operator,
            },
            exceptions: raw.exceptions,
            targets,
            versions,
        };
        Some(Loaded { rule, overrides: raw.overrides, line, follows_line })
    }

    /// The field that is shown apart, which every stop must have.
    fn shown_apart(&mut self, shape: Option<&Shape>, raw: Option<Spanned<String>>) -> Option<Box<str>> {
        let raw = raw?;
        let shapes = if let Some(Shape::Deadline(shapes)) = shape { shapes.as_slice() } else { &[] };
        for stop in shapes.iter().flat_map(|shape| &shape.stop) {
            self.keep(raw.span(), check_field(stop.kind, raw.get_ref()))?;
        }
        Some(raw.into_inner().into())
    }

    fn shape(
        &mut self,
        at: Range<usize>,
        shape: RawShape,
        clocks: Vec<RawClock>,
        look_back: Option<RawLookBack>,
        tally: Option<RawTally>,
    ) -> Option<Shape> {
        match (shape, clocks.is_empty(), look_back, tally) {
            (RawShape::Deadline, false, None, None) => Some(Shape::Deadline(self.clocks(clocks))),
            (RawShape::Flag, true, Some(look_back), None) if look_back.band.is_empty() => {
                self.look_back(look_back).map(|(look_back, _)| Shape::Flag(look_back))
            }
            (RawShape::Bands, true, Some(look_back), None) if !look_back.band.is_empty() => {
                self.look_back(look_back).map(|(look_back, bands)| Shape::Bands(look_back, bands))
            }
            (RawShape::Tally, true, None, Some(tally)) => {
                self.tally(tally).map(|tally| Shape::Tally(Box::new(tally)))
            }
            (RawShape::Deadline, _, _, _) => {
                self.misshapen(at, "a deadline needs one or more clocks and no look_back and no tally")
            }
            (RawShape::Flag, _, _, _) => {
                self.misshapen(at, "a flag needs a look_back without bands and no clock and no tally")
            }
            (RawShape::Bands, _, _, _) => {
                self.misshapen(at, "bands need a look_back with bands and no clock and no tally")
            }
            (RawShape::Tally, _, _, _) => {
                self.misshapen(at, "a tally needs a tally and no clock and no look_back")
            }
        }
    }

    fn misshapen<T>(&mut self, at: Range<usize>, what: &'static str) -> Option<T> {
        self.defect(at, DefectReason::Shape { what });
        None
    }

    fn look_back(&mut self, raw: RawLookBack) -> Option<(LookBack, Vec<Band>)> {
        let at = raw.event.event.span();
        let ordered = raw.band.windows(2).all(|pair| match pair {
            [one, next] => one.below_months == Some(next.from_months),
            _ => true,
        });
        let open_end = raw.band.last().is_none_or(|last| last.below_months.is_none());
        let from_zero = raw.band.first().is_none_or(|first| first.from_months == 0);
        if !(ordered && open_end && from_zero) {
            self.misshapen::<()>(
                at.clone(),
                "bands must follow each other from 0 months to an open end without a gap",
            );
        }
        let (previous, known_by) = (self.matches(raw.previous), self.matches(raw.known_by));
        let (unless, also) = (self.matches(raw.unless), self.matches(raw.also));
        let event = self.event_match(raw.event)?;
        let bands = raw.band.into_iter().map(|band| Band {
            label: band.label,
            from_months: band.from_months,
            below_months: band.below_months,
            counts: band.counts,
        });
        if raw.at_least == 0 {
            self.misshapen::<()>(at.clone(), "a look back asks for at least one earlier event");
        }
        let (dated_by_opening, at_least) = (raw.dated_by_opening, raw.at_least);
        Some((
            LookBack { event, also, previous, known_by, unless, dated_by_opening, at_least },
            bands.collect(),
        ))
    }

    fn versions(&mut self, at: Range<usize>, shape: RawShape, raw: Vec<RawVersion>) -> Vec<RuleVersion> {
        if raw.is_empty() {
            self.misshapen::<()>(at, "a rule needs at least one version");
        }
        let mut seen: Vec<(Range<usize>, RuleVersion)> = Vec::new();
        for one in raw {
            let at = one.name.span();
            let Some(version) = self.version(shape, one) else { continue };
            for (_, other) in &seen {
                if other.name == version.name {
                    self.defect(at.clone(), DefectReason::Duplicate { name: version.name.to_string() });
                } else if other.exceptional.is_none()
                    && version.exceptional.is_none()
                    && other.in_force.overlaps(version.in_force)
                {
                    let (first, second) = (other.name.to_string(), version.name.to_string());
                    self.defect(at.clone(), DefectReason::OverlappingVersions { first, second });
                }
            }
            seen.push((at, version));
        }
        seen.sort_by_key(|(_, version)| version.in_force.from);
        seen.into_iter().map(|(_, version)| version).collect()
    }

    fn version(&mut self, shape: RawShape, raw: RawVersion) -> Option<RuleVersion> {
        let at = raw.name.span();
        let limit = self.limit(&raw, shape);
        let start_day = self.start_day(&raw, shape);
        let bound = self.bound(&raw);
        let in_force = self.in_force(&raw);
        let consistent = match raw.running_clocks {
            RunningClocks::Keep => raw.chosen_by == ChosenBy::Start,
            RunningClocks::Move => raw.chosen_by != ChosenBy::Start,
            RunningClocks::NotSettled => raw.transition_note.is_some(),
        };
        if !consistent {
            self.misshapen::<()>(
                at.clone(),
                "running clocks keep a version chosen by start, move to one chosen by due or act, and need a note where not settled",
            );
        }
        let clocks = (!raw.clock.is_empty()).then(|| self.clocks(raw.clock));
        let exceptional =
            raw.goes_before_others.then(|| Exceptional { instead_of_limit: raw.instead_of_limit.clone() });
        if exceptional.is_none() && raw.instead_of_limit.is_some() {
            self.misshapen::<()>(
                at.clone(),
                "only a version that goes before others stands instead of a limit",
            );
        }
        let intervals = raw.interval.into_iter().filter_map(|one| self.interval(one)).collect();
        Some(RuleVersion {
            name: raw.name.get_ref().as_str().into(),
            limit: limit?,
            intervals,
            start_day: start_day?,
            bound: bound?,
            source: raw.source,
            paragraph: raw.paragraph,
            kind: raw.kind,
            verified: Verified { read: raw.verified, note: raw.verified_note },
            in_force: in_force?,
            transition: Transition {
                chosen_by: raw.chosen_by,
                running_clocks: raw.running_clocks,
                note: raw.transition_note,
            },
            exceptional,
            clocks,
        })
    }

    fn limit(&mut self, raw: &RawVersion, shape: RawShape) -> Option<Option<Limit>> {
        let at = raw.name.span();
        match (raw.limit, raw.unit, shape) {
            (Some(_), Some(Unit::WorkingDays | Unit::Hours | Unit::SchoolTerms), RawShape::Flag) => {
                self.misshapen(at, "a flag looks back over calendar days, weeks or months")
            }
            (Some(amount), Some(unit), RawShape::Deadline | RawShape::Flag) => {
                Some(Some(Limit::new(amount, unit)))
            }
            (Some(_), None, _) => {
                self.defect(at, DefectReason::NoUnit { version: raw.name.get_ref().clone() });
                None
            }
            (None, None, RawShape::Bands | RawShape::Tally) => Some(None),
            (None, None, RawShape::Deadline) if !raw.interval.is_empty() => Some(None),
            (None, _, RawShape::Deadline | RawShape::Flag) => self.misshapen(at, "a version needs a limit"),
            (_, _, RawShape::Bands) => {
                self.misshapen(at, "bands have no limit, their bounds stand in the bands")
            }
            (_, _, RawShape::Tally) => {
                self.misshapen(at, "a tally has no limit, its bounds stand in the tally")
            }
        }
    }

    fn interval(&mut self, raw: RawInterval) -> Option<Interval> {
        let limit = Limit::new(raw.limit, *raw.unit.get_ref());
        if limit.unit == Unit::Hours {
            return self.misshapen(raw.unit.span(), "an interval is counted in days, weeks, months or terms");
        }
        let plain = |raw: RawLimit| Limit::new(raw.limit, raw.unit);
        Some(Interval {
            limit,
            when: raw.when.into_iter().map(|any| Standing(self.matches(any))).collect(),
            before: self.matches(raw.before),
            before_in: raw.before_in.and_then(|role| self.role(&role)),
            within_first: raw.within_first.map(plain),
            after_first: raw.after_first.map(plain),
            below_age: raw.below_age,
        })
    }

    fn start_day(&mut self, raw: &RawVersion, shape: RawShape) -> Option<StartDay> {
        match (raw.start_day_counts, shape) {
            (Some(true), RawShape::Deadline) => Some(StartDay::IsDayOne),
            (Some(false), RawShape::Deadline)
            | (None, RawShape::Flag | RawShape::Bands | RawShape::Tally) => Some(StartDay::IsDayZero),
            (None, RawShape::Deadline) => {
                self.misshapen(raw.name.span(), "a deadline must say whether the start day counts")
            }
            (Some(_), RawShape::Flag | RawShape::Bands | RawShape::Tally) => {
                self.misshapen(raw.name.span(), "only a deadline has a start day that counts or not")
            }
        }
    }

    fn bound(&mut self, raw: &RawVersion) -> Option<Bound> {
        match (raw.bound, raw.not_before) {
            (RawBound::Maximum, None) => Some(Bound::Maximum),
            (RawBound::Minimum, None) => Some(Bound::Minimum),
            (RawBound::Window, Some(not_before)) if raw.limit.is_some_and(|limit| not_before <= limit) => {
                Some(Bound::Window { not_before })
            }
            (RawBound::Maximum | RawBound::Minimum | RawBound::Window, _) => self.misshapen(
                raw.name.span(),
                "a window, and only a window, needs a not_before within its limit",
            ),
        }
    }

    fn in_force(&mut self, raw: &RawVersion) -> Option<InForce> {
        let from = self.optional_day(raw.in_force_from.as_ref())?;
        let to = self.optional_day(raw.in_force_to.as_ref())?;
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            let version = raw.name.get_ref().clone();
            self.defect(raw.name.span(), DefectReason::EndsBeforeItBegins { version });
            return None;
        }
        if raw.not_commenced && (from.is_some() || to.is_some()) {
            return self
                .misshapen(raw.name.span(), "a version that is not in force yet has no days in force");
        }
        Some(InForce { from, to, not_commenced: raw.not_commenced })
    }

    fn target(&mut self, raw: RawTarget) -> Option<Target> {
        let at = raw.percent.span();
        let basis_points = basis_points(raw.percent.get_ref()).ok_or(DefectReason::Shape {
            what: "percent must be a text such as \"95\" or \"99.95\", 0 to 100",
        });
        let basis_points = self.keep(at.clone(), basis_points)?;
        match self.optional_day(raw.from.as_ref())? {
            Some(from) => Some(Target { basis_points, from, source: raw.source }),
            None => {
                self.defect(at, DefectReason::TargetWithoutDate);
                None
            }
        }
    }

    /// The outer `None` is a defect already noted.
    fn optional_day(&mut self, raw: Option<&Spanned<Datetime>>) -> Option<Option<NaiveDate>> {
        match raw {
            None => Some(None),
            Some(raw) => match plain_day(raw.get_ref()) {
                Some(day) => Some(Some(day)),
                None => self.misshapen(raw.span(), "expected a date without a time, such as 2014-04-22"),
            },
        }
    }
}

fn plain_day(raw: &Datetime) -> Option<NaiveDate> {
    let date = raw.date.filter(|_| raw.time.is_none() && raw.offset.is_none())?;
    NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))
}

/// Hundredths of a per cent from a decimal text with up to two places.
fn basis_points(text: &str) -> Option<u32> {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    if places.len() > 2 || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let hundredths: u32 = format!("{places:0<2}").parse().ok()?;
    let whole: u32 = whole.parse().ok()?;
    whole.checked_mul(100)?.checked_add(hundredths).filter(|points| *points <= 10_000)
}
