//! The figures that five council papers print, recomputed from events.
//!
//! Each test is named after the paper and the number of the figure in the list below, builds invented events that could
//! lie behind the figure, replays them through the fold and the rule book, and compares with what is printed, base
//! included. Where a paper contradicts itself or leaves its base out, the test's name or its first line says so. Nobody in
//! these events is anybody: the papers print totals, and the children behind them are made up here.
//!
//! The papers (public council papers): Derby 2014 (report to scrutiny and its cover report), Merton 2012 (early help and
//! safeguarding plan), Dorset 2017 (update on Forward Together for Children), Somerset 2018/19 (improvement plan).
//!
//! | # | paper | figure | how |
//! |---|---|---|---|
//! | 1 | Dorset | conferences within 15 working days 100 % | CP-04, closed, and with the open one it hides |
//! | 2 | Dorset | repeat plans 23, 36, 23, 15, 18 % | CP-13 over conferences (theirs) and over plans (national) |
//! | 3 | Dorset | 5203 of 16111 progressed, 32.29 %; 4867 before, 35.64 % | FD-04 |
//! | 4 | Dorset | re-referrals 1450 (28 %), 1172 (24 %) | FD-03 over progressed referrals |
//! | 5 | Dorset | 409 and 331 plans, 53 and 42.9 per 10,000 | RT-01 |
//! | 6 | Dorset | looked after 496, 454, 444, 442 | RT-01c at four days |
//! | 7 | Dorset | reviews in time 73.28 and 81.9 % | LAC-01 to LAC-03, rolling year; base not printed |
//! | 8 | Dorset | visits 50 then 76 % | LAC-05; base not printed |
//! | 9 | Dorset | Family Focus funnel | EC-01, EC-01o |
//! | 10 | Dorset | proceedings 61 and 82, 88 to 44; orders in two windows | CT-09i, CT-09, RT-02x |
//! | 11 | Dorset | decisions within 24 hours 97 and 99.95 % | FD-01h |
//! | 12 | Dorset | agency staff 58, 31; 3 against 4 | published figures only: no event holds posts or vacancies of a workforce |
//! | 13 | Derby | referrals 3842, 3248, 2509, 2750 | referrals received in each year |
//! | 14 | Derby | common assessments 420, 456, 544, 610 | EH-01 |
//! | 15 | Derby | looked after 480, 467, 455; cover report 459 | RT-01c as known then and later |
//! | 16 | Derby | proceedings 103 sets, 174 children; 63, 102 | CT-09i, and the sets that its events name |
//! | 17 | Derby | average 25.4 weeks | CT-01 |
//! | 18 | Derby | 11 discharged, £636,333 | RT-02x and the savings recorded |
//! | 19 | Derby | priority families 505, 71, 248 | EH-04 |
//! | 20 | Merton | adoption 1300 to 659 days | PM-03p, PM-03 |
//! | 21 | Merton | contacts 3594 to 4694, enquiries 192 to 261 | FD-04's base, enquiries started |
//! | 22 | Merton | plans 120 to 180, assessments c500 to c900, caseload 16 to 20 | RT-01, EH-01, AL-02 |
//! | 23 | Somerset | health assessments 80, 90, 95 % by three days | HL-01 and its dated targets |
//! | 24 | Somerset | placements 11 %, 65 %, 12 %, 11 %, NEET 10 and 25 % | LAC-10(s), LAC-11, LAC-12, LAC-16, LC-04s, LC-04t |
//! | 25 | Dorset | GCSE 16.22 % | exam results; a base of 37 under a cohort of 46 |
//!
//! What events cannot express, and why: the national and neighbour averages beside the figures (35-36 weeks, 43.1, 43.4 and
//! 37 per 10,000; other authorities' events are not in this ledger); the population itself (an estimate, recorded as
//! `population_set` and passed in); full-time equivalents of staff, agency workers, vacancies and sickness (12: workers are
//! known by what they do for a child, their contracts are not kept; the figure is held as published); "80 % of the
//! workforce permanent" for the same reason; satisfaction marks of Family Focus (opinions on a scale, no act); 20 miles
//! "from Somerset" (the county's border is not in the record; the national measure from home is).

#![expect(clippy::unwrap_used, reason = "a fixture that cannot be built fails the test")]
#![expect(
    clippy::inconsistent_digit_grouping,
    reason = "the last _ stands where the printed figure has its point"
)]
#![expect(clippy::mistyped_literal_suffixes, reason = "32_29 is 32.29 in hundredths")]

mod authority;
mod derby;
mod dorset;
mod dorset_care;
mod merton;
mod somerset;
