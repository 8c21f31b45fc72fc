//! Frameworks, competences, and how people did in one.

super::words! {
    /// The words of the tree of competences.
    Competences {
        title: "Kompetanser", "Kompetenser", "Competences";
        framework: "Rammeverk", "Ramverk", "Framework";
        no_framework: "Ikke i noe rammeverk", "Inte i något ramverk", "In no framework";
        none: "Ingen rammeverk er installert ennå.", "Inga ramverk är installerade än.", "No framework is installed yet.";
        none_try: "Den som driver serveren, legger inn et rammeverk som en CASE-pakke med kommandoen nedenfor. Varde har EntreComp i schemas/definitions/entrecomp.json.", "Den som driver servern lägger in ett ramverk som ett CASE-paket med kommandot nedan. Varde har EntreComp i schemas/definitions/entrecomp.json.", "Whoever runs the server installs a framework as a CASE package by the command below. Varde has EntreComp in schemas/definitions/entrecomp.json.";
        told: "{}, versjon {}, fra {}. {} områder og kompetanser.", "{}, version {}, från {}. {} områden och kompetenser.", "{}, version {}, by {}. {} areas and competences.";
        no_version: "uten nummer", "utan nummer", "without a number";
        rules: "regler: {}", "regler: {}", "rules: {}";
        shown: "Nummer {} til {} av {}.", "Nummer {} till {} av {}.", "Numbers {} to {} of {}.";
        next: "Neste side", "Nästa sida", "Next page";
        table: "Kompetansene som tabell (CSV)", "Kompetenserna som tabell (CSV)", "The competences as a table (CSV)";
    }
}

super::words! {
    /// The words of one competence's page.
    Competence {
        back: "Til kompetansene", "Till kompetenserna", "To the competences";
        iri: "Adresse", "Adress", "Address";
        kind: "Type", "Typ", "Kind";
        framework: "Rammeverk", "Ramverk", "Framework";
        corresponds: "Svarer til", "Motsvarar", "Corresponds to";
        rules: "Regler", "Regler", "Rules";
        no_rules: "Ingen regel gjør statements til bevis for denne kompetansen, så ingen kan ha noe nivå i den.", "Ingen regel gör statements till bevis för den här kompetensen, så ingen kan ha någon nivå i den.", "No rule makes statements evidence of this competence, so nobody can have a level in it.";
        no_rules_try: "Velg en kompetanse som har regler, eller be den som forvalter definisjonene om å legge inn en.", "Välj en kompetens som har regler, eller be den som förvaltar definitionerna att lägga in en.", "Choose a competence that has rules, or ask the data steward to install one.";
        what_levels: "Hva nivåene krever", "Vad nivåerna kräver", "What the levels take";
        project: "Prosjekt", "Projekt", "Project";
        by: "Grupper etter", "Grupper efter", "Groups by";
        basis: "Grunnlag", "Underlag", "Basis";
        as_of: "Per dato", "Per datum", "As of";
        period_end: "Periode til og med", "Period till och med", "Period that ended";
        post: "Etter opplæringen gjelder", "Efter utbildningen gäller", "After the learning counts";
        best: "beste resultat", "bästa resultat", "the best result";
        first: "første resultat", "första resultat", "the first result";
        last: "siste resultat", "sista resultat", "the last result";
        target: "Nivå som er målet", "Nivå som är målet", "Target level";
        against: "Sammenlign med", "Jämför med", "Compare with";
        nobody: "ingen", "ingen", "none";
        told: "{}: {}, per {}, med alt som er kjent til og med {}.", "{}: {}, per {}, med allt som är känt till och med {}.", "{}: {}, as of {}, with all that is known through {}.";
        told_unknown: "{}: {}, per {}.", "{}: {}, per {}.", "{}: {}, as of {}.";
        table: "Alle tallene på siden som tabell (CSV)", "Alla siffror på sidan som tabell (CSV)", "All numbers of this page as a table (CSV)";
        behind: "Resultatene bak tallene", "Resultaten bakom siffrorna", "The outcomes behind the numbers";
        no_project: "Du leser ingen prosjekters resultater.", "Du läser inga projekts resultat.", "You read no project's results.";
        no_project_try: "Be administratoren om en nøkkel som leser et prosjekt.", "Be administratören om en nyckel som läser ett projekt.", "Ask the administrator for a key that reads a project.";
        nothing: "Ingen har vist noe i denne kompetansen ennå.", "Ingen har visat något i den här kompetensen än.", "Nobody has shown anything in this competence yet.";
        few: "Ingen er kommet til ennå, eller så få at ingen tall kan vises.", "Ingen har tillkommit än, eller så få att inga siffror kan visas.", "Nobody has come yet, or so few that no number can be shown.";
        nothing_try: "Velg en senere dag, et annet grunnlag eller et annet prosjekt.", "Välj en senare dag, ett annat underlag eller ett annat projekt.", "Choose a later day, another basis or another project.";
        no_period: "Tall for hele prosjektet vises først når en periode er over, og ingen av prosjektets perioder er det ennå.", "Siffror för hela projektet visas först när en period är över, och ingen av projektets perioder är det än.", "Numbers of the whole project are shown once a period is over, and none of the project's is yet.";
        whole_project: "Tallene er for hele prosjektet ved utgangen av en periode. Tall under {}, og tall de kunne regnes ut fra, vises ikke; et tall står til nok er kommet til.", "Siffrorna gäller hela projektet vid slutet av en period. Siffror under {}, och siffror som de kunde räknas ut ur, visas inte; en siffra står kvar tills tillräckligt många har tillkommit.", "The numbers are of the whole project at the end of a period. Numbers under {}, and those they could be worked out from, are not shown; a number stands until enough have come.";
        suppressed: "vises ikke", "visas inte", "not shown";
        as_table: "Tallene som tabell", "Siffrorna som tabell", "The numbers as a table";
        by_level: "Nivåer", "Nivåer", "Levels";
        change_by_pair: "Middelnivå før og etter", "Medelnivå före och efter", "Mean level before and after";
        mean_of_pairs: "Endring i nivå siden før opplæringen", "Förändring i nivå sedan före utbildningen", "Change of level since before the learning";
        against_each_other: "Gruppe mot gruppe", "Grupp mot grupp", "Group against group";
        levels: "Hvor mange som er på hvert nivå", "Hur många som är på varje nivå", "How many are at each level";
        of_day: "Per {}.", "Per {}.", "As of {}.";
        no_pairs: "ingen par", "inga par", "no pairs";
        levels_most: "{}: oftest {} ({} av {}).", "{}: oftast {} ({} av {}).", "{}: most often {} ({} of {}).";
        levels_none: "Ingen tall kan vises.", "Inga siffror kan visas.", "No numbers can be shown.";
        level: "Nivå {}", "Nivå {}", "Level {}";
        level_column: "Nivå", "Nivå", "Level";
        no_level: "Ingen nivå", "Ingen nivå", "No level";
        count: "n = {}", "n = {}", "n = {}";
        persons: "Personer", "Personer", "Persons";
        cohort: "Gruppe", "Grupp", "Group";
        change: "Før og etter opplæringen", "Före och efter utbildningen", "Before and after the learning";
        change_means: "Middelet er av par: én person og ett opplæringsløp, før og etter. Det er en endring og beviser ingen effekt.", "Medeltalet är av par: en person och en utbildning, före och efter. Det är en förändring och bevisar ingen effekt.", "The mean is of pairs: one person and one scheme, before and after. It is a change and proves no effect.";
        change_most: "{} endret seg mest: fra {} til {} ({} par).", "{} förändrades mest: från {} till {} ({} par).", "{} changed most: from {} to {} ({} pairs).";
        change_whole: "Nivået endret seg med {} i middel ({} par).", "Nivån förändrades med {} i medeltal ({} par).", "The level changed by {} in the mean ({} pairs).";
        change_none: "Ingen har vist noe både før og etter opplæringen ennå.", "Ingen har visat något både före och efter utbildningen än.", "Nobody has shown anything both before and after the learning yet.";
        change_few: "For få par er kommet til at endringen kan vises.", "För få par har tillkommit för att förändringen ska kunna visas.", "Too few pairs came together for the change to be shown.";
        before: "Før", "Före", "Before";
        after: "Etter", "Efter", "After";
        pairs: "Par", "Par", "Pairs";
        mean: "Endring", "Förändring", "Change";
        median: "Median", "Median", "Median";
        gained: "Minst ett nivå opp", "Minst en nivå upp", "Up a level or more";
        at_target: "På målet eller over", "På målet eller över", "At the target or above";
        pre_only: "Bare før", "Bara före", "Before only";
        post_only: "Bare etter", "Bara efter", "After only";
        cohorts_persons: "Personer etter gruppe", "Personer efter grupp", "Persons by group";
        cohorts_most: "Flest er i {}: {} personer.", "Flest är i {}: {} personer.", "Most are in {}: {} persons.";
        change_by: "Endring i nivå etter gruppe", "Förändring i nivå efter grupp", "Change of level by group";
        change_by_most: "Endringen er størst i {}: {} ({} par).", "Förändringen är störst i {}: {} ({} par).", "The change is greatest in {}: {} ({} pairs).";
        less: "Endring i nivå, mindre den i {}", "Förändring i nivå, minus den i {}", "Change of level, less that of {}";
        less_most: "Lengst fra {} er {}: {} nivåer ({} par).", "Längst från {} är {}: {} nivåer ({} par).", "Furthest from {} is {}: {} levels ({} pairs).";
        difference: "Forskjell i endring", "Skillnad i förändring", "Difference of change";
        difference_gained: "Forskjell, opp", "Skillnad, upp", "Difference, up";
        difference_target: "Forskjell, på målet", "Skillnad, på målet", "Difference, at target";
        began: "Begynte", "Började", "Began";
        finished: "Fullførte", "Slutförde", "Finished";
        left: "Falt fra", "Hoppade av", "Left";
        under_way: "Underveis", "Pågår", "Under way";
        not_drawn: "Bare de {} største gruppene er tegnet; tabellen har alle.", "Bara de {} största grupperna är ritade; tabellen har alla.", "Only the {} largest groups are drawn; the table has all.";
    }
}

super::words! {
    /// The words of the outcomes behind the numbers, and of why one is as it is.
    Outcomes {
        title: "Resultater: {}", "Resultat: {}", "Outcomes: {}";
        back: "Til kompetansen", "Till kompetensen", "To the competence";
        own: "Her står radene som du ser enkeltvis.", "Här står de rader som du ser en och en.", "Here are the rows that you see one by one.";
        basis: "Grunnlag", "Underlag", "Basis";
        any: "alle", "alla", "any";
        status: "Status", "Status", "Status";
        as_of: "Per dato", "Per datum", "As of";
        person: "Person", "Person", "Person";
        level: "Nivå", "Nivå", "Level";
        day: "Vist", "Visad", "Shown on";
        rule: "Regel", "Regel", "Rule";
        gain: "Endring", "Förändring", "Change";
        why: "Hvorfor", "Varför", "Why";
        explain: "Forklaring", "Förklaring", "Explanation";
        explain_of: "Forklaring for {}", "Förklaring för {}", "Explanation for {}";
        none: "Ingen resultater passer.", "Inga resultat passar.", "No outcome fits.";
        none_try: "Velg en senere dag, eller ta bort et filter.", "Välj en senare dag, eller ta bort ett filter.", "Choose a later day, or leave a filter out.";
        told: "Per {}, med alt som er kjent til og med {}.", "Per {}, med allt som är känt till och med {}.", "As of {}, with all that is known through {}.";
        next: "Neste side", "Nästa sida", "Next page";
        table: "Resultatene som tabell (CSV)", "Resultaten som tabell (CSV)", "The outcomes as a table (CSV)";
        why_back: "Til resultatene", "Till resultaten", "To the outcomes";
        evidence: "Hva som viser et nivå", "Vad som visar en nivå", "What shows a level";
        no_evidence: "Ingenting.", "Ingenting.", "Nothing.";
        near_misses: "Hva som ble sett på og ikke viser noe nivå", "Vad som granskades och inte visar någon nivå", "What was looked at and shows no level";
        statements: "Statements:", "Statements:", "Statements:";
        not_told: "{} til er ikke tatt med.", "{} till är inte med.", "{} more are not told.";
    }
}
