//! Databases that are not open to everybody: passwords, TLS, certificates.

use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mongodb::bson::{Document, doc};
use mongodb::{Client, ClientSession};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use varde_core::erasures::ErasureList;
use varde_core::ports::{Position, StatementLog};
use varde_mongodb::{MongoStore, OpenError};
use varde_replica_set::{MONGOD_VARIABLE, ReplicaSet, Shape};
use varde_store_suite::tokio;
use varde_test_support::{Draft, TestClock};

use crate::server::{TUNING, wait};

const PASSWORD: &str = "geheimnis";

/// A set of one member that asks who is there.
struct Secured {
    set: ReplicaSet,
    folder: TempDir,
}

impl Secured {
    /// Starts it with a first user, and one for Varde that may read and write its databases.
    fn start(folder: TempDir, flags: &[&str], options: &str) -> Self {
        let mongod = std::env::var(MONGOD_VARIABLE).unwrap_or_else(|_| {
            panic!("this test starts MongoDB itself: run tests/run test, or name mongod in {MONGOD_VARIABLE}")
        });
        let key = folder.path().join("members.key");
        fs::write(&key, "bWVtYmVycyBvZiBhIHNldA==").expect("written");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("closed");
        let mut shape = Shape::small(mongod);
        shape.members = 1;
        shape.flags = ["--auth", "--keyFile", &text(&key)]
            .map(str::to_owned)
            .to_vec();
        shape
            .flags
            .extend(flags.iter().map(|flag| (*flag).to_owned()));
        options.clone_into(&mut shape.options);
        wait(async move {
            let mut set = ReplicaSet::start(&shape).await.expect("it starts");
            let first = doc! { "createUser": "first", "pwd": PASSWORD, "roles": ["root"] };
            // The first user is made by whoever comes from the same machine.
            let made = set.members()[0].command(first).await;
            made.expect("the first user is made");
            Self { set, folder }
        })
    }

    /// Makes a user that may read and write Varde's databases, and no more.
    fn add_user(&self, database: &'static str, mut user: Document) {
        let uri = self.uri("first", PASSWORD, "admin", "");
        user.insert(
            "roles",
            [
                doc! { "role": "readWrite", "db": "varde" },
                doc! { "role": "readWrite", "db": "varde-erasures" },
            ]
            .to_vec(),
        );
        wait(async move {
            let client = Client::with_uri_str(uri).await.expect("a client");
            let made = client.database(database).run_command(user).await;
            made.expect("the user is made");
        });
    }

    /// Returns the address of a user of the database `admin`.
    fn uri(&self, user: &str, password: &str, database: &str, more: &str) -> String {
        let all = self.set.uri();
        let (_, rest) = all.split_once("://").expect("an address");
        let (hosts, options) = rest.split_once("/?").expect("options");
        format!(
            "mongodb://{user}:{password}@{hosts}/{database}?{options}&authSource=admin\
             &serverSelectionTimeoutMS=2000{more}"
        )
    }

    /// Returns an address without a user.
    fn plain_uri(&self, more: &str) -> String {
        let all = self.set.uri();
        let (hosts, _) = all.split_once("/?").expect("options");
        let name = "replicaSet=varde-test&serverSelectionTimeoutMS=2000";
        format!("{hosts}/varde?{name}{more}")
    }

    fn file(&self, name: &str) -> String {
        text(&self.folder.path().join(name))
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path of letters").to_owned()
}

fn open(uri: String) -> Result<MongoStore, OpenError> {
    wait(async move {
        let clock = Arc::new(TestClock::default());
        MongoStore::open_tuned(&uri, clock, TUNING).await
    })
}

/// Returns everything that an operator is told when a database is not opened.
fn refused(uri: String) -> String {
    let Err(error) = open(uri) else {
        panic!("the database was opened")
    };
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        told = format!("{told}: {source}");
        next = source.source();
    }
    let all = format!("{told} {error:?}");
    assert!(!all.contains(PASSWORD) && !all.contains("falsch"), "{all}");
    told
}

async fn works(store: &MongoStore) {
    let appended = store.append(vec![Draft::new(1).build()]).await;
    assert_eq!(appended.expect("it is appended").last, Position(1));
    let read = store.follow(Position(0), 9).await.expect("followed");
    assert_eq!(read.len(), 1);
    assert_eq!(store.erasures().all().await, Ok(vec![]));
}

/// Leaves a transaction open that holds the head.
fn leave_open(uri: String) -> ClientSession {
    wait(async move {
        let mut options = mongodb::options::ClientOptions::parse(uri)
            .await
            .expect("an address");
        let info = mongodb::options::DriverInfo::builder().name("varde".to_owned());
        options.driver_info = Some(info.build());
        let client = Client::with_options(options).expect("a client");
        let mut session = client.start_session().await.expect("a session");
        session.start_transaction().await.expect("it begins");
        let heads = client.database("varde").collection::<Document>("head");
        let update = doc! { "$inc": { "position": 1_i64 } };
        let held = heads.update_one(doc! {}, update).session(&mut session);
        held.await.expect("the head is held");
        session
    })
}

#[tokio::test]
async fn a_user_who_may_read_and_write_is_enough_and_a_wrong_password_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let secured = Secured::start(folder, &[], "");
    secured.add_user("admin", doc! { "createUser": "varde", "pwd": PASSWORD });
    let right = secured.uri("varde", PASSWORD, "varde", "");
    let store = open(right.clone()).expect("it is opened");
    let _left = leave_open(right);
    works(&store).await;
    let told = refused(secured.uri("varde", "falsch", "varde", ""));
    assert!(told.contains("Authentication failed"), "{told}");
    let told = refused(secured.plain_uri(""));
    assert!(told.contains("requires authentication"), "{told}");
}

/// Who vouches for certificates.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
}

impl Authority {
    fn new(folder: &Path, file: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, file);
        let key = KeyPair::generate().expect("a key");
        let own = params.self_signed(&key).expect("a certificate");
        fs::write(folder.join(file), own.pem()).expect("written");
        Self { params, key }
    }

    /// Writes a certificate with its key.
    fn vouch(&self, folder: &Path, file: &str, organisation: &str) -> PathBuf {
        let names = vec!["127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(names).expect("an address");
        let name = &mut params.distinguished_name;
        name.remove(DnType::CommonName);
        name.push(DnType::OrganizationName, organisation);
        name.push(DnType::CommonName, "varde");
        let key = KeyPair::generate().expect("a key");
        let issuer = Issuer::from_params(&self.params, &self.key);
        let own = params.signed_by(&key, &issuer).expect("a certificate");
        let path = folder.join(file);
        fs::write(&path, own.pem() + &key.serialize_pem()).expect("written");
        path
    }
}

#[tokio::test]
async fn tls_and_certificates_of_users_are_the_drivers_and_an_unknown_authority_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(folder.path(), "ca.pem");
    Authority::new(folder.path(), "other-ca.pem");
    let server = authority.vouch(folder.path(), "server.pem", "servers");
    authority.vouch(folder.path(), "client.pem", "clients");
    let ca = text(&folder.path().join("ca.pem"));
    let flags = [
        "--tlsMode",
        "requireTLS",
        "--tlsCertificateKeyFile",
        &text(&server),
        "--tlsCAFile",
        &ca,
        "--tlsAllowConnectionsWithoutCertificates",
    ];
    let secured = Secured::start(folder, &flags, &format!("&tls=true&tlsCAFile={ca}"));
    secured.add_user("admin", doc! { "createUser": "varde", "pwd": PASSWORD });
    secured.add_user("$external", doc! { "createUser": "CN=varde,O=clients" });

    let by_password = open(secured.uri("varde", PASSWORD, "varde", "")).expect("it is opened");
    works(&by_password).await;
    by_password.close().await;
    let by_certificate = format!(
        "&tls=true&tlsCAFile={ca}&tlsCertificateKeyFile={}\
         &authMechanism=MONGODB-X509&authSource=$external",
        secured.file("client.pem")
    );
    let store = open(secured.plain_uri(&by_certificate)).expect("it is opened");
    let read = store.follow(Position(0), 9).await.expect("followed");
    assert_eq!(read.len(), 1);

    let other = format!("&tls=true&tlsCAFile={}", secured.file("other-ca.pem"));
    let told = refused(secured.plain_uri(&other));
    assert!(told.contains("certificate"), "{told}");
    let told = refused(secured.plain_uri(""));
    assert!(told.contains("Server selection timeout"), "{told}");
}
