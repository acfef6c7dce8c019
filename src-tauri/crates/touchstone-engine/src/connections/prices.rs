//! Prices that the user states, where the catalogue knows none or another one.

use super::{ConnectionSettings, ConnectionSummary, PRACTICE, models};
use crate::{Engine, Error, Result, dollars};
use serde::{Deserialize, Serialize};
use specta::Type;
use touchstone_providers::{Prices, Tier};

/// A million tokens of no model cost as much; whoever enters more has mistaken the unit. In dollars.
const DOLLARS_MAX: u64 = 10_000;

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
    /// In the catalogue's form. What is written to a cache costs what other input does; a batch costs half, as with every
    /// vendor that takes them, rounded up to what a price can be: a million tokens then cost half a micro-dollar more.
    pub(super) fn prices(self) -> Prices {
        let (input, output) = (Some(self.input_micros), Some(self.output_micros));
        let cached = self.cached_micros.or(input);
        let half = |price: Option<u64>| price.map(|price| price.div_ceil(2));
        Prices(vec![Tier {
            above: 0,
            input,
            output,
            cached,
            cache_write: input,
            batch_input: half(input),
            batch_output: half(output),
            batch_cached: half(cached),
            batch_cache_write: half(input),
        }])
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

fn micros(text: &str) -> std::result::Result<u64, String> {
    let micros = dollars::parsed(text)?;
    if micros > DOLLARS_MAX * 1_000_000 {
        return Err(format!("no model costs more than ${DOLLARS_MAX} for a million tokens; check the amount"));
    }
    Ok(micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use touchstone_providers::Usage;

    #[test]
    fn a_price_that_mistakes_the_unit_is_refused() {
        assert_eq!(micros("10000"), Ok(10_000_000_000));
        let why = micros("10000.000001").expect_err("too much");
        assert!(why.contains("more than $10000"), "{why}");
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
        assert_eq!(price.prices().cost_picos(&usage, false), Some(160_000_000));
        assert_eq!(price.prices().cost_picos(&usage, true), Some(80_000_000), "half of it in a batch");
        let price = OwnPrice { cached_micros: Some(5), ..price };
        assert_eq!(price.prices().cost_picos(&usage, false), Some(145_000_000));
    }
}
