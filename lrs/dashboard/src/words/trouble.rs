//! When something went wrong.

super::words! {
    /// What happened, and what to try.
    Trouble {
        title: "Det gikk ikke", "Det gick inte", "That did not work";
        absent: "Det finnes ikke her.", "Det finns inte här.", "There is no such thing here.";
        absent_try:
            "Adressen kan være feil skrevet, eller det du leter etter er borte.",
            "Adressen kan vara fel skriven, eller så är det du söker borta.",
            "The address may be mistyped, or what you look for is gone.";
        forbidden: "Rollen din ser ikke dette.", "Din roll ser inte detta.", "Your role does not see this.";
        forbidden_try:
            "Spør den som gir roller hos dere, om du trenger det.",
            "Fråga den som ger roller hos er, om du behöver det.",
            "Ask whoever gives roles at your organisation, if you need it.";
        signed_out: "Du er logget ut.", "Du är utloggad.", "You are signed out.";
        signed_out_try:
            "Logg inn og gjør det en gang til. Ingenting ble endret.",
            "Logga in och gör om det. Ingenting ändrades.",
            "Sign in and do it again. Nothing was changed.";
        wrong: "Noe i forespørselen er galt.", "Något i förfrågan är fel.", "Something in the request is wrong.";
        wrong_try:
            "Gå tilbake, rett det og prøv igjen. Ingenting ble endret.",
            "Gå tillbaka, rätta det och försök igen. Ingenting ändrades.",
            "Go back, mend it and try again. Nothing was changed.";
        busy: "Det går ikke akkurat nå.", "Det går inte just nu.", "That does not work just now.";
        busy_try:
            "Vent litt og prøv igjen. Ingenting ble endret.",
            "Vänta lite och försök igen. Ingenting ändrades.",
            "Wait a little and try again. Nothing was changed.";
        inside: "Noe gikk galt hos oss.", "Något gick fel hos oss.", "Something went wrong on our side.";
        inside_try:
            "Si det til den som driver tjeneren, med nummeret nedenfor.",
            "Säg det till den som driver servern, med numret nedan.",
            "Tell whoever runs the server, with the number below.";
        home: "Til oversikten", "Till översikten", "To the overview";
        sign_in: "Logg inn", "Logga in", "Sign in";
        detail: "Nøyaktig", "Exakt", "Exactly";
        request: "Forespørsel", "Förfrågan", "Request";
    }
}
