//! The codes of `report.json` as words for people.

use super::language::{Language, Voice};
use crate::reports::Cause;

/// A code with its words in each language, nb, sv and en.
type Word = (&'static str, [&'static str; 3]);

const DIMENSIONS: [Word; 12] = [
    ("country", ["Land", "Land", "Country"]),
    (
        "nuts3",
        ["Region (NUTS 3)", "Region (NUTS 3)", "Region (NUTS 3)"],
    ),
    ("gender", ["Kjønn", "Kön", "Gender"]),
    (
        "birth_year_band",
        ["Fødselsår", "Födelseår", "Year of birth"],
    ),
    (
        "organisation",
        ["Organisasjon", "Organisation", "Organisation"],
    ),
    ("scheme", ["Opplæringsløp", "Utbildning", "Training scheme"]),
    (
        "action",
        ["Felles aktivitet", "Gemensam aktivitet", "Joint action"],
    ),
    ("size", ["Størrelse", "Storlek", "Size"]),
    (
        "nace",
        ["Næring (NACE)", "Näringsgren (NACE)", "Sector (NACE)"],
    ),
    ("kind", ["Type", "Typ", "Kind"]),
    ("role", ["Rolle", "Roll", "Role"]),
    ("state", ["Status", "Status", "State"]),
];

const VALUES: [Word; 28] = [
    ("unknown", ["ukjent", "okänt", "unknown"]),
    ("several", ["flere", "flera", "several"]),
    ("female", ["kvinne", "kvinna", "female"]),
    ("male", ["mann", "man", "male"]),
    ("other", ["annet", "annat", "other"]),
    ("micro", ["mikro", "mikro", "micro"]),
    ("small", ["liten", "liten", "small"]),
    ("medium", ["mellomstor", "medelstor", "medium"]),
    ("large", ["stor", "stor", "large"]),
    ("completed", ["fullført", "slutförd", "completed"]),
    ("in-progress", ["pågår", "pågår", "in progress"]),
    ("dropped", ["avbrutt", "avbruten", "dropped"]),
    ("lead", ["hovedpartner", "projektägare", "lead partner"]),
    ("partner", ["partner", "partner", "partner"]),
    ("associated", ["assosiert", "associerad", "associated"]),
    ("solution", ["løsning", "lösning", "solution"]),
    ("strategy", ["strategi", "strategi", "strategy"]),
    (
        "action-plan",
        ["handlingsplan", "handlingsplan", "action plan"],
    ),
    ("pilot-action", ["pilot", "pilotåtgärd", "pilot action"]),
    ("count", ["antall", "antal", "count"]),
    ("sum", ["sum", "summa", "sum"]),
    ("ratio", ["andel", "andel", "share"]),
    ("summary", ["fordeling", "fördelning", "distribution"]),
    ("NO", ["Norge", "Norge", "Norway"]),
    ("SE", ["Sverige", "Sverige", "Sweden"]),
    ("FI", ["Finland", "Finland", "Finland"]),
    ("DK", ["Danmark", "Danmark", "Denmark"]),
    ("IS", ["Island", "Island", "Iceland"]),
];

const CAUSES: [Word; 12] = [
    (
        "voided",
        [
            "statementet er annullert",
            "statementet har återkallats",
            "the statement was voided",
        ],
    ),
    (
        "erased",
        [
            "statementet er slettet",
            "statementet har raderats",
            "the statement was erased",
        ],
    ),
    (
        "merged",
        [
            "personen er slått sammen med en annen",
            "personen har slagits ihop med en annan",
            "the person counts as one with another",
        ],
    ),
    (
        "counts-as",
        [
            "teller nå under en annen nøkkel",
            "räknas nu under en annan nyckel",
            "counts under another key now",
        ],
    ),
    (
        "counted-as",
        [
            "ble rapportert under en annen nøkkel",
            "rapporterades under en annan nyckel",
            "was reported under another key",
        ],
    ),
    (
        "left-out",
        [
            "et vilkår er ikke lenger oppfylt",
            "ett villkor är inte längre uppfyllt",
            "a condition holds no more",
        ],
    ),
    (
        "late-statement",
        [
            "statementet kom etter rapporten",
            "statementet kom efter rapporten",
            "the statement came after the report",
        ],
    ),
    (
        "registers",
        [
            "registrene sier noe annet siden rapporten",
            "registren säger annat sedan rapporten",
            "the registers say otherwise since the report",
        ],
    ),
    (
        "not-reported",
        [
            "var ikke i noen godkjent rapport",
            "fanns inte i någon godkänd rapport",
            "no accepted report held it yet",
        ],
    ),
    (
        "definition",
        [
            "en annen versjon av regelsettet gjelder",
            "en annan version av regelverket gäller",
            "another version of the rule set counts",
        ],
    ),
    (
        "amount",
        [
            "teller et annet beløp",
            "räknas med ett annat belopp",
            "counts another amount",
        ],
    ),
    (
        "unknown",
        [
            "ingen årsak er funnet",
            "ingen orsak har hittats",
            "no cause was found",
        ],
    ),
];

const REASONS: [Word; 25] = [
    (
        "not-joint",
        [
            "ikke arrangører fra to land",
            "inte arrangörer från två länder",
            "no organisers from two countries",
        ],
    ),
    (
        "ambiguous-unit",
        [
            "to aktiviteter på samme avstand",
            "två aktiviteter på samma avstånd",
            "two activities at the same distance",
        ],
    ),
    (
        "after-project-end",
        [
            "etter siste dag som teller",
            "efter sista dagen som räknas",
            "after the last day that counts",
        ],
    ),
    (
        "no-participation",
        [
            "ingen deltakelse hører til fullføringen",
            "inget deltagande hör till slutförandet",
            "no participation goes with the completion",
        ],
    ),
    (
        "completion-denied",
        [
            "resultatet motsier fullføringen",
            "resultatet motsäger slutförandet",
            "the result denies the completion",
        ],
    ),
    (
        "completion-undone",
        [
            "fullføringen er trukket tilbake",
            "slutförandet har tagits tillbaka",
            "the completion was taken back",
        ],
    ),
    (
        "counts-later",
        [
            "siste vilkår oppfylles senere",
            "sista villkoret uppfylls senare",
            "the last condition holds later",
        ],
    ),
    (
        "support-too-short",
        [
            "støtten er for kort",
            "stödet är för kort",
            "the support is too short",
        ],
    ),
    (
        "not-new",
        [
            "foretaket er ikke nytt",
            "företaget är inte nytt",
            "the enterprise is not new",
        ],
    ),
    (
        "age-unknown",
        [
            "stiftelsesdato mangler",
            "startdatum saknas",
            "the founding day is not known",
        ],
    ),
    (
        "not-supported",
        [
            "ingen tellende støtte",
            "inget räknat stöd",
            "no counted support",
        ],
    ),
    (
        "large-enterprise",
        ["stort foretak", "stort företag", "a large enterprise"],
    ),
    (
        "no-figures",
        [
            "sysselsetting før og etter mangler",
            "sysselsättning före och efter saknas",
            "no employment before and after",
        ],
    ),
    (
        "not-jointly-developed",
        [
            "utviklet i ett land alene",
            "utvecklad i ett land",
            "developed in one country only",
        ],
    ),
    (
        "not-finished",
        ["ikke fullført", "inte slutförd", "not finished"],
    ),
    (
        "no-uptake-actions",
        [
            "tiltak for bruk er ikke nevnt",
            "åtgärder för användning är inte angivna",
            "the actions for uptake are not named",
        ],
    ),
    (
        "no-evidence",
        ["ikke dokumentert", "inte dokumenterad", "not documented"],
    ),
    (
        "legal-or-administrative",
        [
            "juridisk eller administrativ løsning",
            "juridisk eller administrativ lösning",
            "a legal or administrative solution",
        ],
    ),
    (
        "one-country-only",
        [
            "partnere fra ett land alene",
            "partner från endast ett land",
            "partners from one country only",
        ],
    ),
    (
        "not-in-partnership",
        [
            "ikke i partnerskapet",
            "inte i partnerskapet",
            "not in the partnership",
        ],
    ),
    (
        "ends-with-project",
        [
            "avtalen slutter med prosjektet",
            "avtalet slutar med projektet",
            "the agreement ends with the project",
        ],
    ),
    (
        "project-end-unknown",
        [
            "prosjektets slutt er ikke kjent",
            "projektets slut är inte känt",
            "the project's end is not known",
        ],
    ),
    (
        "no-end-day",
        [
            "arrangementets sluttdag mangler",
            "evenemangets slutdag saknas",
            "the event has no end day",
        ],
    ),
    ("cancelled", ["avlyst", "inställt", "cancelled"]),
    (
        "not-public",
        [
            "ikke åpent for alle",
            "inte öppet för alla",
            "not open to the public",
        ],
    ),
];

impl Voice {
    fn say(self, words: &[Word], code: &str) -> String {
        let Self::In(language) = self else {
            return code.to_owned();
        };
        let word = words.iter().find(|(own, _)| *own == code);
        word.map_or(code, |(_, texts)| in_language(texts, language))
            .to_owned()
    }

    /// Names a dimension of breakdowns.
    pub fn dimension(self, code: &str) -> String {
        self.say(&DIMENSIONS, code)
    }

    /// Names a value of a breakdown or a measure; what has no word of its own stays as it is.
    pub fn value(self, code: &str) -> String {
        self.say(&VALUES, code)
    }

    /// Names why something was left out.
    pub fn reason(self, code: &str) -> String {
        self.say(&REASONS, code)
    }

    /// Names why a key counts otherwise than it was reported.
    pub fn cause(self, cause: &Cause) -> String {
        let said = self.say(&CAUSES, kind_of(cause));
        match cause {
            Cause::LeftOut { reason } => format!("{said}: {}", self.reason(reason)),
            Cause::Amount {
                because: Some(because),
                ..
            } => format!("{said}: {}", self.cause(because)),
            _ => said,
        }
    }
}

/// Returns the cause's `kind` in `report.json`.
fn kind_of(cause: &Cause) -> &'static str {
    match cause {
        Cause::Voided { .. } => "voided",
        Cause::Erased { .. } => "erased",
        Cause::Merged { .. } => "merged",
        Cause::CountsAs { .. } => "counts-as",
        Cause::CountedAs { .. } => "counted-as",
        Cause::LeftOut { .. } => "left-out",
        Cause::LateStatement { .. } => "late-statement",
        Cause::Registers => "registers",
        Cause::NotReported => "not-reported",
        Cause::Definition => "definition",
        Cause::Amount { .. } => "amount",
        Cause::Unknown => "unknown",
    }
}

fn in_language<'t>(texts: &'t [&'t str; 3], language: Language) -> &'t str {
    let [nb, sv, en] = texts;
    match language {
        Language::Nb => nb,
        Language::Sv => sv,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::conclusion::Reason;
    use crate::counting_rule::RULES;

    fn codes(words: &[Word]) -> BTreeSet<&'static str> {
        words.iter().map(|(code, _)| *code).collect()
    }

    /// Fails to compile when there is a reason that the test below does not know of.
    fn is_listed(reason: Reason) {
        use Reason as R;
        match reason {
            R::NotJoint
            | R::AmbiguousUnit
            | R::AfterProjectEnd
            | R::NoParticipation
            | R::CompletionDenied
            | R::CompletionUndone
            | R::CountsLater
            | R::SupportTooShort
            | R::NotNew
            | R::AgeUnknown
            | R::NotSupported
            | R::LargeEnterprise
            | R::NoFigures
            | R::NotJointlyDeveloped
            | R::NotFinished
            | R::NoUptakeActions
            | R::NoEvidence
            | R::LegalOrAdministrative
            | R::OneCountryOnly
            | R::NotInPartnership
            | R::EndsWithProject
            | R::ProjectEndUnknown
            | R::NoEndDay
            | R::Cancelled
            | R::NotPublic => {}
        }
    }

    #[test]
    fn every_reason_dimension_and_measure_has_words() {
        assert_eq!(codes(&REASONS).len(), REASONS.len());
        for code in codes(&REASONS) {
            is_listed(serde_json::from_value(code.into()).expect("a reason"));
        }
        // As many as the list above has.
        assert_eq!(REASONS.len(), 25);
        for traits in &RULES {
            assert!(codes(&VALUES).contains(traits.measure.name()), "{traits:?}");
            for dimension in traits.dimensions {
                assert!(codes(&DIMENSIONS).contains(dimension), "{dimension}");
            }
        }
    }

    #[test]
    fn every_word_is_there_in_every_language_once() {
        for words in [&DIMENSIONS[..], &VALUES, &CAUSES, &REASONS] {
            assert_eq!(codes(words).len(), words.len());
            for (code, texts) in words {
                assert!(texts.iter().all(|text| !text.is_empty()), "{code}");
            }
        }
    }

    #[test]
    fn every_cause_of_a_report_has_words_under_its_own_name() {
        let causes = [
            Cause::Registers,
            Cause::NotReported,
            Cause::Definition,
            Cause::Unknown,
        ];
        for cause in causes {
            let written = serde_json::to_value(&cause).expect("JSON");
            assert_eq!(written["kind"], kind_of(&cause));
            let said = Voice::In(Language::Nb).cause(&cause);
            assert_ne!(said, kind_of(&cause));
        }
        assert_eq!(CAUSES.len(), 12);
    }
}
