//! Sources: the keys that statements come by.

use varde_core::Tolerance;

super::words! {
    /// The words of the pages of sources.
    Sources {
        title: "Kilder", "Källor", "Sources";
        from: "Fra og med", "Från och med", "From";
        to: "Til og med", "Till och med", "To";
        told:
            "Statements: {}, fra {} til {} (dager i UTC), talt til og med {}.",
            "Statements: {}, från {} till {} (dagar i UTC), räknat till och med {}.",
            "Statements: {}, from {} to {} (days in UTC), counted through {}.";
        nothing_counted: "ingenting ennå", "ingenting än", "nothing yet";
        chart: "Statements per dag fra {} til {} (n = {})", "Statements per dag från {} till {} (n = {})", "Statements by day from {} to {} (n = {})";
        chart_says: "Det kom statements på {} av {} dager; flest på én dag: {}.",
            "Det kom statements på {} av {} dagar; flest på en dag: {}.",
            "Statements came on {} of {} days; the most on one day: {}.";
        as_table: "Som tabell", "Som tabell", "As a table";
        day: "Dag (UTC)", "Dag (UTC)", "Day (UTC)";
        statements: "Statements", "Statements", "Statements";
        source: "Kilde", "Källa", "Source";
        machine: "maskin", "maskin", "machine";
        per_day: "Per dag", "Per dag", "Per day";
        usual_gap: "Vanlig avstand, dager", "Vanligt avstånd, dagar", "Usual gap, days";
        longest_gap: "Lengste avstand, dager", "Längsta avstånd, dagar", "Longest gap, days";
        days_with: "Dager med statements", "Dagar med statements", "Days with statements";
        last_seen: "Sist sett", "Senast sedd", "Last seen";
        look_at: "Å se på", "Att se på", "To look at";
        never: "aldri", "aldrig", "never";
        silent_since: "Taus siden {}", "Tyst sedan {}", "Silent since {}";
        overdue: "Taus i {} dager, lenger enn vanlig (høyst {})",
            "Tyst i {} dagar, längre än vanligt (högst {})",
            "Silent for {} days, longer than usual (at most {})";
        in_window: "Statements i disse dagene", "Statements under dessa dagar", "Statements in these days";
        repeats: "Gjentakelser", "Upprepningar", "Repeats";
        future: "Fra fremtiden", "Från framtiden", "From the future";
        late: "Kom sent", "Kom sent", "Came late";
        without_timestamp: "Uten tidspunkt", "Utan tidpunkt", "Without a timestamp";
        skew: "Største avvik", "Största avvikelse", "Largest skew";
        let_off: "Toleranser brukt", "Använda toleranser", "Tolerance uses";
        next: "Neste side", "Nästa sida", "Next page";
        tables: "Som tabell (CSV): ", "Som tabell (CSV): ", "As a table (CSV): ";
        by_source: "per kilde", "per källa", "by source";
        by_day: "per kilde og dag", "per källa och dag", "by source and day";
        none: "Ingen nøkkel kan sende hit ennå.", "Ingen nyckel kan skicka hit än.", "No key may send here yet.";
        none_try:
            "Lag en med «varde key create», og koble til en læringsplattform: docs/front-ends.md sier hvordan. En tid uten noen kilde kan også være valgt over.",
            "Skapa en med ”varde key create”, och anslut en lärplattform: docs/front-ends.md säger hur. En tid utan någon källa kan också vara vald ovan.",
            "Make one by “varde key create”, and connect a front end: docs/front-ends.md tells how. Or a time without any source is chosen above.";
        test: "Send et test-statement", "Skicka ett test-statement", "Send a test statement";
        test_means:
            "Det lagres på samme vei som det en læringsplattform sender, men i prosjektets testrom, der ingenting telles.",
            "Det lagras på samma väg som det en lärplattform skickar, men i projektets testrum, där ingenting räknas.",
            "It is stored on the way that what a front end sends takes, but in the test space of your project, where nothing is counted.";
        test_stored: "Test-statementet er lagret", "Test-statementet är lagrat", "The test statement is stored";
        test_stored_means:
            "Varde tok imot det og leste det tilbake: det står her slik det er lagret.",
            "Varde tog emot det och läste tillbaka det: det står här så som det är lagrat.",
            "Varde took it in and read it back: it stands here as it is stored.";
        back: "Alle kilder", "Alla källor", "All sources";
        space: "Rom", "Rum", "Space";
        kind: "Hvem", "Vem", "Who";
        made: "Laget", "Skapad", "Made";
        revoked: "Trukket tilbake", "Återkallad", "Revoked";
        expires: "Gjelder til", "Gäller till", "Ends";
        last_use: "Nøkkelen sist brukt", "Nyckeln senast använd", "Key last used";
        last_statement: "Siste statement", "Senaste statement", "Last statement";
        ever: "Statements i alt", "Statements totalt", "Statements ever";
        stored: "Lagret", "Lagrat", "Stored";
        text: "Innhold (JSON)", "Innehåll (JSON)", "Content (JSON)";
        clock: "Klokke og tidspunkt", "Klocka och tidpunkt", "Clock and timestamps";
        future_try:
            "Fra fremtiden: {}. Disse sier at de skjedde mer enn fem minutter etter at de ble lagret, det lengste avviket er {}. De telles aldri. Se at klokken på maskinen som sender er stilt (NTP), og at tidspunktene har med tidssonen.",
            "Från framtiden: {}. Dessa säger att de hände mer än fem minuter efter att de lagrades, den största avvikelsen är {}. De räknas aldrig. Se till att klockan på maskinen som skickar är ställd (NTP), och att tidpunkterna har med tidszonen.",
            "From the future: {}. These say that they happened more than five minutes after they were stored, the furthest by {}. They never count. See that the clock of the machine that sends is set (NTP), and that timestamps have their zone.";
        late_try:
            "Kom sent: {}. Disse skjedde mer enn sju dager før de ble lagret. De telles fra den dagen de skjedde, så tall for avsluttede perioder kan endre seg. Se om plattformen har en kø som står.",
            "Kom sent: {}. Dessa hände mer än sju dagar innan de lagrades. De räknas från den dag de hände, så siffror för avslutade perioder kan ändras. Se om plattformen har en kö som står stilla.",
            "Came late: {}. These happened more than seven days before they were stored. They count from the day on which they happened, so figures of past periods may change. See whether the front end has a queue that stands still.";
        without_try:
            "Uten tidspunkt: {}. For disse gjelder øyeblikket de ble lagret. La plattformen sende «timestamp», så et brudd i nettet ikke flytter det som skjedde.",
            "Utan tidpunkt: {}. För dessa gäller ögonblicket då de lagrades. Låt plattformen skicka ”timestamp”, så att ett avbrott i nätet inte flyttar det som hände.",
            "Without a timestamp: {}. The instant at which these were stored stands for it. Have the front end send “timestamp”, so that a gap in the network does not move what happened.";
        clock_well: "Alle tidspunkter passer.", "Alla tidpunkter stämmer.", "All timestamps fit.";
        tolerance: "Toleranse", "Tolerans", "Tolerance";
        uses: "Brukt siden nøkkelen ble laget", "Använd sedan nyckeln skapades", "Used since the key was made";
        means: "Hva det betyr", "Vad det betyder", "What it means";
        no_tolerances: "Nøkkelen har ingen toleranser: alt den sender følger standarden.",
            "Nyckeln har inga toleranser: allt den skickar följer standarden.",
            "The key has no tolerances: all that it sends keeps to the standard.";
        unknown_parameters:
            "Parametre som standarden ikke kjenner blir oversett. Oppdater innholdet på TinCanJS, eller ta bort det som legges til adressen; så kan toleransen tas bort.",
            "Parametrar som standarden inte känner till hoppas över. Uppdatera innehållet på TinCanJS, eller ta bort det som läggs till adressen; sedan kan toleransen tas bort.",
            "Parameters that the standard does not know are ignored. Update the content on TinCanJS, or take away what is added to the address; then the tolerance can go.";
        mislabelled_documents:
            "Dokumenter som kaller seg JSON uten å være det, tas vare på som rene byte. Eksporter kurset på nytt fra en nyere utgave av verktøyet.",
            "Dokument som kallar sig JSON utan att vara det sparas som rena byte. Exportera kursen på nytt från en nyare utgåva av verktyget.",
            "Documents that say to be JSON and are not are kept as mere bytes. Publish the course again from a newer release of its tool.";
        unconditional_profiles:
            "Nye profiler lagres uten betingelse (If-Match); ingenting som er der, blir erstattet. Oppdater biblioteket som sender.",
            "Nya profiler lagras utan villkor (If-Match); ingenting som finns där ersätts. Uppdatera biblioteket som skickar.",
            "New profiles are stored without a condition (If-Match); nothing that is there is replaced. Update the library that sends.";
        repeats_means:
            "Disse sier det samme som et tidligere statement under en annen id. De er merket, ikke fjernet: en regel avgjør om de teller. La plattformen lage id-en før den sender, så et nytt forsøk blir det samme statementet.",
            "Dessa säger samma sak som ett tidigare statement under ett annat id. De är märkta, inte borttagna: en regel avgör om de räknas. Låt plattformen skapa id:t innan den skickar, så att ett nytt försök blir samma statement.",
            "These say the same as an earlier statement under another id. They are flagged, not removed: a rule decides whether they count. Have the front end make the id before it sends, so that a second try is the same statement.";
        repeat: "Gjentakelsen", "Upprepningen", "The repeat";
        first: "Sagt først i", "Sagt först i", "Said first in";
        no_repeats: "Ingen som du kan lese.", "Inga som du kan läsa.", "None that you may read.";
        refusals: "Avviste forespørsler fra denne nøkkelen", "Avvisade anrop från den här nyckeln", "Refused requests of this key";
        minutes: "min", "min", "min";
        hours: "timer", "timmar", "hours";
        days: "dager", "dagar", "days";
    }
}

impl Sources {
    /// Says what a tolerance means, and what would make it needless.
    pub(crate) fn meaning(&self, tolerance: Tolerance) -> &'static str {
        match tolerance {
            Tolerance::UnknownParameters => self.unknown_parameters,
            Tolerance::MislabelledDocuments => self.mislabelled_documents,
            Tolerance::UnconditionalProfiles => self.unconditional_profiles,
        }
    }
}
