//! What stands around every page.

super::words! {
    /// The words of the frame.
    Frame {
        skip: "Gå til innholdet", "Gå till innehållet", "Skip to the content";
        main_menu: "Hovedmeny", "Huvudmeny", "Main menu";
        language: "Språk", "Språk", "Language";
        signed_in_as: "Logget inn som", "Inloggad som", "Signed in as";
        overview: "Oversikt", "Översikt", "Overview";
        sources: "Kilder", "Källor", "Sources";
        refusals: "Avvist", "Avvisat", "Refused";
        competences: "Kompetanser", "Kompetenser", "Competences";
        statements: "Statements", "Statements", "Statements";
        learners: "Lærende", "Lärande", "Learners";
        quality: "Datakvalitet", "Datakvalitet", "Data quality";
        own: "Mine opplysninger", "Mina uppgifter", "My record";
        reports: "Rapporter", "Rapporter", "Reports";
        imports: "Importer", "Importer", "Imports";
        published: "Publisert", "Publicerat", "Published";
        administration: "Administrasjon", "Administration", "Administration";
        show: "Vis", "Visa", "Show";
    }
}
