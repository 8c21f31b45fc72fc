//! A mail server on this machine, which takes what it is sent.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::Security;

/// A mail that was taken.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// The envelope: MAIL and RCPT, as they came.
    pub(super) envelope: Vec<String>,
    /// Head and body.
    pub(super) mail: String,
    /// User and password, each after a zero byte.
    pub(super) login: String,
    /// Whether it came over TLS.
    pub(super) encrypted: bool,
}

/// A mail server.
pub(super) struct Smtp {
    pub(super) port: u16,
    /// Its certificate, as PEM.
    pub(super) authority: String,
    pub(super) taken: UnboundedReceiver<Taken>,
}

impl Smtp {
    /// Starts one that answers so to each recipient.
    pub(super) async fn start(security: Security, to_recipients: &'static str) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
        let made = made.expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
        let tls = ServerConfig::builder().with_no_client_auth();
        let tls = tls.with_single_cert(vec![made.cert.der().clone()], PrivateKeyDer::from(key));
        let tls = TlsAcceptor::from(Arc::new(tls.expect("a configuration")));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let port = listener.local_addr().expect("an address").port();
        let (sender, taken) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let served = serve(stream, (security, tls.clone()), to_recipients, &sender);
                // Who is not trusted ends early.
                let _ = served.await;
            }
        });
        Self {
            port,
            authority: made.cert.pem(),
            taken,
        }
    }
}

async fn serve(
    stream: tokio::net::TcpStream,
    (security, tls): (Security, TlsAcceptor),
    to_recipients: &str,
    sender: &UnboundedSender<Taken>,
) -> std::io::Result<()> {
    match security {
        Security::None => converse(stream, true, (false, to_recipients), sender)
            .await
            .map(drop),
        Security::Implicit => {
            let stream = tls.accept(stream).await?;
            converse(stream, true, (true, to_recipients), sender)
                .await
                .map(drop)
        }
        Security::Starttls => {
            let said = (false, to_recipients);
            if let Some(stream) = converse(stream, true, said, sender).await? {
                let stream = tls.accept(stream).await?;
                converse(stream, false, (true, to_recipients), sender).await?;
            }
            Ok(())
        }
    }
}

/// Speaks SMTP to the end; returns the stream where TLS is to begin on it.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    greets: bool,
    (encrypted, to_recipients): (bool, &str),
    sender: &UnboundedSender<Taken>,
) -> std::io::Result<Option<S>> {
    let mut stream = BufStream::new(stream);
    let mut taken = Taken {
        encrypted,
        ..Taken::default()
    };
    if greets {
        say(&mut stream, "220 mail.example.org").await?;
    }
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" if encrypted => "250-mail.example.org\r\n250 AUTH PLAIN",
            "EHLO" => "250-mail.example.org\r\n250-AUTH PLAIN\r\n250 STARTTLS",
            "STARTTLS" => {
                say(&mut stream, "220 begin").await?;
                return Ok(Some(stream.into_inner()));
            }
            "AUTH" => {
                let said = line.rsplit(' ').next().unwrap_or_default();
                let said = STANDARD.decode(said).unwrap_or_default();
                taken.login = String::from_utf8_lossy(&said).into_owned();
                "235 let in"
            }
            "MAIL" => {
                taken.envelope.push(line.to_owned());
                "250 well"
            }
            "RCPT" => {
                taken.envelope.push(line.to_owned());
                to_recipients
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                while !taken.mail.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut taken.mail).await?;
                }
                let _ = sender.send(std::mem::take(&mut taken));
                "250 queued as 7"
            }
            "QUIT" => "221 bye",
            _ => "250 well",
        };
        say(&mut stream, answer).await?;
    }
}

async fn say<S: AsyncWrite + AsyncRead + Unpin>(
    stream: &mut BufStream<S>,
    line: &str,
) -> std::io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await
}
