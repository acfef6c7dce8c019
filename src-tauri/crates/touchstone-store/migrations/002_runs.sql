-- What a run needs to explain itself: who was asked, and how often it had to ask again.

-- The connection that was asked; names nothing any more once the connection is removed.
ALTER TABLE run ADD COLUMN connection_id TEXT NOT NULL DEFAULT '';
-- Those of the requests that asked again.
ALTER TABLE run ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;

-- Of `answer`, from here on: a reply that could not be used is kept too, under a hash of its own that no request has, so
-- that it is seen but never taken for an answer.
