//! `varde check`: sends a statement as a front end would, and reads it back.

use std::fs;
use std::io::{self, Read as _};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use hyper::{Method, Request, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use varde_core::statements::test_statement;

use crate::exit::{Exit, Failure};
use crate::terminal::print;
use crate::web::Web;

/// How much of an answer is told that is not as expected, in characters.
const TOLD_MAX: usize = 500;
/// The most bytes of a key.
const KEY_BYTES_MAX: u64 = 4_096;

/// The flags of `varde check`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckArgs {
    /// The address of a Varde, such as <https://varde.example.org>.
    #[arg(value_name = "URL")]
    pub(crate) url: String,
    /// The file that holds a key of a test space, `name:secret`; standard input where absent.
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Lets the secret go over the network in the clear, as within a cluster.
    #[arg(long)]
    pub(crate) plain: bool,
}

/// Sends a statement, reads it by the id that it got, and says so.
pub(crate) async fn check(args: &CheckArgs) -> Result<(), Failure> {
    let key = key(args)?;
    let statements = format!("{}/xapi/statements", args.url.trim_end_matches('/'));
    let asked = Asked { args, key };
    let sent = asked
        .answer(Method::POST, &statements, test_statement().to_string())
        .await?;
    let id = sent[0].as_str().ok_or_else(|| not_as_varde(&sent))?;
    let at = format!("{statements}?statementId={id}");
    let read = asked.answer(Method::GET, &at, String::new()).await?;
    if read["id"] != id {
        return Err(not_as_varde(&read));
    }
    let authority = &read["authority"]["account"]["name"];
    print(&format!("  stored and read back: {id}, by {authority}\n"));
    Ok(())
}

fn key(args: &CheckArgs) -> Result<SecretString, Failure> {
    let mut text = String::new();
    let read = match &args.key_file {
        Some(file) => {
            fs::File::open(file).and_then(|file| file.take(KEY_BYTES_MAX).read_to_string(&mut text))
        }
        None => io::stdin().take(KEY_BYTES_MAX).read_to_string(&mut text),
    };
    read.map_err(|error| Failure::new(Exit::NoInput, format!("the key cannot be read: {error}")))?;
    let key = text.trim_end_matches(['\r', '\n']);
    if !key.contains(':') {
        let sentence = "the key is not of the form name:secret";
        return Err(Failure::new(Exit::Data, sentence));
    }
    Ok(key.to_owned().into())
}

struct Asked<'a> {
    args: &'a CheckArgs,
    key: SecretString,
}

impl Asked<'_> {
    /// Sends a request and returns the JSON of the answer, which must be 200.
    async fn answer(&self, method: Method, at: &str, body: String) -> Result<Value, Failure> {
        let failed = |why: String| Failure::new(Exit::Unavailable, format!("{at}: {why}"));
        let credentials = STANDARD.encode(self.key.expose_secret());
        let request = Request::builder()
            .method(method)
            .uri(at)
            .header(AUTHORIZATION, format!("Basic {credentials}"))
            .header(CONTENT_TYPE, "application/json")
            .header("x-experience-api-version", "1.0.3")
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| failed(error.to_string()))?;
        let web = Web::new();
        let answered = if self.args.plain {
            web.ask_anywhere(request).await
        } else {
            web.ask(request).await
        };
        let answer = answered.map_err(failed)?;
        let text = String::from_utf8_lossy(answer.body());
        match serde_json::from_str(&text) {
            Ok(json) if answer.status() == StatusCode::OK => Ok(json),
            _ => {
                let told: String = text.chars().take(TOLD_MAX).collect();
                Err(failed(format!("the answer is {}: {told}", answer.status())))
            }
        }
    }
}

fn not_as_varde(answer: &Value) -> Failure {
    let told: String = answer.to_string().chars().take(TOLD_MAX).collect();
    let sentence = format!("what was sent is not what is read: {told}");
    Failure::new(Exit::Unavailable, sentence)
}
