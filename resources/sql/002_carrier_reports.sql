-- What the carrier's webhooks say of calls. They come repeated, late and out of order.

ALTER TABLE calls ADD COLUMN business TEXT NOT NULL DEFAULT '';           -- whose agent answers
ALTER TABLE calls ADD COLUMN direction TEXT NOT NULL DEFAULT '';          -- inbound, outbound
ALTER TABLE calls ADD COLUMN carrier_status TEXT NOT NULL DEFAULT '';     -- in the carrier's words
ALTER TABLE calls ADD COLUMN carrier_progress INTEGER NOT NULL DEFAULT -1; -- how far that is along a call's life
ALTER TABLE calls ADD COLUMN answered_by TEXT NOT NULL DEFAULT '';        -- human, machine_start...
ALTER TABLE calls ADD COLUMN duration_seconds INTEGER;                    -- the carrier's; null: not said
ALTER TABLE calls ADD COLUMN stream_error TEXT NOT NULL DEFAULT '';       -- why the carrier could not stream

-- Further legs of a call: a number that it was passed on to. On record there is one call.
CREATE TABLE legs (
    leg_sid          TEXT PRIMARY KEY,
    call_sid         TEXT NOT NULL,          -- of the call that it belongs to
    from_number      TEXT NOT NULL DEFAULT '',
    to_number        TEXT NOT NULL DEFAULT '',
    status           TEXT NOT NULL DEFAULT '',
    progress         INTEGER NOT NULL DEFAULT -1,
    duration_seconds INTEGER,
    at_ms            INTEGER NOT NULL
);

CREATE INDEX legs_of_call ON legs (call_sid);

CREATE TABLE recordings (
    recording_sid    TEXT PRIMARY KEY,       -- of one that is absent and has none: the call's
    call_sid         TEXT NOT NULL REFERENCES calls (call_sid),
    url              TEXT NOT NULL DEFAULT '',
    status           TEXT NOT NULL DEFAULT '', -- in-progress, absent, completed
    progress         INTEGER NOT NULL DEFAULT 0,
    duration_seconds INTEGER,
    channels         INTEGER,
    source           TEXT NOT NULL DEFAULT '',
    error_code       INTEGER NOT NULL DEFAULT 0,
    started_at_ms    INTEGER,
    at_ms            INTEGER NOT NULL
);

CREATE INDEX recordings_of_call ON recordings (call_sid);
