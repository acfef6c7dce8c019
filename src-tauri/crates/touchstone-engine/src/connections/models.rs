//! The models that a connection offers, and what is known of each.

use super::form::check_line;
use super::prices::OwnPrice;
use super::{ConnectionSettings, ConnectionSummary, Pricing, access, pasted, provider, summary};
use crate::connections::settings::{Listing, RefusedParam};
use crate::{Changed, Engine, Error, Inner, Result, clock};
use serde::Serialize;
use specta::Type;
use std::collections::HashMap;
use touchstone_domain::ConnectionId;
use touchstone_domain::prompt::Provider;
use touchstone_labeling::Capabilities;
use touchstone_net::Purpose;
use touchstone_providers::{
    ChatErrorKind, Fault, ListedModel, Model, PRACTICE_MODEL_ID, Speed, StructuredMode, Tier, find_model, may_chat,
    models_of,
};
use touchstone_store::ConnectionRow;

/// Longest id that is entered by hand, in characters.
const ID_CHARS_MAX: usize = 255;

/// That a model stops to answer, or has stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retirement {
    /// The day, as `2027-01-14`.
    pub retires: String,
    pub is_retired: bool,
}

impl Engine {
    /// Whether the days of a model are counted, as far as the connection's list and the catalogue know.
    pub async fn retirement(&self, id_or_name: String, model: String) -> Result<Option<Retirement>> {
        self.blocking(move |inner| {
            let row = inner.store.connection(&id_or_name)?;
            let settings = ConnectionSettings::of(&row);
            let today = clock::today();
            let is_it = |offer: &Offer<'_>| offer.id == model;
            let day = match offers(&row, &settings).into_iter().find(is_it) {
                Some(offer) => offer.info(&row, &settings, &today).retires,
                // What is gone is offered no more, and asked all the same.
                None => known_model(&row, &settings, &model).and_then(|known| known.retires.clone()),
            };
            Ok(day.map(|retires| Retirement { is_retired: retires <= today, retires }))
        })
        .await
    }
}

/// A model that a connection offers. What is not known of it is `None`.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ModelInfo {
    pub id: String,
    /// Longest input.
    pub context_tokens: Option<u32>,
    /// Longest output, with what the model thinks.
    pub output_tokens_max: Option<u32>,
    pub has_vision: Option<bool>,
    pub has_pdf: Option<bool>,
    /// What it costs: the user's own price, else the catalogue's.
    pub price: Option<ModelPrice>,
    /// By the catalogue.
    pub listed_price: Option<ModelPrice>,
    /// The day on which it stops to answer, as `2027-01-14`.
    pub retires: Option<String>,
    pub is_retired: bool,
    /// The user entered it by hand.
    pub is_added: bool,
    /// It is asked on this computer, and costs nothing.
    pub is_free: bool,
    /// It counts as such for where it is asked alone: what answers there may pass requests on to a service that is paid.
    pub is_assumed_free: bool,
    /// How it is held to a schema, once a test found out.
    pub structure: Option<StructuredMode>,
    /// How fast it is, of models on this computer that were tested.
    pub speed: Option<Speed>,
    /// The levels of `reasoning_effort` that it takes, none if it does not reason by levels.
    pub reasoning: Option<Vec<String>>,
    /// Parameters that it is not sent, by their Arize names: the catalogue or the server says that it does not take them.
    pub refuses: Vec<String>,
}

/// What a million tokens cost, in millionths of a dollar: the lowest price, where it depends on the length of the input.
#[derive(Clone, Debug, Serialize, Type)]
pub struct ModelPrice {
    #[specta(type = Option<f64>)]
    pub input_micros: Option<u64>,
    #[specta(type = Option<f64>)]
    pub output_micros: Option<u64>,
    /// Of input that is read from a cache.
    #[specta(type = Option<f64>)]
    pub cached_micros: Option<u64>,
    /// Of a batch.
    #[specta(type = Option<f64>)]
    pub batch_input_micros: Option<u64>,
    #[specta(type = Option<f64>)]
    pub batch_output_micros: Option<u64>,
    /// Long inputs cost more.
    pub has_tiers: bool,
    /// The user entered it.
    pub is_own: bool,
}

impl ModelPrice {
    fn of(tier: &Tier, cached_micros: Option<u64>) -> Self {
        Self {
            input_micros: tier.input,
            output_micros: tier.output,
            cached_micros,
            batch_input_micros: tier.batch_input,
            batch_output_micros: tier.batch_output,
            has_tiers: false,
            is_own: false,
        }
    }

    /// The same of a provider that takes no batches.
    fn without_batches(self) -> Self {
        Self { batch_input_micros: None, batch_output_micros: None, ..self }
    }

    fn listed(model: &Model) -> Option<Self> {
        let lowest = model.prices.0.first()?;
        let has_tiers = model.prices.0.len() > 1;
        Some(Self { has_tiers, is_own: false, ..Self::of(lowest, lowest.cached) })
    }

    fn own(price: &OwnPrice) -> Self {
        let prices = price.prices();
        Self { is_own: true, ..Self::of(&prices.0[0], price.cached_micros) }
    }
}

impl Engine {
    /// Asks the provider which models this key may use, and remembers them.
    pub async fn refresh_models(&self, id_or_name: String) -> Result<ConnectionSummary> {
        let (row, model) = self
            .blocking(move |inner| {
                let row = inner.store.connection(&id_or_name)?;
                offers_several(&row)?;
                let model = access::model(inner, &row, Purpose::Check)?;
                Ok((row, model))
            })
            .await?;
        let listed = model.models().await.map_err(|error| match error.kind {
            ChatErrorKind::Offline => Error::Offline,
            _ => Error::invalid(format!("{} {}", error.in_full(), what_to_do(error.fault))),
        })?;
        let label = provider(&row).label();
        let listed = listed.ok_or_else(|| {
            Error::invalid(format!("{label} has no list of models for a key; add one by its id if you miss it"))
        })?;
        let listing = Listing { at: clock::now(), models: listed };
        self.change_settings(row, move |settings| settings.listed = Some(listing)).await
    }

    /// Offers a model that neither the catalogue nor the provider's list has.
    pub async fn add_model(&self, id_or_name: String, model: String) -> Result<ConnectionSummary> {
        let model = pasted::id("model", &model)?;
        if model.is_empty() || model.chars().count() > ID_CHARS_MAX {
            let words = format!("enter the model's id as the provider knows it, at most {ID_CHARS_MAX} characters");
            return Err(Error::invalid_field("model", words));
        }
        check_line("model", "a model's id", &model)?;
        let row = self
            .blocking(move |inner| {
                let row = inner.store.connection(&id_or_name)?;
                offers_several(&row)?;
                Ok(row)
            })
            .await?;
        if models(&row).contains(&model) {
            return Err(Error::invalid_field("model", format!("“{model}” is offered already")));
        }
        self.change_settings(row, move |settings| {
            if !settings.added_models.contains(&model) {
                settings.added_models.push(model);
            }
        })
        .await
    }

    /// Offers a model no more that was added by hand.
    pub async fn remove_model(&self, id_or_name: String, model: String) -> Result<ConnectionSummary> {
        let row = self.blocking(move |inner| Ok(inner.store.connection(&id_or_name)?)).await?;
        if !ConnectionSettings::of(&row).added_models.contains(&model) {
            return Err(Error::invalid_field("model", format!("“{model}” was not added by hand")));
        }
        self.change_settings(row, move |settings| {
            settings.added_models.retain(|added| *added != model);
            settings.structures.remove(&model);
            settings.answered.remove(&model);
            settings.prices.remove(&model);
            settings.refused.remove(&model);
            settings.measured.remove(&model);
        })
        .await
    }

    /// Holds a model to the answer's schema in this form from now on, where it is known without a test that its server
    /// takes it.
    pub async fn set_model_structure(
        &self,
        id_or_name: String,
        model: String,
        structure: StructuredMode,
    ) -> Result<ConnectionSummary> {
        let row = self.blocking(move |inner| Ok(inner.store.connection(&id_or_name)?)).await?;
        self.change_settings(row, move |settings| {
            settings.structures.insert(model, structure);
        })
        .await
    }

    pub(super) async fn change_settings(
        &self,
        row: ConnectionRow,
        change: impl FnOnce(&mut ConnectionSettings) + Send + 'static,
    ) -> Result<ConnectionSummary> {
        let row = self.blocking(move |inner| change_settings(inner, &row.id, change)).await?;
        self.changed(Changed::Connections);
        Ok(summary(row))
    }
}

/// What helps where no list of models came, after words that say why.
fn what_to_do(fault: Fault) -> &'static str {
    match fault {
        Fault::Key => "Enter another key.",
        Fault::Permission => "Let the key list models, or add models by their ids.",
        Fault::Endpoint => "Look at the base URL; a gateway may have no list, and models can be added by their ids.",
        Fault::Quota | Fault::Server | Fault::Timeout => "Ask again later; the models that are listed here stay.",
        Fault::Dns | Fault::Network | Fault::NothingListening | Fault::Authority | Fault::Tls => {
            "Until it is reached, the models that are listed here stay."
        }
        _ => "Models can be added by their ids.",
    }
}

/// Writes what `change` makes of a connection's settings, and gives back its row with them.
pub(super) fn change_settings(
    inner: &Inner,
    id: &ConnectionId,
    change: impl FnOnce(&mut ConnectionSettings),
) -> Result<ConnectionRow> {
    let change = |json: &str| ConnectionSettings::changed(json, change);
    inner.store.change_connection_settings(id, change).map_err(Error::from)
}

/// Remembers what the server does not take for a model.
pub(crate) fn remember_refused(inner: &Inner, id: &ConnectionId, model: &str, param: RefusedParam) -> Result<()> {
    change_settings(inner, id, |settings| {
        let refused = settings.refused.entry(model.to_owned()).or_default();
        if !refused.contains(&param) {
            refused.push(param);
        }
    })?;
    Ok(())
}

/// Remembers how a model is held to a schema from now on.
pub(crate) fn remember_structure(inner: &Inner, id: &ConnectionId, model: &str, mode: StructuredMode) -> Result<()> {
    change_settings(inner, id, |settings| {
        settings.structures.insert(model.to_owned(), mode);
    })?;
    Ok(())
}

/// Remembers that a model answers in the form that it is usually asked in.
pub(crate) fn remember_answered(inner: &Inner, id: &ConnectionId, model: &str) -> Result<()> {
    change_settings(inner, id, |settings| {
        settings.answered.insert(model.to_owned());
    })?;
    Ok(())
}

/// Remembers that a resource in Azure knows the addresses of a date alone.
pub(crate) fn remember_dated(inner: &Inner, id: &ConnectionId) -> Result<()> {
    change_settings(inner, id, |settings| settings.is_dated = true)?;
    Ok(())
}

fn offers_several(row: &ConnectionRow) -> Result<()> {
    if is_one_model(provider(row)) {
        return Err(Error::invalid(format!("“{}” is one model, and another one is a connection of its own", row.name)));
    }
    Ok(())
}

fn is_one_model(provider: Provider) -> bool {
    matches!(provider, Provider::AzureOpenAi | Provider::Foundry | Provider::Custom | Provider::Practice)
}

/// The ids of the models that a connection offers, the one to start with first.
pub(crate) fn models(row: &ConnectionRow) -> Vec<String> {
    let settings = ConnectionSettings::of(row);
    offers(row, &settings).into_iter().map(|offer| offer.id).collect()
}

/// What the catalogue knows of the model that `id` names at this connection.
pub(crate) fn known_model(row: &ConnectionRow, settings: &ConnectionSettings, id: &str) -> Option<&'static Model> {
    find_model(provider(row), settings.base_model.as_deref().unwrap_or(id))
}

/// What a model can read beside text, as far as anybody knows: nothing is denied to one that is not known.
pub(crate) fn reads(row: &ConnectionRow, settings: &ConnectionSettings, id: &str) -> Capabilities {
    if provider(row) == Provider::Practice {
        return Capabilities::TEXT;
    }
    let known = known_model(row, settings, id);
    let listed = settings.listed.iter().flat_map(|listing| &listing.models).find(|model| model.id == id);
    let measured = settings.measured.get(id).map(|measured| measured.abilities).unwrap_or_default();
    let sees_images = listed.and_then(|model| model.has_vision).or(measured.images).or(known.map(|model| model.vision));
    let reads_pdf = measured.pdf.or(known.map(|model| model.pdf));
    Capabilities { sees_images: sees_images.unwrap_or(true), reads_pdf: reads_pdf.unwrap_or(true) }
}

/// How long a call to a model can be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lengths {
    /// Of input and output together, in tokens; `None` where nobody says.
    pub context: Option<u32>,
    /// Of the output with what the model thinks, in tokens.
    pub output: Option<u32>,
}

pub(crate) fn lengths(row: &ConnectionRow, settings: &ConnectionSettings, id: &str) -> Lengths {
    let known = known_model(row, settings, id);
    let listed = settings.listed.iter().flat_map(|listing| &listing.models).find(|model| model.id == id);
    let measured = settings.measured.get(id).and_then(|measured| measured.context_tokens);
    let context = listed.and_then(|model| model.context_tokens).or(measured).or(known.and_then(|model| model.context));
    let output = listed.and_then(|model| model.output_tokens_max).or(known.and_then(|model| model.output_max));
    Lengths { context, output: output.or(context) }
}

/// The models of a connection with what is known of them on `today`, as `2027-01-14`.
pub(super) fn infos(row: &ConnectionRow, today: &str) -> Vec<ModelInfo> {
    let settings = ConnectionSettings::of(row);
    offers(row, &settings).into_iter().map(|offer| offer.info(row, &settings, today)).collect()
}

/// A model on offer: what the catalogue knows of it, and what the provider's own list says, which is newer.
struct Offer<'s> {
    id: String,
    known: Option<&'static Model>,
    listed: Option<&'s ListedModel>,
}

fn offers<'s>(row: &ConnectionRow, settings: &'s ConnectionSettings) -> Vec<Offer<'s>> {
    let provider = provider(row);
    let only = |id: Option<String>| {
        let known = |id: &String| known_model(row, settings, id);
        id.into_iter().map(|id| Offer { known: known(&id), listed: None, id }).collect()
    };
    match provider {
        Provider::Practice => return only(Some(PRACTICE_MODEL_ID.to_owned())),
        Provider::Custom => return only(settings.model.clone().or_else(|| Some(row.name.clone()))),
        Provider::AzureOpenAi => return only(settings.deployment.clone()),
        Provider::Foundry => return only(settings.model.clone()),
        _ => {}
    }
    let list = settings.listed.as_ref().map(|listing| listing.models.as_slice()).unwrap_or_default();
    // A list has a model by its name and by its dates; the plain name says most.
    let mut listed: HashMap<&str, &ListedModel> = HashMap::new();
    let mut unknown: Vec<&ListedModel> = Vec::new();
    for model in list {
        if let Some(known) = find_model(provider, &model.id) {
            let entry = listed.entry(known.id.as_str()).or_insert(model);
            if model.id == known.id {
                *entry = model;
            }
        } else if may_chat(&model.id) && !unknown.iter().any(|other| other.id == model.id) {
            unknown.push(model);
        }
    }
    // Without a list everything is offered, and where it names nothing that could be asked.
    let is_offered =
        |model: &&Model| (listed.is_empty() && unknown.is_empty()) || listed.contains_key(model.id.as_str());
    let offer = |model: &'static Model| Offer {
        id: model.id.clone(),
        known: Some(model),
        listed: listed.get(model.id.as_str()).copied(),
    };
    let mut offers: Vec<_> = models_of(provider).filter(is_offered).map(offer).collect();
    // The catalogue is older than what a vendor brought out since; a gateway calls models as it likes.
    offers.extend(unknown.into_iter().map(|listed| Offer { id: listed.id.clone(), known: None, listed: Some(listed) }));
    for id in &settings.added_models {
        if !offers.iter().any(|offer| offer.id == *id) {
            let listed = list.iter().find(|listed| listed.id == *id);
            offers.push(Offer { id: id.clone(), known: known_model(row, settings, id), listed });
        }
    }
    offers
}

/// Whether a provider has batches that runs can use; of Azure OpenAI by a deployment of their own.
fn takes_batches(provider: Provider) -> bool {
    matches!(provider, Provider::OpenAi | Provider::AzureOpenAi | Provider::Anthropic | Provider::Gemini)
}

/// The names of parameters that a model does not take, each once.
fn refused_of(known: Option<&Model>, found_out: &[RefusedParam]) -> Vec<String> {
    let mut names = known.map(|model| model.refuses.clone()).unwrap_or_default();
    for param in found_out {
        if !names.contains(&param.name) {
            names.push(param.name.clone());
        }
    }
    names
}

impl Offer<'_> {
    fn info(self, row: &ConnectionRow, settings: &ConnectionSettings, today: &str) -> ModelInfo {
        let Self { id, known, listed } = self;
        let (takes_batches, pricing) = (takes_batches(provider(row)), Pricing::of(row, &id));
        let as_taken = |price: ModelPrice| if takes_batches { price } else { price.without_batches() };
        let listed_price = known.and_then(ModelPrice::listed).map(as_taken);
        let measured = settings.measured.get(&id);
        let retires = listed.and_then(|listed| listed.retires.clone()).or_else(|| known?.retires.clone());
        ModelInfo {
            context_tokens: listed
                .and_then(|listed| listed.context_tokens)
                .or_else(|| measured?.context_tokens)
                .or_else(|| known?.context),
            output_tokens_max: listed.and_then(|listed| listed.output_tokens_max).or_else(|| known?.output_max),
            has_vision: listed
                .and_then(|listed| listed.has_vision)
                .or_else(|| measured?.abilities.images)
                .or_else(|| known.map(|model| model.vision)),
            has_pdf: measured.and_then(|measured| measured.abilities.pdf).or_else(|| known.map(|model| model.pdf)),
            price: settings.prices.get(&id).map(ModelPrice::own).map(as_taken).or_else(|| listed_price.clone()),
            listed_price,
            is_retired: retires.as_deref().is_some_and(|day| day <= today),
            retires,
            is_added: settings.added_models.contains(&id),
            is_free: pricing.is_free(),
            is_assumed_free: pricing.is_assumed_free(),
            structure: settings.structure(&id),
            speed: measured.and_then(|measured| measured.speed),
            reasoning: known.and_then(|model| model.reasoning.clone()),
            refuses: refused_of(known, &settings.refused(&id)),
            id,
        }
    }
}
