//! Prices that the user states, where the catalogue knows none or another one.

use super::{ConnectionSettings, ConnectionSummary, PRACTICE, models};
use crate::{Engine, Error, Result};
use serde::{Deserialize, Serialize};
use specta::Type;
use touchstone_providers::{Prices, Tier};

/// A million tokens of no model cost as much; whoever enters more has mistaken the unit. In dollars.
const DOLLARS_MAX: u64 = 10_000;

/// A price has no more decimals than micro-dollars show.
const DECIMALS_MAX: usize = 6;

/// What a million tokens of a model cost, in dollars as they are typed: “0.15”.
#[derive(Clone, Debug, Deserialize, Type)]
pub struct NewPrice {
    pub input: String,
    pub output: String,
    /// Of input that is read from a cache; if there is none, it costs what other input does.
    pub cached: Option<String>,
}

/// The same, in millionths of a dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OwnPrice {
    pub input_micros: u64,
    pub output_micros: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_micros: Option<u64>,
}

impl OwnPrice {
    /// In the catalogue's form. What is written to a cache costs what other input does.
    pub(super) fn prices(self) -> Prices {
        let (input, output) = (Some(self.input_micros), Some(self.output_micros));
        let cached = self.cached_micros.or(input);
        Prices(vec![Tier { input, output, cached, cache_write: input, ..Tier::default() }])
    }
}

impl Engine {
    /// Says what a model costs from now on. Without a price, it costs again what the catalogue says, if that knows it.
    /// What was paid before stays as it was counted.
    pub async fn set_model_price(
        &self,
        id_or_name: String,
        model: String,
        price: Option<NewPrice>,
    ) -> Result<ConnectionSummary> {
        let price = price.as_ref().map(parsed).transpose()?;
        let (row, model) = self
            .blocking(move |inner| {
                let row = inner.store.connection(&id_or_name)?;
                if row.id.as_str() == PRACTICE {
                    return Err(Error::invalid("the practice model costs nothing: it is part of Touchstone"));
                }
                // A price that is there can be taken away even where its model is offered no more.
                let is_own = ConnectionSettings::of(&row).prices.contains_key(&model);
                if !is_own && !models(&row).contains(&model) {
                    return Err(Error::invalid_field("model", format!("“{}” offers no model “{model}”", row.name)));
                }
                Ok((row, model))
            })
            .await?;
        self.change_settings(row, move |settings| {
            match price {
                Some(price) => settings.prices.insert(model, price),
                None => settings.prices.remove(&model),
            };
        })
        .await
    }
}

fn parsed(price: &NewPrice) -> Result<OwnPrice> {
    let amount = |field, text: &str| micros(text).map_err(|why| Error::invalid_field(field, why));
    let cached = price.cached.as_deref().filter(|text| !text.trim().is_empty());
    Ok(OwnPrice {
        input_micros: amount("input", &price.input)?,
        output_micros: amount("output", &price.output)?,
        cached_micros: cached.map(|text| amount("cached", text)).transpose()?,
    })
}

/// An amount of dollars, exactly; in words why it is none, otherwise.
fn micros(text: &str) -> std::result::Result<u64, String> {
    let typed = text.trim();
    let amount = typed.strip_prefix('$').unwrap_or(typed).trim_start();
    if amount.is_empty() {
        return Err("enter what a million tokens cost in dollars, for example 0.15; 0 is free".to_owned());
    }
    if amount.starts_with(['-', '−']) {
        return Err("a price is not less than nothing".to_owned());
    }
    if amount.contains(',') {
        return Err("write the amount without commas and its decimals after a point, for example 0.15".to_owned());
    }
    let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + decimals.len() == 0 || !is_number(whole) || !is_number(decimals) {
        return Err(format!("“{typed}” is no amount; enter dollars, for example 0.15"));
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > DECIMALS_MAX {
        return Err(format!("a price has at most {DECIMALS_MAX} decimals: a millionth of a dollar is the least"));
    }
    let most = DOLLARS_MAX * 1_000_000;
    let micros =
        format!("{}{decimals:0<6}", whole.trim_start_matches('0')).parse().ok().filter(|micros| *micros <= most);
    micros.ok_or_else(|| format!("no model costs more than ${DOLLARS_MAX} for a million tokens; check the amount"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use touchstone_providers::Usage;

    #[test]
    fn amounts_are_read_to_the_micro_dollar() {
        for (text, want) in [
            ("0.15", 150_000),
            ("3", 3_000_000),
            (" $2.50 ", 2_500_000),
            (".5", 500_000),
            ("1.", 1_000_000),
            ("0", 0),
            ("0.000001", 1),
            ("0.1000000000", 100_000),
            ("0007", 7_000_000),
            ("10000", 10_000_000_000),
        ] {
            assert_eq!(micros(text), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_is_no_price_is_refused_in_words() {
        for (text, words) in [
            ("", "enter what"),
            ("$", "enter what"),
            ("-1", "less than nothing"),
            ("0,15", "after a point"),
            ("1,000.00", "without commas"),
            ("free", "“free” is no amount"),
            (".", "no amount"),
            ("1e3", "no amount"),
            ("0.1.2", "no amount"),
            ("٣", "no amount"),
            ("0.0000001", "at most 6 decimals"),
            ("10000.000001", "more than $10000"),
            ("99999999999999999999999999", "more than $10000"),
        ] {
            let why = micros(text).expect_err(text);
            assert!(why.contains(words), "{text}: {why}");
        }
    }

    proptest! {
        #[test]
        fn every_micro_dollar_is_read_as_it_is_written(micros_wanted in 0..=DOLLARS_MAX * 1_000_000) {
            let text = format!("{}.{:06}", micros_wanted / 1_000_000, micros_wanted % 1_000_000);
            prop_assert_eq!(micros(&text), Ok(micros_wanted));
        }
    }

    #[test]
    fn a_cache_without_a_price_of_its_own_is_not_free() {
        let usage = Usage {
            prompt_tokens: Some(3_000_000),
            completion_tokens: Some(1_000_000),
            cached_tokens: Some(1_000_000),
            cache_write_tokens: Some(1_000_000),
            reasoning_tokens: None,
        };
        let price = OwnPrice { input_micros: 20, output_micros: 100, cached_micros: None };
        assert_eq!(price.prices().cost_micros(&usage, false), Some(160));
        let price = OwnPrice { cached_micros: Some(5), ..price };
        assert_eq!(price.prices().cost_micros(&usage, false), Some(145));
    }
}
