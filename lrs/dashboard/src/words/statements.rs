//! Statements: looking for them, and one of them.

super::words! {
    /// The words of the pages of statements.
    Statements {
        title: "Statements", "Statements", "Statements";
        one: "Statement", "Statement", "Statement";
        agent: "Aktør (e-post, eller JSON)", "Aktör (e-post, eller JSON)", "Agent (mail address, or JSON)";
        verb: "Verb (IRI)", "Verb (IRI)", "Verb (IRI)";
        activity: "Aktivitet (IRI)", "Aktivitet (IRI)", "Activity (IRI)";
        registration: "Registrering", "Registrering", "Registration";
        since: "Lagret etter", "Lagrat efter", "Stored after";
        until: "Lagret til og med", "Lagrat till och med", "Stored until";
        find: "Søk", "Sök", "Find";
        stored: "Lagret", "Lagrat", "Stored";
        actor: "Aktør", "Aktör", "Actor";
        object: "Objekt", "Objekt", "Object";
        verb_column: "Verb", "Verb", "Verb";
        none: "Ingen statements passer.", "Inga statements passar.", "No statement fits.";
        none_try:
            "Ta bort noe av det du har bedt om, eller koble til en læringsplattform: docs/front-ends.md sier hvordan.",
            "Ta bort något av det du har bett om, eller anslut en lärplattform: docs/front-ends.md säger hur.",
            "Take away some of what you asked for, or connect a front end: docs/front-ends.md tells how.";
        next: "Neste side", "Nästa sida", "Next page";
        voided: "Dette statementet er annullert.", "Det här statementet har återkallats.", "This statement was voided.";
        refers_to: "Viser til", "Hänvisar till", "Refers to";
        voids: "Annullerer", "Återkallar", "Voids";
        counts_for: "Hva det teller for", "Vad det räknas för", "What it counts for";
        counts_for_nothing: "Det teller ikke for noen indikator.", "Det räknas inte för någon indikator.", "It counts for no indicator.";
        as_of: "Per {}.", "Per {}.", "As of {}.";
        indicator: "Indikator", "Indikator", "Indicator";
        unit: "Hva", "Vad", "What";
        day: "Dag", "Dag", "Day";
        how: "Slik", "Så här", "How";
        adds: "teller, bidrar med {}", "räknas, bidrar med {}", "counts, adds {}";
        space: "Rom", "Rum", "Space";
        version: "xAPI-versjon", "xAPI-version", "xAPI version";
        timestamp: "Skjedde", "Hände", "Happened";
        text: "Innhold (JSON)", "Innehåll (JSON)", "Content (JSON)";
        unnamed: "uten navn", "utan namn", "unnamed";
    }
}
