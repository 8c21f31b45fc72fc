//! Manual lines.

use rust_decimal::Decimal;
use varde_interreg::reports::{NewLine, ReportError};

use crate::world::{FIRST, SECOND, World, code, figures, indicator, place, steward};

fn line(document: &str, amount: i64) -> NewLine {
    NewLine {
        code: code("RCO85"),
        amount: Decimal::from(amount),
        reason: "Two participants signed on paper.".to_owned(),
        document: document.to_owned(),
    }
}

#[tokio::test]
async fn a_line_adds_nothing_before_somebody_else_has_approved_it_and_never_touches_the_keys() {
    let world = World::new().await;
    world.begins(1, 1, "2025-02-01").await;
    world.open(FIRST).await;
    let document = world.document("a list").await;
    let place = place(FIRST);
    let added = world
        .reports
        .add_line(&steward(1), &place, line(&document, 2), None)
        .await;
    let number = added.unwrap();
    let reported = async || {
        let view = world.show(FIRST).await;
        assert_eq!(figures(&view), [0, 1, 0, 1, 1], "what is counted stays");
        assert_eq!(view.report.lines.len(), 1);
        assert_eq!(view.report.evidence.len(), 1, "a line brings its document");
        indicator(&view, "RCO85").reported.unwrap().total
    };
    assert_eq!(reported().await, Decimal::ONE);
    let own = world
        .reports
        .approve_line(&steward(1), &place, number, None)
        .await;
    assert!(matches!(own, Err(ReportError::OwnLine)));
    world
        .reports
        .approve_line(&steward(2), &place, number, None)
        .await
        .unwrap();
    assert_eq!(reported().await, Decimal::from(3));
    let again = world
        .reports
        .approve_line(&steward(3), &place, number, None)
        .await;
    assert!(matches!(again, Err(ReportError::Approved(1))));
}

#[tokio::test]
async fn what_lines_added_is_carried_into_the_next_report_apart_from_the_keys() {
    let world = World::new().await;
    world.begins(1, 1, "2025-02-01").await;
    world.after(FIRST);
    world.open(FIRST).await;
    let document = world.document("a list").await;
    let place = place(FIRST);
    for (amount, approver) in [(2, Some(2)), (5, None)] {
        let (author, new) = (steward(1), line(&document, amount));
        let added = world.reports.add_line(&author, &place, new, None).await;
        let number = added.unwrap();
        if let Some(approver) = approver.map(steward) {
            let approved = world.reports.approve_line(&approver, &place, number, None);
            approved.await.unwrap();
        }
    }
    world.submit(FIRST).await;
    world.accept(FIRST).await;
    world.open(SECOND).await;
    let view = world.show(SECOND).await;
    assert_eq!(figures(&view), [1, 0, 0, 0, 1]);
    let participations = indicator(&view, "RCO85");
    let manual = participations.manual.unwrap();
    assert_eq!(
        (manual.previous, manual.current),
        (Decimal::TWO, Decimal::ZERO)
    );
    let reported = participations.reported.unwrap();
    assert_eq!(reported.previous, Decimal::from(3));
    assert_eq!(reported.total, Decimal::from(3));
    assert!(participations.corrections.is_empty());
}

#[tokio::test]
async fn a_line_needs_a_document_a_reason_and_an_amount_and_can_be_withdrawn() {
    let world = World::new().await;
    world.open(FIRST).await;
    let document = world.document("a list").await;
    let place = place(FIRST);
    let add = async |new: NewLine| world.reports.add_line(&steward(1), &place, new, None).await;
    let refused = async |new: NewLine| match add(new).await {
        Err(ReportError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(line(&"0".repeat(64), 1)).await, "document");
    assert_eq!(refused(line("no hash", 1)).await, "document");
    assert_eq!(refused(line(&document, 0)).await, "amount");
    let mute = NewLine {
        reason: " ".to_owned(),
        ..line(&document, 1)
    };
    assert_eq!(refused(mute).await, "reason");
    let number = add(line(&document, 1)).await.unwrap();
    let withdraw = async || {
        world
            .reports
            .withdraw_line(&steward(1), &place, number, None)
            .await
    };
    withdraw().await.unwrap();
    assert!(matches!(
        withdraw().await,
        Err(ReportError::Absent("manual line"))
    ));
    assert!(world.show(FIRST).await.report.lines.is_empty());
}
