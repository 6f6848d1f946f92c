//! Young people who go missing, and the interview after their return.

use chrono::NaiveDate;
use domain::events::EntityRole;
use domain::events::exploitation::CseScreened;
use domain::events::missing::{
    FoundOrReturned, MissingReported, RhiAccepted, RhiHeld, RhiOffered, RhiRefused,
};
use domain::ids::EntityId;

use super::case::Member;
use super::days::{days_from, plus};
use super::diary::{Diary, Strand, moment};
use super::person::some_code;
use super::rates;

/// Younger than this and a child is not reported missing here.
const YOUNGEST_DAYS: i32 = 11 * 365;

/// The role of a process in an entry.
type Episode = [(EntityRole, EntityId); 1];

impl Diary<'_> {
    /// Some young people go missing, and a few of them again and again.
    pub(super) fn go_missing(
        &mut self,
        strand: &Strand,
        member: &Member,
        (from, to): (NaiveDate, NaiveDate),
    ) {
        let from = from.max(plus(member.born, YOUNGEST_DAYS));
        let span = days_from(from, to.min(self.world.until)) - 12;
        if span < 10 || !self.dice.chance(rates::GOES_MISSING) {
            return;
        }
        let times = self.dice.weighted(&[(1, 55), (2, 20), (4, 15), (7, 10)]);
        let mut days: Vec<i32> = (0..times).map(|_| self.dice.between(1, span)).collect();
        days.sort_unstable();
        days.dedup_by(|later, earlier| *later - *earlier < 8);
        let mut strand = strand.clone();
        for after in days {
            self.one_episode(&mut strand, member, plus(from, after));
        }
    }

    fn one_episode(&mut self, strand: &mut Strand, member: &Member, day: NaiveDate) {
        let episode = [(EntityRole::MissingEpisode, self.dice.entity())];
        let reported = self.dice.between(17 * 60, 27 * 60);
        let away = self.dice.between(2 * 60, 30 * 60);
        let facts = MissingReported { kind: some_code("M"), from: some_code("home") };
        self.step(strand, moment(day, reported), member, facts, episode);
        let returned = reported + away;
        let facts = FoundOrReturned { with_whom: some_code("friends"), harm: Some(self.dice.chance(600)) };
        self.step(strand, moment(day, returned), member, facts, episode);
        self.interview(strand, member, episode, (day, returned));
        if self.dice.chance(2500) {
            let facts = CseScreened { tool: some_code("cse_screening"), level: some_code("medium") };
            self.note(strand, "", moment(day, returned + 3 * 24 * 60), member, facts, []);
        }
    }

    /// Offered nearly always; accepted and held, mostly within 72 hours, or refused. Where it was not offered at once, it is
    /// held later.
    fn interview(
        &mut self,
        strand: &Strand,
        member: &Member,
        episode: Episode,
        (day, returned): (NaiveDate, i32),
    ) {
        let offered = returned + self.dice.between(60, 20 * 60);
        let was_offered = self.dice.chance(rates::INTERVIEW_OFFERED);
        if was_offered {
            self.note(strand, "", moment(day, offered), member, RhiOffered {}, episode);
        }
        let answered = offered + self.dice.between(10, 120);
        if was_offered && self.dice.chance(rates::INTERVIEW_REFUSED) {
            let facts = RhiRefused { fallback: some_code("carer") };
            self.note(strand, "", moment(day, answered), member, facts, episode);
            return;
        }
        if was_offered {
            self.note(strand, "", moment(day, answered), member, RhiAccepted {}, episode);
        }
        let soon = was_offered && self.dice.chance(rates::INTERVIEW_IN_TIME);
        let held = if soon {
            (answered + self.dice.between(60, 44 * 60)).min(returned + 71 * 60)
        } else {
            returned + self.dice.between(74 * 60, 9 * 24 * 60)
        };
        let facts = RhiHeld { independent: Some(self.dice.chance(8000)) };
        self.note(strand, "", moment(day, held), member, facts, episode);
    }
}
