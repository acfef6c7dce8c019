//! What calls through a connection cost.

use super::{ConnectionSettings, models, provider};
use touchstone_domain::prompt::Provider;
use touchstone_net::parse_address;
use touchstone_providers::{Prices, Usage, find_model};
use touchstone_store::ConnectionRow;

/// The price of asking one model through one connection.
#[derive(Clone, Debug)]
pub(crate) enum Pricing {
    /// It is asked on this computer.
    Free {
        /// By a server of which nobody knows that it runs the model itself: it may pass requests on to who wants money.
        is_assumed: bool,
    },
    /// By the user's own words, whoever answers.
    Own(Prices),
    /// By the catalogue.
    Listed {
        provider: Provider,
        model: String,
        /// The user said which model the deployment is.
        is_certain: bool,
    },
}

impl Pricing {
    /// Of `model`, asked through `row`.
    pub(crate) fn of(row: &ConnectionRow, model: &str) -> Self {
        let is_here = || {
            let address = row.endpoint.as_deref().and_then(parse_address);
            address.is_some_and(|address| address.is_loopback)
        };
        let settings = ConnectionSettings::of(row);
        let own = match provider(row) {
            // The deployment is asked, whatever the prompt calls it.
            Provider::AzureOpenAi | Provider::Foundry => {
                models(row).first().and_then(|deployment| settings.prices.get(deployment))
            }
            _ => settings.prices.get(model),
        };
        if let Some(own) = own {
            return Self::Own(own.prices());
        }
        match provider(row) {
            Provider::Practice => Self::Free { is_assumed: false },
            Provider::Custom if is_here() => Self::Free { is_assumed: settings.local_kind.is_none() },
            provider => {
                let base_model = settings.base_model;
                let is_certain = base_model.is_some();
                Self::Listed { provider, model: base_model.unwrap_or_else(|| model.to_owned()), is_certain }
            }
        }
    }

    /// The most that one call can cost, in picodollars, with at most so many tokens of input and output; `None`
    /// where the price is not known.
    pub(crate) fn most_picos(&self, input_max: u32, output_max: u32, is_batch: bool) -> Option<u64> {
        match self {
            Self::Free { .. } => Some(0),
            Self::Own(prices) => prices.most_picos(input_max, output_max, is_batch),
            Self::Listed { .. } if self.is_guess() => None,
            Self::Listed { provider, model, .. } => {
                find_model(*provider, model)?.prices.most_picos(input_max, output_max, is_batch)
            }
        }
    }

    /// What one call with these tokens is expected to cost, in picodollars, sent by itself or with others in a
    /// batch of the vendor's; `None` where that price is not known.
    pub(crate) fn expected_picos(&self, usage: &Usage, is_batch: bool) -> Option<u64> {
        match self {
            Self::Free { .. } => (!is_batch).then_some(0),
            Self::Own(prices) => prices.cost_picos(usage, is_batch),
            Self::Listed { .. } if self.is_guess() => None,
            Self::Listed { provider, model, .. } => find_model(*provider, model)?.prices.cost_picos(usage, is_batch),
        }
    }

    pub(crate) fn is_free(&self) -> bool {
        matches!(self, Self::Free { .. })
    }

    /// Whether it is counted as free for where it is asked alone.
    pub(crate) fn is_assumed_free(&self) -> bool {
        matches!(self, Self::Free { is_assumed: true })
    }

    /// Whether it is only known from its name which model is asked, and a name that a user chose may be that of another.
    pub(crate) fn is_guess(&self) -> bool {
        let is_named_by_user = |provider| matches!(provider, Provider::AzureOpenAi | Provider::Foundry);
        matches!(self, Self::Listed { provider, is_certain: false, .. } if is_named_by_user(*provider))
    }

    /// What one call cost, in picodollars; `None` when that is not known, which is not nothing. `answered_by`
    /// is the model as the server names it.
    pub(crate) fn cost_picos(&self, usage: &Usage, answered_by: Option<&str>) -> Option<u64> {
        self.cost(usage, answered_by, false)
    }

    /// The same of a request in a batch.
    pub(crate) fn batch_cost_picos(&self, usage: &Usage, answered_by: Option<&str>) -> Option<u64> {
        self.cost(usage, answered_by, true)
    }

    fn cost(&self, usage: &Usage, answered_by: Option<&str>, is_batch: bool) -> Option<u64> {
        match self {
            Self::Free { .. } => Some(0),
            Self::Own(prices) => prices.cost_picos(usage, is_batch),
            Self::Listed { provider, model, is_certain } => {
                // Who answered is who is paid: the name of a deployment may be that of another model.
                let answered_by = answered_by.filter(|_| !is_certain);
                let known = answered_by.and_then(|id| find_model(*provider, id));
                known.or_else(|| find_model(*provider, model))?.prices.cost_picos(usage, is_batch)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use touchstone_domain::ConnectionId;
    use touchstone_store::KeyStorage;

    fn row(provider: Provider, endpoint: Option<&str>) -> ConnectionRow {
        ConnectionRow {
            id: ConnectionId("c".to_owned()),
            provider: provider.as_str().to_owned(),
            name: "c".to_owned(),
            endpoint: endpoint.map(str::to_owned),
            settings: "{}".to_owned(),
            has_api_key: false,
            has_auth_token: false,
            key_storage: KeyStorage::None,
            key_hint: None,
            key_added_at: None,
            last_test: None,
            created_at: String::new(),
            prompts: 0,
        }
    }

    #[test]
    fn only_what_is_asked_on_this_computer_is_free() {
        let usage = Usage { prompt_tokens: Some(11), completion_tokens: Some(3), ..Usage::default() };
        for (provider, endpoint, cost) in [
            (Provider::Practice, None, Some(0)),
            (Provider::Custom, Some("http://127.0.0.1:8080/v1"), Some(0)),
            (Provider::Custom, Some("http://[::1]:8080/v1"), Some(0)),
            (Provider::Custom, Some("http://192.168.0.7:8080/v1"), None),
            (Provider::Custom, Some("https://localhost.example.org/v1"), None),
            (Provider::Custom, None, None),
        ] {
            let pricing = Pricing::of(&row(provider, endpoint), "some-model");
            assert_eq!(pricing.cost_picos(&usage, Some("gpt-4o")), cost, "{endpoint:?}");
        }
    }

    #[test]
    fn a_server_here_that_may_be_a_gateway_is_free_by_assumption() {
        let priced = |settings: &str| {
            let row = row(Provider::Custom, Some("http://127.0.0.1:4000/v1"));
            Pricing::of(&ConnectionRow { settings: settings.to_owned(), ..row }, "m").is_assumed_free()
        };
        assert!(priced("{}"));
        assert!(!priced(r#"{"local_kind": "ollama"}"#));
        assert!(!priced(r#"{"prices": {"m": {"input_micros": 30, "output_micros": 40}}}"#));
        assert!(!Pricing::of(&row(Provider::Practice, None), "m").is_assumed_free());
    }

    #[test]
    fn the_users_own_price_outweighs_every_other() {
        let usage = Usage { prompt_tokens: Some(100_000), completion_tokens: Some(100_000), ..Usage::default() };
        let priced = |provider, endpoint, settings: &str| {
            let row = ConnectionRow { settings: settings.to_owned(), ..row(provider, endpoint) };
            Pricing::of(&row, "gpt-4o").cost_picos(&usage, Some("gpt-6-luna"))
        };
        let own = r#"{"prices": {"gpt-4o": {"input_micros": 30, "output_micros": 40}}}"#;
        assert_eq!(priced(Provider::OpenAi, None, own), Some(7_000_000));
        assert_eq!(priced(Provider::OpenAi, None, "{}"), Some(60_000_000_000));
        assert_eq!(priced(Provider::Custom, Some("http://127.0.0.1:8080/v1"), own), Some(7_000_000));
        assert_eq!(priced(Provider::Custom, Some("http://192.168.0.7:8080/v1"), own), Some(7_000_000));
        let deployment = own.replacen('{', r#"{"deployment": "mine", "#, 1);
        assert_eq!(priced(Provider::AzureOpenAi, Some("https://a.example"), &deployment), Some(60_000_000_000));
        let deployment = deployment.replace("\"gpt-4o\"", "\"mine\"");
        assert_eq!(priced(Provider::AzureOpenAi, Some("https://a.example"), &deployment), Some(7_000_000));
    }
}
