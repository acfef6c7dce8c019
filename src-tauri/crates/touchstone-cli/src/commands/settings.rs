use crate::output::{Report, columns};
use touchstone_engine::settings::Settings;
use touchstone_engine::{Engine, Error, Result, dollars};

/// Keeps the settings if they are others than they were, and shows them.
pub(crate) async fn keep(engine: &Engine, settings: Settings, was: &Settings) -> Result<Report> {
    if settings != *was {
        engine.set_settings(settings.clone()).await.map_err(naming_its_option)?;
    }
    Ok(Report::done(super::members(&settings).into(), columns(&options(&settings))))
}

/// The option that sets a field.
fn option_of(field: &str) -> String {
    match field {
        "budget_micros" => "--budget-usd".to_owned(),
        "offline" => "--stay-offline".to_owned(),
        field => format!("--{}", field.replace('_', "-")),
    }
}

/// By the options that set them.
fn options(settings: &Settings) -> [[String; 2]; 6] {
    let Settings { concurrency, media_side_px, media_megabytes_max, media_from_web, budget_micros, offline } = settings;
    let budget = budget_micros.map_or("0 (no budget)".to_owned(), |micros| dollars::of_micros(micros).to_string());
    [
        ("concurrency", concurrency.to_string()),
        ("media_side_px", media_side_px.to_string()),
        ("media_megabytes_max", media_megabytes_max.to_string()),
        ("media_from_web", media_from_web.to_string()),
        ("budget_micros", budget),
        ("offline", offline.to_string()),
    ]
    .map(|(field, value)| [option_of(field), value])
}

/// Several can be given at once: which one was refused?
fn naming_its_option(error: Error) -> Error {
    match error.field() {
        Some(field) => Error::invalid_field(field, format!("{}: {error}", option_of(field))),
        None => error,
    }
}
