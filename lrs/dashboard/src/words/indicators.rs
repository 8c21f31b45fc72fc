//! One indicator, with what it rests on.

super::words! {
    /// The words of an indicator's page.
    Indicators {
        target: "av {} {} ({})", "av {} {} ({})", "of {} {} ({})";
        as_of_field: "Til og med", "Till och med", "As of";
        known_on: "Slik det var kjent ved slutten av (tomt: nå)", "Så som det var känt vid slutet av (tomt: nu)", "As known at the end of (empty: now)";
        as_of: "Per {}, med alt som er kjent til og med {}.", "Per {}, med allt som är känt till och med {}.", "As of {}, with all that is known through {}.";
        rule_set: "Regelsett", "Regeluppsättning", "Rule set";
        hash: "Fingeravtrykk", "Fingeravtryck", "Fingerprint";
        source: "Målet er satt i", "Målet är satt i", "The target is set in";
        unresolved: "Uten person i registeret", "Utan person i registret", "Without a person in the register";
        provisional: "Foreløpige", "Preliminära", "Provisional";
        over_time: "Over tid", "Över tid", "Over time";
        growth: "{} til og med {}", "{} till och med {}", "{} through {}";
        grew: "Fra {} ({}) til {}: {}. Målet er {}.", "Från {} ({}) till {}: {}. Målet är {}.", "From {} ({}) to {}: {}. The target is {}.";
        target_line: "mål {}", "mål {}", "target {}";
        as_table: "Vis tallene", "Visa siffrorna", "Show the numbers";
        day_of: "Til og med", "Till och med", "Through";
        made_of: "Hva det består av", "Vad det består av", "What it is made of";
        by: "{} (n = {}, per {})", "{} (n = {}, per {})", "{} (n = {}, as of {})";
        largest: "Størst er {}: {} av {}.", "Störst är {}: {} av {}.", "The largest is {}: {} of {}.";
        others: "andre", "övriga", "others";
        share: "Andel", "Andel", "Share";
        count: "Verdi", "Värde", "Value";
        counted: "Det som er talt", "Det som är räknat", "What is counted";
        counted_count: "{} av {}", "{} av {}", "{} of {}";
        nothing_counted: "Ingenting er talt ennå.", "Ingenting är räknat än.", "Nothing is counted yet.";
        unit: "Hva", "Vad", "What";
        person: "Person", "Person", "Person";
        organisation: "Organisasjon", "Organisation", "Organisation";
        day: "Fra", "Från", "Since";
        amount: "Bidrag", "Bidrag", "Adds";
        evidence: "Statements", "Statements", "Statements";
        left_out: "Ikke regnet med, og hvorfor", "Inte medräknat, och varför", "Left out, and why";
        reason: "Hvorfor", "Varför", "Why";
        how_many: "Antall", "Antal", "Number";
        next: "Neste side", "Nästa sida", "Next page";
        back: "Til oversikten", "Till översikten", "To the overview";
    }
}
