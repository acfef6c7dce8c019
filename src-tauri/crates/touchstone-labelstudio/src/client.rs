//! One signed-in way to one server.

use crate::line::Line;
use std::sync::Arc;
use touchstone_domain::secret::Secret;

/// Asks one server, as one user. Clones share what signs them in.
///
/// A token with the shape of a JWT is a personal access token: it goes to the server once in some minutes, for an access token
/// that is kept in memory. Any other is a legacy token, which goes along with each call. Neither is ever sent to another
/// host.
///
/// What only reads, and what does the same however often it is done, is asked up to three times while the server is out of
/// reach, fails, or asks to wait. Whatever else fails in a way that [`crate::Error::is_passing`] may be done all the same.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) line: Arc<Line>,
}

impl Client {
    /// `address` is one that [`crate::parse_address`] gave. Nothing is sent.
    pub fn new(net: &touchstone_net::Client, address: &str, token: &Secret) -> Self {
        Self { line: Arc::new(Line::new(net, address, token)) }
    }

    /// Host and port, as they are shown.
    pub fn host(&self) -> &str {
        &self.line.host
    }
}
