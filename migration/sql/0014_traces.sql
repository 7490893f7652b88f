-- Where a run is in a trace: trace id (16 bytes), span id (8) of what started it, flags (1). NULL when it is in none.
ALTER TABLE live ADD COLUMN trace {bytes};

-- The run's, for what is sent after it has ended.
ALTER TABLE outbox ADD COLUMN trace {bytes};
