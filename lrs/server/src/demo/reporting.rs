//! Two reports, one after the other. What was handed in with the first turns out to be wrong, and the
//! second takes it back and says why.

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Client;
use super::results;
use crate::exit::Failure;

/// The last days of the periods that are reported.
const PERIODS: [&str; 2] = ["2025-03-31", "2025-06-30"];
/// Somebody who signed up and did not come: ticked on the list by mistake.
const ABSENT: &str = "1011";
const COURSE: &str = "https://moodle.example.org/course/view.php?id=7";
/// What had been reported of participations before the record was kept here.
const OPENING: &str = "12";

/// A report that was submitted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Submitted {
    /// The last day of its period.
    pub(crate) period: String,
    /// The report's hash.
    pub(crate) hash: String,
    /// What it says.
    pub(crate) report: Report,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Report {
    /// Its indicators.
    pub(crate) indicators: Vec<Indicator>,
}

/// One indicator of a report.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Indicator {
    /// Its code.
    pub(crate) code: String,
    /// Its figures; none of a share.
    pub(crate) figures: Option<Figures>,
    /// What is corrected.
    pub(crate) corrections: Vec<Correction>,
}

/// The figures of an indicator.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Figures {
    pub(crate) previous: String,
    pub(crate) new: String,
    pub(crate) correction: String,
    pub(crate) total: String,
}

/// A key that counts otherwise than it was reported.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Correction {
    /// By how much.
    pub(crate) amount: String,
    /// Why, in a sentence.
    pub(crate) sentence: String,
}

/// Lets an attendance be told that was none, and hands the first period's report in.
pub(crate) async fn first(client: &Client) -> Result<(Submitted, String), Failure> {
    let attended = json!({
        "actor": { "account": { "homePage": "https://moodle.example.org", "name": ABSENT } },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/attended" },
        "object": { "id": COURSE },
        "timestamp": "2025-02-03T09:00:00+01:00",
    });
    let told = post(client, "/xapi/statements", &attended).await?;
    let mistaken = told.body[0].as_str().unwrap_or_default().to_owned();
    results::read(client, &told.consistent_through.unwrap_or_default()).await?;
    let balance = json!({
        "value": OPENING, "as_of": "2024-12-31", "source": "The reports of 2024",
    });
    let path = "/api/v1/balances?project=demo&code=RCO85";
    client.send_json(Method::PUT, path, &balance).await?;
    let submitted = submit(client, PERIODS[0]).await?;
    let path = format!("/api/v1/reports/accept?project=demo&period={}", PERIODS[0]);
    post(client, &path, &Value::Null).await?;
    Ok((submitted, mistaken))
}

/// Voids the attendance, and says through which instant that is known.
pub(crate) async fn take_back(client: &Client, mistaken: &str) -> Result<String, Failure> {
    let voiding = json!({
        "actor": { "account": { "homePage": "https://moodle.example.org", "name": "office" } },
        "verb": { "id": "http://adlnet.gov/expapi/verbs/voided" },
        "object": { "objectType": "StatementRef", "id": mistaken },
    });
    let told = post(client, "/xapi/statements", &voiding).await?;
    Ok(told.consistent_through.unwrap_or_default())
}

/// Hands the second period's report in.
pub(crate) async fn second(client: &Client) -> Result<Submitted, Failure> {
    submit(client, PERIODS[1]).await
}

async fn submit(client: &Client, period: &str) -> Result<Submitted, Failure> {
    let of = format!("project=demo&period={period}");
    post(client, &format!("/api/v1/reports?{of}"), &Value::Null).await?;
    let path = format!("/api/v1/reports/submit?{of}");
    let answer = post(client, &path, &Value::Null).await?;
    serde_json::from_value(answer.body).map_err(|error| Failure::software(&error))
}

async fn post(client: &Client, path: &str, body: &Value) -> Result<super::client::Answer, Failure> {
    client.send_json(Method::POST, path, body).await
}
