ALTER TABLE audible_config ADD COLUMN days_asked_on DATE

ALTER TABLE audible_config ADD COLUMN purchases_asked_at BIGINT

ALTER TABLE audible_book_mappings ADD COLUMN restarted_at BIGINT

ALTER TABLE audible_book_mappings ADD COLUMN listening_since BIGINT

CREATE INDEX ix_audible_book_mappings_account_id_last_position_at ON audible_book_mappings (account_id, last_position_at)

CREATE INDEX ix_audible_book_mappings_with_setting ON audible_book_mappings (account_id) WHERE sync_enabled IS false OR sync_interval_minutes IS NOT NULL

ALTER TABLE listening_days ADD COLUMN reader_id BIGINT CONSTRAINT fk_listening_days_reader_id REFERENCES readers (id)

UPDATE listening_days SET reader_id = (
    SELECT account.default_reader_id FROM audible_config AS account
    WHERE account.id = listening_days.account_id
)

CREATE OR REPLACE FUNCTION audible_sync_refusal(
    wanted_account bigint,
    is_automatic boolean DEFAULT true,
    now_ms bigint DEFAULT NULL
) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN NOT account.enabled THEN 'disabled'
        WHEN is_automatic AND NOT account.auto_sync_progress THEN 'auto_sync_off'
        WHEN account.wait_until > clock.now_ms
            AND account.wait_until <= clock.now_ms + 259200000 THEN 'waiting'
        WHEN account.last_sync_at > clock.now_ms - 900000
            AND account.last_sync_at <= clock.now_ms THEN 'too_soon'
        WHEN account.sync_count_on = clock.today AND account.sync_count_today >= 600
            THEN 'daily_limit'
    END
    FROM audible_config AS account,
    LATERAL (
        SELECT given.now_ms AS now_ms,
               CAST(to_timestamp(given.now_ms / 1000.0)
                    AT TIME ZONE (SELECT time_zone FROM database_owner) AS date
               ) AS today
        FROM (
            SELECT coalesce(
                audible_sync_refusal.now_ms,
                CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)
            ) AS now_ms
        ) AS given
    ) AS clock
    WHERE account.id = wanted_account
$$
