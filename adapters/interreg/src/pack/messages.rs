//! What the files of a pack say beside figures, in each language.

use super::language::Language;

/// Makes an enum of texts, none of which can lack a language.
macro_rules! messages {
    ($($name:ident: $nb:literal, $sv:literal, $en:literal;)*) => {
        /// A text in each language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Message { $($name,)* }

        impl Message {
            /// Every text.
            #[cfg(test)]
            pub(crate) const EACH: &[Self] = &[$(Self::$name,)*];

            /// Returns the text in a language.
            pub(crate) fn text(self, language: Language) -> &'static str {
                let texts = match self { $(Self::$name => [$nb, $sv, $en],)* };
                match language {
                    Language::Nb => texts[0],
                    Language::Sv => texts[1],
                    Language::En => texts[2],
                }
            }
        }
    };
}

messages! {
    // The names of sheets: at most 31 characters, without any of []:*?/\
    Summary: "Sammendrag", "Sammanfattning", "Summary";
    Indicators: "Indikatorer", "Indikatorer", "Indicators";
    Breakdowns: "Fordelinger", "Fördelningar", "Breakdowns";
    Organisations: "Organisasjoner", "Organisationer", "Organisations";
    OrganisationsSheet: "Organisasjoner (skjermet)", "Organisationer (skyddad)", "Organisations (restricted)";
    Corrections: "Korreksjoner", "Korrigeringar", "Corrections";
    Method: "Metode", "Metod", "Method";
    Quality: "Datakvalitet", "Datakvalitet", "Data quality";
    Annex: "Vedlegg til fremdriftsrapport", "Bilaga till lägesrapport", "Annex to the progress report";
    PasteSheet: "Ark for innliming", "Underlag för inmatning", "Paste sheet";

    Project: "Prosjekt", "Projekt", "Project";
    Report: "Rapport", "Rapport", "Report";
    Period: "Periode", "Period", "Period";
    PeriodTo: "Periode til", "Period till", "Period to";
    From: "fra etter", "från efter", "from after";
    To: "til og med", "till och med", "to";
    Revision: "Revisjon", "Revision", "Revision";
    ReportHash: "Rapportens SHA-256", "Rapportens SHA-256", "SHA-256 of the report";
    KnownUntil: "Alt som var kjent til", "Allt som var känt till", "Everything known until";
    RuleSet: "Regelsett", "Regelverk", "Rule set";
    RuleSetHash: "Regelsettets hash", "Regelverkets hash", "Hash of the rule set";
    Zone: "Tidssone", "Tidszon", "Time zone";
    Snapshot: "Øyeblikksbilde", "Ögonblicksbild", "Snapshot";
    Previous: "Forrige rapport", "Föregående rapport", "Previous report";
    NoPrevious: "ingen; åpningsbalanser gjelder", "ingen; ingående värden gäller", "none; opening balances apply";
    Signer: "Signaturnøkkelens fingeravtrykk", "Signeringsnyckelns fingeravtryck", "Fingerprint of the signing key";
    Page: "Side", "Sida", "Page";

    Code: "Kode", "Kod", "Code";
    Name: "Navn", "Namn", "Name";
    Unit: "Enhet", "Enhet", "Unit";
    Measure: "Måling", "Mått", "Measure";
    Baseline: "Utgangsverdi", "Utgångsvärde", "Baseline";
    BaselineYear: "Utgangsår", "Utgångsår", "Baseline year";
    Milestone: "Delmål", "Delmål", "Milestone";
    Target: "Mål", "Mål", "Target";
    Before: "Tidligere rapportert", "Tidigare rapporterat", "Previously reported";
    New: "Nytt", "Nytt", "New";
    Correction: "Korreksjon", "Korrigering", "Correction";
    Current: "Denne perioden", "Denna period", "This period";
    Total: "Totalt", "Totalt", "Total";
    Manual: "Manuelt", "Manuellt", "Manual";
    Reported: "Rapportert totalt", "Rapporterat totalt", "Reported total";
    Value: "Verdi", "Värde", "Value";
    Reached: "Oppnådd, %", "Uppnått, %", "Reached, %";
    Progress: "Oppnådd og mål", "Uppnått och mål", "Progress to target";
    Comment: "Kommentar", "Kommentar", "Comment";
    Dimension: "Inndeling", "Indelning", "Dimension";
    Category: "Gruppe", "Grupp", "Group";
    Number: "Antall", "Antal", "Number";
    Organisation: "Organisasjon", "Organisation", "Organisation";
    Country: "Land", "Land", "Country";
    Since: "Teller fra", "Räknas från", "Counts from";
    Amount: "Beløp", "Belopp", "Amount";
    Cause: "Årsak", "Orsak", "Cause";
    What: "Gjelder", "Avser", "Concerns";
    Statements: "Statement-ID-er", "Statement-ID", "Statement ids";
    Rows: "Registerrader", "Registerrader", "Register rows";
    Lines: "Manuelle linjer", "Manuella rader", "Manual lines";
    Line: "Linje", "Rad", "Line";
    Reason: "Begrunnelse", "Motivering", "Reason";
    Document: "Dokument (SHA-256)", "Dokument (SHA-256)", "Document (SHA-256)";
    Approved: "Godkjent", "Godkänd", "Approved";
    Fact: "Opplysning", "Uppgift", "Item";
    Openings: "Åpningsbalanser", "Ingående värden", "Opening balances";
    AsOf: "Per", "Per", "As of";
    Source: "Kilde", "Källa", "Source";
    Covered: "Dekker nøkler", "Täcker nycklar", "Keys covered";
    Evidence: "Bevis", "Underlag", "Evidence";
    Title: "Tittel", "Titel", "Title";
    MediaType: "Medietype", "Medietyp", "Media type";
    Bytes: "Byte", "Byte", "Bytes";
    Keys: "Nøkler", "Nycklar", "Keys";
    Provisional: "Foreløpige", "Preliminära", "Provisional";
    Unresolved: "Ukjente personer", "Okända personer", "Unresolved persons";
    Carried: "Fra slettede statements", "Från raderade statements", "From erased statements";
    LeftOut: "Utelatt", "Utelämnade", "Left out";
    LeftOutWhy: "Utelatt, etter årsak", "Utelämnade, efter orsak", "Left out, by reason";
    UnknownShare: "Ukjent, %", "Okänt, %", "Unknown, %";
    Coverage: "Dekning", "Täckning", "Coverage";

    Restricted: "Skjermet: bare for prosjektkontoret og forvaltningen.",
        "Skyddad: endast för projektkontoret och förvaltningen.",
        "Restricted: for the project office and the authorities only.";
    HowFigures: "Tidligere rapportert + nytt + korreksjon = totalt. Nytt teller fra en dag i perioden; \
            korreksjonen er det som nå er kjent annerledes om tiden før.",
        "Tidigare rapporterat + nytt + korrigering = totalt. Nytt räknas från en dag i perioden; \
            korrigeringen är det som nu är känt annorlunda om tiden före.",
        "Previously reported + new + correction = total. New counts from a day of the period; the \
            correction is what is now known otherwise of the time before it.";
    HowCounted: "Hver nøkkel (for eksempel en person i et opplæringsløp eller et foretak) teller én gang, \
            fra dagen da alle vilkår er oppfylt.",
        "Varje nyckel (till exempel en person i en utbildning eller ett företag) räknas en gång, från \
            dagen då alla villkor är uppfyllda.",
        "Each key (for example a person in a training scheme, or an enterprise) counts once, from the \
            day on which all conditions hold.";
    HowManual: "Manuelle linjer er besluttet av to personer og står atskilt fra det som er talt.",
        "Manuella rader är beslutade av två personer och står skilda från det som är räknat.",
        "Manual lines were decided by two people and stand apart from what is counted.";
    HowChecked: "report.json er kilden til alle tall her. Filene og signaturen kontrolleres med \
            «varde verify-report».",
        "report.json är källan till alla tal här. Filerna och signaturen kontrolleras med \
            ”varde verify-report”.",
        "report.json is the source of every figure here. The files and their signature are checked by \
            “varde verify-report”.";
    NothingHere: "Ingen rader.", "Inga rader.", "No rows.";
    Signatures: "Underskrifter", "Underskrifter", "Signatures";
    Leader: "Prosjektleder", "Projektledare", "Project leader";
    OrganisationAndCountry: "Organisasjon og land", "Organisation och land", "Organisation and country";
    PlaceAndDate: "Sted og dato", "Ort och datum", "Place and date";
    Signature: "Underskrift", "Underskrift", "Signature";
    HowPaste: "Ett akkumulert tall og en kommentar for hver indikator, til å lime inn i søknadsportalen. \
            Tallene er akkumulert siden prosjektstart.",
        "Ett ackumulerat tal och en kommentar för varje indikator, att föra in i Min ansökan. Talen är \
            ackumulerade sedan projektstart.",
        "One cumulative number and a comment for each indicator, to paste into the portal. The numbers \
            are cumulative since the project began.";
    Published: "Publiserte resultater", "Publicerade resultat", "Published results";
    Release: "Publisering", "Publicering", "Release";
    HeldBack: "holdt tilbake", "hålls inne", "held back";
    AllHeldBack: "Hele tabellen holdes tilbake: for få i hver gruppe.",
        "Hela tabellen hålls inne: för få i varje grupp.",
        "The whole table is held back: too few in each group.";
    HowPublished: "Ingen tall under 5 vises eller kan regnes ut; et tall kan derfor være fra en tidligere \
            periode eller holdes tilbake.",
        "Inga tal under 5 visas eller kan räknas ut; ett tal kan därför vara från en tidigare period eller \
            hållas inne.",
        "No number below 5 is shown or can be worked out; so a number may be of an earlier period, or held \
            back.";
    Cumulative: "Akkumulert", "Ackumulerat", "Cumulative";
    NothingNew: "Ingen endring i perioden.", "Ingen förändring under perioden.", "No change in the period.";
    AsIs: "Verdien gjelder per periodens siste dag.", "Värdet gäller per periodens sista dag.",
        "The value is as of the last day of the period.";
}

impl Message {
    /// Returns the text as HTML has it: these hold no character that must be escaped.
    pub(crate) fn html(self, language: Language) -> &'static str {
        self.text(language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_there_in_every_language_and_safe_in_html() {
        for message in Message::EACH {
            for language in Language::EACH {
                let text = message.text(language);
                assert!(!text.trim().is_empty(), "{message:?} {language}");
                assert!(
                    !text.contains(['<', '>', '&', '"']),
                    "{message:?} {language}"
                );
            }
        }
    }
}
