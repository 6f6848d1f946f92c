//! The rules an authority works with: the built-in ones, and its own.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use chrono::NaiveDate;

use super::asked;
use super::load::{self, Loaded, LoadedDuty, LoadedEnding, LoadedFile};
use super::{
    ChosenBy, ClockShape, DefectReason, Duty, Ending, Endings, Members, Rule, RuleBookDefects, RuleDefect,
    RuleId, RuleVersion, Shape,
};
use crate::calendar::WorkingCalendar;
use crate::envelope::Category;
use crate::journey::RecordedKinds;

/// One file per phase, in the order of a child's way through the service.
macro_rules! built_in_files {
    ($($phase:literal),+ $(,)?) => {
        &[$((concat!($phase, ".toml"), include_str!(concat!("../../rules/", $phase, ".toml")))),+]
    };
}

const BUILT_IN_FILES: &[(&str, &str)] = built_in_files![
    "front-door",
    "early-help",
    "assessment",
    "child-in-need",
    "child-protection",
    "pre-proceedings",
    "court",
    "looked-after",
    "health",
    "education",
    "permanence",
    "adoption",
    "edge-of-care",
    "exit",
    "missing",
    "custody",
    "care-leavers",
    "private-fostering",
    "allocation",
    "governance",
    "rates",
    "recording",
    "endings",
];

static BUILT_IN: LazyLock<RuleBook> = LazyLock::new(|| {
    RuleBook::from_files(BUILT_IN_FILES).expect("the embedded rule files are read by a test")
});

/// Every rule by id. Whole and checked once it exists.
///
/// ```
/// use domain::rules::{DeadlineOptions, RuleBook, Start};
/// let issued = "2023-01-02".parse().expect("a date");
/// let deadlines = RuleBook::built_in().deadlines("CT-01", Start::Day(issued), &DeadlineOptions::default())?;
/// // 26 weeks beginning with the day of issue.
/// assert_eq!(deadlines[0].last_day_in_time, "2023-07-02".parse().ok());
/// # Ok::<(), domain::rules::DeadlineError>(())
/// ```
#[derive(Debug, Clone)]
pub struct RuleBook {
    rules: BTreeMap<RuleId, Rule>,
    endings: Endings,
    declared: RecordedKinds,
    /// The files that it was read from, as they were written.
    texts: Vec<String>,
    /// Of the rules that are another council's own, those that the authority has adopted.
    adopted: BTreeSet<RuleId>,
}

/// The clocks of one rule as one of its versions sees them.
pub type Shapes<'a> = &'a [ClockShape];

impl RuleBook {
    /// The rules embedded in this program (`domain/rules/`).
    ///
    /// # Panics
    /// Never: the embedded files do not change after a build, and a test reads them.
    #[must_use]
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    /// The built-in rules with an authority's own file on top. A local rule with a built-in id must say `overrides = true`
    /// and then stands in its place; a `[[change]]` gives a built-in rule other versions or further targets. The built-in
    /// rule stays available in [`RuleBook::built_in`].
    ///
    /// # Errors
    /// [`RuleBookDefects`] with every defect of the file.
    pub fn with_local(file: &str, text: &str) -> Result<Self, RuleBookDefects> {
        let shape_of = |id: &str| Self::built_in().rule(id).map(|rule| rule.shape.clone());
        let LoadedFile { rules: local, changes, endings, duties, records, adopt } =
            load::read(file, text, &shape_of).map_err(RuleBookDefects)?;
        let mut book = Self::built_in().clone();
        book.declared = book.declared.and(records);
        book.texts.push(text.to_owned());
        let mut own: BTreeMap<RuleId, usize> = BTreeMap::new();
        let mut defects = Vec::new();
        let mut places = Vec::new();
        for one in local {
            let id = one.rule.id.clone();
            let reason = match (book.rules.contains_key(&id), one.overrides, own.insert(id.clone(), one.line))
            {
                (_, _, Some(_)) => Some(DefectReason::Duplicate { name: id.to_string() }),
                (true, false, None) => {
                    Some(overriding(&id, "is a built-in rule; say overrides = true to stand in its place"))
                }
                (false, true, None) => Some(overriding(&id, "overrides a rule that does not exist")),
                (true, true, None) | (false, false, None) => None,
            };
            defects.extend(reason.map(|reason| RuleDefect { file: file.to_owned(), line: one.line, reason }));
            places.push((file.to_owned(), one.follows_line, id.clone()));
            book.rules.insert(id, one.rule);
        }
        for change in changes {
            let duplicate = own.insert(change.rule.clone(), change.line).is_some();
            let reason = duplicate.then(|| DefectReason::Duplicate { name: change.rule.to_string() });
            defects.extend(reason.map(|reason| RuleDefect {
                file: file.to_owned(),
                line: change.line,
                reason,
            }));
            // Whoever sets a limit of a rule asks it.
            book.adopted.insert(change.rule.clone());
            if let Some(rule) = book.rules.get_mut(&change.rule) {
                change.apply(rule);
            }
        }
        for (name, line) in adopt {
            let unknown = book.adopt(&name).err();
            defects.extend(unknown.map(|reason| RuleDefect { file: file.to_owned(), line, reason }));
        }
        defects.extend(book.broken_links(&places));
        let mut table = Table::on_top_of(&book.endings);
        defects.extend(table.take(file, endings, duties));
        defects.extend(table.unknown_rules(&book.rules));
        book.endings = table.into_endings();
        defects.extend(book.unknown_endings(&places));
        if defects.is_empty() { Ok(book) } else { Err(RuleBookDefects(defects)) }
    }

    /// A book of these files alone, each given as name and text.
    ///
    /// # Errors
    /// [`RuleBookDefects`] with every defect of every file.
    pub fn from_files(files: &[(&str, &str)]) -> Result<Self, RuleBookDefects> {
        let mut book = Self {
            rules: BTreeMap::new(),
            endings: Endings::default(),
            adopted: BTreeSet::new(),
            declared: [].into_iter().collect(),
            texts: files.iter().map(|(_, text)| (*text).to_owned()).collect(),
        };
        let mut table = Table::default();
        let mut defects = Vec::new();
        let mut places = Vec::new();
        for (file, text) in files {
            match load::read(file, text, &|_| None) {
                Ok(LoadedFile { rules, endings, duties, records, .. }) => {
                    book.declared = book.declared.and(records);
                    defects.extend(table.take(file, endings, duties));
                    for one in rules {
                        places.push(((*file).to_owned(), one.follows_line, one.rule.id.clone()));
                        defects.extend(book.add(file, one));
                    }
                }
                Err(found) => defects.extend(found),
            }
        }
        // What is missing because its own file has a defect must not be reported a second time as missing.
        let whole = defects.is_empty();
        if whole {
            defects = book.broken_links(&places);
            defects.extend(table.unknown_rules(&book.rules));
        }
        book.endings = table.into_endings();
        if whole {
            defects.extend(book.unknown_endings(&places));
        }
        if defects.is_empty() { Ok(book) } else { Err(RuleBookDefects(defects)) }
    }

    /// Adopts a rule that is another council's own, all rules of a council, or with `all` those of every council.
    ///
    /// # Errors
    /// [`DefectReason::NothingToAdopt`] where neither a rule nor a council has this name.
    pub fn adopt(&mut self, name: &str) -> Result<(), DefectReason> {
        let of_council = |rule: &&Rule| {
            rule.council.as_deref().is_some_and(|council| name == "all" || council.eq_ignore_ascii_case(name))
        };
        let named = |rule: &&Rule| rule.id.as_str() == name || of_council(rule);
        let found: Vec<RuleId> = self.rules().filter(named).map(|rule| rule.id.clone()).collect();
        if found.is_empty() {
            return Err(DefectReason::NothingToAdopt { name: name.to_owned() });
        }
        self.adopted.extend(found);
        Ok(())
    }

    /// Whether a rule is asked: every rule but those that are another council's own and that nobody has adopted.
    #[must_use]
    pub fn is_adopted(&self, rule: &Rule) -> bool {
        rule.council.is_none() || self.adopted.contains(&rule.id)
    }

    /// The rules that are asked, in order of their ids.
    pub fn adopted(&self) -> impl Iterator<Item = &Rule> {
        self.rules().filter(|rule| self.is_adopted(rule))
    }

    /// The rule with this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.get(&RuleId::new(id))
    }

    /// Every rule, in order of their ids.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// What ends what.
    #[must_use]
    pub fn endings(&self) -> &Endings {
        &self.endings
    }

    /// The files that the book was read from, as they were written, the authority's own last. Two books of the same texts
    /// answer alike, so a digest of them names the book.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// The rules with a clock that an event of one of these kinds would stop.
    pub fn stopped_by(&self, kinds: RecordedKinds) -> impl Iterator<Item = &Rule> {
        let stops = move |shapes: &[ClockShape]| {
            shapes.iter().any(|shape| shape.stop.iter().any(|stop| kinds.contains(stop.kind)))
        };
        self.adopted().filter(move |rule| {
            let own = if let Shape::Deadline(shapes) = &rule.shape { stops(shapes) } else { false };
            own || rule.versions.iter().filter_map(|version| version.clocks.as_deref()).any(stops)
        })
    }

    /// The kinds of event that the rules about streams of a category ask about.
    #[must_use]
    pub fn asked_of(&self, category: Category) -> RecordedKinds {
        self.adopted().filter(|rule| rule.of.contains(&category)).flat_map(asked::kinds).collect()
    }

    /// The kinds of event that the authority says it records, though none may stand in its ledger yet (`records` in its
    /// file). None for the built-in rules.
    #[must_use]
    pub fn declared(&self) -> RecordedKinds {
        self.declared
    }

    fn add(&mut self, file: &str, one: Loaded) -> Option<RuleDefect> {
        let defect = |reason| RuleDefect { file: file.to_owned(), line: one.line, reason };
        let id = one.rule.id.clone();
        if one.overrides {
            return Some(defect(overriding(&id, "overrides, which only a local file may do")));
        }
        if self.rules.insert(id.clone(), one.rule).is_some() {
            return Some(defect(DefectReason::Duplicate { name: id.to_string() }));
        }
        None
    }

    /// Rules that name an ending that the table does not hold.
    fn unknown_endings(&self, places: &[(String, usize, RuleId)]) -> Vec<RuleDefect> {
        let unknown = |id: &RuleId| {
            let Shape::Tally(tally) = &self.rules.get(id)?.shape else { return None };
            let mut named = tally.follow_up.iter().flat_map(|one| &one.left_by);
            named.find(|ending| self.endings.line(ending).is_none())
        };
        let defect = |(file, line, id): &(String, usize, RuleId)| {
            let reason = DefectReason::UnknownEnding { ending: unknown(id)?.to_string() };
            Some(RuleDefect { file: file.clone(), line: *line, reason })
        };
        places.iter().filter_map(defect).collect()
    }

    /// Rules that follow nothing that exists, or themselves.
    fn broken_links(&self, places: &[(String, usize, RuleId)]) -> Vec<RuleDefect> {
        let broken = |id: &RuleId| {
            let mut path = vec![id.clone()];
            let mut at = id;
            while let Some(next) = self.rules.get(at).and_then(|rule| rule.follows.as_ref()) {
                if !self.rules.contains_key(next) {
                    return Some(DefectReason::UnknownRule { rule: next.to_string() });
                }
                let seen = path.contains(next);
                path.push(next.clone());
                if seen {
                    let path: Vec<&str> = path.iter().map(RuleId::as_str).collect();
                    return Some(DefectReason::Circle { path: path.join(" -> ") });
                }
                at = next;
            }
            None
        };
        let unknown = |id: &RuleId| {
            let mut named = self.rules.get(id).map(named_clocks).unwrap_or_default();
            named.extend(self.rules.get(id).and_then(|rule| rule.repeats.clone()));
            let mut not_a_clock = named.iter().filter(|name| {
                !self.rules.get(*name).is_some_and(|rule| matches!(rule.shape, Shape::Deadline(_)))
            });
            let setting = self.rules.get(id).map(due_under).unwrap_or_default();
            let mut without_day = setting.iter().filter(|name| {
                !self
                    .rules
                    .get(*name)
                    .is_some_and(|rule| clock_shapes(rule).any(|clock| clock.due_by.is_none()))
            });
            let unknown = not_a_clock.next().or_else(|| without_day.next());
            unknown.map(|name| DefectReason::UnknownRule { rule: name.to_string() })
        };
        places
            .iter()
            .filter_map(|(file, line, id)| {
                broken(id).or_else(|| unknown(id)).map(|reason| RuleDefect {
                    file: file.clone(),
                    line: *line,
                    reason,
                })
            })
            .collect()
    }
}

/// The clocks of a rule, as it states them itself.
fn clock_shapes(rule: &Rule) -> impl Iterator<Item = &ClockShape> {
    let shapes = if let Shape::Deadline(shapes) = &rule.shape { shapes.as_slice() } else { &[] };
    shapes.iter()
}

/// The rules that set a rule's last day while what sets it has not come. They have a limit of their own.
fn due_under(rule: &Rule) -> Vec<RuleId> {
    let set_by = clock_shapes(rule).filter_map(|clock| clock.due_by.as_ref());
    set_by.flat_map(|due_by| due_by.due_under.iter().chain(&due_by.due_else).cloned()).collect()
}

/// The table of endings while it is put together, each line with its file and place.
#[derive(Default)]
struct Table {
    lines: Vec<(Ending, String, usize)>,
    duties: Vec<(Duty, String, usize)>,
    /// How many lines stood there before the authority's own.
    built_in: usize,
}

impl Table {
    /// The authority's lines will stand on top of these.
    fn on_top_of(endings: &Endings) -> Self {
        let lines: Vec<_> = endings.lines().iter().map(|line| (line.clone(), String::new(), 0)).collect();
        let duties = endings.duties().iter().map(|duty| (duty.clone(), String::new(), 0)).collect();
        Self { built_in: lines.len(), lines, duties }
    }

    /// Takes the lines of a file; a line of an id that is there already has to say that it overrides it.
    fn take(&mut self, file: &str, endings: Vec<LoadedEnding>, duties: Vec<LoadedDuty>) -> Vec<RuleDefect> {
        let mut defects = Vec::new();
        let mut own: Vec<Box<str>> = Vec::new();
        for LoadedEnding { ending, overrides, line } in endings {
            let id = ending.id.clone();
            let held = self.lines.iter().position(|(held, _, _)| held.id == id);
            let of = |reason| DefectReason::Override { rule: id.to_string(), reason };
            let reason = match (held, overrides) {
                _ if own.contains(&id) => Some(DefectReason::Duplicate { name: id.to_string() }),
                (Some(held), false) if held < self.built_in => {
                    Some(of("is a built-in ending; say overrides = true to replace it"))
                }
                (Some(_), false) => Some(DefectReason::Duplicate { name: id.to_string() }),
                (None, true) => Some(of("overrides an ending that does not exist")),
                (Some(_), true) | (None, false) => None,
            };
            own.push(id.clone());
            defects.extend(reason.map(|reason| RuleDefect { file: file.to_owned(), line, reason }));
            match held.and_then(|held| self.lines.get_mut(held)) {
                Some(held) => *held = (ending, file.to_owned(), line),
                None => self.lines.push((ending, file.to_owned(), line)),
            }
        }
        self.duties.extend(duties.into_iter().map(|LoadedDuty { duty, line }| (duty, file.to_owned(), line)));
        defects
    }

    /// Lines that name an unknown rule.
    fn unknown_rules(&self, rules: &BTreeMap<RuleId, Rule>) -> Vec<RuleDefect> {
        let of_lines = self.lines.iter().flat_map(|(ending, file, line)| {
            let named = ending.rules.iter().chain(&ending.not_required).chain(&ending.spares);
            named.map(move |rule| (ending.id.to_string(), rule, file, *line))
        });
        let of_duties = self.duties.iter().flat_map(|(duty, file, line)| {
            duty.rules.iter().map(move |rule| ("duty".to_owned(), rule, file, *line))
        });
        let unknown = of_lines.chain(of_duties).filter(|(_, rule, _, _)| !rules.contains_key(*rule));
        let defect = |(ending, rule, file, line): (String, &RuleId, &String, usize)| RuleDefect {
            file: file.clone(),
            line,
            reason: DefectReason::EndsUnknownRule { ending, rule: rule.to_string() },
        };
        unknown.map(defect).collect()
    }

    fn into_endings(self) -> Endings {
        let lines = self.lines.into_iter().map(|(ending, _, _)| ending).collect();
        Endings::new(lines, self.duties.into_iter().map(|(duty, _, _)| duty).collect())
    }
}

/// The rules whose clocks a tally looks at.
fn named_clocks(rule: &Rule) -> Vec<RuleId> {
    let Shape::Tally(tally) = &rule.shape else { return Vec::new() };
    let members = if let Members::Clocks { rules, .. } = &tally.members { rules.as_slice() } else { &[] };
    let in_time = tally.counts.as_ref().map_or(&[][..], |counts| &counts.in_time);
    members.iter().chain(in_time).cloned().collect()
}

fn overriding(id: &RuleId, reason: &'static str) -> DefectReason {
    DefectReason::Override { rule: id.to_string(), reason }
}

impl Rule {
    /// The version that applies to a clock that starts on `start`. `act_on` is the day of the act that stops it, or the day
    /// asked about; it matters only to versions that are chosen by it. A version chosen by the due day is tried with its own
    /// limit, and where it has none with that of its last interval: which interval a clock takes only the clock knows, see
    /// the engine. `None` where no version stands.
    #[must_use]
    pub fn version_for(
        &self,
        start: NaiveDate,
        act_on: Option<NaiveDate>,
        calendar: &WorkingCalendar,
    ) -> Option<&RuleVersion> {
        let stands = |version: &&RuleVersion| {
            let decisive = match version.transition.chosen_by {
                ChosenBy::Start => Some(start),
                ChosenBy::Act => Some(act_on.unwrap_or(start)),
                ChosenBy::Due => version
                    .limit
                    .or_else(|| version.intervals.last().map(|interval| interval.limit))
                    .and_then(|limit| limit.last_day_in_time(start, version.start_day, calendar).ok()),
            };
            decisive.is_some_and(|day| version.in_force.contains(day))
        };
        match self.versions.as_slice() {
            [only] => Some(only).filter(stands),
            _ => self.by_precedence().find(stands),
        }
    }

    /// Every version, the one that goes before the others first: those that stand beside the others for a while, then the
    /// newest.
    pub fn by_precedence(&self) -> impl Iterator<Item = &RuleVersion> {
        let newest_first = || self.versions.iter().rev();
        let beside = newest_first().filter(|version| version.exceptional.is_some());
        beside.chain(newest_first().filter(|version| version.exceptional.is_none()))
    }

    /// The clocks of this rule as `version` sees them; empty for a flag or bands.
    #[must_use]
    pub fn clocks<'a>(&'a self, version: &'a RuleVersion) -> Shapes<'a> {
        match (&version.clocks, &self.shape) {
            (Some(own), _) => own,
            (None, Shape::Deadline(clocks)) => clocks,
            (None, Shape::Flag(_) | Shape::Bands(..) | Shape::Tally(_)) => &[],
        }
    }
}
