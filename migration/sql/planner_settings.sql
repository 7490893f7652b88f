-- P1 and P14: the plans of hot statements must not depend on statistics, and settings must not live in a session
-- that a transaction pooler hands to somebody else. They take effect in sessions opened from now on.
DO $$
DECLARE
    setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY[
        'enable_seqscan = off',
        'enable_bitmapscan = off',
        'enable_hashjoin = off',
        'enable_mergejoin = off',
        'plan_cache_mode = force_generic_plan',
        'jit = off',
        'statement_timeout = ''30s''',
        'idle_in_transaction_session_timeout = ''10s''',
        'default_transaction_isolation = ''read committed'''
    ] LOOP
        EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET %s', current_database(), setting);
    END LOOP;
END
$$;
