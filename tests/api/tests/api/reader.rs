//! Somebody who is signed in in a browser, and what they do there.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use varde_api_tests::{Answer, Call, World};
use varde_core::Role;
use varde_core::keys::NewKey;

pub(crate) const PASSWORD: &str = "a password for tests";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
/// The type of what [`multipart`] writes.
pub(crate) const MULTIPART: &str = "multipart/form-data; boundary=parts";

/// Somebody of a role who is signed in in a browser.
pub(crate) struct Reader<'w> {
    pub(crate) world: &'w World,
    pub(crate) cookie: String,
}

impl<'w> Reader<'w> {
    /// Signs in somebody of a role, by its name.
    pub(crate) async fn of(world: &'w World, role: Role) -> Self {
        Self::of_project(world, role, "sing").await
    }

    pub(crate) async fn of_project(world: &'w World, role: Role, project: &str) -> Self {
        Self::with(world, role, World::new_key(role.name(), project)).await
    }

    /// Signs in somebody who has a name and a key of their own.
    pub(crate) async fn named(world: &'w World, name: &str, role: Role) -> Self {
        let key = NewKey {
            role: Some(role),
            scopes: role.default_scopes().to_vec(),
            ..World::new_key(&format!("key-of-{name}"), "sing")
        };
        Self::called(world, name, key).await
    }

    /// Signs in who acts through a key, which is given the role and its scopes.
    pub(crate) async fn with(world: &'w World, role: Role, key: NewKey) -> Self {
        let key = NewKey {
            role: Some(role),
            scopes: role.default_scopes().to_vec(),
            ..key
        };
        Self::by(world, key).await
    }

    /// Makes a key and signs in somebody who acts through it, by its name.
    pub(crate) async fn by(world: &'w World, key: NewKey) -> Self {
        let name = key.name.clone();
        Self::called(world, &name, key).await
    }

    async fn called(world: &'w World, name: &str, key: NewKey) -> Self {
        let through = key.name.clone();
        world.make_key(key).await;
        let made = world.users.create(name, PASSWORD, &through).await;
        made.expect("a user");
        let form = format!("name={name}&password={}", PASSWORD.replace(' ', "+"));
        let answer = own(world.post("/sign-in")).body(FORM, form).send().await;
        let set = answer.expect(303).header("set-cookie").to_owned();
        let cookie = set.split(';').next().expect("a cookie").to_owned();
        Self { world, cookie }
    }

    pub(crate) async fn open(&self, path: &str) -> Answer {
        let call = own(self.world.get(path)).header("cookie", &self.cookie);
        call.send().await
    }

    /// Begins to send something from a page of ours.
    pub(crate) fn post(&self, path: &str) -> Call {
        own(self.world.post(path)).header("cookie", &self.cookie)
    }

    /// Returns the proof that the forms of this session bring.
    pub(crate) async fn proof(&self) -> String {
        let account = self.open("/account").await.expect(200);
        between(account.text(), "name=\"csrf\" value=\"", "\"").to_owned()
    }

    /// Sends a form with its proof.
    pub(crate) async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields = fields.iter().map(|(name, value)| {
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
            format!("{name}={value}")
        });
        let form = fields.collect::<Vec<_>>().join("&");
        self.send_form(path, &form).await
    }

    /// Sends a form that is written already, with its proof.
    pub(crate) async fn send_form(&self, path: &str, form: &str) -> Answer {
        let proof = self.proof().await;
        self.send_unproved(path, &format!("csrf={proof}&{form}"))
            .await
    }

    /// Sends a form as it is.
    pub(crate) async fn send_unproved(&self, path: &str, form: &str) -> Answer {
        self.post(path).body(FORM, form.to_owned()).send().await
    }

    /// Sends a form that is answered by another page, and opens that.
    pub(crate) async fn does(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let sent = self.send(path, fields).await.expect(303);
        self.open(sent.header("location")).await.expect(200)
    }

    /// Sends a form with a file, as a browser does.
    pub(crate) async fn upload(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        (name, bytes): (&str, &[u8]),
    ) -> Answer {
        let proof = self.proof().await;
        let mut all = vec![("csrf", proof.as_str())];
        all.extend(fields);
        let body = multipart(&all, Some((name, bytes)));
        self.post(path).body(MULTIPART, body).send().await
    }
}

/// Writes a form with a file, in this order.
pub(crate) fn multipart(fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--parts\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
    }
    if let Some((name, bytes)) = file {
        let head = format!(
            "--parts\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/pdf\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--parts--\r\n");
    body
}

/// Makes a call one that a browser sends from a page of ours.
pub(crate) fn own(call: Call) -> Call {
    call.without("authorization")
        .header("sec-fetch-site", "same-origin")
}

/// Returns what stands between two texts of a page.
pub(crate) fn between<'p>(page: &'p str, before: &str, behind: &str) -> &'p str {
    let (_, rest) = page.split_once(before).expect(before);
    rest.split_once(behind).expect(behind).0
}
