//! The pages of signing in, in three languages.

use varde_core::users::SignedIn;
use varde_xapi::LanguageRange;

/// The words of the pages in one language.
pub(super) struct Words {
    pub(super) tag: &'static str,
    title: &'static str,
    name: &'static str,
    password: &'static str,
    wrong: &'static str,
    not_vouched: &'static str,
    sign_in_at: &'static str,
    signed_in_as: &'static str,
    sign_out: &'static str,
    everywhere: &'static str,
}

static NB: Words = Words {
    tag: "nb",
    title: "Logg inn",
    name: "Brukernavn",
    password: "Passord",
    wrong: "Brukernavn eller passord er feil, eller det er prøvd for mange ganger. Prøv igjen senere.",
    not_vouched: "Innloggingen kom ikke i mål, eller du har ingen rolle her. Prøv igjen.",
    sign_in_at: "Logg inn med",
    signed_in_as: "Logget inn som",
    sign_out: "Logg ut",
    everywhere: "Logg ut overalt",
};
static SV: Words = Words {
    tag: "sv",
    title: "Logga in",
    name: "Användarnamn",
    password: "Lösenord",
    wrong: "Användarnamnet eller lösenordet är fel, eller så har det prövats för många gånger. Försök igen senare.",
    not_vouched: "Inloggningen kom inte i mål, eller så har du ingen roll här. Försök igen.",
    sign_in_at: "Logga in med",
    signed_in_as: "Inloggad som",
    sign_out: "Logga ut",
    everywhere: "Logga ut överallt",
};
static EN: Words = Words {
    tag: "en",
    title: "Sign in",
    name: "User name",
    password: "Password",
    wrong: "The user name or the password is wrong, or there were too many attempts. Try again later.",
    not_vouched: "Signing in was not finished, or you have no role here. Try again.",
    sign_in_at: "Sign in with",
    signed_in_as: "Signed in as",
    sign_out: "Sign out",
    everywhere: "Sign out everywhere",
};

/// Returns the words that the client wants most of those there are; English where there are none.
pub(super) fn words(wanted: &[LanguageRange]) -> &'static Words {
    let mut wanted = wanted.iter().filter_map(|range| {
        let tag = range.range.as_str().to_ascii_lowercase();
        match tag.split('-').next()? {
            "nb" | "no" | "nn" => Some(&NB),
            "sv" => Some(&SV),
            "en" => Some(&EN),
            _ => None,
        }
    });
    wanted.next().unwrap_or(&EN)
}

/// What was wrong the last time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wrong {
    /// The name or the password.
    Password,
    /// The issuer vouched for nobody whom we know a role of.
    NotVouched,
}

/// Writes the form to sign in by, with what was wrong the last time and the issuers to sign in at.
/// Those are links: the policy of the page holds the redirects of its forms to this origin.
pub(super) fn form(words: &Words, wrong: Option<Wrong>, issuers: &[String]) -> String {
    let Words {
        name,
        password,
        title,
        ..
    } = words;
    let wrong = wrong.map_or_else(String::new, |wrong| {
        let told = match wrong {
            Wrong::Password => words.wrong,
            Wrong::NotVouched => words.not_vouched,
        };
        format!("<p role=\"alert\">{told}</p>\n")
    });
    let at = words.sign_in_at;
    let link = |name: &String| format!("<p><a href=\"/sign-in/{name}\">{at} {name}</a></p>\n");
    let issuers: String = issuers.iter().map(link).collect();
    page(
        words,
        &format!(
            "{wrong}<form method=\"post\" action=\"/sign-in\">\n\
             <p><label for=\"name\">{name}</label><br><input id=\"name\" name=\"name\" \
             autocomplete=\"username\" required></p>\n\
             <p><label for=\"password\">{password}</label><br><input id=\"password\" \
             name=\"password\" type=\"password\" autocomplete=\"current-password\" required></p>\n\
             <p><button>{title}</button></p>\n</form>\n{issuers}"
        ),
    )
}

/// Writes who is signed in, and the ways out.
pub(super) fn signed_in(words: &Words, signed_in: &SignedIn) -> String {
    let user = escaped(&signed_in.user);
    let way = |action: &str, label: &str| {
        format!(
            "<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"csrf\" \
             value=\"{}\"><p><button>{label}</button></p></form>\n",
            signed_in.csrf
        )
    };
    let (out, everywhere) = (
        way("/sign-out", words.sign_out),
        way("/sign-out/everywhere", words.everywhere),
    );
    page(
        words,
        &format!(
            "<p>{} <strong>{user}</strong></p>\n{out}{everywhere}",
            words.signed_in_as
        ),
    )
}

fn page(Words { tag, title, .. }: &Words, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"{tag}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} – Varde</title>\n\
         <link rel=\"stylesheet\" href=\"/public/style.css\">\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
