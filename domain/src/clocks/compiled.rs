//! Rules compiled for the fold: which clock listens to which kind of event.

use super::names::Belonging;
use crate::events::{EntityRole, Kind, Stage};
use crate::rules::{
    Band, ClockShape, Effect, Ending, Endings, EventMatch, LookBack, Members, Rule, RuleId, Shape, Subject,
    Tally,
};

/// One clock of one rule (or of one version of it).
#[derive(Debug)]
pub(super) struct Track<'b> {
    pub(super) rule: &'b Rule,
    /// The list that `shape` is part of; a version is this track's where it uses this very list.
    pub(super) shapes: &'b [ClockShape],
    pub(super) shape: &'b ClockShape,
    /// The role through which a start may be found.
    pub(super) through: Option<EntityRole>,
    /// The lines of the table of endings that name the rule itself.
    named_by: Vec<&'b Ending>,
    /// Whether some of its events are any such events of the child, whatever process they name.
    pub(super) beyond_process: bool,
    /// The kinds that open a process of the clock's role.
    pub(super) opens: Vec<Kind>,
    /// The kinds that end one.
    pub(super) ends: Vec<Kind>,
    /// The lines of the table of endings that do something to the clock.
    effects: Vec<(&'b Ending, Effect)>,
}

impl Track<'_> {
    /// What a line of the table of endings does to the clock; `None` where it leaves it alone.
    pub(super) fn effect(&self, line: &Ending) -> Option<Effect> {
        self.effects.iter().find(|(of, _)| std::ptr::eq(*of, line)).map(|(_, effect)| *effect)
    }

    /// Whether a line of the table of endings names the rule itself.
    pub(super) fn is_named_by(&self, line: &Ending) -> bool {
        self.named_by.iter().any(|of| std::ptr::eq(*of, line))
    }

    /// Whether any line of the table of endings does.
    pub(super) fn is_named_by_any(&self) -> bool {
        !self.named_by.is_empty()
    }

    /// Whether it can have a clock in a journey: something that starts one happened there.
    pub(super) fn may_start(&self, has_any: impl Fn(&[EventMatch]) -> bool) -> bool {
        has_any(&self.shape.start) || (self.shape.chain.is_some() && has_any(&self.shape.stop))
    }

    /// Whether the clock starts when its process has ended.
    pub(super) fn starts_at_end(&self) -> bool {
        self.shape.start.iter().any(|start| self.ends.contains(&start.kind))
    }
}

/// The kinds that do something to a process of that role.
fn kinds_of(role: Option<EntityRole>, stage: Stage) -> Vec<Kind> {
    let of_role = |kind: &Kind| role.is_some() && kind.own_role() == role && kind.stage() == stage;
    Kind::ALL.iter().copied().filter(of_role).collect()
}

/// One look back of one rule.
#[derive(Debug)]
pub(super) struct Look<'b> {
    pub(super) rule: &'b Rule,
    pub(super) look_back: &'b LookBack,
    /// Empty for a flag.
    pub(super) bands: &'b [Band],
}

/// One tally of one rule.
#[derive(Debug)]
pub(super) struct Count<'b> {
    pub(super) rule: &'b Rule,
    pub(super) tally: &'b Tally,
    /// The tracks of the clocks that are its members, in their order; `None` where clocks of every rule are, or none.
    pub(super) tracks: Option<Vec<usize>>,
    /// The tracks of the clocks that must be in time for a member to count, in their order.
    pub(super) in_time: Vec<usize>,
}

/// What an event is to a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// It starts it; the number is the place among the alternatives.
    Start(usize),
    Stop,
    NotApplicable,
    NotRequired,
    EndedBy,
    CountedFrom,
}

/// The rules whose clocks are members; `None` where no rule is named.
fn members_of(members: &Members) -> Option<&[RuleId]> {
    let Members::Clocks { rules, .. } = members else { return None };
    Some(rules.as_slice()).filter(|rules| !rules.is_empty())
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Subscription<'b> {
    pub(super) track: usize,
    pub(super) part: Part,
    pub(super) matcher: &'b EventMatch,
    /// The place of what it asks of an event among the questions of the kind.
    pub(super) question: usize,
}

/// Who listens to one kind of event.
#[derive(Debug, Default)]
pub(super) struct Listeners<'b> {
    pub(super) subscriptions: Vec<Subscription<'b>>,
    /// What they ask of an event, each question once.
    pub(super) questions: Vec<EventMatch>,
}

#[derive(Debug)]
pub(super) struct Compiled<'b> {
    pub(super) endings: &'b Endings,
    pub(super) tracks: Vec<Track<'b>>,
    pub(super) looks: Vec<Look<'b>>,
    pub(super) counts: Vec<Count<'b>>,
    /// What acts of each kind belong to.
    pub(super) belonging: Belonging,
    /// Indexed by kind.
    by_kind: Vec<Listeners<'b>>,
}

impl<'b> Compiled<'b> {
    pub(super) fn new(endings: &'b Endings, rules: impl Iterator<Item = &'b Rule>) -> Self {
        let by_kind = Kind::ALL.iter().map(|_| Listeners::default()).collect();
        let mut compiled = Self {
            endings,
            tracks: Vec::new(),
            looks: Vec::new(),
            counts: Vec::new(),
            belonging: Belonging::new(),
            by_kind,
        };
        rules.for_each(|rule| compiled.add(rule));
        for count in &mut compiled.counts {
            let of_rules = |rules: &[RuleId]| {
                let named = compiled.tracks.iter().enumerate();
                named.filter(|(_, track)| rules.contains(&track.rule.id)).map(|(place, _)| place).collect()
            };
            count.in_time = count.tally.counts.as_ref().map_or_else(Vec::new, |it| of_rules(&it.in_time));
            count.tracks = members_of(&count.tally.members).map(of_rules);
        }
        compiled
    }

    pub(super) fn listeners(&self, kind: Kind) -> Option<&Listeners<'b>> {
        self.by_kind.get(kind as usize)
    }

    fn add(&mut self, rule: &'b Rule) {
        match &rule.shape {
            Shape::Deadline(shapes) => self.add_tracks(rule, shapes),
            Shape::Flag(look_back) => self.looks.push(Look { rule, look_back, bands: &[] }),
            Shape::Bands(look_back, bands) => self.looks.push(Look { rule, look_back, bands }),
            Shape::Tally(tally) => {
                self.belonging.add_tally(tally);
                self.counts.push(Count { rule, tally, tracks: None, in_time: Vec::new() });
            }
        }
        for shapes in rule.versions.iter().filter_map(|version| version.clocks.as_deref()) {
            self.add_tracks(rule, shapes);
        }
    }

    fn add_tracks(&mut self, rule: &'b Rule, shapes: &'b [ClockShape]) {
        for shape in shapes {
            let track = self.tracks.len();
            self.belonging.add_clock(shape);
            let through = shape.start.iter().find_map(|start| start.through);
            let lists = [&shape.stop, &shape.not_applicable, &shape.not_required, &shape.ended_by];
            let beyond_process =
                shape.per == Subject::Event || lists.iter().any(|list| list.iter().any(|one| one.of_child));
            let lines = self.endings.lines().iter();
            let named_by = lines.clone().filter(|line| line.rules.contains(&rule.id)).collect();
            let effects =
                lines.filter_map(|line| Some((line, self.endings.effect(line, &rule.id, shape)?))).collect();
            let role = shape.per.role();
            let (opens, ends) = (kinds_of(role, Stage::Opens), kinds_of(role, Stage::Ends));
            self.tracks.push(Track {
                rule,
                shapes,
                shape,
                through,
                named_by,
                beyond_process,
                opens,
                ends,
                effects,
            });
            for (alternative, matcher) in shape.start.iter().enumerate() {
                self.listen(track, Part::Start(alternative), matcher);
            }
            let lists = [
                (Part::Stop, &shape.stop),
                (Part::NotApplicable, &shape.not_applicable),
                (Part::NotRequired, &shape.not_required),
                (Part::EndedBy, &shape.ended_by),
                (Part::CountedFrom, &shape.counted_from),
            ];
            for (part, matchers) in lists {
                matchers.iter().for_each(|matcher| self.listen(track, part, matcher));
            }
        }
    }

    fn listen(&mut self, track: usize, part: Part, matcher: &'b EventMatch) {
        let Some(listeners) = self.by_kind.get_mut(matcher.kind as usize) else { return };
        let asked = matcher.of_event_alone();
        let held = listeners.questions.iter().position(|question| *question == asked);
        let question = held.unwrap_or(listeners.questions.len());
        if held.is_none() {
            listeners.questions.push(asked);
        }
        listeners.subscriptions.push(Subscription { track, part, matcher, question });
    }
}
