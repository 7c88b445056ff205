-- Past calls, the latest first, page by page.
CREATE INDEX calls_began ON calls (started_at_ms, call_sid);
