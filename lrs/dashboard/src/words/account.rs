//! Signing in and out.

use varde_core::Role;

super::words! {
    /// The words of the account's page and of signing in.
    Account {
        title: "Logg inn", "Logga in", "Sign in";
        name: "Brukernavn", "Användarnamn", "User name";
        password: "Passord", "Lösenord", "Password";
        wrong:
            "Brukernavn eller passord er feil, eller det er prøvd for mange ganger. Prøv igjen senere.",
            "Användarnamnet eller lösenordet är fel, eller så har det prövats för många gånger. Försök igen senare.",
            "The user name or the password is wrong, or there were too many attempts. Try again later.";
        not_vouched:
            "Innloggingen kom ikke i mål, eller du har ingen rolle her. Prøv igjen.",
            "Inloggningen kom inte i mål, eller så har du ingen roll här. Försök igen.",
            "Signing in was not finished, or you have no role here. Try again.";
        sign_in_at: "Logg inn med {}", "Logga in med {}", "Sign in with {}";
        yours: "Din konto", "Ditt konto", "Your account";
        role: "Rolle", "Roll", "Role";
        projects: "Prosjekter", "Projekt", "Projects";
        administrator: "administrator", "administratör", "administrator";
        data_steward: "dataforvalter", "dataförvaltare", "data steward";
        evaluator: "evaluator", "utvärderare", "evaluator";
        funder: "finansiør", "finansiär", "funder";
        auditor: "revisor", "revisor", "auditor";
        learner: "lærende", "lärande", "learner";
        sign_out: "Logg ut", "Logga ut", "Sign out";
        everywhere: "Logg ut overalt", "Logga ut överallt", "Sign out everywhere";
        everywhere_means:
            "Avslutter alle innlogginger dine, også på andre maskiner.",
            "Avslutar alla dina inloggningar, även på andra datorer.",
            "Ends everything you are signed in by, on other computers too.";
    }
}

impl Account {
    /// Names a role.
    pub(crate) fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Administrator => self.administrator,
            Role::DataSteward => self.data_steward,
            Role::Evaluator => self.evaluator,
            Role::Funder => self.funder,
            Role::Auditor => self.auditor,
            Role::Learner => self.learner,
        }
    }
}
