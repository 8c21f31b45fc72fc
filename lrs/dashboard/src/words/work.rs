//! Work that goes on when its page is left.

super::words! {
    /// The words of work.
    Work {
        submit: "Sender inn rapporten for {} til og med {}", "Lämnar in rapporten för {} till och med {}", "Submitting the report of {} to {}";
        pack: "Lager pakken for {} til og med {}", "Gör paketet för {} till och med {}", "Packing the report of {} to {}";
        examine: "Prøver filen {}", "Provar filen {}", "Trying the file {}";
        import: "Importerer filen {}", "Importerar filen {}", "Importing the file {}";
        going_on: "pågår", "pågår", "going on";
        done: "ferdig", "klart", "done";
        failed: "gikk ikke", "misslyckades", "failed";
        begun: "Startet", "Startat", "Begun";
        ended: "Avsluttet", "Avslutat", "Ended";
        passed: "Har holdt på i {} s", "Har hållit på i {} s", "At work for {} s";
        leave: "Siden spør på nytt av seg selv. Du kan forlate den: arbeidet går videre, og du finner det igjen under Rapporter og Importer.",
            "Sidan frågar på nytt av sig själv. Du kan lämna den: arbetet fortsätter, och du hittar det igen under Rapporter och Importer.",
            "The page asks again by itself. You may leave it: the work goes on, and you find it again under Reports and Imports.";
        kept: "Resultatet vises her i et døgn, så lenge serveren ikke startes på nytt.",
            "Resultatet visas här i ett dygn, så länge servern inte startas om.",
            "The result is shown here for a day, as long as the server is not started again.";
        look_again: "Se igjen nå", "Titta igen nu", "Look again now";
        submitted: "Rapporten er sendt inn og fryst.", "Rapporten är inlämnad och fryst.", "The report is submitted and frozen.";
        hash: "Rapportens SHA-256", "Rapportens SHA-256", "SHA-256 of the report";
        to_report: "Til rapporten", "Till rapporten", "To the report";
        not_done: "Det gikk ikke, og ingenting er endret.", "Det gick inte, och ingenting har ändrats.", "It was not done, and nothing was changed.";
        why: "Hvorfor", "Varför", "Why";
        back: "Til rapportene", "Till rapporterna", "To the reports";
    }
}
