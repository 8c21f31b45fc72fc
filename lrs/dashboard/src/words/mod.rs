//! What pages say, in three languages: Norwegian bokmål, Swedish, English.
//!
//! A group of words is a struct; one that lacks a language does not compile.

mod account;
mod administration;
mod attention;
mod competences;
mod frame;
mod imports;
mod indicators;
mod learners;
mod overview;
mod published;
mod quality;
mod refusals;
mod reports;
mod sources;
mod statements;
mod trouble;
mod work;

pub(crate) use account::Account;
pub(crate) use administration::Administration;
pub(crate) use attention::Attention;
pub(crate) use competences::{Competence, Competences, Outcomes};
pub(crate) use frame::Frame;
pub(crate) use imports::Imports;
pub(crate) use indicators::Indicators;
pub(crate) use learners::{Learners, Merging, Own};
pub(crate) use overview::Overview;
pub(crate) use published::Published;
pub(crate) use quality::Quality;
pub(crate) use refusals::Refusals;
pub(crate) use reports::{Packs, Proofs, Reports};
pub(crate) use sources::Sources;
pub(crate) use statements::Statements;
pub(crate) use trouble::Trouble;
pub(crate) use work::Work;

/// Makes a group of words: each with what it is in bokmål, Swedish and English.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($word:ident: $nb:literal, $sv:literal, $en:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name {
            $(pub(crate) $word: &'static str,)+
        }

        impl $name {
            const NB: Self = Self { $($word: $nb,)+ };
            const SV: Self = Self { $($word: $sv,)+ };
            const EN: Self = Self { $($word: $en,)+ };

            /// Returns the words in a language.
            pub(crate) fn of(language: varde_interreg::pack::Language) -> &'static Self {
                use varde_interreg::pack::Language;
                match language {
                    Language::Nb => &Self::NB,
                    Language::Sv => &Self::SV,
                    Language::En => &Self::EN,
                }
            }
        }
    };
}
use words;

/// Puts values in the place of the `{}` of a sentence, in their order.
pub(crate) fn fill(sentence: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(sentence.len());
    let mut values = values.iter();
    let mut parts = sentence.split("{}");
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        filled.push_str(values.next().unwrap_or(&"{}"));
        filled.push_str(part);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn values_come_in_their_order() {
        assert_eq!(fill("{} of {}", &["1", "2"]), "1 of 2");
        assert_eq!(fill("none", &["1"]), "none");
    }
}
