//! Notes of refused requests, with the mend of each.

super::words! {
    /// The words of the page of refusals.
    Refusals {
        title: "Avviste forespørsler", "Avvisade anrop", "Refused requests";
        lead:
            "Det som kurssystemer sendte og som ble avvist. Ingenting av det er lagret; notatene sier hvor feilen var, aldri hva som sto der.",
            "Det som kurssystem skickade och som avvisades. Inget av det är lagrat; anteckningarna säger var felet var, aldrig vad som stod där.",
            "What front ends sent and was refused. Nothing of it is stored; the notes say where the fault was, never what stood there.";
        key: "Nøkkel", "Nyckel", "Key";
        all_keys: "alle", "alla", "all";
        none: "Ingen forespørsler er avvist.", "Inga anrop har avvisats.", "No request was refused.";
        none_try:
            "Notater fra de siste sekundene er kanskje ikke skrevet ennå. Send en prøve fra kurssystemet og se igjen om et halvt minutt.",
            "Anteckningar från de senaste sekunderna är kanske inte skrivna än. Skicka ett prov från kurssystemet och titta igen om en halv minut.",
            "Notes of the last seconds may not be written yet. Send a test from the front end and look again in half a minute.";
        no_key: "Ingen nøkkel i prosjektene dine heter slik.", "Ingen nyckel i dina projekt heter så.", "None of your projects has a key of this name.";
        times: "{} ganger, sist {}", "{} gånger, senast {}", "{} times, last {}";
        once: "Én gang, {}", "En gång, {}", "Once, {}";
        since: "Første gang {}.", "Första gången {}.", "First on {}.";
        of_these: "De første {} av {} feil.", "De första {} av {} fel.", "The first {} of {} faults.";
        place: "Hvor", "Var", "Where";
        in_line: "linje {}, tegn {}", "rad {}, tecken {}", "line {}, column {}";
        rule: "Regel", "Regel", "Rule";
        found: "Fant", "Hittade", "Found";
        expected: "Ventet", "Väntade", "Expected";
        mend: "Slik rettes det", "Så rättas det", "The mend";
        as_table: "Som tabell (CSV)", "Som tabell (CSV)", "As a table (CSV)";
        next: "Eldre", "Äldre", "Older";
        noted: "Notater: {}. De nyeste står først.", "Anteckningar: {}. De senaste står först.", "Notes: {}. The newest come first.";

        mend_version:
            "La kurssystemet sende hodet X-Experience-API-Version med hver forespørsel: 1.0.3 eller 2.0.0. Noen programtillegg har en innstilling for det.",
            "Låt kurssystemet skicka huvudet X-Experience-API-Version med varje anrop: 1.0.3 eller 2.0.0. Vissa tillägg har en inställning för det.",
            "Have the front end send the header X-Experience-API-Version with each request: 1.0.3 or 2.0.0. Some plugins have a setting for it.";
        mend_parameters:
            "Oppdater kurssystemet, eller gi nøkkelen toleransen unknown-parameters: da blir parametre som standarden ikke kjenner, oversett. Gjelder feilen en parameter i gal skrivemåte, må den rettes.",
            "Uppdatera kurssystemet, eller ge nyckeln toleransen unknown-parameters: då bortses från parametrar som standarden inte känner. Är det en parameter i fel skrivsätt måste den rättas.",
            "Update the front end, or give the key the tolerance unknown-parameters: then parameters that the standard does not know are ignored. A known one in other letter case must be mended.";
        mend_profiles:
            "Oppdater kurssystemet (nyere TinCanPHP sender betingelsen), eller gi nøkkelen toleransen unconditional-profiles.",
            "Uppdatera kurssystemet (nyare TinCanPHP skickar villkoret), eller ge nyckeln toleransen unconditional-profiles.",
            "Update the front end (newer releases of TinCanPHP send the condition), or give the key the tolerance unconditional-profiles.";
        mend_documents:
            "Captivate og Rise sender ren tekst merket som JSON: gi nøkkelen toleransen mislabelled-documents. Andre må sende gyldig JSON eller riktig Content-Type.",
            "Captivate och Rise skickar ren text märkt som JSON: ge nyckeln toleransen mislabelled-documents. Andra måste skicka giltig JSON eller rätt Content-Type.",
            "Captivate and Rise send bare text labelled as JSON: give the key the tolerance mislabelled-documents. Others must send valid JSON, or the right Content-Type.";
        mend_merge:
            "Bruk PUT for å erstatte dokumentet; POST fletter bare JSON-objekter.",
            "Använd PUT för att ersätta dokumentet; POST slår bara ihop JSON-objekt.",
            "Use PUT to replace the document; POST merges only JSON objects.";
        mend_json:
            "Kroppen er ikke gyldig JSON i UTF-8. Se på linjen og tegnet i det som kurssystemet sendte; ofte er en tekst satt inn uten å bli kodet.",
            "Kroppen är inte giltig JSON i UTF-8. Titta på raden och tecknet i det som kurssystemet skickade; ofta har en text satts in utan att kodas.",
            "The body is not valid JSON in UTF-8. Look at the line and column of what the front end sent; often a text was put in without being encoded.";
        mend_agent:
            "Identifiser hver person på nøyaktig én måte: helst account med LMS-ets adresse og bruker-id, ellers mbox med mailto:. Det stilles inn i LMS-ets xAPI-tillegg.",
            "Identifiera varje person på exakt ett sätt: helst account med LMS:ets adress och användar-id, annars mbox med mailto:. Det ställs in i LMS:ets xAPI-tillägg.",
            "Identify each person in exactly one way: best an account with the LMS's address and user id, else an mbox with mailto:. The xAPI plugin of the LMS has the setting.";
        mend_national:
            "Kurssystemet sender fødselsnumre. La LMS-et bruke en annen id som kontonavn; eller lag en nøkkel som maskerer numre i tekster (national_ids: mask).",
            "Kurssystemet skickar personnummer. Låt LMS:et använda ett annat id som kontonamn; eller gör en nyckel som maskerar nummer i texter (national_ids: mask).",
            "The front end sends national identity numbers. Have the LMS use another id as account name; or make a key that masks numbers in texts (national_ids: mask).";
        mend_time:
            "Skriv tidspunkt som 2026-11-23T09:30:00Z (RFC 3339, med sone) og varighet som PT1H30M (ISO 8601).",
            "Skriv tidpunkter som 2026-11-23T09:30:00Z (RFC 3339, med zon) och varaktigheter som PT1H30M (ISO 8601).",
            "Write instants as 2026-11-23T09:30:00Z (RFC 3339, with a zone) and durations as PT1H30M (ISO 8601).";
        mend_iri:
            "Gi aktiviteter, verb og utvidelser hele adresser som id, for eksempel https://kurs.example.org/aktivitet/1. En H5P-bygging uten object.id må bygges på nytt med en.",
            "Ge aktiviteter, verb och tillägg hela adresser som id, till exempel https://kurs.example.org/aktivitet/1. En H5P-version utan object.id måste byggas om med ett.",
            "Give activities, verbs and extensions whole addresses as ids, such as https://course.example.org/activity/1. A build of H5P without an object.id must be built anew with one.";
        mend_score:
            "scaled er et tall fra -1 til 1 (85 % er 0.85); raw ligger mellom min og max, og min under max.",
            "scaled är ett tal från -1 till 1 (85 % är 0.85); raw ligger mellan min och max, och min under max.",
            "scaled is a number from -1 to 1 (85 % is 0.85); raw lies between min and max, and min below max.";
        mend_ids:
            "Gi hver statement sin egen UUID, og bruk den samme bare når nøyaktig den samme sendes igjen. En kopi av et kurs trenger nye id-er.",
            "Ge varje statement ett eget UUID, och använd samma bara när exakt samma skickas igen. En kopia av en kurs behöver nya id:n.",
            "Give each statement a UUID of its own, and use it again only to send exactly the same again. A copy of a course needs new ids.";
        mend_parts:
            "Send vedlegg som multipart/mixed: statements først, så én del per vedlegg med X-Experience-API-Hash lik vedleggets sha2. Uten data må vedlegget ha fileUrl.",
            "Skicka bilagor som multipart/mixed: statements först, sedan en del per bilaga med X-Experience-API-Hash lika med bilagans sha2. Utan data måste bilagan ha fileUrl.",
            "Send attachments as multipart/mixed: the statements first, then a part for each with an X-Experience-API-Hash that is its sha2. Without data an attachment needs a fileUrl.";
        mend_type:
            "Send statements som application/json (eller multipart/mixed med vedlegg), ukomprimert eller med gzip, og hele kroppen.",
            "Skicka statements som application/json (eller multipart/mixed med bilagor), okomprimerat eller med gzip, och hela kroppen.",
            "Send statements as application/json (or multipart/mixed with attachments), plain or by gzip, and the whole body.";
        mend_statement:
            "Statementet følger ikke standarden på stedet som er nevnt. Rett det der det lages: i kursets xAPI-kode eller med en nyere versjon av programtillegget. Ingen toleranse slipper det inn.",
            "Statementet följer inte standarden på den nämnda platsen. Rätta det där det skapas: i kursens xAPI-kod eller med en nyare version av tillägget. Ingen tolerans släpper in det.",
            "The statement breaks the standard at the place named. Mend it where it is made: in the course's xAPI code, or by a newer release of the plugin. No tolerance lets it in.";
        mend_forbidden:
            "Nøkkelen har ikke lov til dette. Lag en nøkkel med et av omfangene som er nevnt, eller la kurssystemet slutte å be om det.",
            "Nyckeln får inte göra detta. Gör en nyckel med ett av de nämnda omfången, eller låt kurssystemet sluta be om det.",
            "The key may not do this. Make a key with one of the scopes named, or have the front end ask for it no more.";
        mend_origin:
            "En nettside på et annet sted bruker nøkkelen. Lag en nøkkel med sidens opphav (origin), eller ta nøkkelen ut av siden.",
            "En webbsida på ett annat ställe använder nyckeln. Gör en nyckel med sidans ursprung (origin), eller ta bort nyckeln från sidan.",
            "A page elsewhere uses the key. Make a key with the page's origin, or take the key out of the page.";
        mend_large:
            "Send færre statements eller mindre filer om gangen. Den som drifter Varde, kan heve grensen i innstillingen som er nevnt.",
            "Skicka färre statements eller mindre filer åt gången. Den som driver Varde kan höja gränsen i den nämnda inställningen.",
            "Send fewer statements or smaller files at a time. Whoever runs Varde can raise the limit by the setting named.";
        mend_method:
            "Ressursen kjenner ikke metoden. Se etter en gal adresse i kurssystemet; endepunktet slutter på /xapi/.",
            "Resursen känner inte metoden. Leta efter en felaktig adress i kurssystemet; ändpunkten slutar på /xapi/.",
            "The resource does not know the method. Look for a wrong address in the front end; the endpoint ends in /xapi/.";
        mend_files:
            "Sjekk filen med en prøveimport først: svaret til den som sendte den, nevner hver linje.",
            "Kontrollera filen med en provimport först: svaret till den som skickade den nämner varje rad.",
            "Check the file by a dry run first: the answer to whoever sent it names each line.";
        mend_other:
            "Sammenlign det som var ventet, med det som kurssystemet sender. docs/front-ends.md sier for hvert kurssystem hva som er kjent.",
            "Jämför det som väntades med det som kurssystemet skickar. docs/front-ends.md säger för varje kurssystem vad som är känt.",
            "Compare what was expected with what the front end sends. docs/front-ends.md tells what is known of each front end.";
    }
}

impl Refusals {
    /// Returns how a mistake is mended, by the rule that was broken, else by the code of the error.
    pub(crate) fn mend(&self, rule: Option<&str>, code: &str) -> &'static str {
        rule.and_then(|rule| self.by_rule(rule))
            .unwrap_or_else(|| self.by_code(code))
    }

    fn by_rule(&self, rule: &str) -> Option<&'static str> {
        Some(match rule {
            "header-missing" | "version-header" => self.mend_version,
            "parameter-unknown" => self.mend_parameters,
            "condition-missing" => self.mend_profiles,
            "document-json" => self.mend_documents,
            "document-merge" => self.mend_merge,
            "json-utf8" | "json-syntax" | "json-depth" | "json-number-bound"
            | "json-duplicate-key" => self.mend_json,
            "agent-one-identifier"
            | "group-one-identifier"
            | "group-members"
            | "group-not-nested"
            | "identified-group"
            | "mbox"
            | "mbox-sha1sum" => self.mend_agent,
            "national-id" => self.mend_national,
            "timestamp" | "timestamp-zone" | "duration" => self.mend_time,
            "iri" | "extensions" => self.mend_iri,
            "score-scaled" | "score-raw" | "score-range" => self.mend_score,
            "uuid" | "batch-distinct-ids" | "statement-id-agrees" => self.mend_ids,
            "attachment-data" | "attachment-length" | "attachment-sha2" => self.mend_parts,
            "content-type" | "content-encoding" | "body-complete" => self.mend_type,
            "no-null" | "unknown-property" | "missing-property" | "statement-form"
            | "object-type" | "language-tag" | "voided-object" | "authority"
            | "statement-version" | "media-type" => self.mend_statement,
            rule if rule.starts_with("multipart") => self.mend_parts,
            rule if [
                "type-",
                "interaction-",
                "context-",
                "sub-statement-",
                "sign",
            ]
            .iter()
            .any(|group| rule.starts_with(group)) =>
            {
                self.mend_statement
            }
            _ => return None,
        })
    }

    fn by_code(&self, code: &str) -> &'static str {
        match code {
            "forbidden" | "foreign-project" => self.mend_forbidden,
            "foreign-origin" => self.mend_origin,
            "conflict" => self.mend_ids,
            "method-not-allowed" => self.mend_method,
            "faulty-files" => self.mend_files,
            "body-too-large"
            | "query-too-large"
            | "too-many-parts"
            | "attachments-too-large"
            | "import-too-large" => self.mend_large,
            _ => self.mend_other,
        }
    }
}

#[cfg(test)]
mod tests {
    use varde_core::Tolerance;
    use varde_interreg::pack::Language;
    use varde_xapi::Rule;

    use super::Refusals;

    #[test]
    fn every_rule_of_the_standard_has_a_mend_of_its_own_in_each_language() {
        for language in Language::EACH {
            let words = Refusals::of(language);
            for rule in Rule::ALL {
                let of_parameters = rule.code().starts_with("parameter-");
                let mend = words.by_rule(rule.code());
                assert_eq!(mend.is_none(), of_parameters, "{}", rule.code());
            }
        }
    }

    #[test]
    fn where_a_tolerance_would_let_it_off_the_mend_names_it() {
        let words = Refusals::of(Language::En);
        let rules = ["parameter-unknown", "document-json", "condition-missing"];
        for (tolerance, rule) in Tolerance::EACH.into_iter().zip(rules) {
            let mend = words.mend(Some(rule), "invalid-request");
            assert!(mend.contains(tolerance.name()), "{mend}");
        }
    }
}
