//! Reports: the list, one report, what stands in its way, evidence, balances and packs.

use varde_interreg::reports::{Act, State};

super::words! {
    /// The words of the pages of reports.
    Reports {
        title: "Rapporter", "Rapporter", "Reports";
        lead: "Hver periode i prosjektene dine, og hva som gjenstår.",
            "Varje period i dina projekt, och vad som återstår.",
            "Every period of your projects, and what is left to do.";
        none: "Ingen prosjekter med perioder ennå.", "Inga projekt med perioder än.", "No projects with periods yet.";
        none_try: "Perioder står i prosjektfilen (periods:) og kommer med «varde import registers».",
            "Perioder står i projektfilen (periods:) och kommer med ”varde import registers”.",
            "Periods stand in the project file (periods:) and come by “varde import registers”.";
        period: "Periode", "Period", "Period";
        to: "til og med {}", "till och med {}", "to {}";
        from_after: "etter {}, til og med {}", "efter {}, till och med {}", "after {}, to {}";
        over: "Over?", "Slut?", "Over?";
        yes: "ja", "ja", "yes";
        no: "nei", "nej", "no";
        state: "Status", "Status", "State";
        not_opened: "ikke åpnet", "inte öppnad", "not opened";
        draft: "utkast", "utkast", "draft";
        submitted: "sendt inn", "inlämnad", "submitted";
        returned: "returnert", "återsänd", "returned";
        accepted: "godkjent", "godkänd", "accepted";
        due_since: "Forfalt siden", "Förfallen sedan", "Due since";
        action: "Neste steg", "Nästa steg", "Next step";
        open: "Åpne utkast", "Öppna utkast", "Open a draft";
        look: "Se rapporten", "Se rapporten", "See the report";
        revision: "Revisjon", "Revision", "Revision";
        revision_of: "Revisjon {}: {}", "Revision {}: {}", "Revision {}: {}";
        evidence: "Bevis", "Underlag", "Evidence";
        balances: "Åpningsbalanser", "Ingående värden", "Opening balances";
        works: "Arbeid du har satt i gang", "Arbeten som du har startat", "Work that you have begun";
        verify_other: "Kontroller en pakke du har fått", "Kontrollera ett paket som du har fått", "Check a pack that you were sent";
        csv: "Som tabell (CSV)", "Som tabell (CSV)", "As a table (CSV)";
        tables: "Som tabell (CSV): ", "Som tabell (CSV): ", "As a table (CSV): ";
        report: "Rapport {} for {}", "Rapport {} för {}", "Report {} of {}";
        as_now: "Utkast med tallene som de er nå: alt som er kjent til og med {}.",
            "Utkast med siffrorna som de är nu: allt som är känt till och med {}.",
            "A draft with the figures of now: all that is known through {}.";
        as_frozen: "Fryst med alt som var kjent til og med {}.",
            "Fryst med allt som var känt till och med {}.",
            "Frozen with all that was known through {}.";
        hash: "Rapportens SHA-256", "Rapportens SHA-256", "SHA-256 of the report";
        rule_set: "Regelsett", "Regelverk", "Rule set";
        zone: "Tidssone", "Tidszon", "Time zone";
        previous_report: "Bygger på", "Bygger på", "Goes on from";
        nothing_before: "ingen tidligere godkjent rapport", "ingen tidigare godkänd rapport", "no report accepted before";
        history: "Hva som er gjort", "Vad som har gjorts", "What was done";
        opened_deed: "Åpnet", "Öppnad", "Opened";
        submitted_deed: "Sendt inn", "Inlämnad", "Submitted";
        returned_deed: "Returnert", "Återsänd", "Returned";
        accepted_deed: "Godkjent", "Godkänd", "Accepted";
        by: "av {}", "av {}", "by {}";
        you: "deg", "dig", "you";
        figures: "Tall for hver indikator", "Siffror för varje indikator", "Figures of each indicator";
        figures_how: "Tidligere rapportert + nytt + korreksjon = totalt. Manuelle linjer står for seg.",
            "Tidigare rapporterat + nytt + korrigering = totalt. Manuella rader står för sig.",
            "Previously reported + new + correction = total. Manual lines stand apart.";
        indicator: "Indikator", "Indikator", "Indicator";
        previous: "Tidligere", "Tidigare", "Previous";
        new: "Nytt", "Nytt", "New";
        correction: "Korreksjon", "Korrigering", "Correction";
        total: "Totalt", "Totalt", "Total";
        manual: "Manuelt", "Manuellt", "Manual";
        handed_in: "Leveres", "Lämnas in", "Handed in";
        target: "Mål", "Mål", "Target";
        opening: "Åpningsbalanse {} per {}: {}", "Ingående värde {} per {}: {}", "Opening balance {} as of {}: {}";
        corrections: "Korreksjoner, og hvorfor", "Korrigeringar, och varför", "Corrections, and why";
        no_corrections: "Ingenting teller annerledes enn det som ble rapportert før.",
            "Ingenting räknas annorlunda än vad som rapporterades förut.",
            "Nothing counts otherwise than was reported before.";
        shown_of: "{} av {}", "{} av {}", "{} of {}";
        key: "Gjelder", "Avser", "Concerns";
        amount: "Beløp", "Belopp", "Amount";
        cause: "Årsak", "Orsak", "Cause";
        statements: "Statements", "Statements", "Statements";
        next: "Neste side", "Nästa sida", "Next page";
        lines: "Manuelle linjer", "Manuella rader", "Manual lines";
        no_lines: "Ingen manuelle linjer.", "Inga manuella rader.", "No manual lines.";
        lines_how: "En manuell linje trenger et bevis og godkjenning av en annen person. Før det teller den ikke.",
            "En manuell rad behöver ett underlag och godkännande av en annan person. Innan dess räknas den inte.",
            "A manual line needs a document and the approval of a second person. It adds nothing before.";
        line: "Linje", "Rad", "Line";
        reason: "Begrunnelse", "Motivering", "Reason";
        document: "Bevis", "Underlag", "Document";
        approved: "Godkjent", "Godkänd", "Approved";
        not_approved: "venter på en annen person", "väntar på en annan person", "waits for a second person";
        approve: "Godkjenn linje {}", "Godkänn rad {}", "Approve line {}";
        withdraw: "Trekk tilbake linje {}", "Dra tillbaka rad {}", "Withdraw line {}";
        add_line: "Legg til en manuell linje", "Lägg till en manuell rad", "Add a manual line";
        add: "Legg til", "Lägg till", "Add";
        amount_hint: "et tall med punktum og høyst to desimaler, negativt for å trekke fra",
            "ett tal med punkt och högst två decimaler, negativt för att dra ifrån",
            "a number with a point and at most two decimals, negative to take away";
        no_document: "Last opp et bevis først.", "Ladda upp ett underlag först.", "Upload a document first.";
        comments: "Kommentarer", "Kommentarer", "Comments";
        no_comment: "Ingen kommentar.", "Ingen kommentar.", "No comment.";
        save_comment: "Lagre kommentaren til {}", "Spara kommentaren till {}", "Save the comment on {}";
        comment_on: "Kommentar til {}", "Kommentar till {}", "Comment on {}";
        left_out: "Ikke regnet med, og hvorfor", "Inte medräknat, och varför", "Left out, and why";
        how_many: "Antall", "Antal", "Number";
        why: "Hvorfor", "Varför", "Why";
        evidence_of: "Bevis til rapporten", "Underlag till rapporten", "Evidence of the report";
        no_evidence: "Ingen bevis er knyttet til rapporten.", "Inga underlag är kopplade till rapporten.", "No evidence is linked to the report.";
        check: "Kontroller og send inn", "Kontrollera och lämna in", "Check and submit";
        check_title: "Kontroll av rapport {} for {}", "Kontroll av rapport {} för {}", "Check of report {} of {}";
        obstacles: "Dette må ordnes før innsending", "Detta måste ordnas före inlämning", "What stands in the way";
        no_obstacles: "Ingenting står i veien for innsending.", "Ingenting hindrar inlämning.", "Nothing stands in the way of submitting.";
        in_state: "Rapporten er {}; bare et utkast kan sendes inn.", "Rapporten är {}; bara ett utkast kan lämnas in.", "The report is {}; only a draft can be submitted.";
        earlier: "Rapporten til og med {} er {} og kommer før denne.", "Rapporten till och med {} är {} och kommer före den här.", "The report to {} is {} and comes before this one.";
        not_over: "Perioden er ikke over, eller ikke alt er bokført ennå: regnskapet er komplett til og med {}. Vent til siste dag er over.",
            "Perioden är inte slut, eller så är allt inte bokfört än: räkenskapen är komplett till och med {}. Vänta tills sista dagen är över.",
            "The period is not over, or not everything of it is carried into the ledger yet: that is complete through {}. Wait until its last day has passed.";
        warnings: "Dette vil leserne spørre om", "Detta kommer läsarna att fråga om", "What readers will ask about";
        no_warnings: "Ingenting er påfallende.", "Ingenting är anmärkningsvärt.", "Nothing is conspicuous.";
        unresolved: "{}: {} som registrene ikke kjenner personen bak", "{}: {} vars person registren inte känner", "{}: {} of a person whom the registers do not know";
        provisional: "{}: {} er foreløpige og kan ennå endre seg", "{}: {} är preliminära och kan ännu ändras", "{}: {} are provisional and may still change";
        corrected: "{}: {} teller annerledes enn rapportert før", "{}: {} räknas annorlunda än vad som rapporterats", "{}: {} count otherwise than was reported before";
        left_out_count: "{}: {} er ikke regnet med", "{}: {} är inte medräknade", "{}: {} are left out";
        unapproved: "{}: manuell linje {} er ikke godkjent og teller ikke", "{}: manuell rad {} är inte godkänd och räknas inte", "{}: manual line {} is not approved and adds nothing";
        final_title: "Dette blir endelig", "Detta blir slutgiltigt", "What becomes final";
        final_how: "Når du sender inn, fryses tallene, kommentarene, de manuelle linjene og bevisene under én hash. De kan ikke endres etterpå; det som viser seg senere, kommer som korreksjon i neste rapport.",
            "När du lämnar in fryses siffrorna, kommentarerna, de manuella raderna och underlagen under en hash. De kan inte ändras efteråt; det som visar sig senare kommer som korrigering i nästa rapport.",
            "When you submit, the figures, the comments, the manual lines and the evidence are frozen under one hash. They cannot be changed afterwards; what shows later comes as a correction of the next report.";
        submit: "Send inn rapporten", "Lämna in rapporten", "Submit the report";
        back_to_report: "Til rapporten", "Till rapporten", "To the report";
        back_to_list: "Til rapportene", "Till rapporterna", "To the reports";
        what_became: "Hva ble det av den?", "Vad blev det av den?", "What became of it?";
        accept: "Noter at den er godkjent", "Notera att den är godkänd", "Note that it was accepted";
        accept_means: "Da bygger neste rapport på tallene i denne.", "Då bygger nästa rapport på siffrorna i den här.", "The next report then goes on from these figures.";
        give_back: "Noter at den kom i retur", "Notera att den kom tillbaka", "Note that it came back";
        give_back_why: "Hvorfor kom den i retur?", "Varför kom den tillbaka?", "Why did it come back?";
        pack: "Pakken som leveres", "Paketet som lämnas in", "The pack that is handed in";
        pack_what: "Regneark, vedlegg, tabeller og report.json på tre språk, signert. Den lages, kontrolleres og kan så lastes ned.",
            "Kalkylblad, bilaga, tabeller och report.json på tre språk, signerat. Det görs, kontrolleras och kan sedan laddas ned.",
            "Workbook, annex, tables and report.json in three languages, signed. It is made, checked, and can then be downloaded.";
        make_pack: "Lag og kontroller pakken", "Gör och kontrollera paketet", "Make and check the pack";
        done_opened: "Utkastet er åpnet.", "Utkastet är öppnat.", "The draft is open.";
        done_comment: "Kommentaren er lagret.", "Kommentaren är sparad.", "The comment is saved.";
        done_line: "Linjen er lagt til. En annen person må godkjenne den.", "Raden är tillagd. En annan person måste godkänna den.", "The line is added. A second person must approve it.";
        done_approved: "Linjen er godkjent.", "Raden är godkänd.", "The line is approved.";
        done_withdrawn: "Linjen er trukket tilbake.", "Raden är tillbakadragen.", "The line is withdrawn.";
        done_returned: "Returen er notert, og neste revisjon er åpnet som utkast.", "Återsändningen är noterad, och nästa revision är öppnad som utkast.", "The return is noted, and the next revision is open as a draft.";
        done_accepted: "Godkjenningen er notert.", "Godkännandet är noterat.", "The acceptance is noted.";
        done_evidence: "Filen er tatt vare på.", "Filen är sparad.", "The file is kept.";
        done_linked: "Filen er knyttet til rapporten.", "Filen är kopplad till rapporten.", "The file is linked to the report.";
        done_balance: "Åpningsbalansen er lagret.", "Det ingående värdet är sparat.", "The opening balance is saved.";
        done_balance_removed: "Åpningsbalansen er fjernet.", "Det ingående värdet är borttaget.", "The opening balance is removed.";
    }
}

super::words! {
    /// The words of the pages of evidence and balances.
    Proofs {
        evidence_title: "Bevis i {}", "Underlag i {}", "Evidence of {}";
        no_evidence: "Ingen bevis ennå.", "Inga underlag än.", "No evidence yet.";
        no_evidence_try: "Last opp deltakerlister, kursbevis og avtaler, og knytt dem til rapporten de hører til.",
            "Ladda upp deltagarlistor, kursintyg och avtal, och koppla dem till rapporten de hör till.",
            "Upload attendance lists, certificates and agreements, and link them to the report that they belong to.";
        title: "Tittel", "Titel", "Title";
        media_type: "Medietype", "Medietyp", "Media type";
        size: "Størrelse (byte)", "Storlek (byte)", "Size (bytes)";
        added: "Tatt inn", "Mottagen", "Taken in";
        proves: "Beviser", "Styrker", "Proves";
        proves_nothing: "ikke knyttet til noe", "inte kopplad till något", "linked to nothing";
        link: "Knytt til rapport", "Koppla till rapport", "Link to a report";
        link_one: "Knytt «{}»", "Koppla ”{}”", "Link “{}”";
        upload: "Last opp et bevis", "Ladda upp ett underlag", "Upload evidence";
        file: "Fil (høyst 16 MiB)", "Fil (högst 16 MiB)", "File (at most 16 MiB)";
        what_is_it: "Hva er det?", "Vad är det?", "What is it?";
        send: "Last opp", "Ladda upp", "Upload";
        balances_title: "Åpningsbalanser i {}", "Ingående värden i {}", "Opening balances of {}";
        balances_how: "Det prosjektet hadde rapportert før første rapport her. De kan endres til en rapport er sendt inn.",
            "Vad projektet hade rapporterat före den första rapporten här. De kan ändras tills en rapport har lämnats in.",
            "What the project had reported before its first report here. They can be changed until a report is submitted.";
        no_balances: "Ingen åpningsbalanser: tallene begynner på 0.", "Inga ingående värden: siffrorna börjar på 0.", "No opening balances: figures begin from 0.";
        indicator: "Indikator", "Indikator", "Indicator";
        value: "Verdi", "Värde", "Value";
        as_of: "Til og med", "Till och med", "As of";
        source: "Kilde", "Källa", "Source";
        document: "Bevis", "Underlag", "Document";
        no_document: "uten", "utan", "none";
        keys: "Nøkler", "Nycklar", "Keys";
        all_keys: "alle til og med dagen", "alla till och med dagen", "all to that day";
        set: "Lagre åpningsbalansen", "Spara det ingående värdet", "Save the opening balance";
        set_title: "Sett eller endre en åpningsbalanse", "Sätt eller ändra ett ingående värde", "Set or change an opening balance";
        remove: "Fjern {}", "Ta bort {}", "Remove {}";
        next: "Neste side", "Nästa sida", "Next page";
        csv: "Som tabell (CSV)", "Som tabell (CSV)", "As a table (CSV)";
    }
}

super::words! {
    /// The words of packs that are looked at.
    Packs {
        title: "Kontroller en pakke", "Kontrollera ett paket", "Check a pack";
        lead: "Last opp en pakke (ZIP) som noen har sendt deg. Hver fil sammenlignes med det som ble signert. Pakken lagres ikke.",
            "Ladda upp ett paket (ZIP) som någon har skickat till dig. Varje fil jämförs med det som signerades. Paketet sparas inte.",
            "Upload a pack (ZIP) that somebody sent you. Every file is compared with what was signed. The pack is not kept.";
        file: "Pakken (ZIP)", "Paketet (ZIP)", "The pack (ZIP)";
        expected: "Forventet fingeravtrykk (valgfritt)", "Förväntat fingeravtryck (valfritt)", "Fingerprint expected (optional)";
        expected_hint: "64 sifre og bokstaver som du har fått fra prosjektkontoret på annen måte",
            "64 siffror och bokstäver som du har fått från projektkontoret på annat sätt",
            "64 hex digits that you have from the project office by another way";
        check: "Kontroller", "Kontrollera", "Check";
        no_fingerprint: "Det er ikke et fingeravtrykk: 64 heksadesimale sifre ventes.", "Det är inget fingeravtryck: 64 hexadecimala siffror väntas.", "That is no fingerprint: 64 hex digits are expected.";
        intact: "Pakken er som den ble signert.", "Paketet är som det signerades.", "The pack is as it was signed.";
        changed: "Pakken er ikke som den ble signert.", "Paketet är inte som det signerades.", "The pack is not as it was signed.";
        no_pack: "Dette er ingen pakke.", "Detta är inget paket.", "This is no pack.";
        signer: "Signert med nøkkelen", "Signerat med nyckeln", "Signed by the key";
        signer_proven: "Det er nøkkelen du ventet.", "Det är nyckeln som du väntade dig.", "It is the key that you expected.";
        signer_ours: "Nøkkelen er kjent her siden {}.", "Nyckeln är känd här sedan {}.", "The key is known here since {}.";
        signer_foreign: "Nøkkelen er ikke kjent her. Sammenlign fingeravtrykket med det prosjektkontoret oppgir.",
            "Nyckeln är inte känd här. Jämför fingeravtrycket med det som projektkontoret uppger.",
            "The key is not known here. Compare the fingerprint with what the project office says.";
        report: "Rapport", "Rapport", "Report";
        report_told: "{}, rapport {} til og med {}, revisjon {}", "{}, rapport {} till och med {}, revision {}", "{}, report {} to {}, revision {}";
        hash: "Rapportens SHA-256", "Rapportens SHA-256", "SHA-256 of the report";
        files: "Filene i pakken", "Filerna i paketet", "The files of the pack";
        name: "Fil", "Fil", "File";
        sha256: "SHA-256", "SHA-256", "SHA-256";
        result: "Resultat", "Resultat", "Result";
        fine: "uendret", "oförändrad", "unchanged";
        signed: "signert", "signerad", "signed";
        missing: "mangler", "saknas", "missing";
        was_changed: "endret: {} var signert", "ändrad: {} signerades", "changed: {} was signed";
        foreign: "hører ikke til pakken", "hör inte till paketet", "not of the pack";
        unreadable: "kan ikke leses: filen er endret", "kan inte läsas: filen är ändrad", "cannot be read: the file was changed";
        wrong_signature: "signaturen passer ikke til manifestet", "signaturen passar inte till manifestet", "the signature is not of this manifest";
        other_signer: "signert av en annen nøkkel: {}", "signerad av en annan nyckel: {}", "signed by another key: {}";
        other_report: "manifestet beskriver en annen rapport ({})", "manifestet beskriver en annan rapport ({})", "the manifest tells of another report ({})";
        not_there: "ikke der", "inte där", "not there";
        download: "Last ned pakken (ZIP)", "Ladda ned paketet (ZIP)", "Download the pack (ZIP)";
    }
}

impl Reports {
    /// Names where a report stands.
    pub(crate) fn state(&self, state: State) -> &'static str {
        match state {
            State::Draft => self.draft,
            State::Submitted => self.submitted,
            State::Returned => self.returned,
            State::Accepted => self.accepted,
        }
    }

    /// Names what somebody did to a report.
    pub(crate) fn deed(&self, act: Act) -> &'static str {
        match act {
            Act::Opened => self.opened_deed,
            Act::Submitted => self.submitted_deed,
            Act::Returned => self.returned_deed,
            Act::Accepted => self.accepted_deed,
        }
    }

    /// Says what was done, by the word of an address.
    pub(crate) fn done(&self, what: &str) -> Option<&'static str> {
        Some(match what {
            "opened" => self.done_opened,
            "comment" => self.done_comment,
            "line" => self.done_line,
            "approved" => self.done_approved,
            "withdrawn" => self.done_withdrawn,
            "returned" => self.done_returned,
            "accepted" => self.done_accepted,
            "evidence" => self.done_evidence,
            "linked" => self.done_linked,
            "balance" => self.done_balance,
            "balance-removed" => self.done_balance_removed,
            _ => return None,
        })
    }
}
