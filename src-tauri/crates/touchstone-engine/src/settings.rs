//! What the window and the command line both obey; kept in the workspace.

use crate::runs::check_limit;
use crate::{Changed, Engine, Error, Inner, Result};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::ops::RangeInclusive;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Settings {
    /// Requests that a run has in flight at once, at most: fewer while its server takes fewer, and no more over all runs that
    /// ask one connection. 1 to 512.
    pub concurrency: u32,
    /// Pixels of the longer side that pictures are made smaller to. 256 to 8192.
    pub media_side_px: u32,
    /// Megabytes that a picture or document may have. 1 to 500.
    pub media_megabytes_max: u32,
    /// Pictures and documents are read from web addresses too.
    pub media_from_web: bool,
    /// What all runs together may cost a day (UTC), in millionths of a dollar; `None` for whatever they cost.
    #[specta(type = Option<f64>)]
    pub budget_micros: Option<u64>,
    /// Nothing but this machine is reached.
    pub offline: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: 8,
            media_side_px: 2048,
            media_megabytes_max: 20,
            media_from_web: true,
            budget_micros: None,
            offline: false,
        }
    }
}

/// Requests at once that any limit may allow.
pub(crate) const CONCURRENCY_MAX: u32 = 512;

const CONCURRENCY: RangeInclusive<u32> = 1..=CONCURRENCY_MAX;
const SIDE: RangeInclusive<u32> = 256..=8192;
const MEGABYTES: RangeInclusive<u32> = 1..=500;

impl Settings {
    /// Those of the workspace. What is not there, or is nothing that could have been set, is as it is by default.
    pub(crate) fn read(inner: &Inner) -> Result<Self> {
        let mut settings = Self::default();
        for (name, value, range) in settings.numbers() {
            let kept = inner.store.setting(name)?.and_then(|kept| kept.parse().ok());
            if let Some(kept) = kept.filter(|kept| range.contains(kept)) {
                *value = kept;
            }
        }
        settings.media_from_web = inner.store.setting(FROM_WEB)?.is_none_or(|kept| kept != "false");
        settings.budget_micros = inner.store.setting(BUDGET)?.and_then(|kept| kept.parse().ok());
        settings.offline = is_offline(inner)?;
        Ok(settings)
    }

    /// Name, value and range of each.
    fn numbers(&mut self) -> [(&'static str, &mut u32, RangeInclusive<u32>); 3] {
        [
            ("concurrency", &mut self.concurrency, CONCURRENCY),
            ("media_side_px", &mut self.media_side_px, SIDE),
            ("media_megabytes_max", &mut self.media_megabytes_max, MEGABYTES),
        ]
    }

    pub(crate) fn media_bytes_max(&self) -> usize {
        self.media_megabytes_max as usize * 1_000_000
    }
}

const FROM_WEB: &str = "media_from_web";
const BUDGET: &str = "budget_micros";
const OFFLINE: &str = "offline";

/// Whether the workspace's switch is on.
pub(crate) fn is_offline(inner: &Inner) -> Result<bool> {
    Ok(inner.store.setting(OFFLINE)?.is_some_and(|kept| kept == "true"))
}

impl Engine {
    pub async fn settings(&self) -> Result<Settings> {
        self.blocking(Settings::read).await
    }

    /// Keeps them. What is out of its range is refused with the name of its field, and nothing is kept then.
    pub async fn set_settings(&self, mut settings: Settings) -> Result<()> {
        self.blocking(move |inner| {
            for (name, value, range) in settings.numbers() {
                if !range.contains(value) {
                    let (from, to) = range.into_inner();
                    return Err(Error::invalid_field(name, format!("choose a number from {from} to {to}")));
                }
            }
            check_limit("budget_micros", settings.budget_micros)?;
            for (name, value, _) in settings.numbers() {
                inner.store.set_setting(name, &value.to_string())?;
            }
            inner.store.set_setting(FROM_WEB, &settings.media_from_web.to_string())?;
            // Nothing that could have been set is no budget.
            let budget = settings.budget_micros.map(|budget| budget.to_string());
            inner.store.set_setting(BUDGET, budget.as_deref().unwrap_or_default())?;
            inner.store.set_setting(OFFLINE, &settings.offline.to_string())?;
            inner.obey_offline_switch()
        })
        .await?;
        self.obey_budgets().await;
        self.changed(Changed::Settings);
        Ok(())
    }
}
