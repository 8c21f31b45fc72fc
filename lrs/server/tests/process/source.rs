//! A record store that answers as a test tells it to.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// An answer: the status line's end, header lines, and the body.
pub(crate) struct Answer {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(status: &'static str, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: format!("Content-Type: {kind}\r\n"),
            body: body.into(),
        }
    }

    /// Answers as a record store does.
    pub(crate) fn xapi(status: &'static str, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, kind, body).header("X-Experience-API-Version: 1.0.3")
    }

    /// Answers with a page of statements.
    pub(crate) fn page(statements: &[Value], more: &str) -> Self {
        let page = json!({ "statements": statements, "more": more });
        Self::xapi("200 OK", "application/json", page.to_string())
    }

    pub(crate) fn header(mut self, line: &str) -> Self {
        self.headers.push_str(line);
        self.headers.push_str("\r\n");
        self
    }
}

/// The source, and what it was asked.
pub(crate) struct Source {
    pub(crate) endpoint: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Source {
    /// Answers each request by its path and query, and by how many came before.
    pub(crate) fn start(answer: impl Fn(&str, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, noted) = (Arc::new(answer), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (answer, noted) = (Arc::clone(&answer), Arc::clone(&noted));
                std::thread::spawn(move || serve(&stream, &*answer, &noted));
            }
        });
        Self {
            endpoint: format!("http://{address}/xapi"),
            asked,
        }
    }

    /// Returns the paths and queries that were asked for.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panicked with it").clone()
    }
}

fn serve(
    stream: &TcpStream,
    answer: &(impl Fn(&str, usize) -> Answer + ?Sized),
    asked: &Mutex<Vec<String>>,
) {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let head: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)) else {
        return;
    };
    let before = {
        let mut asked = asked.lock().expect("nobody panicked with it");
        asked.push(path.to_owned());
        asked.len() - 1
    };
    let Answer {
        status,
        headers,
        body,
    } = answer(path, before);
    let length = if headers.contains("Content-Length") {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n{headers}{length}\r\n");
    let mut to = stream;
    // Who asked may have been killed.
    let _ = to.write_all(head.as_bytes());
    let _ = to.write_all(&body);
}
