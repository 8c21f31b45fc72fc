//! What is published.

super::words! {
    /// The words of what is published.
    Published {
        title: "Publisert", "Publicerat", "Published";
        lead: "Tabeller som alle kan lese. Ingen tall under {} vises eller kan regnes ut.",
            "Tabeller som alla kan läsa. Inga tal under {} visas eller kan räknas ut.",
            "Tables that everybody may read. No number below {} is shown or can be worked out.";
        project: "Prosjekt", "Projekt", "Project";
        nothing: "Ingenting er publisert ennå.", "Ingenting är publicerat än.", "Nothing is published yet.";
        nothing_try: "Publisering skjer fra en rapport som er sendt inn.", "Publicering sker från en rapport som har lämnats in.", "Releases are made of a report that was submitted.";
        no_project: "Ingen prosjekter er knyttet til nøkkelen din. Be administratoren om tilgang.",
            "Inga projekt är kopplade till din nyckel. Be administratören om åtkomst.",
            "No project belongs to your key. Ask the administrator for access.";
        release: "Publisering {}: til og med {}", "Publicering {}: till och med {}", "Release {}: to {}";
        made: "Publisert {}", "Publicerad {}", "Published {}";
        method: "Slik er det laget", "Så är det gjort", "How it was made";
        method_told: "Hver nøkkel teller én gang, fra dagen da alle vilkår er oppfylt. Små tall holdes tilbake sammen med nok av de andre til at ingen kan regnes ut; et tall kan derfor være fra en tidligere periode.",
            "Varje nyckel räknas en gång, från dagen då alla villkor är uppfyllda. Små tal hålls inne tillsammans med tillräckligt många andra för att inget ska kunna räknas ut; ett tal kan därför vara från en tidigare period.",
            "Each key counts once, from the day on which all conditions hold. Small numbers are held back with enough of the others that none can be worked out; so a number may be of an earlier period.";
        known_at: "Alt som var kjent til", "Allt som var känt till", "Everything known until";
        rule_set: "Regelsett", "Regelverk", "Rule set";
        rule_set_hash: "Regelsettets hash", "Regelverkets hash", "Hash of the rule set";
        zone: "Tidssone", "Tidszon", "Time zone";
        snapshot: "Rapportens SHA-256", "Rapportens SHA-256", "SHA-256 of the report";
        threshold: "Minste tall", "Minsta tal", "Least number";
        number: "Antall", "Antal", "Number";
        total: "Totalt {} {}", "Totalt {} {}", "{} {} in total";
        held_back: "holdt tilbake", "hålls inne", "held back";
        all_held_back: "Hele tabellen holdes tilbake: for få i hver gruppe.", "Hela tabellen hålls inne: för få i varje grupp.", "The whole table is held back: too few in each group.";
        as_of: "{} (per {})", "{} (per {})", "{} (as of {})";
        csv: "Tallene som tabell (CSV)", "Siffrorna som tabell (CSV)", "The numbers as a table (CSV)";
        json: "Publiseringen som fil (JSON)", "Publiceringen som fil (JSON)", "The release as a file (JSON)";
        public_page: "Siden for alle", "Sidan för alla", "The page for everybody";
        verify: "Kontroller", "Kontrollera", "Check";
        check_title: "Kontroll av publisering {}", "Kontroll av publicering {}", "Check of release {}";
        hash: "Publiseringens SHA-256", "Publiceringens SHA-256", "SHA-256 of the release";
        hash_how: "Det samme som sha256sum sier av filen (JSON).", "Detsamma som sha256sum säger om filen (JSON).", "The same as sha256sum tells of the file (JSON).";
        intact: "Rapporten den bygger på, ligger urørt.", "Rapporten som den bygger på ligger orörd.", "The report that it rests on is as it was frozen.";
        not_intact: "Rapporten den bygger på, er ikke som den ble fryst.", "Rapporten som den bygger på är inte som den frystes.", "The report that it rests on is not as it was frozen.";
        follows: "De samme tabellene kommer ut når de lages av rapporten på nytt.", "Samma tabeller kommer ut när de görs av rapporten på nytt.", "The same tables come out when they are made of the report again.";
        not_follows: "Andre tabeller kommer ut når de lages av rapporten på nytt.", "Andra tabeller kommer ut när de görs av rapporten på nytt.", "Other tables come out when they are made of the report again.";
        changes: "Endret siden forrige publisering", "Ändrat sedan förra publiceringen", "Changed since the last release";
        no_changes: "Ingen tall er endret, eller dette er den første publiseringen.", "Inga siffror har ändrats, eller så är detta den första publiceringen.", "No number changed, or this is the first release.";
        indicator: "Indikator", "Indikator", "Indicator";
        group: "Gruppe", "Grupp", "Group";
        before: "Før", "Förut", "Before";
        now: "Nå", "Nu", "Now";
        difference: "Endring", "Ändring", "Change";
        all: "alle", "alla", "all";
        older: "Eldre publiseringer", "Äldre publiceringar", "Older releases";
        back: "Til det som er publisert", "Till det som är publicerat", "To what is published";
        publish: "Publiser", "Publicera", "Publish";
        publish_title: "Publiser fra {}", "Publicera från {}", "Publish of {}";
        publish_how: "Velg en rapport som er sendt inn, og tabeller. Velger du ingen tabeller, tas alle som kan publiseres. Først vises det som ville stå der, eller hva det ville røpe.",
            "Välj en rapport som har lämnats in, och tabeller. Väljer du inga tabeller tas alla som kan publiceras. Först visas det som skulle stå där, eller vad det skulle röja.",
            "Choose a report that was submitted, and tables. Without a choice all that may be published are taken. What would stand there is shown first, or what it would reveal.";
        no_report: "Ingen rapport er sendt inn ennå.", "Ingen rapport har lämnats in än.", "No report is submitted yet.";
        report: "Rapport", "Rapport", "Report";
        report_told: "til og med {}, revisjon {}, {}", "till och med {}, revision {}, {}", "to {}, revision {}, {}";
        tables: "Tabeller", "Tabeller", "Tables";
        preview: "Forhåndsvis", "Förhandsgranska", "Preview";
        preview_title: "Slik ville det bli", "Så skulle det bli", "What would be published";
        final_told: "En publisering kan ikke tas tilbake eller endres: alle kan lese og ta vare på den.",
            "En publicering kan inte tas tillbaka eller ändras: alla kan läsa och spara den.",
            "A release cannot be taken back or changed: everybody may read it and keep it.";
        reveals: "Dette publiseres ikke: det ville røpe noe", "Detta publiceras inte: det skulle röja något", "This is not published: it would reveal something";
        do_publish: "Publiser nå", "Publicera nu", "Publish now";
        other_choice: "Velg på nytt", "Välj på nytt", "Choose again";
        done: "Publisert. Alle kan nå lese den.", "Publicerat. Alla kan nu läsa det.", "Published. Everybody may read it now.";
    }
}
