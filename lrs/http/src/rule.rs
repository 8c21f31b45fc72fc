//! The rules of the protocol that a request can break, beside those of statements.

use serde::{Serialize, Serializer};

varde_xapi::rules! {
    /// A rule of the protocol, as [`varde_xapi::Rule`] is one of statements and values.
    pub enum ProtocolRule {
        ParameterEncoding "parameter-encoding", "RFC 3986 2.1 / xAPI 1.0.3 Communication 1.4", "parameters are percent-encoded UTF-8";
        ParameterUnknown "parameter-unknown", "xAPI 1.0.3 Communication 3.2 / IEEE 9274.1.1 4.1", "a request has only the parameters that its resource and method know, in their letter case";
        ParameterRepeated "parameter-repeated", "xAPI 1.0.3 Communication 3.2", "a parameter is given once";
        ParameterMissing "parameter-missing", "xAPI 1.0.3 Communication 2 / IEEE 9274.1.1 4.1.6", "every required parameter is given";
        HeaderMissing "header-missing", "xAPI 1.0.3 Communication 3.3 / IEEE 9274.1.1 4.1", "every request but one for about names its version of xAPI";
        ParameterCombination "parameter-combination", "xAPI 1.0.3 Communication 2.1.3 / IEEE 9274.1.1 4.1.6.1", "parameters that exclude each other are not combined";
        MoreLink "more-link", "xAPI 1.0.3 Communication 2.1.3 / IEEE 9274.1.1 4.1.6.1", "a more link is followed as it was given, by the credential it was given to";
        StatementIdAgrees "statement-id-agrees", "xAPI 1.0.3 Communication 2.1.1 / IEEE 9274.1.1 4.1.6.1", "the id in a statement is the id that it is stored under";
        ContentType "content-type", "xAPI 1.0.3 Communication 1.5", "statements are sent as application/json or multipart/mixed";
        AlternateSyntax "alternate-syntax", "xAPI 1.0.3 Communication 1.3", "in the alternate syntax the query holds the method alone, and the form holds the headers, the parameters and the content";
        ContentEncoding "content-encoding", "RFC 9110 8.4", "a body is sent plain or compressed by gzip";
        BodyComplete "body-complete", "RFC 9112 8", "a body arrives whole";
        ConditionMissing "condition-missing", "xAPI 1.0.3 Communication 3.1", "a profile is stored under a condition on what is there already";
        DocumentJson "document-json", "xAPI 1.0.3 Communication 2.2 / IEEE 9274.1.1 4.1.6.2", "a document that says to be JSON is JSON";
        DocumentMerge "document-merge", "xAPI 1.0.3 Communication 2.2 / IEEE 9274.1.1 4.1.6.2", "only a JSON object is merged, and only into a JSON object";
        IndicatorCode "indicator-code", "Regulation (EU) 2021/1059 Annex I", "an indicator is named by its code, such as RCO85";
        ProjectCode "project-code", "RFC 8259 7", "a project is named by its code of 1 to 64 of a-z, 0-9 and -";
        ImportProject "import-project", "RFC 8259 7", "a key imports into the project of its own space";
        PeriodEnd "period-end", "ISO 8601 5.2.2", "tables of a whole project are as of the last day of a period that has passed";
        WholeTables "whole-tables", "GDPR 5(1)(c)", "who is shown no person is shown tables of a whole project, and no part of one";
        Choice "choice", "RFC 8259 7", "a parameter that names one of a few things names one of them";
        Level "level", "RFC 8259 6", "a level is a whole number from 1 to 100";
        PageCursor "page-cursor", "RFC 8259 7", "a page begins where an answer said that the next one does";
        PageLimit "page-limit", "RFC 8259 6", "a page has 1 to 10,000 rows";
        Position "position", "RFC 8259 6", "a position in the log is a whole number, 0 or more";
        BodyShape "body-shape", "RFC 8259 2", "a body is JSON in the shape that the endpoint takes";
        ReportNumber "report-number", "RFC 8259 6", "a revision, a line and an edit of a report are told by their numbers";
        ReportValue "report-value", "Regulation (EU) 2021/1059 Annex XI", "what a report is told is whole, within its bounds, and proved by a document where that is asked for";
        KeyValue "key-value", "RFC 7617 2", "what a key is made with is whole and within its bounds";
        UserValue "user-value", "RFC 7617 2", "what an account is made with is whole and within its bounds";
        SessionValue "session-value", "RFC 6750 5.2", "what a session is minted for is whole and within its bounds";
        Window "window", "ISO 8601 5.5.1", "a window of days ends no earlier than it begins, and has 366 days at most";
        Identifier "identifier", "xAPI 1.0.3 Data 2.4.2.3", "an identifier says of which kind it is";
        Day "day", "ISO 8601 5.2.2", "a day is written as year, month and day, such as 2026-11-23";
    }
}

impl Serialize for ProtocolRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
