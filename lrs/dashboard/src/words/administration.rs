//! Administration: keys, people, projects, definitions, the audit log, the system.

super::words! {
    /// The words of the pages of administration.
    Administration {
        title: "Administrasjon", "Administration", "Administration";
        back: "Til administrasjonen", "Till administrationen", "To the administration";
        as_table: "Som tabell (CSV)", "Som tabell (CSV)", "As a table (CSV)";
        next: "Eldre", "Äldre", "Older";
        never: "aldri", "aldrig", "never";
        none: "ingen", "inga", "none";
        is_empty: "Her er det ingenting ennå.", "Här finns ingenting än.", "There is nothing here yet.";

        keys: "Nøkler", "Nycklar", "Keys";
        keys_lead:
            "Hvert kurssystem og hver rolle har sin egen API-nøkkel. Hemmeligheten vises én gang, når nøkkelen lages eller fornyes.",
            "Varje kurssystem och varje roll har sin egen API-nyckel. Hemligheten visas en gång, när nyckeln skapas eller förnyas.",
            "Each front end and each role has an API key of its own. Its secret is shown once, when the key is made or rotated.";
        new_key: "Lag en nøkkel", "Skapa en nyckel", "Make a key";
        name: "Navn", "Namn", "Name";
        space: "Rom (prosjekt, eller prosjekt:test)", "Rum (projekt, eller projekt:test)", "Space (project, or project:test)";
        role: "Rolle", "Roll", "Role";
        machine: "ingen (et kurssystem)", "ingen (ett kurssystem)", "none (a front end)";
        scopes: "Omfang", "Omfång", "Scopes";
        scopes_hint: "En rolle har sine egne der ingen er valgt.", "En roll har sina egna där inga är valda.", "A role has its own where none is chosen.";
        tolerances: "Toleranser", "Toleranser", "Tolerances";
        reads: "Leser også rommene", "Läser även rummen", "Also reads the spaces";
        list_hint: "Med mellomrom mellom.", "Med mellanslag emellan.", "With spaces between.";
        projects_read: "Leser resultater av prosjektene", "Läser resultat av projekten", "Reads results of the projects";
        partner: "Partner (organisasjonsnummer)", "Partner (organisationsnummer)", "Partner (organisation number)";
        person: "Person (pseudonym), for rollen lærende", "Person (pseudonym), för rollen lärande", "Person (pseudonym), for the role learner";
        national_ids: "Fødselsnumre i statements", "Personnummer i statements", "National identity numbers in statements";
        pseudonymise: "Sett et pseudonym i stedet for hver person", "Sätt en pseudonym i stället för varje person", "Put a pseudonym in the place of every person";
        origins: "Opphav til sider som kan bruke den", "Ursprung för sidor som får använda den", "Origins of pages that may use it";
        rate: "Forespørsler i minuttet", "Anrop per minut", "Requests a minute";
        expires: "Utløper", "Upphör", "Expires";
        made: "Laget", "Skapad", "Made";
        last_use: "Sist brukt", "Senast använd", "Last use";
        revoked: "Trukket tilbake", "Återkallad", "Revoked";
        state: "Status", "Status", "State";
        stands: "i bruk", "i bruk", "in use";
        earlier_until: "Den forrige hemmeligheten gjelder til", "Den förra hemligheten gäller till", "The earlier secret is let in until";
        secret: "Hemmeligheten til {}, som vises bare nå:", "Hemligheten för {}, som visas bara nu:", "The secret of {}, shown only now:";
        secret_kept:
            "Kopier den til kurssystemet nå. Varde har bare en hash av den, og ingen kan vise den igjen.",
            "Kopiera den till kurssystemet nu. Varde har bara en hash av den, och ingen kan visa den igen.",
            "Copy it to the front end now. Varde has only a hash of it, and nobody can show it again.";
        rotate: "Gi den en ny hemmelighet", "Ge den en ny hemlighet", "Give it a new secret";
        overlap: "Timer som den forrige fortsatt gjelder (0 til 720)", "Timmar som den förra fortfarande gäller (0 till 720)", "Hours that the earlier one is let in beside it (0 to 720)";
        revoke: "Trekk nøkkelen tilbake …", "Återkalla nyckeln …", "Revoke the key …";
        revoke_title: "Trekke tilbake {}?", "Återkalla {}?", "Revoke {}?";
        revoke_means:
            "Nøkkelen slipper ingen inn mer, heller ikke de som handler gjennom den. Det kan ikke gjøres om; det som er lagret, blir.",
            "Nyckeln släpper inte in någon mer, inte heller de som handlar genom den. Det kan inte ångras; det som är lagrat blir kvar.",
            "The key lets nobody in any more, nor whoever acts through it. It cannot be undone; what is stored stays.";
        revoke_now: "Trekk tilbake", "Återkalla", "Revoke";
        was_revoked: "Nøkkelen er trukket tilbake.", "Nyckeln är återkallad.", "The key was revoked.";
        refusals_of: "Det som ble avvist", "Det som avvisades", "What was refused";

        people: "Personer og roller", "Personer och roller", "People and roles";
        people_lead:
            "De som logger inn med navn og passord. Hva de får gjøre, sier nøkkelen som de handler gjennom.",
            "De som loggar in med namn och lösenord. Vad de får göra säger nyckeln som de handlar genom.",
            "Those who sign in with a name and a password. What they may do is said by the key that they act through.";
        new_person: "Lag en konto", "Skapa ett konto", "Make an account";
        password: "Passord (minst 12 tegn)", "Lösenord (minst 12 tecken)", "Password (12 characters or more)";
        key: "Nøkkel", "Nyckel", "Key";
        audit_id: "Id i revisjonsloggen", "Id i granskningsloggen", "Id in the audit log";
        disabled: "Stengt", "Avstängt", "Disabled";
        locked: "Låst til", "Låst till", "Locked until";
        set_password: "Sett et nytt passord", "Sätt ett nytt lösenord", "Set another password";
        disable: "Steng kontoen …", "Stäng av kontot …", "Disable the account …";
        disable_title: "Stenge kontoen {}?", "Stänga av kontot {}?", "Disable the account {}?";
        disable_means:
            "Kontoen slipper ikke inn mer og er logget ut overalt. Det som er gjort, blir stående.",
            "Kontot släpps inte in mer och är utloggat överallt. Det som är gjort står kvar.",
            "The account is let in no more and is signed out everywhere. What was done stays.";
        disable_now: "Steng", "Stäng av", "Disable";
        was_disabled: "Kontoen er stengt.", "Kontot är avstängt.", "The account was disabled.";
        was_made: "Kontoen er laget.", "Kontot är skapat.", "The account was made.";
        has_password: "Passordet er nytt, og kontoen er logget ut overalt.", "Lösenordet är nytt, och kontot är utloggat överallt.", "The password is new, and the account is signed out everywhere.";

        projects: "Prosjekter", "Projekt", "Projects";
        projects_lead: "Det registrene sier per {}, kjent til og med {}.", "Det registren säger per {}, känt till och med {}.", "What the registers say as of {}, known through {}.";
        field: "Felt", "Fält", "Field";
        value: "Verdi", "Värde", "Value";
        project: "Prosjekt", "Projekt", "Project";

        definitions: "Definisjoner", "Definitioner", "Definitions";
        definitions_lead:
            "Det som sier hva som teller. De installeres med varde rules, aldri her; hvert eksempel holdt da den ble installert.",
            "Det som säger vad som räknas. De installeras med varde rules, aldrig här; varje exempel höll när den installerades.",
            "What says what counts. They are installed by varde rules, never here; each example held when it was installed.";
        kind: "Art", "Slag", "Kind";
        version: "Versjon", "Version", "Version";
        hash: "Fingeravtrykk", "Fingeravtryck", "Fingerprint";
        examples: "Eksempler", "Exempel", "Examples";
        installed: "fylles", "fylls", "being filled";
        current: "gjeldende", "gällande", "current";
        superseded: "avløst", "ersatt", "superseded";

        audit: "Revisjonslogg", "Granskningslogg", "Audit log";
        audit_lead:
            "Hvem som fikk vite hva om personer i prosjektene dine, og hva som ble gjort med kontoer. Ingen linje kan endres usett.",
            "Vem som fick veta vad om personer i dina projekt, och vad som gjordes med konton. Ingen rad kan ändras osett.",
            "Who was told what of persons in your projects, and what was done with accounts. No line can be changed unseen.";
        head: "Hash av siste linje ({})", "Hash av sista raden ({})", "Hash of the last line ({})";
        head_means:
            "Skriv den ned et annet sted, med dagen. Med varde audit verify ser du senere at alt før den er uendret: den som kan skrive om hele databasen, kan ikke skrive om papiret ditt.",
            "Skriv ner den på ett annat ställe, med dagen. Med varde audit verify ser du senare att allt före den är oförändrat: den som kan skriva om hela databasen kan inte skriva om ditt papper.",
            "Note it elsewhere, with the day. By varde audit verify you see later that all before it is unchanged: whoever can rewrite the whole store cannot rewrite your paper.";
        number: "Nr.", "Nr", "No.";
        at: "Når", "När", "When";
        who: "Hvem (id)", "Vem (id)", "Who (id)";
        told: "Hva", "Vad", "What";
        persons: "Personer", "Personer", "Persons";
        rows: "Rader", "Rader", "Rows";
        first_page: "Til den nyeste linjen", "Till den senaste raden", "To the newest line";

        system: "System", "System", "System";
        system_lead: "Hvordan denne serveren har det.", "Hur den här servern mår.", "How this server fares.";
        varde: "Varde", "Varde", "Varde";
        store: "Lager", "Lager", "Store";
        log_end: "Loggen slutter ved", "Loggen slutar vid", "The log ends at";
        complete: "Lesing er fullstendig til og med", "Läsning är fullständig till och med", "Reading is complete through";
        behind: "Resultatene ligger etter", "Resultaten ligger efter", "Results are behind";
        not_behind: "nei, de har alt", "nej, de har allt", "no, they hold everything";
        behind_by: "{} hendelser, siden {}", "{} händelser, sedan {}", "{} events, since {}";
        signer: "Signerer rapporter med", "Signerar rapporter med", "Signs reports with";
        no_signer: "ingen nøkkel: varde signing-key make", "ingen nyckel: varde signing-key make", "no key: varde signing-key make";
        backup: "Siste sikkerhetskopi", "Senaste säkerhetskopia", "Last backup";
        no_backup: "ingen som er notert her", "ingen som är noterad här", "none that is noted here";
    }
}
