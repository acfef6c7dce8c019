//! The models that are known by name: their limits, prices, and what they refuse.
//!
//! The figures are data, `catalogue.json`, with the date that they were looked at; `catalogue.py` beside it makes the
//! file anew. What is not known is `None`: an unknown price is never zero, and of an unknown model nothing is assumed.

use crate::chat::Usage;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;
use touchstone_domain::prompt::Provider;

/// What is read of `catalogue.json`, which says where its figures are from, and of which day.
#[derive(Debug, Deserialize)]
struct Catalogue {
    /// In the order to offer them, the default of each provider first.
    models: Vec<Model>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Model {
    pub id: String,
    pub provider: Provider,
    /// Longest input, in tokens.
    pub context: Option<u32>,
    /// Longest output with what the model thinks, in tokens.
    pub output_max: Option<u32>,
    pub vision: bool,
    pub pdf: bool,
    /// The levels of `reasoning_effort` that it takes; `None` if that is not known.
    pub reasoning: Option<Vec<String>>,
    /// Parameters that it does not take, by their Arize names.
    pub refuses: Vec<String>,
    /// Those that it does not take while it thinks, which it does only where it is told to.
    #[serde(default)]
    pub refuses_thinking: Vec<String>,
    /// The day on which it stops to answer, as `2027-01-14`.
    pub retires: Option<String>,
    pub prices: Prices,
}

impl Model {
    /// Whether it is gone on `day`, as `2027-01-14`.
    pub fn is_retired(&self, day: &str) -> bool {
        self.retires.as_deref().is_some_and(|retires| retires <= day)
    }
}

/// What a model costs, by how much input a call has. A user's own prices have this form too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prices(pub Vec<Tier>);

/// Prices in micro-dollars for a million tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Holds for calls with more input than this, in tokens.
    pub above: u32,
    pub input: Option<u64>,
    /// Output, with what the model thinks.
    pub output: Option<u64>,
    /// Input that was read from a cache; `None` where it costs what other input does.
    pub cached: Option<u64>,
    /// Input that was written to a cache; `None` where it costs what other input does.
    pub cache_write: Option<u64>,
    pub batch_input: Option<u64>,
    pub batch_output: Option<u64>,
    pub batch_cached: Option<u64>,
    pub batch_cache_write: Option<u64>,
}

impl Prices {
    /// What one call cost, exactly, in picodollars: tokens times micro-dollars for a million of them. `None` if a price or
    /// a count that it needs is not known.
    ///
    /// The whole call is priced by the tier of its input. Of parts that the server does not count there are none. Input
    /// that a cache was involved in costs, without a price of its own, what other input does: that is what vendors without
    /// a discount take, and more than those with one. Those that take more for writing are listed with that price.
    pub fn cost_picos(&self, usage: &Usage, is_batch: bool) -> Option<u64> {
        let (input, output) = (usage.prompt_tokens?, usage.completion_tokens?);
        let tier = self.0.iter().rfind(|tier| tier.above == 0 || input > tier.above)?;
        let cached = usage.cached_tokens.unwrap_or(0);
        let written = usage.cache_write_tokens.unwrap_or(0);
        let fresh = input.saturating_sub(cached).saturating_sub(written);
        let [input, cache_read, cache_write, answer] = if is_batch {
            [tier.batch_input, tier.batch_cached, tier.batch_cache_write, tier.batch_output]
        } else {
            [tier.input, tier.cached, tier.cache_write, tier.output]
        };
        let (cache_read, cache_write) = (cache_read.or(input), cache_write.or(input));
        let mut picos = 0_u128;
        for (tokens, price) in [(fresh, input), (cached, cache_read), (written, cache_write), (output, answer)] {
            if tokens > 0 {
                picos += u128::from(tokens) * u128::from(price?);
            }
        }
        u64::try_from(picos).ok()
    }

    /// The most that one call can cost, in picodollars, if it has at most so many tokens of input and output.
    /// `None` if a price that it needs is not known.
    ///
    /// All input is taken for the dearest kind.
    pub fn most_picos(&self, input_max: u32, output_max: u32, is_batch: bool) -> Option<u64> {
        let mut most = None;
        for tier in self.0.iter().filter(|tier| tier.above < input_max || tier.above == 0) {
            let (input, cached, written, output) = if is_batch {
                (tier.batch_input?, tier.batch_cached, tier.batch_cache_write, tier.batch_output?)
            } else {
                (tier.input?, tier.cached, tier.cache_write, tier.output?)
            };
            let input = input.max(written.unwrap_or(0)).max(cached.unwrap_or(0));
            let picos = u128::from(input_max) * u128::from(input) + u128::from(output_max) * u128::from(output);
            most = most.max(Some(u64::try_from(picos).ok()?));
        }
        most
    }
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../catalogue.json")).expect("the catalogue is tested to be readable")
});

/// The models to offer for a connection of `provider`, the default first.
pub fn models_of(provider: Provider) -> impl Iterator<Item = &'static Model> {
    sources(provider).iter().flat_map(|source| CATALOGUE.models.iter().filter(move |model| model.provider == *source))
}

/// What is known of a model by the id that `provider` calls it by: as it is written, else without a date, a `-latest`
/// or the folder that some lists put before it. A deployment is found if it is named like its model.
pub fn find_model(provider: Provider, id: &str) -> Option<&'static Model> {
    let id = id.rsplit_once("models/").map_or(id, |(_, id)| id);
    let known = |id: &str| models_of(provider).find(|model| model.id.eq_ignore_ascii_case(id));
    known(id).or_else(|| undated(id).and_then(known))
}

/// Parts of the ids of models that are listed beside those that chat and do something else, or are asked elsewhere.
const NO_CHAT: [&str; 18] = [
    "embed",
    "whisper",
    "tts",
    "dall-e",
    "image",
    "sora",
    "moderation",
    "realtime",
    "audio",
    "transcribe",
    "babbage",
    "davinci",
    "turbo-instruct",
    "codex",
    "rerank",
    "deep-research",
    "computer-use",
    "robotics",
];

/// Whether a listed model that nobody knows may answer in words, as far as its id tells.
pub fn may_chat(id: &str) -> bool {
    let id = id.to_ascii_lowercase();
    !NO_CHAT.iter().any(|part| id.contains(part))
}

/// Whose entries tell about a provider's models: the same model costs the same at several.
fn sources(provider: Provider) -> &'static [Provider] {
    use Provider::*;
    match provider {
        OpenAi => &[OpenAi],
        AzureOpenAi => &[OpenAi],
        Anthropic => &[Anthropic],
        Gemini | VertexAi => &[Gemini],
        Foundry => &[Foundry, OpenAi, Anthropic],
        AwsBedrock | Custom | Practice => &[],
    }
}

/// An id without `-latest`, `-2026-03-05`, `-20251001` or `@20251001` at its end.
fn undated(id: &str) -> Option<&str> {
    if let Some(id) = id.strip_suffix("-latest") {
        return Some(id);
    }
    let is_date = |text: &str, dashes: &[usize]| {
        text.bytes()
            .enumerate()
            .all(|(at, byte)| if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_digit() })
    };
    for (length, dashes) in [(10, &[4, 7][..]), (8, &[])] {
        if let Some((rest, date)) = id.len().checked_sub(length).and_then(|at| id.split_at_checked(at))
            && is_date(date, dashes)
            && let Some(id) = rest.strip_suffix(['-', '@'])
        {
            return Some(id);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A micro-dollar.
    const MICRO: u64 = 1_000_000;

    #[track_caller]
    fn check(provider: Provider, id: &str, want: Option<&str>) {
        assert_eq!(find_model(provider, id).map(|model| model.id.as_str()), want, "{id}");
    }

    #[test]
    fn models_are_found_by_every_way_of_writing_them() {
        check(Provider::OpenAi, "gpt-6-luna", Some("gpt-6-luna"));
        check(Provider::OpenAi, "gpt-5.4-2026-03-05", Some("gpt-5.4"));
        check(Provider::Anthropic, "claude-haiku-4-5-20251001", Some("claude-haiku-4-5"));
        check(Provider::Anthropic, "claude-haiku-4-5-latest", Some("claude-haiku-4-5"));
        check(Provider::VertexAi, "publishers/google/models/gemini-2.5-flash", Some("gemini-2.5-flash"));
        check(Provider::Gemini, "models/gemini-3.8-flash", Some("gemini-3.8-flash"));
        check(Provider::AzureOpenAi, "gpt-4o", Some("gpt-4o"));
        check(Provider::Foundry, "deepseek-v4-flash-0731", Some("DeepSeek-V4-Flash-0731"));
        check(Provider::Foundry, "claude-opus-5-5", Some("claude-opus-5-5"));
        check(Provider::OpenAi, "gpt-6.2-sol", None);
        check(Provider::OpenAi, "claude-haiku-4-5", None);
        check(Provider::Custom, "gpt-4o", None);
        check(Provider::OpenAi, "", None);
    }

    #[test]
    fn an_id_tells_what_does_not_chat() {
        for id in ["gpt-99-new", "claude-future-9", "gemini-99-new", "o9", "org/llama-4-instruct"] {
            assert!(may_chat(id), "{id}");
        }
        for id in ["text-embedding-3-small", "gpt-4o-mini-tts", "gpt-image-1", "omni-moderation-latest", "davinci-002"]
        {
            assert!(!may_chat(id), "{id}");
        }
        for id in ["gpt-3.5-turbo-instruct", "gpt-realtime", "gemini-3.5-flash-preview-tts", "gpt-5.3-codex"] {
            assert!(!may_chat(id), "{id}");
        }
        let known = CATALOGUE.models.iter().filter(|model| !may_chat(&model.id));
        assert_eq!(known.map(|model| model.id.as_str()).collect::<Vec<_>>(), Vec::<&str>::new());
    }

    #[test]
    fn every_entry_makes_sense() {
        for provider in [Provider::OpenAi, Provider::Anthropic, Provider::Gemini, Provider::Foundry] {
            assert!(models_of(provider).count() > 3, "{provider:?}");
        }
        for model in &CATALOGUE.models {
            let id = &model.id;
            assert!(!model.prices.0.is_empty() && model.prices.0[0].above == 0, "{id}");
            assert!(model.prices.0.iter().is_sorted_by_key(|tier| tier.above), "{id}");
            assert!(model.prices.0.iter().all(|tier| tier.input > Some(0) && tier.output > Some(0)), "{id}");
            assert!(model.retires.as_ref().is_none_or(|day| day.len() == 10), "{id}");
        }
        let luna = &models_of(Provider::OpenAi).next().expect("a default").prices.0[0];
        assert_eq!((luna.input, luna.output, luna.cached), (Some(100_000), Some(500_000), Some(10_000)));
    }

    #[track_caller]
    fn refuses(provider: Provider, id: &str, wanted: &[&str]) {
        let model = find_model(provider, id).expect("known");
        for name in wanted {
            assert!(model.refuses.iter().any(|refused| refused == name), "{id} {name}");
        }
    }

    #[test]
    fn models_that_always_think_are_known_to_refuse_what_steers_the_choice_of_words() {
        for id in ["o1", "o3", "o3-mini", "o4-mini", "gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-6-luna"] {
            refuses(Provider::OpenAi, id, &["temperature", "top_p", "frequency_penalty", "presence_penalty"]);
        }
        refuses(Provider::OpenAi, "o3", &["stop", "logprobs"]);
        for id in ["gpt-5.1", "gpt-5.2", "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano"] {
            let model = find_model(Provider::OpenAi, id).expect("known");
            assert!(model.refuses.is_empty() && model.refuses_thinking.contains(&"temperature".to_owned()), "{id}");
        }
        refuses(Provider::Gemini, "gemini-3.1-pro-preview", &["frequency_penalty", "presence_penalty"]);
    }

    #[test]
    fn how_far_each_model_of_a_vendor_can_be_told_to_think_is_known() {
        for provider in [Provider::OpenAi, Provider::Anthropic, Provider::Gemini] {
            for model in models_of(provider) {
                assert!(model.reasoning.is_some(), "{}", model.id);
            }
        }
        let levels = |id| find_model(Provider::Gemini, id).expect("known").reasoning.clone().unwrap_or_default();
        assert_eq!(levels("gemini-3.5-flash"), ["minimal", "low", "medium", "high"]);
        assert_eq!(levels("gemini-3.1-pro-preview"), ["low", "medium", "high"]);
        assert_eq!(levels("gemini-2.5-flash"), ["none"]);
    }

    #[test]
    fn a_model_is_retired_from_its_day_on() {
        let model = find_model(Provider::OpenAi, "gpt-4o").expect("known");
        assert!(!model.is_retired("2027-01-13") && model.is_retired("2027-01-14"));
        assert!(!find_model(Provider::OpenAi, "gpt-6-luna").expect("known").is_retired("2030-01-01"));
    }

    fn usage(input: u32, cached: u32, written: u32, output: u32) -> Usage {
        Usage {
            prompt_tokens: Some(input),
            completion_tokens: Some(output),
            cached_tokens: Some(cached),
            cache_write_tokens: Some(written),
            reasoning_tokens: None,
        }
    }

    #[test]
    fn a_call_costs_what_its_parts_cost_exactly() {
        let luna = &find_model(Provider::OpenAi, "gpt-6-luna").expect("known").prices;
        // 1,000 × 0.10 + 2,000 × 0.01 + 3,000 × 0.125 + 4,000 × 0.50 dollars a million.
        assert_eq!(luna.cost_picos(&usage(6_000, 2_000, 3_000, 4_000), false), Some(2_495 * MICRO));
        assert_eq!(luna.cost_picos(&usage(6_000, 2_000, 3_000, 4_000), true), Some(1_247_500_000));
        assert_eq!(luna.cost_picos(&usage(4, 0, 0, 0), false), Some(400_000));
        assert_eq!(luna.cost_picos(&usage(272_000, 0, 0, 0), false), Some(27_200 * MICRO));
        assert_eq!(
            luna.cost_picos(&usage(272_001, 0, 0, 0), false),
            Some(54_400_200_000),
            "all of it in the higher tier"
        );
        let haiku = &find_model(Provider::Anthropic, "claude-haiku-5-5").expect("known").prices;
        assert_eq!(haiku.cost_picos(&usage(100_001, 0, 0, 1_000_000), false), Some(2_550_000_500_000));
    }

    #[test]
    fn what_is_not_known_is_not_free() {
        let gpt4 = &find_model(Provider::OpenAi, "gpt-4").expect("known").prices;
        assert_eq!(gpt4.cost_picos(&usage(10, 0, 0, 1), false), Some(360 * MICRO));
        assert_eq!(gpt4.cost_picos(&usage(10, 0, 0, 1), true), None, "no price for batches");
        assert_eq!(gpt4.cost_picos(&Usage { prompt_tokens: Some(1), ..Usage::default() }, false), None);
        assert_eq!(Prices(Vec::new()).cost_picos(&usage(1, 0, 0, 1), false), None);
    }

    #[test]
    fn what_a_cache_was_involved_in_costs_what_input_does_where_it_has_no_price_of_its_own() {
        let gpt4 = &find_model(Provider::OpenAi, "gpt-4").expect("known").prices;
        assert_eq!(gpt4.cost_picos(&usage(10, 5, 0, 1), false), Some(360 * MICRO));
        assert_eq!(gpt4.cost_picos(&usage(10, 5, 5, 1), false), Some(360 * MICRO));
        let mistral = &find_model(Provider::Foundry, "mistral-large-3").expect("known").prices;
        assert_eq!(mistral.cost_picos(&usage(1_000, 900, 0, 0), false), Some(500 * MICRO));
        let gpt41 = &find_model(Provider::OpenAi, "gpt-4.1").expect("known").prices;
        assert_eq!(
            gpt41.cost_picos(&usage(1_000, 1_000, 0, 0), false),
            Some(500 * MICRO),
            "one that has a price has it"
        );
        assert_eq!(
            gpt41.cost_picos(&usage(1_000, 1_000, 0, 0), true),
            Some(1_000 * MICRO),
            "in a batch that of its input"
        );
    }

    #[test]
    fn whoever_takes_more_for_writing_to_a_cache_is_listed_with_that_price() {
        let takes_more = |id: &str| ["claude-", "gpt-5.6", "gpt-6"].iter().any(|start| id.starts_with(start));
        for model in CATALOGUE.models.iter().filter(|model| takes_more(&model.id)) {
            assert!(model.prices.0.iter().all(|tier| tier.cache_write > tier.input), "{}", model.id);
        }
    }

    #[test]
    fn the_largest_counts_do_not_overflow() {
        let dearest = Prices(vec![Tier { input: Some(u64::MAX), output: Some(u64::MAX), ..Tier::default() }]);
        assert_eq!(dearest.cost_picos(&usage(u32::MAX, 0, 0, u32::MAX), false), None);
    }
}
