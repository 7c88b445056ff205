-- What is done after calls. All times: milliseconds since the Unix epoch, UTC; JSON as text.
-- $ID is the engine's own row number: INTEGER PRIMARY KEY, or a BIGINT identity.

-- The process that has the call: who finds it dead ends the call in its place.
ALTER TABLE calls ADD COLUMN owner TEXT NOT NULL DEFAULT '';
CREATE INDEX calls_open_of_owner ON calls (owner) WHERE ended_at_ms IS NULL;

-- Processes that have calls, or do jobs.
CREATE TABLE workers (
    uid             TEXT PRIMARY KEY,
    host            TEXT NOT NULL,             -- its name and its process namespace
    boot_id         TEXT NOT NULL,
    pid             INTEGER NOT NULL,
    pid_started     INTEGER NOT NULL,          -- clock ticks after boot: tells a process from a later one of the same number
    role            TEXT NOT NULL,             -- all, media, worker
    version         TEXT NOT NULL,
    slots           INTEGER NOT NULL DEFAULT 0,
    active_calls    INTEGER NOT NULL DEFAULT 0,
    started_at_ms   INTEGER NOT NULL,
    heartbeat_at_ms INTEGER NOT NULL
);

-- One row for each stage after a call.
CREATE TABLE jobs (
    id                  $ID,
    call_sid            TEXT NOT NULL,
    business            TEXT NOT NULL DEFAULT '',
    stage               TEXT NOT NULL,
    state               TEXT NOT NULL,         -- pending, available, scheduled, retryable, running; completed, skipped, failed, cancelled
    priority            INTEGER NOT NULL,      -- low first
    run_at_ms           INTEGER NOT NULL,
    waits_for_call      INTEGER NOT NULL DEFAULT 0,
    pending_deps        INTEGER NOT NULL DEFAULT 0,
    attempt             INTEGER NOT NULL DEFAULT 0,
    max_attempts        INTEGER NOT NULL,
    lease_token         INTEGER NOT NULL DEFAULT 0, -- grows with each claim: an older claimer writes nothing any more
    lease_owner         TEXT NOT NULL DEFAULT '',
    lease_expires_at_ms INTEGER NOT NULL DEFAULT 0,
    stop_requested      TEXT NOT NULL DEFAULT '',   -- of a running one: cancel, hold
    held_reason         TEXT NOT NULL DEFAULT '',   -- why a running one stands still
    checkpoint          TEXT NOT NULL DEFAULT '',   -- JSON: what need not be done again
    progress            REAL NOT NULL DEFAULT 0,    -- 0 to 1
    progress_text       TEXT NOT NULL DEFAULT '',
    reason              TEXT NOT NULL DEFAULT '',   -- why it was skipped, snoozed, or failed
    snoozes             INTEGER NOT NULL DEFAULT 0,
    rescues             INTEGER NOT NULL DEFAULT 0,
    interruptions       INTEGER NOT NULL DEFAULT 0,
    created_at_ms       INTEGER NOT NULL,
    claimed_at_ms       INTEGER,
    finished_at_ms      INTEGER,
    UNIQUE (call_sid, stage)
);
CREATE INDEX jobs_available ON jobs (priority, run_at_ms, id) WHERE state = 'available';
CREATE INDEX jobs_due ON jobs (run_at_ms) WHERE state IN ('scheduled', 'retryable');
CREATE INDEX jobs_running ON jobs (lease_expires_at_ms) WHERE state = 'running';
CREATE INDEX jobs_finished ON jobs (finished_at_ms) WHERE finished_at_ms IS NOT NULL;
CREATE INDEX jobs_unfinished ON jobs (created_at_ms, id) WHERE finished_at_ms IS NULL;

CREATE TABLE job_deps (
    job_id    BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    parent_id BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    PRIMARY KEY (job_id, parent_id)
);
CREATE INDEX job_deps_of_parent ON job_deps (parent_id);

CREATE TABLE job_attempts (
    job_id        BIGINT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    token         INTEGER NOT NULL,            -- the lease's
    worker        TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    ended_at_ms   INTEGER,
    outcome       TEXT NOT NULL DEFAULT '',    -- completed, skipped, retry, snoozed, failed, interrupted, cancelled, rescued
    error         TEXT NOT NULL DEFAULT '',
    exit_code     INTEGER,                     -- of a child process; negative: the signal that ended it
    cpu_ms        INTEGER,
    max_rss_kb    INTEGER,
    log_tail      TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, token)
);

-- Paused stages; '*' stands for all.
CREATE TABLE queues (
    name          TEXT PRIMARY KEY,
    paused        INTEGER NOT NULL DEFAULT 0,
    changed_at_ms INTEGER NOT NULL
);

-- What the stages have found out: a JSON object each.
CREATE TABLE step_results (
    call_sid TEXT NOT NULL,
    stage    TEXT NOT NULL,
    result   TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (call_sid, stage)
);

-- Files of a call, relative to the data directory.
CREATE TABLE artifacts (
    call_sid TEXT NOT NULL,
    kind     TEXT NOT NULL,                    -- original, archive, caller, agent
    path     TEXT NOT NULL,
    bytes    INTEGER NOT NULL,
    at_ms    INTEGER NOT NULL,
    PRIMARY KEY (call_sid, kind)
);

-- One row a person: a telephone number within a business.
CREATE TABLE leads (
    id                 $ID,
    business           TEXT NOT NULL,
    phone              TEXT NOT NULL,          -- E.164; of a withheld number "withheld:" and the CallSid
    name               TEXT NOT NULL DEFAULT '',
    city               TEXT NOT NULL DEFAULT '',
    city_confidence    REAL NOT NULL DEFAULT 0,
    service            TEXT NOT NULL DEFAULT '',
    service_confidence REAL NOT NULL DEFAULT 0,
    status             TEXT NOT NULL DEFAULT '',
    status_source      TEXT NOT NULL DEFAULT '',   -- label, keywords, manual
    status_confidence  REAL NOT NULL DEFAULT 0,
    first_direction    TEXT NOT NULL DEFAULT '',
    calls              INTEGER NOT NULL DEFAULT 0,
    last_call_sid      TEXT NOT NULL DEFAULT '',
    created_at_ms      INTEGER NOT NULL,
    updated_at_ms      INTEGER NOT NULL,
    UNIQUE (business, phone)
);
CREATE INDEX leads_updated ON leads (updated_at_ms);

-- What happened to leads, once a call and effect.
CREATE TABLE lead_events (
    id         $ID,
    lead_id    BIGINT NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    call_sid   TEXT NOT NULL,                  -- of a manual edit: unique, and no call's
    effect     TEXT NOT NULL,                  -- call, status
    from_value TEXT NOT NULL DEFAULT '',
    to_value   TEXT NOT NULL DEFAULT '',
    detail     TEXT NOT NULL DEFAULT '',
    at_ms      INTEGER NOT NULL,
    UNIQUE (call_sid, effect)
);
CREATE INDEX lead_events_of_lead ON lead_events (lead_id);

-- The outbox: what is to be told to the business's own system, frozen when it is first sent.
CREATE TABLE webhook_messages (
    id              TEXT PRIMARY KEY,          -- the webhook-id, the same in each attempt
    call_sid        TEXT NOT NULL,
    event_type      TEXT NOT NULL,
    business        TEXT NOT NULL DEFAULT '',
    url             TEXT NOT NULL,
    body            TEXT NOT NULL,
    created_at_ms   INTEGER NOT NULL,
    delivered_at_ms INTEGER,
    UNIQUE (call_sid, event_type)
);

CREATE TABLE webhook_attempts (
    message_id  TEXT NOT NULL REFERENCES webhook_messages (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL,
    status      INTEGER NOT NULL,              -- HTTP; 0: no answer
    error       TEXT NOT NULL DEFAULT '',
    response    TEXT NOT NULL DEFAULT '',      -- its beginning
    duration_ms INTEGER NOT NULL,
    at_ms       INTEGER NOT NULL,
    PRIMARY KEY (message_id, number)
);

-- Receivers that said 410: nothing more is sent there until an operator retries.
CREATE TABLE webhook_endpoints (
    url            TEXT PRIMARY KEY,
    disabled_at_ms INTEGER,
    reason         TEXT NOT NULL DEFAULT ''
);
