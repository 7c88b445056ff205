-- One more fact of a call's beat (see 004_tx.sql): the most audio that ever waited to be sent.
ALTER TABLE calls ADD COLUMN backlog_max_ms INTEGER NOT NULL DEFAULT 0;
