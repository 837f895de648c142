ALTER TABLE audible_config ADD COLUMN days_asked_on DATE

ALTER TABLE audible_config ADD COLUMN purchases_asked_at BIGINT

ALTER TABLE audible_book_mappings ADD COLUMN restarted_at BIGINT

ALTER TABLE audible_book_mappings ADD COLUMN listening_since BIGINT

CREATE INDEX ix_audible_book_mappings_account_id_last_position_at ON audible_book_mappings (account_id, last_position_at)

CREATE INDEX ix_audible_book_mappings_with_setting ON audible_book_mappings (account_id) WHERE sync_enabled IS 0 OR sync_interval_minutes IS NOT NULL

ALTER TABLE listening_days RENAME TO listening_days_of_nobody

CREATE TABLE listening_days (
    account_id INTEGER NOT NULL,
    identifier TEXT NOT NULL,
    day_on DATE NOT NULL,
    listened_ms BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    reader_id INTEGER,
    CONSTRAINT pk_listening_days PRIMARY KEY (account_id, identifier),
    CONSTRAINT fk_listening_days_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE CASCADE,
    CONSTRAINT fk_listening_days_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id)
)

INSERT INTO listening_days (account_id, identifier, day_on, listened_ms, updated_at, reader_id)
SELECT day.account_id, day.identifier, day.day_on, day.listened_ms, day.updated_at, account.default_reader_id
FROM listening_days_of_nobody AS day JOIN audible_config AS account ON account.id = day.account_id

DROP TABLE listening_days_of_nobody

CREATE INDEX ix_listening_days_account_id_day_on ON listening_days (account_id, day_on)
