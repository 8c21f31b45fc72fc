//! A competence framework, read from a CASE 1.1 package of 1EdTech.
//!
//! The package stays as it came, and is what is given out again; read here is what rules, outcomes
//! and pages need of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use varde_core::definitions::{Definition, DefinitionFaults};

use crate::faults::Faults;

/// A competence framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Framework {
    /// The document's URI, by which rules name the framework.
    pub uri: String,
    /// Its title.
    pub title: String,
    /// Who made it.
    pub creator: String,
    /// The document's own version, a text.
    pub version: Option<String>,
    /// When it was last changed.
    pub changed: String,
    /// The language of its texts.
    pub language: Option<String>,
    /// Its source and licence, as the document tells them.
    pub notes: Option<String>,
    /// The levels of every competence without levels of its own, the lowest first.
    pub levels: Vec<FrameworkLevel>,
    /// Areas, competences and outcomes, in the order of the package.
    pub competences: Vec<Competence>,
}

/// An item of a framework: an area, a competence or a learning outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Competence {
    /// Its URI, by which rules name it.
    pub uri: String,
    /// Its code for people, such as `1.2`.
    pub code: Option<String>,
    /// What kind of item it is, in the framework's words.
    pub kind: Option<String>,
    /// Its statement.
    pub name: String,
    /// The statement in other languages, by tag, and who translated it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, String>,
    /// The URIs of the items that it is a child of.
    pub parents: Vec<String>,
    /// Levels of its own, the lowest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<FrameworkLevel>,
    /// What it corresponds to in other frameworks, such as skills of ESCO.
    pub alignments: Vec<Alignment>,
}

/// A level of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrameworkLevel {
    /// Its number.
    pub level: i64,
    /// Its name.
    pub name: Option<String>,
    /// What it takes.
    pub description: Option<String>,
    /// Its name in other languages, by tag, and who translated it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, String>,
}

/// A correspondence with an item of another framework.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alignment {
    /// The association's type, such as `exactMatchOf`.
    pub kind: String,
    /// The other item's URI.
    pub uri: String,
    /// Its title.
    pub title: String,
    /// Whether it is a skill of ESCO.
    pub esco: bool,
}

/// Skills of ESCO have URIs that begin so.
const ESCO: &str = "http://data.europa.eu/esco/";
const CHILD: &str = "isChildOf";
/// Follows the parents of an item no further.
const DEPTH_MAX: usize = 64;

#[derive(Debug, Deserialize)]
struct Package {
    #[serde(rename = "CFDocument")]
    document: Document,
    #[serde(rename = "CFItems")]
    items: Vec<Item>,
    #[serde(default, rename = "CFAssociations")]
    associations: Vec<Association>,
    #[serde(default, rename = "CFRubrics")]
    rubrics: Vec<Rubric>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    uri: String,
    title: String,
    creator: String,
    version: Option<String>,
    language: Option<String>,
    notes: Option<String>,
    last_change_date_time: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    identifier: String,
    uri: String,
    full_statement: String,
    human_coding_scheme: Option<String>,
    #[serde(rename = "CFItemType")]
    kind: Option<String>,
    #[serde(default)]
    extensions: Extensions,
}

/// Translations as the ready-made frameworks carry them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Extensions {
    translations: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Association {
    #[serde(rename = "associationType")]
    kind: String,
    #[serde(rename = "originNodeURI")]
    origin: Link,
    #[serde(rename = "destinationNodeURI")]
    destination: Link,
}

#[derive(Debug, Deserialize)]
struct Link {
    uri: String,
    title: String,
}

#[derive(Debug, Deserialize)]
struct Rubric {
    #[serde(default, rename = "CFRubricCriteria")]
    criteria: Vec<Criterion>,
}

#[derive(Debug, Deserialize)]
struct Criterion {
    #[serde(rename = "CFItemURI")]
    item: Option<Link>,
    #[serde(default, rename = "CFRubricCriterionLevels")]
    levels: Vec<Level>,
}

#[derive(Debug, Deserialize)]
struct Level {
    position: Option<i64>,
    quality: Option<String>,
    description: Option<String>,
    #[serde(default)]
    extensions: Extensions,
}

impl Framework {
    /// Reads a definition that fits its schema, or says everything that is wrong with it.
    pub fn read(definition: &Definition) -> Result<Self, DefinitionFaults> {
        let mut faults = Faults::default();
        let package: Package = match Package::deserialize(&*definition.body) {
            Ok(package) => package,
            Err(error) => {
                faults.tell("$", error.to_string());
                return Err(faults.done());
            }
        };
        check(&package, &mut faults);
        if faults.is_empty() {
            Ok(package.framework())
        } else {
            Err(faults.done())
        }
    }

    /// Returns a competence by its URI.
    pub fn competence(&self, uri: &str) -> Option<&Competence> {
        self.competences.iter().find(|known| known.uri == uri)
    }
}

impl Competence {
    /// A competence of which nothing is known but its URI.
    pub(crate) fn unknown(uri: &str) -> Self {
        Self {
            uri: uri.to_owned(),
            code: None,
            kind: None,
            name: uri.to_owned(),
            translations: BTreeMap::new(),
            parents: Vec::new(),
            levels: Vec::new(),
            alignments: Vec::new(),
        }
    }
}

/// Checks what no schema can: that items are told apart, that what is referred to is there, and that
/// no item is above itself.
fn check(package: &Package, faults: &mut Faults) {
    let mut known = BTreeSet::from([package.document.uri.as_str()]);
    let mut identifiers = BTreeSet::new();
    for (n, item) in package.items.iter().enumerate() {
        if !known.insert(&item.uri) {
            faults.tell(format!("CFItems[{n}].uri"), "another item has this URI");
        }
        if !identifiers.insert(item.identifier.to_ascii_lowercase()) {
            let sentence = "another item has this identifier";
            faults.tell(format!("CFItems[{n}].identifier"), sentence);
        }
    }
    let mut parents: HashMap<&str, Vec<&str>> = HashMap::new();
    for (n, association) in package.associations.iter().enumerate() {
        if association.kind != CHILD {
            continue;
        }
        let ends = [
            ("originNodeURI", &association.origin.uri),
            ("destinationNodeURI", &association.destination.uri),
        ];
        for (member, uri) in ends {
            if !known.contains(uri.as_str()) {
                let sentence = format!("no item of this package has the URI {uri}");
                faults.tell(format!("CFAssociations[{n}].{member}.uri"), sentence);
            }
        }
        let above = parents.entry(&association.origin.uri).or_default();
        above.push(&association.destination.uri);
        if is_above(&association.origin.uri, &parents) {
            let sentence = "the item would be above itself";
            faults.tell(format!("CFAssociations[{n}]"), sentence);
            parents.remove(association.origin.uri.as_str());
        }
    }
    for (n, rubric) in package.rubrics.iter().enumerate() {
        for (m, criterion) in rubric.criteria.iter().enumerate() {
            let unknown = criterion.item.as_ref().map(|item| &item.uri);
            if let Some(uri) = unknown.filter(|uri| !known.contains(uri.as_str())) {
                let sentence = format!("no item of this package has the URI {uri}");
                let path = format!("CFRubrics[{n}].CFRubricCriteria[{m}].CFItemURI.uri");
                faults.tell(path, sentence);
            }
        }
    }
}

/// Tells whether an item is among those above it.
fn is_above(item: &str, parents: &HashMap<&str, Vec<&str>>) -> bool {
    let mut seen = BTreeSet::new();
    let mut above: Vec<&str> = parents.get(item).cloned().unwrap_or_default();
    while let Some(next) = above.pop() {
        if next == item {
            return true;
        }
        if seen.insert(next) && seen.len() <= DEPTH_MAX {
            above.extend(parents.get(next).into_iter().flatten());
        }
    }
    false
}

impl Package {
    fn framework(self) -> Framework {
        // By where they begin, for a package may have ten thousand.
        let mut from: HashMap<&str, Vec<&Association>> = HashMap::new();
        for association in &self.associations {
            let origin = association.origin.uri.as_str();
            from.entry(origin).or_default().push(association);
        }
        let inside: HashSet<&str> = self.items.iter().map(|item| item.uri.as_str()).collect();
        let mut levels = self.levels();
        let of = |item: &Item| from.get(item.uri.as_str()).map_or(&[][..], Vec::as_slice);
        let competences = self.items.iter().map(|item| Competence {
            uri: item.uri.clone(),
            code: item.human_coding_scheme.clone(),
            kind: item.kind.clone(),
            name: item.full_statement.clone(),
            translations: item.extensions.texts(),
            parents: of(item)
                .iter()
                .filter(|association| association.kind == CHILD)
                .map(|association| association.destination.uri.clone())
                .collect(),
            levels: levels.remove(&Some(item.uri.as_str())).unwrap_or_default(),
            alignments: alignments(of(item), &inside),
        });
        let competences = competences.collect();
        Framework {
            uri: self.document.uri.clone(),
            title: self.document.title.clone(),
            creator: self.document.creator.clone(),
            version: self.document.version.clone(),
            changed: self.document.last_change_date_time.clone(),
            language: self.document.language.clone(),
            notes: self.document.notes.clone(),
            levels: levels.remove(&None).unwrap_or_default(),
            competences,
        }
    }

    /// Returns the levels by item; those of all items by none.
    fn levels(&self) -> HashMap<Option<&str>, Vec<FrameworkLevel>> {
        let mut of_item: HashMap<Option<&str>, Vec<&Level>> = HashMap::new();
        for criterion in self.rubrics.iter().flat_map(|rubric| &rubric.criteria) {
            let item = criterion.item.as_ref().map(|link| link.uri.as_str());
            of_item.entry(item).or_default().extend(&criterion.levels);
        }
        let each = of_item.into_iter();
        each.map(|(item, levels)| (item, in_order(&levels)))
            .collect()
    }
}

fn in_order(levels: &[&Level]) -> Vec<FrameworkLevel> {
    let levels = levels.iter().zip(1..);
    let mut levels: Vec<_> = levels
        .map(|(level, place)| FrameworkLevel {
            level: level.position.unwrap_or(place),
            name: level.quality.clone(),
            description: level.description.clone(),
            translations: level.extensions.texts(),
        })
        .collect();
    levels.sort_by_key(|level| level.level);
    levels
}

/// Returns what the associations of an item lead to outside of the package.
fn alignments(of_item: &[&Association], inside: &HashSet<&str>) -> Vec<Alignment> {
    let outward = of_item.iter().filter(|association| {
        let to = association.destination.uri.as_str();
        association.kind != CHILD && !inside.contains(to)
    });
    outward
        .map(|association| Alignment {
            kind: association.kind.clone(),
            uri: association.destination.uri.clone(),
            title: association.destination.title.clone(),
            esco: association.destination.uri.starts_with(ESCO),
        })
        .collect()
}

impl Extensions {
    fn texts(&self) -> BTreeMap<String, String> {
        let texts = self.translations.iter();
        texts
            .filter_map(|(tag, text)| Some((tag.clone(), text.as_str()?.to_owned())))
            .collect()
    }
}
