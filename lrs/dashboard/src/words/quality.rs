//! Data quality: what to look after before numbers are handed in.

super::words! {
    /// The words of the pages of data quality.
    Quality {
        title: "Datakvalitet", "Datakvalitet", "Data quality";
        lead: "Det som gjør tall mindre enn de kunne være, eller mindre sikre, og hva du kan gjøre med det.",
            "Det som gör tal mindre än de kunde vara, eller mindre säkra, och vad du kan göra åt det.",
            "What makes numbers smaller than they could be, or less certain, and what you can do.";
        told: "{}: per {}, med alt som er kjent til og med {}.",
            "{}: per {}, med allt som är känt till och med {}.",
            "{}: as of {}, with all that is known through {}.";
        nothing: "Her er ingen indikatorer ennå.", "Här finns inga indikatorer än.", "There are no indicators here yet.";
        nothing_try: "De kommer når prosjektets indikatorsett er tatt i bruk, og nøkkelen din leser prosjektet.",
            "De kommer när projektets indikatoruppsättning har aktiverats, och din nyckel läser projektet.",
            "They come once the project's indicator set is activated and your key reads the project.";
        unresolved: "Uten person i registeret", "Utan person i registret", "Without a person in the register";
        unresolved_why: "De teller, men ingen vet om to av dem er samme menneske, og de mangler kjønn, alder og region. Legg identifikatorene til i identities.csv og importer på nytt.",
            "De räknas, men ingen vet om två av dem är samma människa, och de saknar kön, ålder och region. Lägg till identifierarna i identities.csv och importera igen.",
            "They count, but nobody knows whether two of them are one human being, and they lack gender, age and region. Add the identifiers to identities.csv and import again.";
        unresolved_none: "Alle som teller, står i registeret.", "Alla som räknas finns i registret.", "Everybody who counts is in the register.";
        indicator: "Indikator", "Indikator", "Indicator";
        project: "Prosjekt", "Projekt", "Project";
        missing: "Uten person", "Utan person", "Without a person";
        share: "Andel", "Andel", "Share";
        of_n: "{} av {}", "{} av {}", "{} of {}";
        coverage: "Ukjent i fordelinger", "Okänt i fördelningar", "Unknown in breakdowns";
        coverage_why: "Hvor stor del av hver indikator som ikke har noen verdi i en fordeling, på dagen den teller fra. Fyll ut people.csv, affiliations.csv og organisations.csv.",
            "Hur stor del av varje indikator som saknar värde i en fördelning, den dag den räknas från. Fyll i people.csv, affiliations.csv och organisations.csv.",
            "How much of each indicator has no value in a breakdown, on the day from which it counts. Fill in people.csv, affiliations.csv and organisations.csv.";
        coverage_none: "Ingenting er talt ennå, så ingenting er ukjent.",
            "Inget är räknat än, så inget är okänt.",
            "Nothing is counted yet, so nothing is unknown.";
        dimension: "Fordeling", "Fördelning", "Breakdown";
        unknown: "Ukjent", "Okänt", "Unknown";
        lists: "Statements å se på", "Statements att titta på", "Statements to look at";
        uncounted: "Teller for ingen prosjekter", "Räknas för inget projekt", "Count for no project";
        uncounted_why: "Aktiviteten er ikke registrert i noe prosjekt, eller tiden ligger i fremtiden. Legg aktiviteten til i activities.csv, eller rett klokken der det sendes fra.",
            "Aktiviteten är inte registrerad i något projekt, eller tiden ligger i framtiden. Lägg till aktiviteten i activities.csv, eller rätta klockan där det skickas från.",
            "The activity is registered in no project, or the time lies in the future. Add the activity to activities.csv, or set the clock of the sender right.";
        uncounted_look: "Se gjennom loggen", "Titta igenom loggen", "Look through the log";
        uncounted_none: "Ingen i denne delen av loggen. Siden ser på 2000 hendelser om gangen.",
            "Inga i den här delen av loggen. Sidan tittar på 2000 händelser åt gången.",
            "None in this part of the log. The page looks at 2,000 events at a time.";
        no_project: "ingen registrert aktivitet", "ingen registrerad aktivitet", "no registered activity";
        future: "tiden ligger i fremtiden", "tiden ligger i framtiden", "the time lies in the future";
        repeats: "Sannsynlige gjentakelser", "Troliga upprepningar", "Probable repeats";
        repeats_why: "Det samme er sagt før, med en annen id: ofte en avsender som prøvde igjen. Regler teller hver nøkkel én gang; se etter at avsenderen setter id selv.",
            "Samma sak har sagts förut med ett annat id: ofta en avsändare som försökte igen. Regler räknar varje nyckel en gång; se till att avsändaren själv sätter id.",
            "The same was said before under another id: often a sender that tried again. Rules count each key once; see that the sender sets ids itself.";
        repeats_none: "Ingen gjentakelser er funnet.", "Inga upprepningar har hittats.", "No repeat was found.";
        repeat_of: "Gjentar", "Upprepar", "Repeats";
        national_ids: "Fødselsnumre og personnumre", "Personnummer och födelsenummer", "National identity numbers";
        national_ids_why: "Statements som kom med et slikt nummer. Rett kilden, og sett --national-ids mask eller refuse på nøkkelen.",
            "Statements som kom med ett sådant nummer. Rätta källan, och sätt --national-ids mask eller refuse på nyckeln.",
            "Statements that came with such a number. Mend the source, and set --national-ids mask or refuse on the key.";
        national_ids_none: "Ingen er funnet.", "Inga har hittats.", "None was found.";
        places: "Hvor", "Var", "Where";
        became: "Hva som ble av det", "Vad det blev av det", "What became of it";
        flag: "lagret som sendt", "sparat som det skickades", "stored as sent";
        mask: "sifrene er skjult", "siffrorna är dolda", "the digits are masked";
        refuse: "avvist", "avvisat", "refused";
        statement: "Statement", "Statement", "Statement";
        stored: "Lagret", "Lagrat", "Stored";
        space: "Rom", "Rum", "Space";
        reason: "Hvorfor", "Varför", "Why";
        many: "{} eller flere", "{} eller fler", "{} or more";
        count: "{} på listen", "{} i listan", "{} on the list";
        late: "Sent kjent og rettet", "Sent känt och rättat", "Known late, and corrected";
        late_why: "Perioder som er rapportert, og om noe fra før dem ser annerledes ut nå. Åpne en rapport for å se hvilke nøkler som er rettet, og hvorfor.",
            "Perioder som är rapporterade, och om något från tiden före dem ser annorlunda ut nu. Öppna en rapport för att se vilka nycklar som är rättade, och varför.",
            "Periods that were reported, and whether something from before them looks otherwise now. Open a report to see which keys were corrected, and why.";
        late_none: "Ingen rapporter ennå. Rettelser står i rapporten etter den de gjelder.",
            "Inga rapporter än. Rättelser står i rapporten efter den som de gäller.",
            "There are no reports yet. Corrections stand in the report after the one that they concern.";
        period: "Periode", "Period", "Period";
        revision: "Utgave", "Utgåva", "Revision";
        report_state: "Tilstand", "Tillstånd", "State";
        draft: "utkast", "utkast", "draft";
        submitted: "sendt inn", "inskickad", "submitted";
        returned: "sendt tilbake", "återsänd", "returned";
        accepted: "godkjent", "godkänd", "accepted";
        frozen: "Som kjent", "Som känt", "As known at";
        what_changed: "Hva som er rettet", "Vad som är rättat", "What was corrected";
        corrections: "Rettelser i {}, perioden til og med {}", "Rättelser i {}, perioden till och med {}", "Corrections in {}, the period to {}";
        corrections_told: "Forskjellen mellom det som sist ble godkjent, og det som er kjent ved {}.",
            "Skillnaden mellan det som senast godkändes och det som är känt vid {}.",
            "The difference between what was last accepted and what is known at {}.";
        corrections_none: "Ingenting fra tidligere perioder er annerledes enn rapportert.",
            "Inget från tidigare perioder skiljer sig från det rapporterade.",
            "Nothing of earlier periods differs from what was reported.";
        by_cause: "Etter årsak", "Efter orsak", "By cause";
        cause: "Årsak", "Orsak", "Cause";
        how_many: "Nøkler", "Nycklar", "Keys";
        key: "Nøkkel", "Nyckel", "Key";
        amount: "Rettet med", "Rättat med", "Corrected by";
        statements: "Statements", "Statements", "Statements";
        day: "Fra", "Från", "Since";
        person: "Person", "Person", "Person";
        next: "Neste side", "Nästa sida", "Next page";
        back: "Til datakvalitet", "Till datakvalitet", "To data quality";
        as_table: "Som tabell (CSV)", "Som tabell (CSV)", "As a table (CSV)";
        shown: "{} av {}", "{} av {}", "{} of {}";
    }
}
