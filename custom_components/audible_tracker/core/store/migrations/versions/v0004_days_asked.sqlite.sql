ALTER TABLE audible_config ADD COLUMN days_asked_on DATE

ALTER TABLE audible_config ADD COLUMN purchases_asked_at BIGINT

ALTER TABLE audible_book_mappings ADD COLUMN restarted_at BIGINT

CREATE INDEX ix_audible_book_mappings_account_id_last_position_at ON audible_book_mappings (account_id, last_position_at)

CREATE INDEX ix_audible_book_mappings_with_setting ON audible_book_mappings (account_id) WHERE sync_enabled IS 0 OR sync_interval_minutes IS NOT NULL
