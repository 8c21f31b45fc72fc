//! The rules an input is judged by, each with a stable code and its place in the standard.

/// Makes an enum of rules from a table: the variant, its stable code, where the rule is written,
/// and the rule in one sentence.
#[macro_export]
macro_rules! rules {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $rules:ident {
            $($name:ident $code:literal, $source:literal, $text:literal;)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $visibility enum $rules {
            $(#[doc = $text] $name,)*
        }

        impl $rules {
            /// Every rule, in the order of the standard.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Returns the stable code, such as `agent-one-identifier`.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// Returns where the rule is written.
            pub fn source(self) -> &'static str {
                match self { $(Self::$name => $source),* }
            }

            /// Returns the rule in one sentence.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

rules! {
    /// A rule of the standard (or of JSON) that an input can break.
    #[non_exhaustive]
    #[expect(clippy::doc_markdown, reason = "the sentences are also shown outside of these pages")]
    pub enum Rule {
        JsonUtf8 "json-utf8", "xAPI 1.0.3 Communication 1.4 / IEEE 9274.1.1 4.2.1", "text is encoded as UTF-8";
        JsonSyntax "json-syntax", "RFC 8259", "a body is well-formed JSON";
        JsonDepth "json-depth", "RFC 8259 9", "JSON is nested at most 128 levels deep";
        JsonNumberBound "json-number-bound", "RFC 8259 9", "a number's exponent has at most 15 digits";
        JsonDuplicateKey "json-duplicate-key", "IEEE 9274.1.1 4.2.1", "an object names each member once";
        NoNull "no-null", "xAPI 1.0.3 Data 2.2 / IEEE 9274.1.1 4.2.1", "null stands only within extensions";
        ObjectType "type-object", "xAPI 1.0.3 Data 2.2 / IEEE 9274.1.1 4.2.1", "the value is a JSON object";
        ArrayType "type-array", "xAPI 1.0.3 Data 2.2 / IEEE 9274.1.1 4.2.1", "the value is a JSON array";
        StringType "type-string", "xAPI 1.0.3 Data 2.2 / IEEE 9274.1.1 4.2.1", "the value is a JSON string";
        NumberType "type-number", "xAPI 1.0.3 Data 2.2 / IEEE 9274.1.1 4.2.1", "the value is a JSON number";
        BooleanType "type-boolean", "xAPI 1.0.3 Data 2.2 / IEEE 9274.1.1 4.2.1", "the value is true or false";
        UnknownProperty "unknown-property", "xAPI 1.0.3 Data 2.2 / IEEE 9274.1.1 4.2.1", "only the members that the standard names appear, in its letter case";
        MissingProperty "missing-property", "xAPI 1.0.3 Data 2.2 / IEEE 9274.1.1 4.2.1", "every required member is present";
        StatementForm "statement-form", "xAPI 1.0.3 Communication 2.1 / IEEE 9274.1.1 4.1.6.1", "a body is a statement object, or for POST also an array of them";
        BatchIds "batch-distinct-ids", "xAPI 1.0.3 Communication 2.1.2 / IEEE 9274.1.1 4.1.6.1", "the ids in one batch are distinct";
        Uuid "uuid", "xAPI 1.0.3 Data 4.4 / RFC 4122", "an id is a UUID in its standard text form";
        Iri "iri", "xAPI 1.0.3 Data 4.3 / RFC 3987", "an identifier is an absolute IRI with a scheme";
        LanguageTag "language-tag", "xAPI 1.0.3 Data 4.2 / RFC 5646", "a language is named by a language tag";
        Timestamp "timestamp", "xAPI 1.0.3 Data 4.5 / IEEE 9274.1.1 4.2.7", "a timestamp is an RFC 3339 date and time";
        TimestampZone "timestamp-zone", "xAPI 1.0.3 Data 4.5 / RFC 3339 4.3", "an offset is Z or a known distance from UTC, never minus zero";
        Duration "duration", "xAPI 1.0.3 Data 4.6 / ISO 8601 4.4.3.2", "a duration is in the ISO 8601 format with designators";
        Extensions "extensions", "xAPI 1.0.3 Data 4.1 / IEEE 9274.1.1 4.2", "extensions are an object whose keys are IRIs";
        ObjectTypeValue "object-type", "xAPI 1.0.3 Data 2.4 / IEEE 9274.1.1 4.2", "objectType has one of the values that fit its place, in their letter case";
        AgentOneIdentifier "agent-one-identifier", "xAPI 1.0.3 Data 2.4.2.1 and 2.4.2.3 / IEEE 9274.1.1 4.2", "an agent has exactly one of mbox, mbox_sha1sum, openid and account";
        GroupOneIdentifier "group-one-identifier", "xAPI 1.0.3 Data 2.4.2.2 / IEEE 9274.1.1 4.2", "a group has at most one of mbox, mbox_sha1sum, openid and account";
        GroupMembers "group-members", "xAPI 1.0.3 Data 2.4.2.2 / IEEE 9274.1.1 4.2", "a group without an identifier lists its members";
        GroupNotNested "group-not-nested", "xAPI 1.0.3 Data 2.4.2.2 / IEEE 9274.1.1 4.2", "a group's members are agents, not groups";
        IdentifiedGroup "identified-group", "xAPI 1.0.3 Communication 2.1.3 / IEEE 9274.1.1 4.1.6", "a group used as a parameter has an identifier";
        Mbox "mbox", "xAPI 1.0.3 Data 2.4.2.3 / RFC 6068", "an mbox is mailto: and one mail address";
        MboxSha1Sum "mbox-sha1sum", "xAPI 1.0.3 Data 2.4.2.3", "an mbox_sha1sum is a SHA-1 digest in 40 hexadecimal digits";
        VoidedObject "voided-object", "xAPI 1.0.3 Data 2.3.2 / IEEE 9274.1.1 4.2.5", "a voiding statement's object is a statement reference";
        InteractionTypeRequired "interaction-type-required", "xAPI 1.0.3 Data 2.4.4.1 / IEEE 9274.1.1 4.2", "interaction members need an interactionType";
        InteractionType "interaction-type", "xAPI 1.0.3 Data 2.4.4.1 / IEEE 9274.1.1 4.2", "interactionType has one of the ten values of the standard";
        InteractionList "interaction-list", "xAPI 1.0.3 Data 2.4.4.1 / IEEE 9274.1.1 4.2", "a component list belongs to its interactionType";
        InteractionIds "interaction-distinct-ids", "xAPI 1.0.3 Data 2.4.4.1 / IEEE 9274.1.1 4.2", "the component ids in one list are distinct";
        SubStatementNested "sub-statement-not-nested", "xAPI 1.0.3 Data 2.4.4.3 / IEEE 9274.1.1 4.2", "a SubStatement's object is not a SubStatement";
        SubStatementMember "sub-statement-members", "xAPI 1.0.3 Data 2.4.4.3 / IEEE 9274.1.1 4.2", "a SubStatement has no id, stored, version or authority";
        ScoreScaled "score-scaled", "xAPI 1.0.3 Data 2.4.5.1 / IEEE 9274.1.1 4.2", "a scaled score lies between -1 and 1";
        ScoreRaw "score-raw", "xAPI 1.0.3 Data 2.4.5.1 / IEEE 9274.1.1 4.2", "a raw score lies between min and max";
        ScoreRange "score-range", "xAPI 1.0.3 Data 2.4.5.1 / IEEE 9274.1.1 4.2", "a score's min is less than its max";
        Team "context-team", "xAPI 1.0.3 Data 2.4.6 / IEEE 9274.1.1 4.2", "a team is a group";
        ActivityOnly "context-activity-only", "xAPI 1.0.3 Data 2.4.6 / IEEE 9274.1.1 4.2", "revision and platform are used only when the object is an activity";
        RelevantTypes "context-relevant-types", "IEEE 9274.1.1 4.2", "relevantTypes is a non-empty array of IRIs";
        Authority "authority", "xAPI 1.0.3 Data 2.4.9 / IEEE 9274.1.1 4.2", "an authority is an agent, or a group without identifier of exactly two agents";
        StatementVersion "statement-version", "xAPI 1.0.3 Data 2.4.10 / IEEE 9274.1.1 4.2", "a statement's version is one that the request's version of xAPI admits";
        MediaType "media-type", "xAPI 1.0.3 Data 2.4.11 / RFC 9110 8.3.1", "a content type is a media type";
        AttachmentLength "attachment-length", "xAPI 1.0.3 Data 2.4.11 / IEEE 9274.1.1 4.2", "an attachment's length is a whole number of octets, zero or more";
        AttachmentSha2 "attachment-sha2", "xAPI 1.0.3 Data 2.4.11 / IEEE 9274.1.1 4.2", "an attachment's sha2 is a SHA-2 digest in hexadecimal digits";
        ParameterBoolean "parameter-boolean", "xAPI 1.0.3 Communication 2.1.3 / IEEE 9274.1.1 4.1.6.1", "a boolean parameter is true or false";
        ParameterLimit "parameter-limit", "xAPI 1.0.3 Communication 2.1.3 / IEEE 9274.1.1 4.1.6.1", "a limit is a whole number, zero or more";
        ParameterFormat "parameter-format", "xAPI 1.0.3 Communication 2.1.3 / IEEE 9274.1.1 4.1.6.1", "a format is ids, exact or canonical";
        Multipart "multipart", "xAPI 1.0.3 Communication 1.5.2 / RFC 2046 5.1", "a body with attachments is multipart/mixed with a boundary, well-formed delimiters and headers";
        StatementsPart "multipart-statements", "xAPI 1.0.3 Communication 1.5.2 / IEEE 9274.1.1 4.1.3", "the first part, of type application/json, holds all statements";
        PartHash "multipart-hash", "xAPI 1.0.3 Communication 1.5.2 / IEEE 9274.1.1 4.1.3", "every part after the first has an X-Experience-API-Hash that some attachment has as its sha2, once";
        PartEncoding "multipart-encoding", "xAPI 1.0.3 Communication 1.5.2 / IEEE 9274.1.1 4.1.3", "an attachment's part has the Content-Transfer-Encoding binary";
        PartType "multipart-type", "xAPI 1.0.3 Communication 1.5.2 / IEEE 9274.1.1 4.1.3", "a part's Content-Type is the contentType of its attachment";
        PartLength "multipart-length", "xAPI 1.0.3 Communication 1.5.2 / IEEE 9274.1.1 4.1.3", "a part that gives its Content-Length is as long as that and as its attachment's length say";
        PartDigest "multipart-digest", "xAPI 1.0.3 Data 2.4.11 / IEEE 9274.1.1 4.1.3", "a part's octets have the SHA-2 digest that they are sent under";
        AttachmentData "attachment-data", "xAPI 1.0.3 Communication 1.5.2 / IEEE 9274.1.1 4.1.3", "an attachment without fileUrl comes with its data as a part";
        SignatureData "signature-data", "xAPI 1.0.3 Data 2.6 / IEEE 9274.1.1 4.2.6", "a signature comes with its data, and its contentType is application/octet-stream";
        SignatureForm "signature-form", "xAPI 1.0.3 Data 2.6 / RFC 7515 3.1", "a signature is a JWS in compact serialisation";
        SignatureAlgorithm "signature-algorithm", "xAPI 1.0.3 Data 2.6 / IEEE 9274.1.1 4.2.6", "a signature is made with RS256, RS384 or RS512";
        SignaturePayload "signature-payload", "xAPI 1.0.3 Data 2.6 / IEEE 9274.1.1 4.2.6", "the signed payload is a statement equivalent to the one that carries it";
        SignatureCertificate "signature-certificate", "xAPI 1.0.3 Data 2.6 / RFC 7515 4.1.6", "where x5c is given, the signature verifies with the key of its first certificate";
        NationalId "national-id", "GDPR Art. 87 and 5(1)(c)", "a statement names nobody by a national identity number";
        SignedUnchanged "signed-unchanged", "xAPI 1.0.3 Data 2.6 / IEEE 9274.1.1 4.2.6", "a signed statement is stored as it was signed or not at all";
        VersionHeader "version-header", "xAPI 1.0.3 Communication 3.3 / IEEE 9274.1.1 4.1", "the version header names a supported version of xAPI";
    }
}
