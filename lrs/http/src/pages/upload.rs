//! Forms with a file (RFC 7578), which somebody signed in sent from a page of ours.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRef as _, FromRequest, Multipart, Request};
use axum::http::StatusCode;
use tokio::time::timeout;
use varde_core::users::SignedIn;
use varde_xapi::media_type::essence;

use super::{FORM_BYTES_MAX, Fields, held, opened};
use crate::error::ApiError;
use crate::extract::{check_coding, content_type, incomplete, is_own_page};
use crate::finding::Finding;
use crate::limits::Limits;
use crate::rule::ProtocolRule;
use crate::state::App;

/// The field that a file comes in.
const FILE: &str = "file";
/// The field that holds the proof, which comes before the file.
const PROOF: &str = "csrf";
const FORM: &str = "multipart/form-data";
/// The most characters of a file's name.
const NAME_CHARS_MAX: usize = 200;
/// The most fields of a form.
const FIELDS_MAX: usize = 100;

/// A form with one file in the field `file`. Its proof comes before the file, so that no file is read
/// whose sender has proved nothing.
#[derive(Debug)]
pub struct SentFile {
    /// Who sent it.
    pub signed_in: SignedIn,
    /// The other fields.
    pub fields: Fields,
    /// The file.
    pub file: File,
}

/// A file as a browser sends it.
#[derive(Debug)]
pub struct File {
    /// Its name, of 200 characters at most.
    pub name: String,
    /// Its media type, as the browser takes it to be.
    pub media_type: String,
    /// Its bytes, at least one.
    pub bytes: Vec<u8>,
}

impl FromRequest<App> for SentFile {
    type Rejection = ApiError;

    /// Refuses a form that no page of ours sent, one without its proof, without a file, or with one that is
    /// over the bound of bodies.
    async fn from_request(mut request: Request, app: &App) -> Result<Self, ApiError> {
        let headers = request.headers().clone();
        let signed_in = opened(app, &headers).await?;
        let signed_in = signed_in.ok_or(ApiError::SignedOut)?;
        if !is_own_page(&headers, &app.services().public_url) {
            return Err(ApiError::NoProof);
        }
        let found = content_type(&headers)?.unwrap_or_default();
        if essence(&found) != FORM {
            let rule = ProtocolRule::ContentType;
            return Err(Finding::new("Content-Type", rule, &found, FORM).into());
        }
        check_coding(&headers)?;
        let limits = Limits::from_ref(app);
        let whole = limits.body_bytes_max.saturating_add(FORM_BYTES_MAX);
        DefaultBodyLimit::max(whole).apply(&mut request);
        let form = Multipart::from_request(request, &()).await;
        let form = form.map_err(|_| {
            let rule = ProtocolRule::ContentType;
            Finding::new(
                "Content-Type",
                rule,
                &found,
                format!("{FORM} with a boundary"),
            )
        })?;
        let read = timeout(limits.body_max, read(form, &signed_in, &limits)).await;
        let (fields, file) = read.map_err(|_| ApiError::TooLong)??;
        Ok(Self {
            signed_in: held(app, signed_in, &headers)?,
            fields,
            file,
        })
    }
}

async fn read(
    mut form: Multipart,
    signed_in: &SignedIn,
    limits: &Limits,
) -> Result<(Fields, File), ApiError> {
    let (mut fields, mut file) = (Fields(Vec::new()), None);
    let mut left = FORM_BYTES_MAX;
    while let Some(mut field) = next(&mut form, limits).await? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == FILE {
            if !signed_in.is_proof(fields.get(PROOF)) {
                return Err(ApiError::NoProof);
            }
            file = Some(of_file(field, limits).await?);
            continue;
        }
        let bytes = whole(&mut field, left, limits).await?;
        let bytes = bytes.ok_or(ApiError::TooLarge {
            bytes_max: FORM_BYTES_MAX,
            setting: "",
        })?;
        left -= bytes.len();
        fields
            .0
            .push((name, String::from_utf8_lossy(&bytes).into_owned()));
        if fields.0.len() > FIELDS_MAX {
            let parts_max = FIELDS_MAX;
            return Err(ApiError::TooManyParts { parts_max });
        }
    }
    if !signed_in.is_proof(fields.get(PROOF)) {
        return Err(ApiError::NoProof);
    }
    // A browser sends a field without a name and without bytes where no file was chosen.
    let file = file.filter(|file| !file.bytes.is_empty());
    let missing = || {
        let rule = ProtocolRule::ParameterMissing;
        Finding::new(FILE, rule, "nothing", "a file of 1 byte or more")
    };
    Ok((fields, file.ok_or_else(missing)?))
}

async fn of_file(mut field: Field<'_>, limits: &Limits) -> Result<File, ApiError> {
    let name = field.file_name().unwrap_or_default();
    // Some browsers sent the folder too, in the manner of their system.
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().take(NAME_CHARS_MAX).collect();
    let media_type = field.content_type().unwrap_or("application/octet-stream");
    let media_type = media_type.to_owned();
    let bytes = whole(&mut field, limits.body_bytes_max, limits).await?;
    Ok(File {
        name,
        media_type,
        bytes: bytes.ok_or_else(|| ApiError::body_over(limits))?,
    })
}

async fn next<'f>(form: &'f mut Multipart, limits: &Limits) -> Result<Option<Field<'f>>, ApiError> {
    form.next_field()
        .await
        .map_err(|error| broken(&error, limits))
}

/// Reads a field to its end; `None` where it has more bytes than so many.
async fn whole(
    field: &mut Field<'_>,
    bytes_max: usize,
    limits: &Limits,
) -> Result<Option<Vec<u8>>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field
        .chunk()
        .await
        .map_err(|error| broken(&error, limits))?
    {
        if bytes.len() + chunk.len() > bytes_max {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn broken(error: &MultipartError, limits: &Limits) -> ApiError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ApiError::body_over(limits)
    } else {
        incomplete(error)
    }
}
