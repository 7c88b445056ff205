-- One more fact of a call's beat (see 004_tx.sql): frames that left within 9 ms of the one before.
ALTER TABLE calls ADD COLUMN bursts INTEGER NOT NULL DEFAULT 0;
