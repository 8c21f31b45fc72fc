//! The course of a report: opened, submitted, returned, accepted.

use varde_core::{Role, Scope};
use varde_interreg::reports::{Act, ReportBody, ReportError, State};

use crate::world::{
    FIRST, SECOND, World, as_role, code, figures, indicator, place, query, steward,
};

#[tokio::test]
async fn a_draft_has_the_figures_of_the_present_until_it_is_submitted() {
    let world = World::new().await;
    world.open(FIRST).await;
    world.begins(1, 1, "2025-02-01").await;
    let draft = world.show(FIRST).await;
    assert_eq!(figures(&draft), [0, 1, 0, 1, 1]);
    assert_eq!(draft.listed.state, State::Draft);
    assert_eq!(draft.listed.hash, None);
    world.begins(2, 2, "2025-03-01").await;
    assert_eq!(figures(&world.show(FIRST).await), [0, 2, 0, 2, 2]);

    world.after(FIRST);
    let submitted = world.submit(FIRST).await;
    world.begins(3, 3, "2025-03-01").await;
    let later = world.show(FIRST).await;
    assert_eq!(figures(&later), [0, 2, 0, 2, 2]);
    assert_eq!(later, submitted);
    assert_eq!(later.listed.state, State::Submitted);
    assert_eq!(later.complete_through, later.report.known_at);
}

#[tokio::test]
async fn the_hash_is_that_of_the_canonical_json_which_reads_back_as_the_report() {
    let world = World::new().await;
    world.begins(1, 1, "2025-02-01").await;
    let view = world.reported(FIRST).await;
    let file = world.reports.file(&steward(1), &query(FIRST, None)).await;
    let (bytes, hash) = file.unwrap();
    let body: ReportBody = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(body, view.report);
    assert_eq!(body.canonical().unwrap(), (bytes, hash.clone()));
    assert_eq!(view.listed.hash, Some(hash));
}

#[tokio::test]
async fn a_frozen_report_names_persons_by_id_alone() {
    let world = World::new().await;
    world
        .import(
            "people.csv",
            "pseudonym,gender,birth_year_band,nuts3\np-anna,female,1980-1989,NO060\n",
        )
        .await;
    let identities = "ifi,pseudonym\nmailto:learner-1@example.org,p-anna\n";
    world.import("identities.csv", identities).await;
    world.begins(1, 1, "2025-02-01").await;
    let view = world.reported(FIRST).await;
    let file = world.reports.file(&steward(1), &query(FIRST, None)).await;
    let text = String::from_utf8(file.unwrap().0).unwrap();
    assert!(!text.contains("p-anna"), "{text}");
    let person = indicator(&view, "RCO85").keys[0]
        .key
        .person
        .clone()
        .unwrap();
    assert_eq!(view.persons[&person], "p-anna");
}

#[tokio::test]
async fn one_that_is_returned_stays_readable_and_its_next_revision_goes_on_from_it() {
    let world = World::new().await;
    world.begins(1, 1, "2025-02-01").await;
    world.after(FIRST);
    world.open(FIRST).await;
    let rco85 = code("RCO85");
    let (caller, at) = (steward(1), place(FIRST));
    let comment = world
        .reports
        .comment(&caller, &at, (&rco85, "As planned."), None);
    comment.await.unwrap();
    let first = world.submit(FIRST).await;
    let other = steward(2);
    let returned = world.reports.give_back(&other, &at, "The list is missing.");
    returned.await.unwrap();
    world.begins(2, 2, "2025-02-01").await;

    let draft = world.show(FIRST).await;
    assert_eq!(
        (draft.listed.revision, draft.listed.state),
        (2, State::Draft)
    );
    assert_eq!(figures(&draft), [0, 2, 0, 2, 2]);
    assert_eq!(
        indicator(&draft, "RCO85").comment.as_deref(),
        Some("As planned.")
    );
    let old = world.tried(FIRST, Some(1)).await.unwrap();
    assert_eq!(old.report, first.report);
    assert_eq!(old.listed.state, State::Returned);
    let deed = old.listed.deeds.last().unwrap();
    assert_eq!((deed.what, deed.by), (Act::Returned, steward(2).key));
    assert_eq!(deed.reason.as_deref(), Some("The list is missing."));

    let second = world.submit(FIRST).await;
    assert_ne!(second.listed.hash, first.listed.hash);
    assert_eq!(second.report.revision, 2);
    world.accept(FIRST).await;
    let states: Vec<_> = world.reports.list(&steward(1), None).await.unwrap();
    let states: Vec<_> = states.iter().map(|one| (one.revision, one.state)).collect();
    assert_eq!(states, [(1, State::Returned), (2, State::Accepted)]);
}

#[tokio::test]
async fn a_report_is_made_once_for_a_period_of_the_project_and_in_their_order() {
    let world = World::new().await;
    let open = async |period: &str| world.reports.open(&steward(1), &place(period)).await;
    assert!(matches!(
        open("2025-05-31").await,
        Err(ReportError::NoPeriod { .. })
    ));
    open(FIRST).await.unwrap();
    assert!(matches!(open(FIRST).await, Err(ReportError::Open { .. })));
    let submit = async |period: &str| {
        world
            .reports
            .submit(&steward(1), &place(period), None)
            .await
    };
    world.after("2025-03-01");
    assert!(matches!(
        submit(FIRST).await,
        Err(ReportError::NotOver { .. })
    ));
    assert!(matches!(
        submit(SECOND).await,
        Err(ReportError::Absent("report"))
    ));
    open(SECOND).await.unwrap();
    world.after(SECOND);
    world.settle().await;
    let refused = submit(SECOND).await;
    assert!(
        matches!(refused, Err(ReportError::Earlier { .. })),
        "{refused:?}"
    );
    submit(FIRST).await.unwrap();
    submit(SECOND).await.unwrap();
    assert!(matches!(
        submit(SECOND).await,
        Err(ReportError::State { .. })
    ));
    let accept = async |period: &str| world.reports.accept(&steward(1), &place(period)).await;
    assert!(matches!(
        accept(SECOND).await,
        Err(ReportError::Earlier { .. })
    ));
    accept(FIRST).await.unwrap();
    accept(SECOND).await.unwrap();
    assert!(matches!(
        accept(SECOND).await,
        Err(ReportError::State { .. })
    ));
}

#[tokio::test]
async fn whoever_did_not_see_the_last_change_is_told_so() {
    let world = World::new().await;
    world.open(FIRST).await;
    let edit = world.show(FIRST).await.listed.edit;
    let rco85 = code("RCO85");
    let comment = async |text: &str, edit| {
        let (caller, place) = (steward(1), place(FIRST));
        world
            .reports
            .comment(&caller, &place, (&rco85, text), edit)
            .await
    };
    comment("One.", Some(edit)).await.unwrap();
    assert!(matches!(
        comment("Two.", Some(edit)).await,
        Err(ReportError::Changed)
    ));
    let view = world.show(FIRST).await;
    assert_eq!(indicator(&view, "RCO85").comment.as_deref(), Some("One."));
    comment("Three.", None).await.unwrap();
    comment("", None).await.unwrap();
    assert_eq!(indicator(&world.show(FIRST).await, "RCO85").comment, None);
    let (caller, place) = (steward(1), place(FIRST));
    let absent = code("RCR99");
    let other = world
        .reports
        .comment(&caller, &place, (&absent, "x"), None)
        .await;
    assert!(matches!(
        other,
        Err(ReportError::Invalid { field: "code", .. })
    ));
}

#[tokio::test]
async fn stewards_manage_auditors_read_and_evaluators_see_where_reports_stand() {
    let world = World::new().await;
    world.open(FIRST).await;
    let reports = &world.reports;
    for role in Role::EACH {
        let caller = as_role(role);
        let manages = matches!(role, Role::Administrator | Role::DataSteward);
        let reads = manages || role == Role::Auditor;
        let lists = reads || role == Role::Evaluator;
        let forbidden = |error: &ReportError| matches!(error, ReportError::Forbidden(_));
        let listed = reports.list(&caller, None).await;
        assert_eq!(
            !listed.is_err_and(|error| forbidden(&error)),
            lists,
            "{role}"
        );
        let shown = reports.show(&caller, &query(FIRST, None)).await;
        assert_eq!(
            !shown.is_err_and(|error| forbidden(&error)),
            reads,
            "{role}"
        );
        let opened = reports.open(&caller, &place(SECOND)).await;
        assert_eq!(
            !opened.is_err_and(|error| forbidden(&error)),
            manages,
            "{role}"
        );
    }
    let elsewhere = varde_test_support::caller("merse", &[Scope::All]);
    let absent = reports.show(&elsewhere, &query(FIRST, None)).await;
    assert!(matches!(absent, Err(ReportError::Absent("project"))));
    assert_eq!(reports.list(&elsewhere, None).await.unwrap(), []);
}

#[tokio::test]
async fn every_change_is_in_the_audit_log_with_who_made_it() {
    let world = World::new().await;
    world.begins(1, 1, "2025-02-01").await;
    world.reported(FIRST).await;
    let audit = varde_core::audit::Audit::new(world.store.clone());
    let lines = audit.lines(0).await.unwrap();
    let told: Vec<_> = lines.iter().map(|line| line.told.query.as_str()).collect();
    for deed in ["open", "submit", "accept"] {
        let line = format!("report {deed}(sing 2025-06-30)");
        assert!(told.contains(&line.as_str()), "{told:?}");
    }
    assert!(lines.iter().all(|line| line.key == steward(1).key));
}
