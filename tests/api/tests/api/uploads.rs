//! Forms with a file: who proves nothing, sends too much or something else changes nothing.

use varde_api_tests::World;
use varde_core::Role;
use varde_http::Limits;

use crate::reader::{MULTIPART, Reader, multipart};

const PATH: &str = "/reports/sing/evidence";
const BYTES_MAX: usize = 4_096;

async fn world() -> World {
    let limits = Limits {
        body_bytes_max: BYTES_MAX,
        ..Limits::default()
    };
    World::with(limits).await
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn a_form_with_a_file_is_held_to_its_proof_its_shape_and_its_bounds() {
    let world = world().await;
    let ada = Reader::named(&world, Role::DataSteward.name(), Role::DataSteward).await;
    let proof = ada.proof().await;
    let file = Some(("a.pdf", b"bytes".as_slice()));
    let title = ("title", "A list");
    let send = async |body: Vec<u8>| ada.post(PATH).body(MULTIPART, body).send().await;
    let own = ("csrf", proof.as_str());

    let _ = send(multipart(&[title], file)).await.expect(403);
    let _ = send(multipart(&[("csrf", "another"), title], file))
        .await
        .expect(403);
    // The file comes before the proof: it is not read.
    let mut late = multipart(&[title], file);
    late.truncate(late.len() - b"--parts--\r\n".len());
    late.extend_from_slice(&multipart(&[own], None));
    let _ = send(late).await.expect(403);
    let foreign = ada.post(PATH).header("sec-fetch-site", "cross-site");
    let _ = foreign
        .body(MULTIPART, multipart(&[own, title], file))
        .send()
        .await
        .expect(403);

    let missing = send(multipart(&[own, title], None)).await.expect(400);
    assert!(
        missing.text().contains("a file of 1 byte or more"),
        "{}",
        missing.text()
    );
    let empty = send(multipart(&[own, title], Some(("", b""))))
        .await
        .expect(400);
    assert!(
        empty.text().contains("a file of 1 byte or more"),
        "{}",
        empty.text()
    );
    let large = vec![b'x'; BYTES_MAX + 1];
    let large = send(multipart(&[own, title], Some(("a.pdf", &large))))
        .await
        .expect(413);
    assert!(
        large.text().contains("http.body_bytes_max"),
        "{}",
        large.text()
    );
    let huge = vec![b'x'; 20 * BYTES_MAX + 64 * 1024];
    let _ = send(multipart(&[own, title], Some(("a.pdf", &huge))))
        .await
        .expect(413);
    let long = "x".repeat(65 * 1024);
    let _ = send(multipart(&[own, ("title", &long)], file))
        .await
        .expect(413);
    let cut = multipart(&[own, title], file);
    let _ = send(cut[..cut.len() - 12].to_vec()).await.expect(400);

    let form = format!("csrf={proof}&title=A+list");
    let form = ada
        .post(PATH)
        .body("application/x-www-form-urlencoded", form);
    let other = form.send().await.expect(400);
    assert!(
        other.text().contains("multipart/form-data"),
        "{}",
        other.text()
    );
    let no_boundary = ada
        .post(PATH)
        .body("multipart/form-data", multipart(&[own], file));
    let _ = no_boundary.send().await.expect(400);

    let kept = world
        .get("/api/v1/evidence?project=sing")
        .send()
        .await
        .expect(200);
    assert_eq!(
        kept.json()["items"],
        serde_json::json!([]),
        "nothing was kept"
    );
    let _ = send(multipart(&[own, title], file)).await.expect(303);
    let kept = world
        .get("/api/v1/evidence?project=sing")
        .send()
        .await
        .expect(200)
        .json();
    let kept = &kept["items"][0];
    assert_eq!(
        (&kept["title"], &kept["media_type"]),
        (&"A list".into(), &"application/pdf".into())
    );
}

#[tokio::test]
async fn whoever_is_signed_out_uploads_nothing() {
    let world = world().await;
    let body = multipart(&[("csrf", "x")], Some(("a.pdf", b"bytes")));
    let call = world
        .post(PATH)
        .without("authorization")
        .header("sec-fetch-site", "same-origin");
    let _ = call.body(MULTIPART, body).send().await.expect(401);
}
