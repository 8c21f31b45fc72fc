//! Persons of the register: who is there, one of them, two who are one, and oneself.

super::words! {
    /// The words of the pages of persons, and of what is shown of one.
    Learners {
        title: "Lærende", "Lärande", "Learners";
        lead: "Alle i registeret, under pseudonym. Ingen navn og ingen adresser vises her.",
            "Alla i registret, under pseudonym. Inga namn och inga adresser visas här.",
            "Everybody in the register, under a pseudonym. No name and no address is shown here.";
        begins: "Pseudonymet begynner med", "Pseudonymen börjar med", "The pseudonym begins with";
        identifier: "E-postadresse eller konto", "E-postadress eller konto", "Mail address or account";
        identifier_hint: "For eksempel kari@example.org, eller account:17|https://lms.example.org. Det du skriver, lagres ikke.",
            "Till exempel kari@example.org, eller account:17|https://lms.example.org. Det du skriver sparas inte.",
            "For instance kari@example.org, or account:17|https://lms.example.org. What you type is not kept.";
        find: "Finn personen", "Hitta personen", "Find the person";
        nobody: "Ingen statement som teller, og intet register nevner dette.",
            "Inget statement som räknas och inget register nämner det här.",
            "No statement that counts and no register names this.";
        nobody_try: "Se etter skrivefeil, og om kurset sender en annen adresse eller konto.",
            "Kontrollera stavningen, och om kursen skickar en annan adress eller ett annat konto.",
            "Look for a slip of the keys, and whether the course sends another address or account.";
        unregistered: "Statements nevner dette, men registeret sier ikke hvem det er.",
            "Statements nämner det här, men registret säger inte vem det är.",
            "Statements name this, but the register does not say whose it is.";
        unregistered_try: "Legg det til i identities.csv og importer registeret på nytt.",
            "Lägg till det i identities.csv och importera registret igen.",
            "Add it to identities.csv and import the register again.";
        person: "Person", "Person", "Person";
        countries: "Land", "Land", "Countries";
        organisations: "Organisasjoner", "Organisationer", "Organisations";
        identifiers: "Identifikatorer", "Identifierare", "Identifiers";
        state: "Tilstand", "Tillstånd", "State";
        active: "aktiv", "aktiv", "active";
        counts_for: "teller for {}", "räknas för {}", "counts for {}";
        counts_for_link: "Teller for", "Räknas för", "Counts for";
        restricted: "begrenset", "begränsad", "restricted";
        sealed: "forseglet", "förseglad", "sealed";
        erased: "slettet", "raderad", "erased";
        none: "Ingen i registeret passer.", "Ingen i registret passar.", "Nobody in the register fits.";
        none_try: "Ta bort det du har bedt om, eller importer people.csv og identities.csv. Du ser dem som har statements i rommene du leser.",
            "Ta bort det du har bett om, eller importera people.csv och identities.csv. Du ser dem som har statements i de rum du läser.",
            "Take away what you asked for, or import people.csv and identities.csv. You see those of whom there are statements in the spaces that you read.";
        next: "Neste side", "Nästa sida", "Next page";
        as_table: "Som tabell (CSV)", "Som tabell (CSV)", "As a table (CSV)";
        back: "Til alle", "Till alla", "To everybody";
        mbox: "e-post", "e-post", "mail address";
        mbox_sha1sum: "avtrykk av e-post", "avtryck av e-post", "digest of a mail address";
        openid: "OpenID", "OpenID", "OpenID";
        account: "konto hos {}", "konto hos {}", "account at {}";
        unknown_kind: "ukjent", "okänd", "unknown";
        gender: "Kjønn", "Kön", "Gender";
        birth_year_band: "Født", "Född", "Born";
        region: "Region", "Region", "Region";
        merged_from: "Teller også for", "Räknas också för", "Counts also for";
        told: "Per {}, med alt som er kjent til og med {}.", "Per {}, med allt som är känt till och med {}.", "As of {}, with all that is known through {}.";
        told_nothing: "Per {}.", "Per {}.", "As of {}.";
        competences: "Kompetanser", "Kompetenser", "Competences";
        no_competences: "Ingen regel i bruk har funnet noe hos denne personen ennå.",
            "Ingen regel som används har hittat något hos den här personen än.",
            "No rule in use has found anything of this person yet.";
        evidence: "Det som viser det", "Det som visar det", "What shows it";
        near_misses: "Sett på, men viser ikke noe nivå", "Granskat, men visar ingen nivå", "Looked at, and shows no level";
        not_told: "og {} til", "och {} till", "and {} more";
        counted: "Tall som teller med personen", "Tal som räknar med personen", "Figures that count the person";
        no_counted: "Ingen indikator teller med denne personen ennå.",
            "Ingen indikator räknar med den här personen än.",
            "No indicator counts this person yet.";
        indicator: "Indikator", "Indikator", "Indicator";
        unit: "Hva", "Vad", "What";
        since: "Fra", "Från", "Since";
        statements: "Statements", "Statements", "Statements";
        timeline: "Tidslinje", "Tidslinje", "Timeline";
        no_timeline: "Ingenting er skjedd ennå.", "Ingenting har hänt än.", "Nothing has happened yet.";
        events: "{} av {} hendelser", "{} av {} händelser", "{} of {} events";
        always: "Fra før av", "Sedan tidigare", "Since always";
        event_counted: "Talt med i {} {}", "Medräknad i {} {}", "Counted in {} {}";
        event_shown: "Viste nivå {} i {}", "Visade nivå {} i {}", "Showed level {} in {}";
        event_affiliated: "Hører til {}", "Tillhör {}", "Belongs to {}";
        event_until: "til og med {}", "till och med {}", "until {}";
        event_merged: "{} teller for {}", "{} räknas för {}", "{} counts for {}";
        event_parted: "{} teller for seg selv igjen", "{} räknas för sig själv igen", "{} counts by themselves again";
        event_from: "fra {}", "från {}", "from {}";
        event_all_days: "for alle dager", "för alla dagar", "for all days";
        record: "Alt som er lagret om personen", "Allt som är sparat om personen", "Everything that is held of the person";
        record_why: "Til den som ber om innsyn: statements, dokumenter, registerrader og hvem som har lest.",
            "Till den som begär insyn: statements, dokument, registerrader och vem som har läst.",
            "For whoever asks for access: statements, documents, register rows and who has read.";
        as_page: "Side å lese", "Sida att läsa", "Page to read";
        as_json: "JSON", "JSON", "JSON";
    }
}

super::words! {
    /// The words of making two persons one, and two again.
    Merging {
        title: "Er dette samme menneske?", "Är det här samma människa?", "Are these the same human being?";
        heading: "Slå sammen med en annen", "Slå ihop med en annan", "Merge into another";
        why: "Er samme menneske i registeret to ganger, skal det telles én gang.",
            "Finns samma människa två gånger i registret ska den räknas en gång.",
            "Somebody who is in the register twice is to count once.";
        into: "Pseudonymet som skal beholdes", "Pseudonymen som ska behållas", "The pseudonym that stays";
        compare: "Se dem ved siden av hverandre", "Se dem bredvid varandra", "See them side by side";
        beside: "De to ved siden av hverandre", "De två bredvid varandra", "The two side by side";
        goes: "Slås sammen", "Slås ihop", "Is merged";
        stays: "Beholdes", "Behålls", "Stays";
        about: "Om", "Om", "About";
        counted: "Telles med i", "Medräknad i", "Counted in";
        levels: "Kompetanser med nivå", "Kompetenser med nivå", "Competences with a level";
        means: "Hva det betyr for tallene", "Vad det betyder för talen", "What it means for the figures";
        means_counts: "Alt {} har gjort, teller for {}: kompetanser, indikatorer og rapporter som ennå ikke er sendt inn. Statements og innsendte rapporter endres ikke.",
            "Allt som {} har gjort räknas för {}: kompetenser, indikatorer och rapporter som inte är inskickade än. Statements och inskickade rapporter ändras inte.",
            "All that {} did counts for {}: competences, indicators and reports that are not submitted yet. Statements and submitted reports do not change.";
        shared: "Disse teller begge i dag, og ville telle én i stedet for to:",
            "De här räknar båda i dag, och skulle räkna en i stället för två:",
            "These count both today, and would count one instead of two:";
        shared_none: "Ingenting teller begge i dag, så ingen verdi blir mindre.",
            "Inget räknar båda i dag, så inget värde blir mindre.",
            "Nothing counts both today, so no value gets smaller.";
        back_means: "Det kan tas tilbake når som helst på siden til {}; da teller hver for seg igjen, og tallene blir som før.",
            "Det kan tas tillbaka när som helst på sidan för {}; då räknas var och en för sig igen, och talen blir som förut.",
            "It can be taken back at any time on the page of {}; then each counts for themselves again, and the figures are as before.";
        noted: "Revisjonsloggen sier hvem som gjorde det, og når.",
            "Granskningsloggen säger vem som gjorde det och när.",
            "The audit log says who did it, and when.";
        from: "Fra dag (tom: alle dager)", "Från dag (tom: alla dagar)", "From day (empty: all days)";
        merge: "Slå dem sammen", "Slå ihop dem", "Merge them";
        cancel: "Nei, la dem være to", "Nej, låt dem vara två", "No, leave them two";
        same: "Det er samme person allerede. Velg en annen.", "Det är redan samma person. Välj en annan.", "That is the same person already. Choose another one.";
        not_active: "En av dem kan ikke slås sammen slik den er nå: {} er {}.",
            "En av dem kan inte slås ihop som den är nu: {} är {}.",
            "One of them cannot be merged as it stands: {} is {}.";
        done: "{} teller nå for {}. Tallene følger etter i løpet av et øyeblikk.",
            "{} räknas nu för {}. Talen följer efter inom ett ögonblick.",
            "{} now counts for {}. The figures follow within moments.";
        take_back: "Ta det tilbake", "Ta tillbaka det", "Take it back";
        part_title: "Er dette to mennesker likevel?", "Är det här två människor ändå?", "Are these two human beings after all?";
        part_means: "{} teller for {} nå. Tas det tilbake, teller hver for seg igjen: kompetanser og indikatorer regnes ut på nytt av de samme statements.",
            "{} räknas för {} nu. Tas det tillbaka räknas var och en för sig igen: kompetenser och indikatorer räknas ut på nytt av samma statements.",
            "{} counts for {} now. When that is taken back, each counts for themselves again: competences and indicators are worked out anew from the same statements.";
        part: "La dem være to igjen", "Låt dem vara två igen", "Make them two again";
        keep: "Nei, behold sammenslåingen", "Nej, behåll sammanslagningen", "No, keep the merge";
        parted: "{} teller for seg selv igjen. Tallene følger etter i løpet av et øyeblikk.",
            "{} räknas för sig själv igen. Talen följer efter inom ett ögonblick.",
            "{} counts by themselves again. The figures follow within moments.";
        not_merged: "{} teller for seg selv; det er ikke noe å ta tilbake.",
            "{} räknas för sig själv; det finns inget att ta tillbaka.",
            "{} counts by themselves; there is nothing to take back.";
    }
}

super::words! {
    /// The words of what somebody is shown of themselves.
    Own {
        title: "Mine opplysninger", "Mina uppgifter", "My record";
        lead: "Her ser du hva som er lagret om deg, hva som er slått fast om kompetansen din, og hvorfor. Ingen andre lærende kan se dette.",
            "Här ser du vad som är sparat om dig, vad som har slagits fast om din kompetens, och varför. Inga andra lärande kan se det här.",
            "Here you see what is held of you, what was concluded of your competence, and why. No other learner can see this.";
        held: "Det som er lagret om deg", "Det som är sparat om dig", "What is held of you";
        known_as: "I tall og tabeller heter du {}, ikke navnet ditt.",
            "I tal och tabeller heter du {}, inte ditt namn.",
            "In figures and tables you are called {}, not by your name.";
        found_by: "Du er kjent igjen på: {}.", "Du känns igen på: {}.", "You are recognised by: {}.";
        found_by_none: "Ingen e-postadresse og ingen konto er knyttet til deg i dag.",
            "Ingen e-postadress och inget konto är kopplat till dig i dag.",
            "No mail address and no account is tied to you today.";
        belongs: "Du hører til {}.", "Du tillhör {}.", "You belong to {}.";
        values: "Registeret sier om deg: {}.", "Registret säger om dig: {}.", "The register says of you: {}.";
        one_person: "Du er slått sammen med {}, fordi noen mente at dere er samme menneske. Stemmer det ikke, si fra.",
            "Du har slagits ihop med {}, eftersom någon ansåg att ni är samma människa. Säg till om det inte stämmer.",
            "You were merged with {}, for somebody held that you are the same human being. If that is wrong, say so.";
        also: "I tillegg er det lagret statements om det du har gjort i kursene. Alle er med når du laster ned.",
            "Dessutom finns sparade statements om det du har gjort i kurserna. Alla följer med när du laddar ner.",
            "Beside that there are statements of what you did in the courses. All are in what you download.";
        competences: "Kompetansen din", "Din kompetens", "Your competences";
        no_competences: "Ingenting er slått fast om kompetansen din ennå. Det kommer når du har gjort noe i et kurs som en regel ser på.",
            "Inget har slagits fast om din kompetens än. Det kommer när du har gjort något i en kurs som en regel tittar på.",
            "Nothing was concluded of your competence yet. It comes once you have done something in a course that a rule looks at.";
        counted: "Tall du er med i", "Tal som du ingår i", "Figures that count you";
        no_counted: "Du er ikke med i noe tall ennå.", "Du ingår inte i något tal än.", "No figure counts you yet.";
        download: "Last ned alt om deg", "Ladda ner allt om dig", "Download everything about you";
        download_why: "Alt som er lagret om deg, hva som er slått fast, og hvem som har lest om deg.",
            "Allt som är sparat om dig, vad som har slagits fast och vem som har läst om dig.",
            "Everything that is held of you, what was concluded, and who has read of you.";
        as_page: "Som side å lese og skrive ut", "Som sida att läsa och skriva ut", "As a page to read and print";
        as_json: "Som data (JSON), til å ta med deg", "Som data (JSON), att ta med dig", "As data (JSON), to take with you";
        rights: "Er noe galt, eller vil du bli slettet?", "Är något fel, eller vill du bli raderad?", "Is something wrong, or do you want to be erased?";
        rights_lead: "Skriv til prosjektkontoret som ga deg innloggingen. Si hvilket pseudonym du har: {}. Du kan be om:",
            "Skriv till projektkontoret som gav dig inloggningen. Säg vilken pseudonym du har: {}. Du kan be om:",
            "Write to the project office that gave you your sign-in. Say which pseudonym you have: {}. You may ask for:";
        correction: "Retting: at noe galt blir rettet. Det som bygger på det, regnes ut på nytt.",
            "Rättelse: att något felaktigt rättas. Det som bygger på det räknas ut på nytt.",
            "Correction: that something wrong is put right. What rests on it is worked out anew.";
        restriction: "Begrensning: at det som er lagret om deg, ikke brukes mens noe avklares.",
            "Begränsning: att det som är sparat om dig inte används medan något reds ut.",
            "Restriction: that what is held of you is not used while something is settled.";
        erasure: "Sletting: at alt om deg fjernes. Det prosjektet må dokumentere, holdes skjult for alle andre til fristen er ute. Innloggingen din slutter å virke.",
            "Radering: att allt om dig tas bort. Det som projektet måste dokumentera hålls dolt för alla andra tills tiden har gått ut. Din inloggning slutar att fungera.",
            "Erasure: that everything of you goes. What the project must be able to prove is kept hidden from everybody else until its term ends. Your sign-in stops working.";
        complaint: "Er du ikke enig i svaret, kan du klage til Datatilsynet (i Sverige Integritetsskyddsmyndigheten).",
            "Håller du inte med om svaret kan du klaga hos Integritetsskyddsmyndigheten (i Norge Datatilsynet).",
            "If you do not agree with the answer, you may complain to the data protection authority: Datatilsynet in Norway, Integritetsskyddsmyndigheten in Sweden.";
        nobody: "Innloggingen din er ikke knyttet til noen i registeret.",
            "Din inloggning är inte kopplad till någon i registret.",
            "Your sign-in is not bound to anybody in the register.";
        nobody_try: "Er noe av deg slettet eller begrenset, er det slik det skal være. Ellers: be prosjektkontoret om en ny innlogging.",
            "Har något om dig raderats eller begränsats är det som det ska. Annars: be projektkontoret om en ny inloggning.",
            "If you were erased or restricted, that is as it should be. Else ask the project office for a new sign-in.";
    }
}
