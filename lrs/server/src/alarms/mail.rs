//! A mail, by SMTP.

use std::fmt;
use std::time::{Duration, SystemTime};

use lettre::message::{Mailbox, header};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use varde_core::outbox::{Answer, DeliveryId};
use varde_xapi::Stored;

use crate::exit::chain;

/// How long one word of the server may take.
const WORD_MAX: Duration = Duration::from_secs(10);
/// How long a whole mail may take.
const MAIL_MAX: Duration = Duration::from_secs(30);

/// How the connection to a mail server is kept from others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Security {
    /// By TLS from the beginning (port 465).
    #[default]
    Implicit,
    /// By TLS after STARTTLS, and never without it (port 587).
    Starttls,
    /// Not at all; only for a server on this machine (port 25).
    None,
}

impl Security {
    /// Returns the port that is usual.
    fn port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::Starttls => 587,
            Self::None => 25,
        }
    }

    fn tls(self, host: &str, authority: Option<&[u8]>) -> Result<Tls, String> {
        if self == Self::None {
            return Ok(Tls::None);
        }
        let mut parameters = TlsParameters::builder(host.to_owned());
        if let Some(pem) = authority {
            let certificate = Certificate::from_pem(pem).map_err(|error| chain(&error))?;
            parameters = parameters.add_root_certificate(certificate);
        }
        let parameters = parameters.build_rustls().map_err(|error| chain(&error))?;
        Ok(match self {
            Self::Starttls => Tls::Required(parameters),
            _ => Tls::Wrapper(parameters),
        })
    }
}

/// The server that takes mails.
#[derive(Debug)]
pub(crate) struct Relay<'a> {
    /// Its name.
    pub(crate) host: &'a str,
    /// Its port; the usual one where absent.
    pub(crate) port: Option<u16>,
    /// How the connection is kept from others.
    pub(crate) security: Security,
    /// Certificates that are trusted beside Mozilla's, as PEM.
    pub(crate) authority: Option<Vec<u8>>,
    /// User and password, where the server wants them.
    pub(crate) login: Option<(String, String)>,
}

/// Sends mails to some people.
pub(crate) struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl Mail {
    /// Sends from one address to others. An error says what is wrong, and never quotes a password.
    pub(crate) fn new(relay: Relay<'_>, from: Mailbox, to: Vec<Mailbox>) -> Result<Self, String> {
        let Relay {
            host,
            port,
            security,
            authority,
            login,
        } = relay;
        let tls = security.tls(host, authority.as_deref())?;
        let of_sender = ClientId::Domain(from.email.domain().to_owned());
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port.unwrap_or(security.port()))
            .tls(tls)
            .hello_name(of_sender)
            .timeout(Some(WORD_MAX));
        if let Some((user, password)) = login {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self {
            transport: builder.build(),
            from,
            to,
        })
    }

    /// Sends a mail of an id, and returns what the server answered. A repeat has the same id.
    pub(crate) async fn send(
        &self,
        said: (DeliveryId, Stored),
        subject: String,
        text: String,
    ) -> Result<Answer, Answer> {
        let unsent = |status: Option<u16>, detail: String| Answer { status, detail };
        let mail = self.mail(said, subject, text);
        let mail = mail.map_err(|error| unsent(None, chain(&error)))?;
        let sent = tokio::time::timeout(MAIL_MAX, self.transport.send(mail)).await;
        match sent {
            Ok(Ok(response)) => Ok(unsent(
                Some(response.code().into()),
                format!("taken: {}", response.first_line().unwrap_or_default()),
            )),
            Ok(Err(error)) => {
                let status = error.status().map(u16::from);
                Err(unsent(status, chain(&error)))
            }
            Err(_) => Err(unsent(
                None,
                format!("it took over {} s", MAIL_MAX.as_secs()),
            )),
        }
    }

    fn mail(
        &self,
        (id, sent): (DeliveryId, Stored),
        subject: String,
        text: String,
    ) -> Result<Message, lettre::error::Error> {
        let micros = u64::try_from(sent.0).unwrap_or_default();
        let mut mail = Message::builder()
            .from(self.from.clone())
            .subject(subject)
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .header(header::ContentType::TEXT_PLAIN)
            .raw_header(header::HeaderValue::new(
                header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ));
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        mail.body(text)
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail")
    }
}
