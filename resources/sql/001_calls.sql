-- Live calls: what is written while they go on. All times: milliseconds since the Unix epoch, UTC.

-- One row a phone call. A carrier that reconnects gives the same call a new stream: the row goes on.
CREATE TABLE calls (
    call_sid       TEXT PRIMARY KEY,
    stream_sid     TEXT NOT NULL,
    account_sid    TEXT NOT NULL DEFAULT '',
    from_number    TEXT NOT NULL DEFAULT '',
    to_number      TEXT NOT NULL DEFAULT '',
    started_at_ms  INTEGER NOT NULL,
    ended_at_ms    INTEGER,            -- null while the call is active
    end_reason     TEXT,
    end_detail     TEXT,
    frames_sent    INTEGER NOT NULL DEFAULT 0,
    frames_dropped INTEGER NOT NULL DEFAULT 0,
    interruptions  INTEGER NOT NULL DEFAULT 0,
    worst_late_us  INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX calls_active ON calls (started_at_ms) WHERE ended_at_ms IS NULL;

-- One row a finished utterance: the live transcript.
CREATE TABLE turns (
    call_sid     TEXT NOT NULL REFERENCES calls (call_sid),
    stream_sid   TEXT NOT NULL,
    position     INTEGER NOT NULL,     -- within the stream, from 0
    item_id      TEXT NOT NULL,        -- the model's name of it
    speaker      TEXT NOT NULL,        -- caller, agent
    text         TEXT NOT NULL,        -- what was heard
    interrupted  INTEGER NOT NULL DEFAULT 0,
    generated_ms INTEGER NOT NULL DEFAULT 0,
    heard_ms     INTEGER NOT NULL DEFAULT 0,
    at_ms        INTEGER NOT NULL,
    PRIMARY KEY (stream_sid, position)
);

CREATE INDEX turns_of_call ON turns (call_sid);
