//! The overview: what came in, and what needs attention.

super::words! {
    /// The words of what needs attention.
    Attention {
        came_in: "Det som kom inn", "Det som kom in", "What came in";
        told: "Statements: {}, fra {} til {} (dager i UTC).", "Statements: {}, från {} till {} (dagar i UTC).", "Statements: {}, from {} to {} (days in UTC).";
        all: "Alle kilder", "Alla källor", "All sources";
        nothing_came: "Ingenting har kommet ennå. Koble til en læringsplattform: docs/front-ends.md sier hvordan.",
            "Ingenting har kommit än. Anslut en lärplattform: docs/front-ends.md säger hur.",
            "Nothing has come yet. Connect a front end: docs/front-ends.md tells how.";
        needed: "Trenger et blikk", "Behöver ses över", "What needs attention";
        well: "Ingenting nå.", "Inget just nu.", "Nothing now.";
        silent: "Kilder som er tause: {}", "Källor som är tysta: {}", "Sources that are silent: {}";
        repeats: "Statements som trolig er gjentakelser, siste 30 dager: {}",
            "Statements som troligen är upprepningar, senaste 30 dagarna: {}",
            "Statements that are probably repeats, last 30 days: {}";
        future: "Statements fra fremtiden, som aldri telles, siste 30 dager: {}",
            "Statements från framtiden, som aldrig räknas, senaste 30 dagarna: {}",
            "Statements from the future, which never count, last 30 days: {}";
        national_ids: "Statements med fødselsnummer eller personnummer: {}",
            "Statements med personnummer eller norska fødselsnummer: {}",
            "Statements with national identity numbers: {}";
        uncounted: "Statements som ikke teller for noe prosjekt",
            "Statements som inte räknas för något projekt",
            "Statements that count for no project";
        or_more: "{} eller flere", "{} eller fler", "{} or more";
    }
}
