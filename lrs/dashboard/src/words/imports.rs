//! Imports of the project office's files.

super::words! {
    /// The words of imports.
    Imports {
        title: "Importer", "Importer", "Imports";
        lead: "Registre og fakta fra prosjektkontoret, som CSV eller XLSX, til prosjektet {}.",
            "Register och fakta från projektkontoret, som CSV eller XLSX, till projektet {}.",
            "Registers and facts of the project office, as CSV or XLSX, into the project {}.";
        steps: "Filen prøves først: du ser hva hver linje ville gjøre. Først når du ber om det, importeres nøyaktig de samme bytene.",
            "Filen provas först: du ser vad varje rad skulle göra. Först när du ber om det importeras exakt samma byte.",
            "The file is tried first: you see what each line would do. Only when you say so, exactly the same bytes are imported.";
        upload: "Prøv en fil", "Prova en fil", "Try a file";
        file: "Fil (CSV eller XLSX)", "Fil (CSV eller XLSX)", "File (CSV or XLSX)";
        replace: "Filen er hele tabellen: det som ikke står i den, trekkes tilbake",
            "Filen är hela tabellen: det som inte står i den dras tillbaka",
            "The file is the whole table: what is not in it is taken back";
        try_it: "Prøv filen", "Prova filen", "Try the file";
        templates: "Maler til å fylle ut", "Mallar att fylla i", "Templates to fill in";
        table: "Tabell", "Tabell", "Table";
        empty: "Tom", "Tom", "Empty";
        example: "Med eksempel", "Med exempel", "With an example";
        columns: "Kolonner som må være der", "Kolumner som måste finnas", "Columns that must be there";
        workbook: "Alle i én arbeidsbok (XLSX)", "Alla i en arbetsbok (XLSX)", "All in one workbook (XLSX)";
        works: "Filer du har prøvd eller importert", "Filer som du har provat eller importerat", "Files that you tried or imported";
        tried: "Slik ville importen bli. Ingenting er endret.", "Så skulle importen bli. Ingenting har ändrats.", "What an import would do. Nothing was changed.";
        imported: "Filen er importert.", "Filen är importerad.", "The file is imported.";
        faulty: "Noe er galt i filen, så den kan ikke importeres. Rett linjene og prøv på nytt.",
            "Något är fel i filen, så den kan inte importeras. Rätta raderna och prova på nytt.",
            "Something is wrong in the file, so it cannot be imported. Mend the lines and try again.";
        file_name: "Fil", "Fil", "File";
        sha256: "Filens SHA-256", "Filens SHA-256", "SHA-256 of the file";
        counts: "Linjer", "Rader", "Lines";
        verdict: "Hva som skjer", "Vad som händer", "What becomes of it";
        how_many: "Antall", "Antal", "Number";
        new: "nye", "nya", "new";
        changed: "endret", "ändrade", "changed";
        unchanged: "uendret", "oförändrade", "unchanged";
        removed: "trukket tilbake", "tillbakadragna", "taken back";
        withheld: "ikke lagret på nytt", "inte lagrade på nytt", "not stored again";
        refused: "avvist", "avvisade", "refused";
        faults: "Feil", "Fel", "Faults";
        faults_csv: "Feilene som tabell (CSV)", "Felen som tabell (CSV)", "The faults as a table (CSV)";
        lines_csv: "Alle linjer som tabell (CSV)", "Alla rader som tabell (CSV)", "All lines as a table (CSV)";
        place: "Sted", "Plats", "Place";
        line: "Linje", "Rad", "Line";
        column: "Kolonne", "Kolumn", "Column";
        what: "Funnet og ventet", "Funnet och väntat", "Found and expected";
        rows: "Linje for linje", "Rad för rad", "Line by line";
        told: "Merknader", "Anmärkningar", "Remarks";
        none_tell: "Alle linjer er uendret.", "Alla rader är oförändrade.", "Every line is unchanged.";
        shown_of: "{} av {}", "{} av {}", "{} of {}";
        next: "Neste side", "Nästa sida", "Next page";
        import: "Importer nøyaktig denne filen", "Importera exakt den här filen", "Import exactly this file";
        import_means: "Linjene blir en del av registeret, og tallene regnes om.", "Raderna blir en del av registret, och siffrorna räknas om.", "The lines become part of the record, and figures are counted anew.";
        back: "Til importene", "Till importerna", "To the imports";
    }
}

impl Imports {
    /// Names what becomes of a line.
    pub(crate) fn verdict_of(&self, name: &str) -> &'static str {
        match name {
            "new" => self.new,
            "changed" => self.changed,
            "unchanged" => self.unchanged,
            "removed" => self.removed,
            "withheld" => self.withheld,
            _ => self.refused,
        }
    }
}
