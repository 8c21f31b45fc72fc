//! What a statement says of attached files (xAPI 1.0.3 Data 2.4.11).

use super::Check;
use crate::fault::Rule;
use crate::json::{Node, Value};
use crate::media_type::is_media_type;
use crate::model::Attachment;

const ATTACHMENT: [&str; 7] = [
    "usageType",
    "display",
    "description",
    "contentType",
    "length",
    "sha2",
    "fileUrl",
];

impl<'t> Check<'t> {
    pub(super) fn attachments(&mut self, node: &Node<'t>) -> Option<Vec<Attachment>> {
        self.array(node, Self::attachment)
    }

    fn attachment(&mut self, node: &Node<'t>) -> Option<Attachment> {
        self.object(node, &ATTACHMENT)?;
        let usage_type = self.required(node, "usageType", Self::iri);
        let display = self.required(node, "display", Self::language_map);
        let description = self.optional(node, "description", Self::language_map);
        let content_type = self.required(node, "contentType", Self::media_type);
        let length = self.required(node, "length", Self::length);
        let sha2 = self.required(node, "sha2", Self::sha2);
        let file_url = self.optional(node, "fileUrl", Self::iri);
        Some(Attachment {
            usage_type: usage_type?,
            display: display?,
            description: description.unwrap_or_default(),
            content_type: content_type?,
            length: length?,
            sha2: sha2?,
            file_url,
        })
    }

    fn media_type(&mut self, node: &Node<'t>) -> Option<String> {
        let expected = "a media type such as application/pdf";
        let parse = |text: &str| is_media_type(text).then(|| text.to_owned());
        self.parsed(node, Rule::MediaType, expected, parse)
    }

    fn length(&mut self, node: &Node<'t>) -> Option<u64> {
        let Value::Number(text) = node.value else {
            self.wrong_type(node, Rule::NumberType, "a number of octets");
            return None;
        };
        let length = text.parse().ok();
        if length.is_none() {
            self.fault(
                node,
                Rule::AttachmentLength,
                "a whole number, 0 or more, below 2^64",
            );
        }
        length
    }

    fn sha2(&mut self, node: &Node<'t>) -> Option<String> {
        let expected = "56, 64, 96 or 128 hexadecimal digits";
        let parse = |text: &str| {
            let digest = matches!(text.len(), 56 | 64 | 96 | 128);
            let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
            (digest && hexadecimal).then(|| text.to_ascii_lowercase())
        };
        self.parsed(node, Rule::AttachmentSha2, expected, parse)
    }
}
