//! What is entered of a connection: what each provider takes, and what is kept where.

use super::access::{self, Place, connected, key_word, needs_key};
use super::credentials;
use super::headers::{self, EnteredHeader, Headers};
use super::pasted::{self, cleaned, why_no_key};
use super::{ConnectionSettings, ConnectionSummary, provider, summary};
use crate::runs::check_limit;
use crate::settings::CONCURRENCY_MAX;
use crate::{Error, Inner, Result, clock};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use specta::Type;
use touchstone_domain::ConnectionId;
use touchstone_domain::prompt::Provider;
use touchstone_domain::secret::Secret;
use touchstone_net::{Authorities, Proxy, parse_address};
use touchstone_providers::{ServiceAccount, deployment_id, deployment_in, key_warning, parse_endpoint};
use touchstone_store::{ConnectionRow, KeyStorage, SecretKind, StoreError};

/// Longest name, endpoint, deployment and model, in characters. Source: Label Studio's provider connections.
const FIELD_CHARS_MAX: usize = 512;

/// Longest project and location, of the same source.
const PLACE_CHARS_MAX: usize = 255;

/// Longest bundle of certificates, in characters.
const CA_CHARS_MAX: usize = 256 << 10;

/// A shorter key would be told by its last characters.
const HINTED_KEY_CHARS_MIN: usize = 12;
const HINT_CHARS: usize = 4;

/// How each certificate in DER begins.
const DER_SEQUENCE: u8 = 0x30;

/// A connection about to be added. Which fields a provider takes, and which of them it needs:
/// OpenAI, Gemini and Anthropic `api_key`; Vertex AI `credentials` or `credentials_path`, perhaps `project_id` and
/// `location`; Azure OpenAI `endpoint`, `deployment` and `api_key`, perhaps `base_model` and `batch_deployment`; Azure AI
/// Foundry `endpoint`, `model` and `api_key`; Custom LLM `endpoint` and a `name` or `model`, perhaps `api_key` and
/// `auth_token`.
#[derive(Debug, Deserialize, Type)]
pub struct NewConnection {
    pub provider: Provider,
    /// Store no secret even where the provider needs one: it is given to each command.
    pub without_key: bool,
    #[serde(flatten)]
    pub entered: ConnectionEdit,
}

impl NewConnection {
    pub fn of(provider: Provider, entered: ConnectionEdit) -> Self {
        Self { provider, without_key: false, entered }
    }
}

/// What is entered of a connection. Of one that is there already, what is `None` stays and what is empty is removed.
#[derive(Debug, Default, Deserialize, Type)]
pub struct ConnectionEdit {
    /// What it is called; each provider has a default. Of a Custom LLM it is the model's id, unless `model` is given.
    pub name: Option<String>,
    pub endpoint: Option<String>,
    /// Replaces the scheme, host and prefix of the vendor's address, as for a gateway.
    pub base_url: Option<String>,
    pub deployment: Option<String>,
    pub model: Option<String>,
    /// The model behind a deployment, where its name does not tell.
    pub base_model: Option<String>,
    /// A deployment of the same model that answers batches and nothing else.
    pub batch_deployment: Option<String>,
    pub project_id: Option<String>,
    pub location: Option<String>,
    #[specta(type = Option<String>)]
    pub api_key: Option<Secret>,
    #[specta(type = Option<String>)]
    pub auth_token: Option<Secret>,
    /// The JSON file of a service account's key.
    #[specta(type = Option<String>)]
    pub credentials: Option<Secret>,
    /// Where that file lies, of one that was dropped; it is read as the connection is saved.
    pub credentials_path: Option<String>,
    /// All headers that every request carries.
    pub headers: Option<Vec<EnteredHeader>>,
    /// `http`, `https`, `socks5` or `socks5h` (which finds names itself) with host and port; this machine is reached without it.
    pub proxy: Option<String>,
    /// Certificates in PEM of an authority that is trusted beside the system's.
    pub custom_ca: Option<String>,
    /// Requests that it takes at once, over all runs; 1 to 512, and 0 for no limit of its own.
    pub concurrency: Option<u32>,
    /// What its runs may cost a day, in millionths of a dollar; 0 for no budget.
    #[specta(type = Option<f64>)]
    pub budget_micros: Option<u64>,
    /// Keep the secrets in memory until the program ends, where no keychain answers.
    pub until_quit: bool,
}

/// A connection as it was saved, and what is odd about it.
#[derive(Clone, Debug, Serialize, Type)]
pub struct SavedConnection {
    pub connection: ConnectionSummary,
    /// In words.
    pub warnings: Vec<String>,
}

pub(super) fn add(inner: &Inner, new: NewConnection) -> Result<SavedConnection> {
    let NewConnection { provider, without_key, entered } = new;
    let mut row = ConnectionRow {
        id: ConnectionId(clock::new_id()),
        provider: provider.as_str().to_owned(),
        name: String::new(),
        endpoint: None,
        settings: String::new(),
        has_api_key: false,
        has_auth_token: false,
        key_storage: KeyStorage::None,
        key_hint: None,
        key_added_at: None,
        last_test: None,
        created_at: clock::now(),
        prompts: 0,
    };
    check_provider(inner, provider)?;
    let mut settings = ConnectionSettings::default();
    enter(&mut row, &mut settings, &entered)?;
    let mut secrets = Secrets::of(provider, &entered)?;
    settle(inner, &mut row, &mut settings, secrets.api_key.as_ref())?;
    row.name =
        name(provider, entered.name.as_deref())?.or_else(|| default_name(provider, &settings)).ok_or_else(|| {
            Error::invalid_field("name", "enter the model's name as the server knows it, for example llama3.2")
        })?;
    check_length("name", "a name", &row.name, FIELD_CHARS_MAX)?;
    check_line("name", "a name", &row.name)?;
    if provider == Provider::Custom && settings.model.as_ref() == Some(&row.name) {
        settings.model = None;
    }
    if secrets.api_key.is_none() && needs_key(provider) && !without_key {
        let field = if provider == Provider::VertexAi { "credentials" } else { "api_key" };
        return Err(Error::invalid_field(field, format!("enter the {}", key_word(provider))));
    }
    if inner.store.connection(&row.name).is_ok() {
        return Err(StoreError::NameTaken(row.name).into());
    }
    let warnings = secrets.warnings(provider, settings.base_url.as_deref(), row.endpoint.as_deref());
    let headers = entered
        .headers
        .as_deref()
        .map(|headers| headers::checked(provider, headers, || Ok(Headers::new())))
        .transpose()?;
    // Keychain before database: a row without its key is worse than a key without its row.
    secrets.keep(inner, &mut row, entered.until_quit)?;
    keep_headers(inner, &mut row, &mut settings, headers, entered.until_quit)?;
    row.settings = settings.to_json();
    inner.store.insert_connection(&row)?;
    Ok(SavedConnection { connection: summary(row), warnings })
}

pub(super) fn edit(inner: &Inner, id: &ConnectionId, edit: ConnectionEdit) -> Result<SavedConnection> {
    let mut row = inner.store.connection(id.as_str())?;
    let provider = provider(&row);
    if provider == Provider::Practice {
        return Err(Error::invalid("the practice model has nothing to change"));
    }
    let before = (row.endpoint.clone(), ConnectionSettings::readable(&row)?);
    let asked_before = asked_as(&row, &before.1);
    let mut settings = before.1.clone();
    enter(&mut row, &mut settings, &edit)?;
    if let Some(entered) = &edit.name {
        row.name =
            name(provider, Some(entered))?.ok_or_else(|| Error::invalid_field("name", "a connection needs a name"))?;
        check_length("name", "a name", &row.name, FIELD_CHARS_MAX)?;
        check_line("name", "a name", &row.name)?;
        // Before the keychain is touched: what is refused changes nothing.
        if inner.store.connection(&row.name).is_ok_and(|other| other.id != row.id) {
            return Err(StoreError::NameTaken(row.name).into());
        }
    }
    if edit.deployment.is_none()
        && let Some(Ok(Some(_))) = edit.endpoint.as_deref().map(deployment_in)
    {
        // Another address was pasted, which names what it is the address of.
        settings.deployment = None;
    }
    let mut secrets = Secrets::of(provider, &edit)?;
    settle(inner, &mut row, &mut settings, secrets.api_key.as_ref())?;
    let headers = edit.headers.as_deref();
    let headers = headers
        .map(|entered| headers::checked(provider, entered, || headers::stored(inner, &row, &before.1)))
        .transpose()?;
    // Where those that are kept cannot be read, others take their place.
    let has_other_headers =
        headers.as_ref().is_some_and(|entered| headers::stored(inner, &row, &before.1).ok().as_ref() != Some(entered));
    let (concurrency, budget_micros) = (before.1.concurrency, before.1.budget_micros);
    let batch_deployment = before.1.batch_deployment.clone();
    let is_as_limited = ConnectionSettings { concurrency, budget_micros, batch_deployment, ..settings.clone() };
    let is_elsewhere = (&row.endpoint, &is_as_limited) != (&before.0, &before.1);
    let mut is_key_removed = false;
    let removed = [
        (SecretKind::ApiKey, edit.api_key.as_ref().or(edit.credentials.as_ref()), &mut row.has_api_key),
        (SecretKind::AuthToken, edit.auth_token.as_ref(), &mut row.has_auth_token),
    ];
    for (kind, secret, has) in removed {
        if *has && secret.is_some_and(|secret| secret.expose().trim().is_empty()) {
            inner.keychain.forget(id.as_str(), kind)?;
            (*has, is_key_removed) = (false, true);
            if kind == SecretKind::ApiKey {
                row.key_hint = None;
                if provider == Provider::VertexAi {
                    // Without an account nobody knows whose project it is.
                    (row.endpoint, settings.account) = (None, None);
                }
            }
        }
    }
    let is_reached_anew = is_elsewhere
        || is_key_removed
        || has_other_headers
        || secrets.api_key.is_some()
        || secrets.auth_token.is_some()
        || asked_as(&row, &settings) != asked_before;
    // Another key may be let to other models.
    let is_listed_anew = is_elsewhere || secrets.api_key.is_some();
    let warnings = secrets.warnings(provider, settings.base_url.as_deref(), row.endpoint.as_deref());
    secrets.keep(inner, &mut row, edit.until_quit)?;
    keep_headers(inner, &mut row, &mut settings, headers, edit.until_quit)?;
    if !row.has_api_key && !row.has_auth_token {
        row.key_added_at = None;
        if settings.header_names.is_empty() {
            row.key_storage = KeyStorage::None;
        }
    }
    let row = inner.store.update_connection(&row, is_reached_anew, |now| {
        ConnectionSettings::changed(now, |now| {
            // What was found out and entered meanwhile stays, but what was found out about the old place.
            settings.added_models = std::mem::take(&mut now.added_models);
            settings.prices = std::mem::take(&mut now.prices);
            settings.listed = now.listed.take().filter(|_| !is_listed_anew);
            if is_elsewhere {
                settings.structures.clear();
                settings.answered.clear();
                settings.refused.clear();
                settings.measured.clear();
                settings.is_dated = false;
                settings.local_kind = None;
            } else {
                settings.structures = std::mem::take(&mut now.structures);
                settings.answered = std::mem::take(&mut now.answered);
                settings.refused = std::mem::take(&mut now.refused);
                settings.measured = std::mem::take(&mut now.measured);
                settings.is_dated = now.is_dated;
                settings.local_kind = now.local_kind;
            }
            *now = settings;
        })
    })?;
    Ok(SavedConnection { connection: summary(row), warnings })
}

/// The name of the model where a connection is called as it.
fn asked_as(row: &ConnectionRow, settings: &ConnectionSettings) -> Option<String> {
    (provider(row) == Provider::Custom && settings.model.is_none()).then(|| row.name.clone())
}

/// The vendors that have one account for everything have one connection.
fn check_provider(inner: &Inner, wanted: Provider) -> Result<()> {
    match wanted {
        Provider::OpenAi | Provider::Gemini | Provider::VertexAi | Provider::Anthropic => {
            let connections = inner.store.connections()?;
            match connections.iter().find(|row| provider(row) == wanted) {
                Some(row) => Err(Error::invalid(format!(
                    "there is a connection to {} already (“{}”): replace its {} instead of adding another",
                    wanted.label(),
                    row.name,
                    key_word(wanted)
                ))),
                None => Ok(()),
            }
        }
        Provider::AzureOpenAi | Provider::Foundry | Provider::Custom => Ok(()),
        Provider::Practice => Err(Error::invalid("the practice model is there already")),
        Provider::AwsBedrock => Err(Error::invalid(format!("{} is not asked from here", wanted.label()))),
    }
}

/// A deployment in Azure, or a model at an endpoint of Foundry's, has one connection.
fn check_deployment(inner: &Inner, row: &ConnectionRow, settings: &ConnectionSettings) -> Result<()> {
    let wanted = provider(row);
    let (field, what) = match wanted {
        Provider::AzureOpenAi => ("deployment", "deployment"),
        _ => ("model", "model"),
    };
    let name_of = |settings: &ConnectionSettings| match wanted {
        Provider::AzureOpenAi => settings.deployment.clone(),
        _ => settings.model.clone(),
    };
    let id_of = |row: &ConnectionRow, settings: &ConnectionSettings| {
        let name = name_of(settings).filter(|_| provider(row) == wanted)?;
        deployment_id(wanted, row.endpoint.as_deref()?, &name)
    };
    let Some(id) = id_of(row, settings) else { return Ok(()) };
    let connections = inner.store.connections()?;
    let is_same = |other: &&ConnectionRow| {
        other.id != row.id && id_of(other, &ConnectionSettings::of(other)).as_ref() == Some(&id)
    };
    match connections.iter().find(is_same) {
        Some(other) => {
            let words = format!(
                "there is a connection to the {what} “{}” of this resource already (“{}”): change that one instead of adding \
                 another",
                name_of(settings).unwrap_or_default(),
                other.name
            );
            Err(Error::invalid_field(field, words))
        }
        None => Ok(()),
    }
}

fn default_name(provider: Provider, settings: &ConnectionSettings) -> Option<String> {
    match provider {
        Provider::AzureOpenAi => settings.deployment.clone(),
        Provider::Foundry | Provider::Custom => settings.model.clone(),
        other => Some(other.label().to_owned()),
    }
}

/// The fields beside name and secrets that a provider takes.
fn taken(provider: Provider) -> &'static [&'static str] {
    match provider {
        Provider::OpenAi | Provider::Gemini | Provider::Anthropic => &["base_url", "proxy", "custom_ca"],
        Provider::VertexAi => &["base_url", "project_id", "location", "proxy", "custom_ca"],
        Provider::AzureOpenAi => {
            &["base_url", "endpoint", "deployment", "base_model", "batch_deployment", "proxy", "custom_ca"]
        }
        Provider::Foundry => &["base_url", "endpoint", "model", "proxy", "custom_ca"],
        Provider::Custom => &["endpoint", "model", "proxy", "custom_ca"],
        Provider::AwsBedrock | Provider::Practice => &[],
    }
}

/// Takes over what is entered of the fields that are no secrets.
fn enter(row: &mut ConnectionRow, settings: &mut ConnectionSettings, entered: &ConnectionEdit) -> Result<()> {
    let provider = provider(row);
    let fields = [
        ("endpoint", "an endpoint", &entered.endpoint, &mut row.endpoint, FIELD_CHARS_MAX),
        ("base_url", "a base URL", &entered.base_url, &mut settings.base_url, FIELD_CHARS_MAX),
        ("deployment", "a deployment's name", &entered.deployment, &mut settings.deployment, FIELD_CHARS_MAX),
        ("model", "a model's name", &entered.model, &mut settings.model, FIELD_CHARS_MAX),
        ("base_model", "a model's name", &entered.base_model, &mut settings.base_model, FIELD_CHARS_MAX),
        (
            "batch_deployment",
            "a deployment's name",
            &entered.batch_deployment,
            &mut settings.batch_deployment,
            FIELD_CHARS_MAX,
        ),
        ("project_id", "a project's id", &entered.project_id, &mut settings.project_id, PLACE_CHARS_MAX),
        ("location", "a location", &entered.location, &mut settings.location, PLACE_CHARS_MAX),
        ("proxy", "a proxy", &entered.proxy, &mut settings.proxy, FIELD_CHARS_MAX),
        ("custom_ca", "a bundle of certificates", &entered.custom_ca, &mut settings.custom_ca, CA_CHARS_MAX),
    ];
    for (field, what, given, place, chars_max) in fields {
        let Some(given) = given else { continue };
        let given = match field {
            "endpoint" | "base_url" | "proxy" => text(Some(&pasted::address(given))),
            "deployment" | "model" | "base_model" => text(Some(&pasted::id(field, given)?)),
            _ => text(Some(given)),
        };
        if let Some(given) = &given {
            if !taken(provider).contains(&field) {
                let words = match field {
                    "base_url" => "base URL: its endpoint is its address".to_owned(),
                    _ => field.replace('_', " "),
                };
                return Err(Error::invalid_field(field, format!("{} takes no {words}", provider.label())));
            }
            check_length(field, what, given, chars_max)?;
            if field != "custom_ca" {
                check_line(field, what, given)?;
            }
        }
        *place = given;
    }
    if let Some(concurrency) = entered.concurrency {
        if concurrency > CONCURRENCY_MAX {
            return Err(Error::invalid_field("concurrency", format!("choose a number from 1 to {CONCURRENCY_MAX}")));
        }
        settings.concurrency = (concurrency > 0).then_some(concurrency);
    }
    if let Some(budget) = entered.budget_micros {
        settings.budget_micros = (budget > 0).then_some(budget);
        check_limit("budget_micros", settings.budget_micros)?;
    }
    if entered.custom_ca.is_some()
        && let Some(pem) = &settings.custom_ca
    {
        let authorities = Authorities::parse(pem).map_err(|why| Error::invalid_field("custom_ca", why))?;
        settings.custom_ca = Some(authorities.pem().to_owned());
    }
    Ok(())
}

/// The certificates in a file, as [`ConnectionEdit::custom_ca`] takes them: as they are if they are PEM, else of the bytes
/// that DER has. Refused in words where it is neither.
pub fn certificates_pem(file: &[u8]) -> Result<String> {
    if let Ok(text) = std::str::from_utf8(file)
        && !file.starts_with(&[DER_SEQUENCE])
    {
        return Ok(text.to_owned());
    }
    if file.first() == Some(&DER_SEQUENCE) {
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", BASE64_STANDARD.encode(file));
        if let Ok(authorities) = Authorities::parse(&pem) {
            return Ok(authorities.pem().to_owned());
        }
    }
    let words =
        "that file holds no certificate; export the authority's certificate as PEM (Base64) or DER, and give that";
    Err(Error::invalid_field("custom_ca", words))
}

/// Checks that what is entered leads somewhere, and puts it as it will be used.
fn settle(
    inner: &Inner,
    row: &mut ConnectionRow,
    settings: &mut ConnectionSettings,
    new_key: Option<&Secret>,
) -> Result<()> {
    let provider = provider(row);
    if let Some(base_url) = &settings.base_url {
        settings.base_url = Some(parse_endpoint(base_url).map_err(|why| Error::invalid_field("base_url", why))?);
    }
    if let Some(proxy) = &settings.proxy {
        let proxy = Proxy::parse(proxy).map_err(|why| Error::invalid_field("proxy", why))?;
        settings.proxy = Some(proxy.address().to_owned());
    }
    let endpoint = row.endpoint.as_deref().unwrap_or_default();
    match provider {
        Provider::Custom => {
            row.endpoint = Some(parse_endpoint(endpoint).map_err(|why| Error::invalid_field("endpoint", why))?);
        }
        Provider::AzureOpenAi | Provider::Foundry => {
            let (field, name) = match provider {
                Provider::AzureOpenAi => ("deployment", &mut settings.deployment),
                _ => ("model", &mut settings.model),
            };
            let named = deployment_in(endpoint).map_err(|why| Error::invalid_field("endpoint", why))?;
            match (name.as_deref(), named) {
                (None, None) => {
                    return Err(Error::invalid_field(field, format!("enter the name of the {field}")));
                }
                (Some(name), Some(named)) if provider == Provider::AzureOpenAi && !named.eq_ignore_ascii_case(name) => {
                    let words =
                        format!("the endpoint is that of the deployment “{named}”, and this field says “{name}”");
                    return Err(Error::invalid_field(field, words));
                }
                (None, named) => *name = named,
                (Some(_), _) => {}
            }
            let place = Place { provider, endpoint: Some(endpoint), settings: settings.clone() };
            connected(inner, &place, None).map_err(|why| Error::invalid_field("endpoint", why))?;
            check_deployment(inner, row, settings)?;
        }
        Provider::VertexAi => {
            let key = match new_key {
                Some(key) => Some(key.clone()),
                None => access::stored(inner, row, SecretKind::ApiKey)?,
            };
            // Without an account nobody knows whose project it is.
            row.endpoint = None;
            if let Some(key) = key {
                let account = ServiceAccount::parse(key.expose());
                let account = account.map_err(|why| Error::invalid_field("credentials", why))?;
                settings.account = Some(account.client_email().to_owned());
                let place = Place { provider, endpoint: None, settings: settings.clone() };
                let model = connected(inner, &place, Some(key)).map_err(|why| {
                    let field = if why.starts_with("a location") { "location" } else { "project_id" };
                    Error::invalid_field(field, why)
                })?;
                row.endpoint = Some(model.endpoint().to_owned());
            }
        }
        _ => {}
    }
    Ok(())
}

/// What a connection is to be called. That of a Custom LLM is a model's id, unless that has a field of its own.
fn name(provider: Provider, entered: Option<&str>) -> Result<Option<String>> {
    match entered {
        Some(entered) if provider == Provider::Custom => Ok(text(Some(&pasted::id("name", entered)?))),
        entered => Ok(text(entered)),
    }
}

/// The text without blanks around it; `None` if nothing is left.
fn text(given: Option<&str>) -> Option<String> {
    given.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn check_length(field: &'static str, what: &str, text: &str, chars_max: usize) -> Result<()> {
    if text.chars().count() > chars_max {
        return Err(Error::invalid_field(field, format!("{what} has at most {chars_max} characters")));
    }
    Ok(())
}

/// Refuses what would break lists, or steer the terminal that shows them.
pub(super) fn check_line(field: &'static str, what: &str, text: &str) -> Result<()> {
    if text.contains(|char: char| char.is_control() || matches!(char, '\u{2028}' | '\u{2029}')) {
        return Err(Error::invalid_field(field, format!("{what} is one line, without control characters")));
    }
    Ok(())
}

/// The secrets that were entered, cleaned.
struct Secrets {
    /// The API key, or the credentials of a service account in the form in which they are kept.
    api_key: Option<Secret>,
    auth_token: Option<Secret>,
}

impl Secrets {
    fn of(provider: Provider, entered: &ConnectionEdit) -> Result<Self> {
        let api_key = given(entered.api_key.as_ref());
        let auth_token = given(entered.auth_token.as_ref());
        let pasted = given(entered.credentials.as_ref());
        let path = entered.credentials_path.as_deref().filter(|path| !path.is_empty());
        let refuse = |field| Err(Error::invalid_field(field, format!("{} takes no such secret", provider.label())));
        if provider == Provider::VertexAi {
            if auth_token.is_some() {
                return refuse("auth_token");
            }
            if api_key.is_some() {
                return refuse("api_key");
            }
            let file = match (pasted, path) {
                (None, Some(path)) => Some(credentials::read(path.as_ref())?),
                (pasted, _) => pasted,
            };
            let kept = match file {
                Some(file) => {
                    let account = ServiceAccount::parse(file.expose());
                    Some(account.map_err(|why| Error::invalid_field("credentials", why))?.stored())
                }
                None => None,
            };
            return Ok(Self { api_key: kept, auth_token: None });
        }
        if pasted.is_some() || path.is_some() {
            return refuse("credentials");
        }
        if auth_token.is_some() && provider != Provider::Custom {
            return refuse("auth_token");
        }
        for (field, secret) in [("api_key", &api_key), ("auth_token", &auth_token)] {
            if let Some(why) = secret.as_ref().and_then(why_no_key) {
                return Err(Error::invalid_field(field, why));
            }
        }
        Ok(Self { api_key, auth_token })
    }

    /// What is odd about the key, or about where it goes. Behind a gateway any form is right, and credentials are read before
    /// they are kept.
    fn warnings(&self, provider: Provider, base_url: Option<&str>, endpoint: Option<&str>) -> Vec<String> {
        let is_gateway = base_url.is_some();
        let key = self.api_key.as_ref().filter(|_| !is_gateway && provider != Provider::VertexAi);
        let odd = key.and_then(|key| key_warning(provider, key));
        let is_secret = self.api_key.is_some() || self.auth_token.is_some();
        let address = base_url.or(endpoint).filter(|_| is_secret);
        let is_exposed = address.is_some_and(|address| {
            address.starts_with("http:") && parse_address(address).is_some_and(|parsed| !parsed.is_loopback)
        });
        let exposed = is_exposed
            .then(|| "The key travels unencrypted: the endpoint is http, and not on this computer.".to_owned());
        odd.into_iter().chain(exposed).collect()
    }

    /// Puts the secrets where they belong and marks the row accordingly.
    fn keep(&mut self, inner: &Inner, row: &mut ConnectionRow, until_quit: bool) -> Result<()> {
        for (kind, secret) in
            [(SecretKind::ApiKey, self.api_key.take()), (SecretKind::AuthToken, self.auth_token.take())]
        {
            let Some(secret) = secret else { continue };
            let hint = hint(secret.expose());
            if until_quit {
                keep_until_quit(inner, row.id.as_str(), kind, secret);
                row.key_storage = KeyStorage::UntilQuit;
            } else {
                inner.keychain.keep(row.id.as_str(), kind, &secret)?;
                row.key_storage = KeyStorage::Keychain;
            }
            row.key_added_at = Some(clock::now());
            if kind == SecretKind::AuthToken {
                row.has_auth_token = true;
            } else {
                row.has_api_key = true;
                // The end of a file tells nothing; its account does.
                row.key_hint = hint.filter(|_| provider(row) != Provider::VertexAi);
            }
        }
        Ok(())
    }
}

/// Keeps a secret in memory, in place of what the keychain may have: after a restart that would go to a place that it was
/// not entered for.
fn keep_until_quit(inner: &Inner, id: &str, kind: SecretKind, secret: Secret) {
    if let Err(error) = inner.keychain.forget(id, kind) {
        tracing::debug!(%error, "nothing is forgotten of a keychain that does not answer");
    }
    inner.keychain.keep_until_quit(id, kind, secret);
}

/// Puts the headers, if others were entered, where they belong.
fn keep_headers(
    inner: &Inner,
    row: &mut ConnectionRow,
    settings: &mut ConnectionSettings,
    headers: Option<Headers>,
    until_quit: bool,
) -> Result<()> {
    let Some(headers) = headers else { return Ok(()) };
    let id = row.id.as_str();
    if headers.is_empty() {
        if !settings.header_names.is_empty() {
            inner.keychain.forget(id, SecretKind::Headers)?;
        }
    } else if until_quit {
        keep_until_quit(inner, id, SecretKind::Headers, headers::packed(&headers));
        row.key_storage = KeyStorage::UntilQuit;
    } else {
        inner.keychain.keep(id, SecretKind::Headers, &headers::packed(&headers))?;
        row.key_storage = KeyStorage::Keychain;
    }
    settings.header_names = headers.into_iter().map(|(name, _)| name).collect();
    Ok(())
}

/// The secret if there is one; an empty field is none.
fn given(secret: Option<&Secret>) -> Option<Secret> {
    secret.cloned().map(cleaned).filter(|secret| !secret.expose().is_empty())
}

/// The last characters of a key, by which its owner knows it.
fn hint(key: &str) -> Option<String> {
    let count = key.chars().count();
    (count >= HINTED_KEY_CHARS_MIN).then(|| key.chars().skip(count - HINT_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_no_key_is_refused_at_its_field() {
        let entered =
            |key: &str| ConnectionEdit { api_key: Some(Secret::new(key.to_owned())), ..ConnectionEdit::default() };
        for key in ["sk-****4f2a", "sk-\u{441}1"] {
            let error = Secrets::of(Provider::OpenAi, &entered(key)).err().expect(key);
            assert_eq!(error.field(), Some("api_key"));
        }
        let secrets =
            Secrets::of(Provider::OpenAi, &entered("api_key: \"sk-1\",")).ok().and_then(|secrets| secrets.api_key);
        assert_eq!(secrets.expect("a key").expose(), "sk-1");
    }

    #[test]
    fn a_short_key_is_not_told_by_its_end() {
        assert_eq!(hint("sk-12345678"), None);
        assert_eq!(hint("sk-123456789").as_deref(), Some("6789"));
    }

    #[test]
    fn a_gateway_has_keys_of_its_own() {
        let key = Some(Secret::new("sk-ant-1".to_owned()));
        let secrets = Secrets { api_key: key, auth_token: None };
        assert_eq!(secrets.warnings(Provider::OpenAi, None, None).len(), 1);
        assert!(secrets.warnings(Provider::OpenAi, Some("https://gateway.example"), None).is_empty());
    }

    #[test]
    fn a_key_that_travels_unencrypted_is_warned_about() {
        let secrets = Secrets { api_key: Some(Secret::new("a-key-of-ours".to_owned())), auth_token: None };
        for (endpoint, is_warned) in [
            ("http://models.example/v1", true),
            ("http://192.168.0.7:8080/v1", true),
            ("https://models.example/v1", false),
            ("http://127.0.0.1:8080/v1", false),
        ] {
            let warnings = secrets.warnings(Provider::Custom, None, Some(endpoint));
            assert_eq!(warnings.iter().any(|words| words.contains("unencrypted")), is_warned, "{endpoint}");
        }
        let none = Secrets { api_key: None, auth_token: None };
        assert!(none.warnings(Provider::Custom, None, Some("http://models.example/v1")).is_empty());
    }
}
