//! Secrets: the operating system's keychain, or memory until the program ends. Never a file.

use crate::database::lock;
use std::collections::HashMap;
use std::sync::Mutex;
use touchstone_domain::secret::Secret;

/// The service name under which the keychain lists our entries.
const SERVICE: &str = "Touchstone";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretKind {
    ApiKey,
    AuthToken,
    /// JSON of names and values, of all headers of a connection.
    Headers,
    /// Of the server on loopback.
    LocalApiToken,
    /// Of the server that a space is linked to.
    SpaceKey,
    /// Of a Label Studio server.
    ServerToken,
}

impl SecretKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api-key",
            Self::AuthToken => "auth-token",
            Self::Headers => "headers",
            Self::LocalApiToken => "local-api-token",
            Self::SpaceKey => "space-key",
            Self::ServerToken => "server-token",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// No keychain answers on this computer, or the user refused to unlock it.
    #[error("this computer has no password store that Touchstone can use ({0})")]
    Unavailable(String),
}

impl From<keyring::Error> for KeychainError {
    fn from(error: keyring::Error) -> Self {
        // Some variants hold the secret's bytes; their display texts do not, but only the platform's word is of use.
        Self::Unavailable(match error {
            keyring::Error::NoDefaultStore => "no keychain answers".to_owned(),
            keyring::Error::NoStorageAccess(_) => "the keychain is locked or refused access".to_owned(),
            keyring::Error::PlatformFailure(_) => "the keychain failed".to_owned(),
            _ => "the keychain did not take the secret".to_owned(),
        })
    }
}

/// Where secrets are put and taken from. Calls block, and the system may ask the user to unlock its keychain.
#[derive(Default)]
pub struct Keychain {
    /// Whether the operating system's keychain is used at all; tests of the engine do without.
    uses_system: bool,
    until_quit: Mutex<HashMap<(String, SecretKind), Secret>>,
}

impl Keychain {
    /// The operating system's keychain: macOS Keychain, Windows Credential Manager, Secret Service on Linux.
    pub fn system() -> Self {
        Self { uses_system: true, ..Self::default() }
    }

    /// No keychain answers; secrets can be kept until the program ends.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether a keychain answers.
    pub fn is_available(&self) -> bool {
        self.uses_system && keyring::Entry::store_status().is_ok()
    }

    /// `owner` is the id of what the secret belongs to.
    pub fn keep(&self, owner: &str, kind: SecretKind, secret: &Secret) -> Result<(), KeychainError> {
        self.entry(owner, kind)?.set_password(secret.expose())?;
        // An older one in memory would be found first.
        lock(&self.until_quit).remove(&(owner.to_owned(), kind));
        Ok(())
    }

    pub fn keep_until_quit(&self, owner: &str, kind: SecretKind, secret: Secret) {
        lock(&self.until_quit).insert((owner.to_owned(), kind), secret);
    }

    /// The secret that is kept in memory. Asks nobody, so that a locked keychain is not unlocked for nothing.
    pub fn find_in_memory(&self, owner: &str, kind: SecretKind) -> Option<Secret> {
        lock(&self.until_quit).get(&(owner.to_owned(), kind)).cloned()
    }

    /// The secret, from memory if it is there, else from the keychain. `None` when neither has it.
    pub fn find(&self, owner: &str, kind: SecretKind) -> Result<Option<Secret>, KeychainError> {
        if let Some(secret) = self.find_in_memory(owner, kind) {
            return Ok(Some(secret));
        }
        match self.entry(owner, kind)?.get_password() {
            Ok(secret) => Ok(Some(Secret::new(secret))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets the secret wherever it is; nothing to forget is not an error.
    pub fn forget(&self, owner: &str, kind: SecretKind) -> Result<(), KeychainError> {
        let was_in_memory = lock(&self.until_quit).remove(&(owner.to_owned(), kind)).is_some();
        let entry = match self.entry(owner, kind) {
            // Kept in memory because there is no keychain.
            Err(_) if was_in_memory => return Ok(()),
            entry => entry?,
        };
        match entry.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(_) if was_in_memory => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn entry(&self, owner: &str, kind: SecretKind) -> Result<keyring::Entry, KeychainError> {
        if !self.uses_system {
            return Err(keyring::Error::NoDefaultStore.into());
        }
        Ok(keyring::Entry::new(SERVICE, &format!("{owner}/{}", kind.as_str()))?)
    }
}
