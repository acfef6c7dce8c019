//! What a prompt says about the classes of a schema, and which of them a text resembles most.

use super::reading::{Evidence, read};
use super::words::{Word, sentiment, similarity, words};
use std::collections::{BTreeMap, BTreeSet};

/// Weight of a word by where the prompt has it.
const IN_NAME: f64 = 1.5;
const IN_DEFINITION: f64 = 1.0;
const BESIDE_NAME: f64 = 0.4;
const EXCLUDED: f64 = -0.8;

/// What two neighbouring words of a definition add when they are neighbours in the text too.
const NEIGHBOURS: f64 = 0.5;

/// Verbs after which "not" is part of what is described ("does not work") instead of an exclusion ("not refunds").
const AUXILIARIES: &[&str] = &[
    "am", "are", "be", "can", "could", "did", "do", "does", "had", "has", "have", "is", "may", "might", "should",
    "was", "were", "will", "would",
];

const EXCLUDERS: &[&str] = &["except", "excluding", "never", "not", "unlike"];

/// Names, and phrases of definitions, of the class that takes what fits nowhere else.
const CATCH_ALL_NAMES: &[&str] = &["general", "misc", "miscellaneous", "neutral", "none", "other", "others", "unknown"];
const CATCH_ALL_PHRASES: &[&str] = &["anything else", "everything else", "all other", "any other", "none of the"];

/// The classes of one control and what the prompt says about each.
pub(super) struct Classes<'s> {
    names: Vec<&'s str>,
    profiles: Vec<Profile>,
    /// Inverse frequency of each known word among the classes: 0 for a word that all of them share.
    rarity: BTreeMap<String, f64>,
}

#[derive(Default)]
struct Profile {
    weights: BTreeMap<String, f64>,
    /// Words that stand side by side in its definition, stop words too: "please add", "does not".
    neighbours: BTreeSet<(String, String)>,
    /// Phrases of its definition as they are written, for finding them in a text.
    phrases: Vec<String>,
    takes_the_rest: bool,
}

impl<'s> Classes<'s> {
    /// Reads what `instructions`, a prompt without the task's text, says about `names`.
    pub(super) fn read(instructions: &str, names: Vec<&'s str>) -> Self {
        let mut profiles: Vec<_> = names.iter().map(|name| Profile::of_name(name)).collect();
        for (class, evidence) in read(instructions, &names) {
            match evidence {
                Evidence::Definition(text) => profiles[class].define(text),
                Evidence::Mention(text) => profiles[class].mention(text),
            }
        }
        let mut frequency: BTreeMap<&String, usize> = BTreeMap::new();
        for profile in &profiles {
            for (stem, weight) in &profile.weights {
                *frequency.entry(stem).or_default() += usize::from(*weight > 0.0);
            }
        }
        let rarity = frequency.into_iter().map(|(stem, count)| (stem.clone(), rarity(profiles.len(), count))).collect();
        Self { names, profiles, rarity }
    }

    pub(super) fn names(&self) -> &[&'s str] {
        &self.names
    }

    /// The phrases that the prompt gives as the definition of a class.
    pub(super) fn phrases(&self, class: usize) -> &[String] {
        &self.profiles[class].phrases
    }

    /// How much the text resembles each class; 0 without a common word.
    pub(super) fn scores(&self, text: &str) -> Vec<f64> {
        let words = words(text);
        let mut scores = vec![0.0; self.names.len()];
        for (stem, count) in counted_terms(&words) {
            let Some((known, likeness)) = self.known(&stem) else { continue };
            let strength = likeness * self.rarity[known] * (1.0 + 0.5 * f64::from(count).ln());
            for (score, profile) in scores.iter_mut().zip(&self.profiles) {
                *score += strength * profile.weights.get(known).copied().unwrap_or_default();
            }
        }
        let pairs: BTreeSet<_> = words.windows(2).map(neighbours).collect();
        for pair in pairs {
            let has_pair = |profile: &&Profile| profile.neighbours.contains(&pair);
            let rarity = rarity(self.profiles.len(), self.profiles.iter().filter(has_pair).count());
            for (score, _) in scores.iter_mut().zip(&self.profiles).filter(|(_, profile)| has_pair(profile)) {
                *score += NEIGHBOURS * rarity;
            }
        }
        scores
    }

    /// The class that the text resembles most; the earlier one on a tie. Without any resemblance the class that takes
    /// what fits nowhere else, or the first. `None` without classes.
    pub(super) fn best(&self, scores: &[f64]) -> Option<usize> {
        let best = (0..scores.len()).reduce(|best, class| if scores[class] > scores[best] { class } else { best })?;
        if scores[best] > 0.0 {
            return Some(best);
        }
        Some(self.profiles.iter().position(|profile| profile.takes_the_rest).unwrap_or(0))
    }

    /// The known word that is most like `stem`, and how much.
    fn known(&self, stem: &str) -> Option<(&String, f64)> {
        if let Some((known, _)) = self.rarity.get_key_value(stem) {
            return Some((known, 1.0));
        }
        let mut best: Option<(&String, f64)> = None;
        for known in self.rarity.keys() {
            let likeness = similarity(stem, known);
            if likeness > best.map_or(0.0, |(_, best)| best) {
                best = Some((known, likeness));
            }
        }
        best
    }
}

impl Profile {
    fn of_name(name: &str) -> Self {
        let spaced = spaced(name);
        let words = words(&spaced);
        let mut profile = Self::default();
        // A name may consist of stop words ("Other", "No").
        let all_stop = words.iter().all(|word| !word.has_content);
        for word in words.iter().filter(|word| word.has_content || all_stop) {
            profile.weigh(&word.stem, IN_NAME);
        }
        profile.takes_the_rest = words.iter().any(|word| CATCH_ALL_NAMES.contains(&word.text.to_lowercase().as_str()));
        profile
    }

    fn define(&mut self, definition: &str) {
        let lower = definition.to_lowercase();
        self.takes_the_rest |= CATCH_ALL_PHRASES.iter().any(|phrase| lower.contains(phrase));
        for phrase in definition.split([',', ';', '.', '(', ')', '|', '/', '•', '·', ':', '、', '，', '；', '。'])
        {
            let words = words(phrase);
            let excluded_from = (0..words.len()).find(|&at| is_excluder(&words, at)).unwrap_or(words.len());
            let (told, excluded) = words.split_at(excluded_from);
            let content: Vec<_> = told.iter().filter(|word| word.has_content).collect();
            for word in &content {
                self.weigh(&word.stem, IN_DEFINITION);
            }
            // "sign in" and "log in" are spelled in one word, too.
            for pair in told.windows(2).filter(|pair| is_particle_verb(pair)) {
                self.weigh(&joined(pair), IN_DEFINITION);
            }
            for pair in told.windows(2) {
                self.neighbours.insert(neighbours(pair));
            }
            for word in excluded.iter().filter(|word| word.has_content) {
                self.weights.entry(word.stem.clone()).or_insert(EXCLUDED);
            }
            if let (Some(first), Some(last)) = (told.first(), told.last()) {
                self.phrases.push(phrase[first.start..last.end()].to_owned());
            }
        }
    }

    fn mention(&mut self, sentence: &str) {
        for word in words(sentence).iter().filter(|word| word.has_content) {
            self.weigh(&word.stem, BESIDE_NAME);
        }
    }

    /// The strongest evidence for a word counts, and any evidence for it beats an exclusion.
    fn weigh(&mut self, stem: &str, weight: f64) {
        let known = self.weights.entry(stem.to_owned()).or_insert(weight);
        *known = known.max(weight);
    }
}

fn is_excluder(words: &[Word<'_>], at: usize) -> bool {
    let is = |word: &Word<'_>, list: &[&str]| list.contains(&word.text.to_lowercase().as_str());
    is(&words[at], EXCLUDERS) && !at.checked_sub(1).is_some_and(|before| is(&words[before], AUXILIARIES))
}

/// Inverse frequency: 0 for what all classes share.
fn rarity(classes: usize, with_it: usize) -> f64 {
    (classes as f64 / with_it.max(1) as f64).ln()
}

fn neighbours(pair: &[Word<'_>]) -> (String, String) {
    (pair[0].stem.clone(), pair[1].stem.clone())
}

/// The stems of the content words, joined particle verbs, and the tone of the text as the words "positive" and
/// "negative"; each with how often it occurs, in order of stems.
fn counted_terms(words: &[Word<'_>]) -> BTreeMap<String, u32> {
    let mut terms: BTreeMap<String, u32> = BTreeMap::new();
    for word in words.iter().filter(|word| word.has_content) {
        *terms.entry(word.stem.clone()).or_default() += 1;
    }
    for pair in words.windows(2).filter(|pair| is_particle_verb(pair)) {
        *terms.entry(joined(pair)).or_default() += 1;
    }
    let (kind, unkind) = sentiment(words);
    for (word, count) in [("positive", kind.saturating_sub(unkind)), ("negative", unkind.saturating_sub(kind))] {
        if count > 0 {
            let stem = self::words(word).swap_remove(0).stem;
            *terms.entry(stem).or_default() += count;
        }
    }
    terms
}

/// A verb and its particle, as in "log in": the second word is a stop word on its own.
fn is_particle_verb(pair: &[Word<'_>]) -> bool {
    pair[0].has_content && matches!(pair[1].text.to_lowercase().as_str(), "in" | "on" | "up" | "off" | "out")
}

fn joined(pair: &[Word<'_>]) -> String {
    format!("{}{}", pair[0].stem, pair[1].stem)
}

/// A class name with blanks where its words meet: `featureRequest` and `feature_request` have two.
pub(super) fn spaced(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for char in name.chars() {
        if before.is_lowercase() && char.is_uppercase() {
            spaced.push(' ');
        }
        spaced.push(char);
        before = char;
    }
    spaced
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["Billing", "Login", "Shipping"];

    #[track_caller]
    fn check(prompt: &str, text: &str, want: &str) {
        let classes = Classes::read(prompt, NAMES.to_vec());
        let best = classes.best(&classes.scores(text)).expect("there are classes");
        assert_eq!(NAMES[best], want, "{text:?}, scored {:?}", classes.scores(text));
    }

    const DEFINED: &str = "- Billing: invoices, charges, refunds
- Login: passwords, signing in, not locked parcels
\
                           - Shipping: parcels, tracking, late delivery";

    #[test]
    fn the_name_alone_decides_where_there_is_no_definition() {
        check("", "The shipment is late", "Shipping");
        check("", "I can't log in", "Login");
        check("", "I forgot my password", "Billing");
    }

    #[test]
    fn a_definition_reaches_texts_without_the_name() {
        check(DEFINED, "I forgot my password", "Login");
        check(DEFINED, "Why was I charged twice?", "Billing");
        check(DEFINED, "The tracking page has not moved for days", "Shipping");
    }

    #[test]
    fn slips_of_the_pen_still_match() {
        check(DEFINED, "where is my parcle, the trakcing is stuck", "Shipping");
    }

    #[test]
    fn exclusions_count_against_a_class() {
        let classes = Classes::read(DEFINED, NAMES.to_vec());
        assert!(classes.scores("locked")[1] < 0.0);
        assert!(classes.scores("parcels")[1] <= 0.0);
    }

    #[test]
    fn words_that_every_class_shares_decide_nothing() {
        let prompt = "Billing: customer pays\nLogin: customer signs in\nShipping: customer waits";
        assert_eq!(Classes::read(prompt, NAMES.to_vec()).scores("the customer"), [0.0, 0.0, 0.0]);
    }

    #[test]
    fn what_fits_nowhere_goes_to_the_class_for_the_rest() {
        let classes = Classes::read("A: apples\nB: anything else", vec!["A", "B"]);
        assert_eq!(classes.best(&classes.scores("pears")), Some(1));
        let classes = Classes::read("", vec!["A", "Other"]);
        assert_eq!(classes.best(&classes.scores("pears")), Some(1));
    }

    #[test]
    fn words_side_by_side_tell_more_than_alone() {
        let classes = Classes::read("Wish: please add, would be nice\nFault: does not work", vec!["Fault", "Wish"]);
        assert_eq!(classes.best(&classes.scores("it would be a day")), Some(1));
        assert_eq!(classes.best(&classes.scores("it does not")), Some(0));
    }

    #[test]
    fn tone_speaks_for_classes_named_after_it() {
        let names = vec!["Positive", "Negative", "Neutral"];
        let classes = Classes::read("", names);
        let best = |text| classes.best(&classes.scores(text));
        assert_eq!(best("What a great film, I loved it"), Some(0));
        assert_eq!(best("Boring and far too slow"), Some(1));
        assert_eq!(best("The film lasts two hours"), Some(2));
    }

    #[test]
    fn other_languages_match_word_by_word() {
        let prompt = "Rechnung: Rechnungen, Erstattungen\nVersand: Pakete, Lieferungen";
        let classes = Classes::read(prompt, vec!["Rechnung", "Versand"]);
        assert_eq!(classes.best(&classes.scores("Wo bleibt mein Paket?")), Some(1));
        let classes = Classes::read("账单：发票、退款\n登录：密码、验证码", vec!["账单", "登录"]);
        assert_eq!(classes.best(&classes.scores("我忘记了密码")), Some(1));
    }
}
