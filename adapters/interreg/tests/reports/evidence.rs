//! Evidence files.

use varde_interreg::reports::{Link, NewEvidence, ReportError, ReportKey};

use crate::world::{FIRST, SCHEME, SECOND, World, place, steward};

fn project() -> varde_core::ProjectCode {
    "sing".parse().unwrap()
}

#[tokio::test]
async fn the_same_file_twice_is_one_and_comes_back_byte_for_byte() {
    let world = World::new().await;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let new = |title: &str| NewEvidence {
        project: project(),
        title: title.to_owned(),
        media_type: "application/pdf".to_owned(),
        bytes: bytes.clone(),
    };
    let first = world
        .reports
        .add_evidence(&steward(1), new("A list"))
        .await
        .unwrap();
    let second = world
        .reports
        .add_evidence(&steward(2), new("Again"))
        .await
        .unwrap();
    assert_eq!(first, second);
    let page = world
        .reports
        .evidence(&steward(1), &project(), (None, 10))
        .await
        .unwrap();
    assert_eq!(page.items, std::slice::from_ref(&first));
    assert_eq!(page.next, None);
    let file = world
        .reports
        .evidence_file(&steward(1), &project(), &first.sha256)
        .await;
    assert_eq!(file.unwrap(), (first, bytes));
}

#[tokio::test]
async fn files_come_in_pages_and_an_empty_one_is_refused() {
    let world = World::new().await;
    let mut all = Vec::new();
    for text in ["one", "two", "three"] {
        all.push(world.document(text).await);
    }
    all.sort();
    let page = async |after: Option<&str>| {
        let page = world
            .reports
            .evidence(&steward(1), &project(), (after, 2))
            .await
            .unwrap();
        let hashes: Vec<_> = page.items.into_iter().map(|one| one.sha256).collect();
        (hashes, page.next)
    };
    let (first, next) = page(None).await;
    assert_eq!(first, all[..2]);
    let (second, none) = page(next.as_deref()).await;
    assert_eq!((second.as_slice(), none), (&all[2..], None));
    let empty = NewEvidence {
        project: project(),
        title: "Nothing".to_owned(),
        media_type: "text/plain".to_owned(),
        bytes: Vec::new(),
    };
    let refused = world.reports.add_evidence(&steward(1), empty).await;
    assert!(matches!(
        refused,
        Err(ReportError::TooLarge { found: 0, .. })
    ));
}

#[tokio::test]
async fn a_file_is_in_the_reports_whose_keys_or_periods_it_is_linked_to() {
    let world = World::new().await;
    world
        .import(
            "people.csv",
            "pseudonym,gender,birth_year_band,nuts3\np-1,female,1980-1989,NO060\n",
        )
        .await;
    let identities = "ifi,pseudonym\nmailto:learner-1@example.org,p-1\n";
    world.import("identities.csv", identities).await;
    world.begins(1, 1, "2025-08-01").await;
    let reports = &world.reports;
    for period in [FIRST, SECOND] {
        reports.open(&steward(1), &place(period)).await.unwrap();
    }
    let of_period = world.document("of the period").await;
    let of_key = world.document("of the key").await;
    let link = async |hash: &str, link: Link| {
        reports
            .link_evidence(&steward(1), (&project(), hash), link)
            .await
    };
    let period = Link {
        period: Some(FIRST.parse().unwrap()),
        ..Link::default()
    };
    link(&of_period, period.clone()).await.unwrap();
    let twice = link(&of_period, period).await.unwrap();
    assert_eq!(twice.links.len(), 1);
    let key = Link {
        code: Some("RCO85".parse().unwrap()),
        key: Some(ReportKey {
            unit: Some(SCHEME.to_owned()),
            person: Some("p-1".to_owned()),
            organisation: None,
        }),
        ..Link::default()
    };
    link(&of_key, key.clone()).await.unwrap();
    let named = async |period: &str| -> Vec<String> {
        let view = world.show(period).await;
        view.report
            .evidence
            .into_iter()
            .map(|one| one.sha256)
            .collect()
    };
    assert_eq!(named(FIRST).await, std::slice::from_ref(&of_period));
    assert_eq!(named(SECOND).await, [of_key]);
    for half in [Link::default(), Link { key: None, ..key }] {
        let refused = link(&of_period, half).await;
        assert!(matches!(
            refused,
            Err(ReportError::Invalid { field: "link", .. })
        ));
    }
    let period = Link {
        period: Some(FIRST.parse().unwrap()),
        ..Link::default()
    };
    let absent = link(&"0".repeat(64), period).await;
    assert!(matches!(absent, Err(ReportError::Absent("evidence file"))));
}
