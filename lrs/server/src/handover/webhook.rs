//! A webhook, signed as Standard Webhooks has it: HMAC-SHA256 over id, time and body.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, Uri, header};
use ring::hmac;
use varde_core::outbox::{Answer, DeliveryId};
use varde_interreg::handover::Parcel;
use varde_xapi::Stored;

use crate::web::Web;

/// What secrets may begin with.
const PREFIX: &str = "whsec_";
/// How many bytes a secret has at least and at most.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
const MICROS_A_SECOND: i64 = 1_000_000;

/// Where is called, and the secret that is shared with it.
pub(crate) struct Webhook {
    uri: Uri,
    secret: hmac::Key,
}

impl Webhook {
    /// Calls an address; the secret is base64 of 24 to 64 bytes. An error never quotes it.
    pub(crate) fn new(uri: Uri, secret: &str) -> Result<Self, &'static str> {
        let secret = secret.trim();
        let secret = secret.strip_prefix(PREFIX).unwrap_or(secret);
        let bytes = STANDARD.decode(secret).ok();
        let bytes = bytes.filter(|bytes| SECRET_BYTES.contains(&bytes.len()));
        let bytes =
            bytes.ok_or("expected base64 of 24 to 64 bytes, with or without `whsec_` before it")?;
        Ok(Self {
            uri,
            secret: hmac::Key::new(hmac::HMAC_SHA256, &bytes),
        })
    }

    /// Calls with the message of a parcel.
    pub(super) async fn carry(&self, web: &Web, parcel: &Parcel) -> Result<Answer, Answer> {
        let said = (parcel.delivery, parcel.sent);
        self.call(web, said, parcel.message.clone()).await
    }

    /// Calls with a message of an id, which is sent at an instant. Whatever status is not 2xx is a
    /// refusal.
    pub(crate) async fn call(
        &self,
        web: &Web,
        said: (DeliveryId, Stored),
        message: Vec<u8>,
    ) -> Result<Answer, Answer> {
        let unsent = |detail: String| Answer {
            status: None,
            detail,
        };
        let request = self
            .request(said, message)
            .map_err(|error| unsent(error.to_string()))?;
        let status = web.send(request).await.map_err(unsent)?;
        let answer = Answer {
            status: Some(status.as_u16()),
            detail: format!("answered {status}"),
        };
        if status.is_success() {
            Ok(answer)
        } else if status.is_redirection() {
            let detail = format!("answered {status}; redirects are not followed");
            Err(Answer { detail, ..answer })
        } else {
            Err(answer)
        }
    }

    fn request(
        &self,
        (id, sent): (DeliveryId, Stored),
        message: Vec<u8>,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let id = id.to_string();
        let seconds = sent.0.div_euclid(MICROS_A_SECOND);
        let signature = self.signature(&id, seconds, &message);
        let body = Full::new(Bytes::from(message));
        Request::post(&self.uri)
            .header(header::CONTENT_TYPE, "application/json")
            .header(
                header::USER_AGENT,
                concat!("varde/", env!("CARGO_PKG_VERSION")),
            )
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature)
            .body(body)
    }

    fn signature(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
        let tag = hmac::sign(&self.secret, &signed);
        format!("v1,{}", STANDARD.encode(tag.as_ref()))
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn webhook(secret: &str) -> Result<Webhook, &'static str> {
        Webhook::new(Uri::from_static("https://example.org/hook"), secret)
    }

    /// The example that libraries of Standard Webhooks are tested with.
    #[test]
    fn the_signature_is_that_of_the_standard_and_differs_with_id_time_body_and_secret() {
        let (id, seconds) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330);
        let body = br#"{"test": 2432232314}"#;
        let hook = webhook(SECRET).expect("a secret");
        let signature = hook.signature(id, seconds, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let other = format!("{}x\n", &SECRET[..SECRET.len() - 1]);
        let other = webhook(&other).expect("a secret");
        for differs in [
            hook.signature("msg_other", seconds, body),
            hook.signature(id, seconds + 1, body),
            hook.signature(id, seconds, br#"{"test": 2432232315}"#),
            other.signature(id, seconds, body),
        ] {
            assert_ne!(differs, signature);
        }
    }

    #[test]
    fn a_secret_that_is_short_or_no_base64_is_refused_unquoted() {
        for secret in [
            "",
            "whsec_",
            "whsec_c2hvcnQ=",
            "not base64 at all, but long enough",
        ] {
            let refused = webhook(secret).expect_err("refused");
            assert!(refused.starts_with("expected base64"), "{refused}");
        }
        assert_eq!(format!("{:?}", webhook(SECRET)), "Ok(Webhook)");
    }
}
