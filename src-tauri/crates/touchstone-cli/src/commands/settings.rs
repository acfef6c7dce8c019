use crate::output::{Report, columns};
use touchstone_engine::settings::Settings;
use touchstone_engine::{Engine, Result};

/// Keeps the settings if they are others than they were, and shows them.
pub(crate) async fn keep(engine: &Engine, settings: Settings, was: &Settings) -> Result<Report> {
    if settings != *was {
        engine.set_settings(settings.clone()).await?;
    }
    let members = super::members(&settings);
    let rows: Vec<_> = members.iter().map(|(name, value)| [name.clone(), value.to_string()]).collect();
    Ok(Report::done(members.into(), columns(&rows)))
}
