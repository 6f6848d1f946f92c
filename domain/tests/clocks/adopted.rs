//! Standards of other councils count where the authority has adopted them, and nowhere else. Every child is invented.

use crate::support::{Story, day};
use domain::clocks::{ClockEngine, Question};
use domain::events::EntityRole as Role;
use domain::rules::RuleBook;

fn local(text: &str) -> RuleBook {
    RuleBook::with_local("our.toml", &format!("phase = \"local\"\n{text}")).expect("a whole file")
}

/// The rules that ask something of a referral with an assessment.
fn asked(book: &RuleBook) -> Vec<String> {
    let roles = [(Role::Referral, 1), (Role::Assessment, 1)];
    let story = Story::complete().told("2023-01-09", "referral_received", "{}", &[(Role::Referral, 1)]).told(
        "2023-01-10",
        "assessment_started",
        r#"{"kind":"single"}"#,
        &roles,
    );
    let answers = ClockEngine::new(book).run(&story.journey(), &Question::as_at(day("2023-06-01")));
    answers.clocks.iter().map(|clock| clock.rule.id.to_string()).collect()
}

fn asks(book: &RuleBook, rule: &str) -> bool {
    asked(book).iter().any(|asked| asked == rule)
}

#[test]
fn another_councils_checkpoint_is_off_until_it_is_adopted() {
    let built_in = RuleBook::built_in();
    assert!(asks(built_in, "AS-03") && !asks(built_in, "AS-04") && !asks(built_in, "AS-06"));
    let one = local("adopt = [\"AS-04\"]\n");
    assert!(asks(&one, "AS-04") && !asks(&one, "AS-06"));
    let merton = local("adopt = [\"Merton\"]\n");
    assert!(asks(&merton, "AS-04") && asks(&merton, "AS-06"));
    let dorset = local("adopt = [\"dorset\"]\n");
    assert!(!asks(&dorset, "AS-04"));
    assert!(dorset.is_adopted(dorset.rule("CIN-01").unwrap()));
}

#[test]
fn whoever_sets_a_limit_of_a_standard_asks_it() {
    let changed = local(
        "[[change]]\nrule = \"AS-06\"\n\n[[change.version]]\nname = \"ours\"\nlimit = 5\nunit = \"working_days\"\nstart_day_counts = false\nsource = \"s\"\nkind = \"local\"\nverified = true\nverified_note = \"n\"\nchosen_by = \"start\"\nrunning_clocks = \"keep\"\n",
    );
    assert!(asks(&changed, "AS-06") && !asks(&changed, "AS-04"));
}

#[test]
fn what_there_is_not_cannot_be_adopted_and_what_is_everybodys_needs_no_adopting() {
    let defects =
        RuleBook::with_local("our.toml", "phase = \"local\"\nadopt = [\"AS-04\", \"mars\"]\n").unwrap_err().0;
    assert_eq!(defects.len(), 1);
    assert_eq!(defects[0].line, 2);
    assert!(defects[0].to_string().contains("\"mars\""), "{}", defects[0]);
    for rule in RuleBook::built_in().rules().filter(|rule| rule.council.is_none()) {
        assert!(RuleBook::built_in().is_adopted(rule), "{}", rule.id);
    }
    let all = local("adopt = [\"all\"]\n");
    assert!(all.rules().all(|rule| all.is_adopted(rule)));
}
