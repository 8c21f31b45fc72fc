//! The overview: what projects have reached.

super::words! {
    /// The words of the overview.
    Overview {
        title: "Oversikt", "Översikt", "Overview";
        as_of: "Til og med", "Till och med", "As of";
        indicator: "Indikator", "Indikator", "Indicator";
        reached: "Oppnådd", "Uppnått", "Reached";
        of_target: "Av målet", "Av målet", "Of the target";
        target: "mål {}", "mål {}", "target {}";
        left_out: "Ikke regnet med", "Inte medräknat", "Left out";
        told: "{}: per {}, med alt som er kjent til og med {}",
            "{}: per {}, med allt som är känt till och med {}",
            "{}: as of {}, with all that is known through {}";
        nothing: "Her er ingen indikatorer ennå.", "Här finns inga indikatorer än.", "There are no indicators here yet.";
        nothing_try:
            "De kommer når prosjektets indikatorsett er tatt i bruk med «varde rules activate», og nøkkelen din leser prosjektet.",
            "De kommer när projektets indikatoruppsättning har aktiverats med ”varde rules activate”, och din nyckel läser projektet.",
            "They come once the project's indicator set is activated by “varde rules activate” and your key reads the project.";
        tables: "Som tabell (CSV): ", "Som tabell (CSV): ", "As a table (CSV): ";
        of_indicators: "indikatorer", "indikatorer", "indicators";
        of_keys: "det som er talt", "det som är räknat", "what was counted";
    }
}
