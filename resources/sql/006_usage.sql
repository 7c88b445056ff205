-- What a call took of paid services, by class (see shared/usage.h), and what it cost in millionths of a currency, by the
-- prices of its time; NULL: not known. The sums of all streams of the call: `usage_stream` is the last one that is in them,
-- so that a write can be repeated.
ALTER TABLE calls ADD COLUMN usage_input_text INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_input_audio INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_cached_text INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_cached_audio INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_output_text INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_output_audio INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_transcribed_text INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_transcribed_audio INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_transcribed_output INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_transcribed_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_unclassified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN usage_stream TEXT NOT NULL DEFAULT '';
ALTER TABLE calls ADD COLUMN cost_micros INTEGER DEFAULT 0;
ALTER TABLE calls ADD COLUMN cost_currency TEXT NOT NULL DEFAULT '';
