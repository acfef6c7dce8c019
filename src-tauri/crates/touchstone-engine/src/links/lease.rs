//! One process at a time pulls or pushes a space.

use crate::runs::LEASE_STALE_MS;
use crate::{Engine, Error, Result, clock};
use std::time::Duration;
use touchstone_domain::SpaceId;

/// How often a pull or push says that it is still at work.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Why a pull or push does not begin, or goes no further.
const TAKEN: &str = "another program is pulling or pushing this space; try again when it has finished";

impl Engine {
    /// Does `work` while no other process pulls or pushes the same space; it ends where it is once the lease is lost.
    pub(super) async fn alone<T>(&self, space: &SpaceId, work: impl Future<Output = Result<T>>) -> Result<T> {
        let id = space.clone();
        let is_taken = self.blocking(move |inner| {
            let now_ms = clock::now_ms();
            Ok(inner.store.lease_space_link(&id, &inner.owner, now_ms, now_ms - LEASE_STALE_MS)?)
        });
        if !is_taken.await? {
            return Err(Error::invalid(TAKEN));
        }
        let outcome = tokio::select! {
            outcome = work => outcome,
            () = self.keep_link_lease(space) => Err(Error::invalid(TAKEN)),
        };
        let id = space.clone();
        let given_back =
            self.blocking(move |inner| Ok(inner.store.give_back_space_link_lease(&id, &inner.owner)?)).await;
        if let Err(error) = given_back {
            // It is stale soon, and what was brought over is.
            tracing::warn!(%error, "giving back the lease of a link");
        }
        outcome
    }

    /// Renews the lease of a link until it is lost.
    async fn keep_link_lease(&self, space: &SpaceId) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let id = space.clone();
            let renewed = self
                .blocking(move |inner| Ok(inner.store.renew_space_link_lease(&id, &inner.owner, clock::now_ms())?));
            match renewed.await {
                Ok(true) => {}
                Ok(false) => return,
                // What is pulled or pushed meets the same fault.
                Err(error) => tracing::warn!(%error, "renewing the lease of a link"),
            }
        }
    }
}
