-- Pages that a session writes to make room in the server's memory are handed to the disk as they come. Left to the kernel, they
-- pile up for half a minute and then hold up every commit for as long as it takes to write them. Zero is all that some
-- systems know. Takes effect in sessions opened from now on.
DO $$
BEGIN
    IF (SELECT max_val::integer > 0 FROM pg_settings WHERE name = 'backend_flush_after') THEN
        EXECUTE format('ALTER ROLE CURRENT_USER IN DATABASE %I SET backend_flush_after = ''512kB''', current_database());
    END IF;
END
$$;
