ALTER TABLE audible_position_writes ADD COLUMN known_ms BIGINT

ALTER TABLE audible_position_writes ADD COLUMN known_at BIGINT

CREATE TABLE audible_position_questions (
    account_id INTEGER NOT NULL,
    asin TEXT NOT NULL,
    reader_id INTEGER,
    ours_ms BIGINT NOT NULL,
    ours_at BIGINT NOT NULL,
    theirs_ms BIGINT NOT NULL,
    theirs_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT pk_audible_position_questions PRIMARY KEY (account_id, asin),
    CONSTRAINT fk_audible_position_questions_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE CASCADE,
    CONSTRAINT fk_audible_position_questions_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id) ON DELETE SET NULL
)

CREATE INDEX ix_audible_position_questions_reader_id ON audible_position_questions (reader_id)

DROP VIEW audible_currently_reading

CREATE VIEW audible_currently_reading AS
SELECT link.id AS link_id,
       link.reader_id AS reader_id,
       reader.name AS reader_name,
       link.account_id AS account_id,
       link.asin AS asin,
       link.audible_title AS title,
       link.book_id AS book_id,
       book.title AS book_title,
       book.page_count AS page_count,
       book.current_page AS current_page,
       title.runtime_ms AS runtime_ms,
       link.last_position_ms AS position_ms,
       link.last_percentage AS percentage,
       link.last_position_at AS position_at,
       listening.started_on AS started_on
FROM audible_book_mappings AS link
JOIN readers AS reader ON reader.id = link.reader_id
JOIN reads AS listening ON listening.id = (
    SELECT max(newest.id) FROM reads AS newest WHERE newest.link_id = link.id
)
LEFT JOIN books AS book ON book.id = link.book_id
LEFT JOIN audible_titles AS title
    ON title.account_id = link.account_id AND title.asin = link.asin
WHERE listening.outcome = 'under_way'
  AND link.removed_at IS NULL
  AND link.is_ignored IS FALSE
  AND coalesce(book.status, 'reading') <> 'paused'
