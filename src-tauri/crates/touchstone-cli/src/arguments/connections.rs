//! Connections to model providers, on the command line.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use touchstone_engine::dollars;

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum AddedProvider {
    Openai,
    Gemini,
    /// Vertex AI, with the key file of a service account
    Vertex,
    Anthropic,
    /// A deployment in Azure OpenAI
    AzureOpenai,
    /// A model of Azure AI Foundry
    AzureFoundry,
    /// Any server that speaks the OpenAI chat format
    Custom,
}

/// Where a key comes from. A key is never an argument: arguments are seen by every process and kept by shells.
#[derive(Debug, Default, Args)]
pub(crate) struct KeySource {
    /// Take the API key, or a service account's JSON, from this environment variable
    #[arg(long, value_name = "VAR")]
    pub key_env: Option<String>,
    /// Read the API key, or a service account's JSON, from standard input
    #[arg(long, conflicts_with = "key_env")]
    pub key_stdin: bool,
    /// Vertex AI: the key file of a service account
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key_env", "key_stdin"])]
    pub credentials: Option<PathBuf>,
    /// Take the auth token from this environment variable
    #[arg(long, value_name = "VAR")]
    pub auth_token_env: Option<String>,
    /// Send a header with every request, whose value is in an environment variable; may be given several times
    #[arg(long, value_name = "NAME=VAR")]
    pub header_env: Vec<String>,
}

/// What is entered of a connection. Which fields a provider takes is said where one is given that it does not.
#[derive(Debug, Args)]
pub(crate) struct EnteredConnection {
    /// What it is called; of a custom model, its name as the server knows it
    #[arg(long)]
    pub name: Option<String>,
    /// Custom: the base URL, usually ending in /v1. Azure: the target URI
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// Reach the provider through a gateway: replaces scheme, host and prefix of its address
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Azure OpenAI: the deployment's name, which may differ from the model's; not needed where the endpoint names it
    #[arg(long, value_name = "D")]
    pub deployment: Option<String>,
    /// Azure AI Foundry: the model. Custom: the id on the server, if the connection is called otherwise
    #[arg(long, value_name = "M")]
    pub model: Option<String>,
    /// Azure OpenAI: the model behind the deployment, where its name does not tell
    #[arg(long, value_name = "M")]
    pub base_model: Option<String>,
    /// Azure OpenAI: a deployment of the same model for batches (of the kind GlobalBatch or DataZoneBatch)
    #[arg(long, value_name = "D")]
    pub batch_deployment: Option<String>,
    /// Vertex AI: the project, if not the credentials' own
    #[arg(long, value_name = "P")]
    pub project_id: Option<String>,
    /// Vertex AI: the location; global if not given
    #[arg(long, value_name = "L")]
    pub location: Option<String>,
    /// Reach it through a proxy: http, https, socks5 or socks5h (which finds names itself) with host and port. One that
    /// wants a user name and a password is named with them by HTTPS_PROXY, HTTP_PROXY or ALL_PROXY instead. This computer
    /// is always reached without
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// Trust the certificates in this file (PEM or DER) too
    #[arg(long, value_name = "FILE")]
    pub custom_ca: Option<PathBuf>,
    /// Requests that it takes at once, over all runs; 0 for no limit of its own
    #[arg(long, value_name = "N")]
    pub concurrency: Option<u32>,
    /// What its runs may cost a day (UTC) before they pause, in dollars; 0 for no budget
    #[arg(long, value_name = "AMOUNT", value_parser = dollars::parsed)]
    pub budget_usd: Option<u64>,
    #[command(flatten)]
    pub key: KeySource,
}

/// A connection about to be added.
#[derive(Debug, Args)]
pub(crate) struct AddedConnection {
    /// Who answers
    #[arg(long, value_enum)]
    pub provider: AddedProvider,
    #[command(flatten)]
    pub entered: EnteredConnection,
    /// Store no key and no token, for where no keychain answers; give the key to run start and connection test
    #[arg(long)]
    pub no_key: bool,
}

/// A change of a connection. What is not given stays, and an empty text is removed; secrets have flags for that.
#[derive(Debug, Args)]
pub(crate) struct EditedConnection {
    /// Name or id
    pub connection: String,
    #[command(flatten)]
    pub entered: EnteredConnection,
    /// Send a header no more; may be given several times
    #[arg(long, value_name = "NAME")]
    pub remove_header: Vec<String>,
    /// Remove the API key or the credentials
    #[arg(long, conflicts_with_all = ["key_env", "key_stdin", "credentials"])]
    pub remove_key: bool,
    /// Remove the auth token
    #[arg(long, conflicts_with = "auth_token_env")]
    pub remove_auth_token: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionCommand {
    /// Add a connection; its secrets go to the system's keychain
    ///
    /// Where a key is given and no keychain answers, nothing is stored unless --no-key is given.
    ///
    /// OpenAI, Gemini, Anthropic and Vertex AI have one connection each; of the others there can be many.
    ///
    /// JSON: connection_id, provider, name, endpoint, base_url, deployment, model, base_model, batch_deployment, project_id, location, account,
    /// header_names, proxy, custom_ca, concurrency, budget_micros, models (as `connection list`), models_listed_at, has_api_key, has_auth_token, key_storage (none or keychain),
    /// key_hint, key_added_at, last_test, prompt_count, created_at, warnings
    Add(AddedConnection),
    /// Change what a connection says, or its secrets
    ///
    /// What is not given stays; an empty text, or 0, takes it away, but for secrets. What its last test found is forgotten.
    ///
    /// JSON: as `connection add`
    Edit(EditedConnection),
    /// List connections
    ///
    /// JSON: connections [{id, provider, name, endpoint, base_url, deployment, model, base_model, batch_deployment, project_id, location,
    /// account (who signs in to Vertex AI), header_names (their values are never shown), proxy, custom_ca (PEM),
    /// concurrency (requests that it takes at once), budget_micros (what its runs may cost a day, in millionths of a
    /// dollar), models [{id, context_tokens, output_tokens_max, has_vision, has_pdf, price
    /// {input_micros, output_micros, cached_micros, batch_input_micros, batch_output_micros (millionths of a dollar for a
    /// million tokens), has_tiers, is_own (by `connection price`)} or null, listed_price (by the catalogue, as price),
    /// retires, is_retired, is_added, is_free (asked on this computer), is_assumed_free (for that alone: what
    /// answers there may pass requests on to a paid service), structure (json_schema, json_object_with_schema, json_object, instruction), speed (as
    /// discover), reasoning (levels of reasoning_effort, or null where they are not known), refuses (parameters that it does
    /// not take)}],
    /// models_listed_at, has_api_key, has_auth_token, key_storage (none or keychain), key_hint, key_added_at, last_test (as
    /// connection test, or null), prompt_count, created_at}]
    List,
    /// Ask a model one short question
    ///
    /// Exits non-zero unless it works.
    ///
    /// JSON: ok, message, fault (key, permission, model, deployment, endpoint, region, quota, dns, authority (who signed its
    /// certificate is not known), tls, nothing_listening, network, timeout, server, request, answer, or null), latency_ms,
    /// suggested_endpoint, model, answered_by, structure, about_form (what became of the form that is asked for, where the
    /// server does not keep it, or null), vendor {status, code, message, param, request_id: what it said of a failure; of an
    /// answer its id} or null, abilities {schema, json, images, pdf, logprobs: true, false, or null where that is not known},
    /// ability_sources (as abilities: test (this one tried it), earlier_test, catalogue, or null),
    /// usage {questions, prompt_tokens, completion_tokens, cost_usd: what the questions of the test took; null where nobody
    /// says} or null, tested_at, retires (the day on which the model stops to answer, or null), is_retired
    Test {
        /// Name or id
        connection: String,
        /// The model to ask; the first that the connection offers if not given
        #[arg(long, value_name = "ID")]
        model: Option<String>,
        /// Take the API key from this environment variable, for this call only
        #[arg(long, value_name = "VAR")]
        key_env: Option<String>,
    },
    /// List the models of a connection, or change the list
    ///
    /// JSON: as `connection list`, of one
    Models {
        /// Name or id
        connection: String,
        /// Ask the provider which models the key may use
        #[arg(long, conflicts_with_all = ["add", "remove"])]
        refresh: bool,
        /// Offer a model that is not listed, by its id
        #[arg(long, value_name = "ID", conflicts_with = "remove")]
        add: Option<String>,
        /// Offer a model no more that was added
        #[arg(long, value_name = "ID")]
        remove: Option<String>,
        /// Take the API key from this environment variable, for this call only
        #[arg(long, value_name = "VAR")]
        key_env: Option<String>,
    },
    /// Say what a million tokens of a model cost, in dollars; runs count by it from then on
    ///
    /// It outweighs the catalogue's price, and is the only one where the catalogue has none: of custom servers and of
    /// models that were added. What was paid before stays as it was counted.
    ///
    /// JSON: as `connection list`, of one
    Price {
        /// Name or id
        connection: String,
        /// The model's id
        model: String,
        /// Of input, such as 0.15; 0 is free
        #[arg(long, value_name = "DOLLARS", required_unless_present = "reset", allow_hyphen_values = true)]
        input: Option<String>,
        /// Of output, with what the model thinks
        #[arg(long, value_name = "DOLLARS", required_unless_present = "reset", allow_hyphen_values = true)]
        output: Option<String>,
        /// Of input that is read from a cache; what other input costs if not given
        #[arg(long, value_name = "DOLLARS", allow_hyphen_values = true)]
        cached: Option<String>,
        /// Go back to the catalogue's price, if it has one
        #[arg(long, conflicts_with_all = ["input", "output", "cached"])]
        reset: bool,
    },
    /// Find models on this computer
    ///
    /// Looks at the ports of Ollama (11434), LM Studio (1234), llama.cpp (8080), vLLM (8000) and SGLang (30000) on this
    /// computer, and nowhere else. No model is made to answer unless --test or --add is given.
    ///
    /// Exits non-zero if a model that was tested does not work, or what was named or was to be added is not there.
    ///
    /// JSON: servers [{kind (ollama, lm_studio, llama_cpp, vllm, sglang, other), name, port, endpoint, version, models [{id,
    /// context_tokens, has_vision, connection_name, test {record (as connection test), context_tokens, speed {parallel,
    /// tokens_per_second, tokens_per_second_parallel} or null} or null}], left_out (embedding models, and models that answer
    /// from elsewhere), problem (loading, needs_key, no_models, or null)}], added (as connection list), problems (sentences)
    Discover {
        /// Look at this port instead of the usual ones; can be given several times
        #[arg(long = "port", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        ports: Vec<u16>,
        /// Test and add the model with this id only; can be given several times
        #[arg(long = "model", value_name = "ID")]
        models: Vec<String>,
        /// Test what each model can do: schema, pictures, PDF files, context, how fast, how many requests at once
        #[arg(long)]
        test: bool,
        /// Test, and make a connection to each model that works and has none
        #[arg(long)]
        add: bool,
    },
    /// Remove a connection and its secrets
    ///
    /// JSON: removed
    Remove {
        /// Name or id
        connection: String,
    },
}
