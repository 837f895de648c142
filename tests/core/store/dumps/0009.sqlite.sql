BEGIN TRANSACTION;
CREATE TABLE audible_book_mappings (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    reader_id INTEGER NOT NULL,
    asin TEXT NOT NULL,
    account_id INTEGER,
    book_id INTEGER,
    audible_title TEXT NOT NULL,
    is_finished BOOLEAN,
    last_position_ms BIGINT,
    last_position_at BIGINT,
    last_percentage DOUBLE,
    match_confidence DOUBLE,
    match_method TEXT,
    evidence JSON NOT NULL,
    manually_confirmed BOOLEAN DEFAULT 0 NOT NULL,
    is_ignored BOOLEAN DEFAULT 0 NOT NULL,
    sync_enabled BOOLEAN DEFAULT 1 NOT NULL,
    sync_interval_minutes INTEGER,
    removed_at BIGINT,
    first_seen_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL, restarted_at BIGINT, listening_since BIGINT,
    CONSTRAINT uq_audible_book_mappings_reader_id_asin UNIQUE (reader_id, asin),
    CONSTRAINT fk_audible_book_mappings_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id),
    CONSTRAINT fk_audible_book_mappings_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE SET NULL,
    CONSTRAINT fk_audible_book_mappings_book_id FOREIGN KEY(book_id) REFERENCES books (id) ON DELETE SET NULL
);
INSERT INTO "audible_book_mappings" VALUES(1,1,'B000000001',1,1,'The Lantern Keeper, Night 1',NULL,NULL,NULL,NULL,1.0,NULL,'[]',0,0,1,NULL,NULL,1795199400000,1795199400000,NULL,NULL);
INSERT INTO "audible_book_mappings" VALUES(2,1,'B000000002',1,NULL,'The Lantern Keeper, Night 2',NULL,NULL,NULL,NULL,NULL,NULL,'[]',0,0,1,NULL,NULL,1795199400000,1795199400000,NULL,NULL);
CREATE TABLE audible_config (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    customer_id TEXT NOT NULL,
    marketplace TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    encrypted_credentials TEXT,
    default_reader_id INTEGER NOT NULL,
    enabled BOOLEAN DEFAULT 1 NOT NULL,
    auto_sync_progress BOOLEAN DEFAULT 1 NOT NULL,
    sync_interval_minutes INTEGER DEFAULT '60' NOT NULL,
    last_sync_at BIGINT,
    sync_count_today INTEGER DEFAULT '0' NOT NULL,
    sync_count_on DATE,
    wait_until BIGINT,
    wait_reason TEXT,
    state_token TEXT,
    created_at BIGINT NOT NULL, days_asked_on DATE, purchases_asked_at BIGINT, polled_at BIGINT,
    CONSTRAINT uq_audible_config_customer_id_marketplace UNIQUE (customer_id, marketplace),
    CONSTRAINT fk_audible_config_default_reader_id FOREIGN KEY(default_reader_id) REFERENCES readers (id)
);
INSERT INTO "audible_config" VALUES(1,'amzn1.account.TEST','de','Anna','anna@example.invalid','gAAAAABrDMusnyApSStRAeXj_qK_ecQFwsDx6tNbBhSiuzmBuSwBRb8ZI0QAK8pYRlI4Rzb_DBfHLPayLHi9tKnrhH1TCN9hWA==',1,1,1,60,1795199400000,1,'2026-11-20',NULL,NULL,'token',1795199400000,NULL,NULL,NULL);
CREATE TABLE audible_config_readers (
    account_id INTEGER NOT NULL,
    reader_id INTEGER NOT NULL,
    CONSTRAINT pk_audible_config_readers PRIMARY KEY (account_id, reader_id),
    CONSTRAINT fk_audible_config_readers_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE CASCADE,
    CONSTRAINT fk_audible_config_readers_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id) ON DELETE CASCADE
);
INSERT INTO "audible_config_readers" VALUES(1,1);
CREATE TABLE audible_conflicts (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    link_id INTEGER NOT NULL,
    conflict_type TEXT NOT NULL,
    candidates JSON NOT NULL,
    resolved BOOLEAN DEFAULT 0 NOT NULL,
    resolver TEXT,
    resolution TEXT,
    resolved_book_id INTEGER,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    resolved_at BIGINT,
    CONSTRAINT fk_audible_conflicts_link_id FOREIGN KEY(link_id) REFERENCES audible_book_mappings (id) ON DELETE CASCADE,
    CONSTRAINT fk_audible_conflicts_resolved_book_id FOREIGN KEY(resolved_book_id) REFERENCES books (id) ON DELETE SET NULL
);
INSERT INTO "audible_conflicts" VALUES(1,2,'no_match','[]',0,NULL,NULL,NULL,1795199400000,1795199400000,NULL);
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
);
CREATE TABLE audible_position_writes (
    account_id INTEGER NOT NULL,
    asin TEXT NOT NULL,
    position_ms BIGINT NOT NULL,
    heard_at BIGINT NOT NULL,
    reader_id INTEGER,
    source TEXT NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    try_after BIGINT, known_ms BIGINT, known_at BIGINT,
    CONSTRAINT pk_audible_position_writes PRIMARY KEY (account_id, asin),
    CONSTRAINT fk_audible_position_writes_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE CASCADE,
    CONSTRAINT fk_audible_position_writes_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id) ON DELETE SET NULL
);
CREATE TABLE audible_progress_history (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    link_id INTEGER NOT NULL,
    position_ms BIGINT,
    percentage DOUBLE,
    is_finished BOOLEAN,
    source TEXT NOT NULL,
    sync_log_id INTEGER,
    actor TEXT,
    heard_at BIGINT,
    recorded_at BIGINT NOT NULL,
    CONSTRAINT fk_audible_progress_history_link_id FOREIGN KEY(link_id) REFERENCES audible_book_mappings (id)
);
INSERT INTO "audible_progress_history" VALUES(1,1,5000,0.1,0,'audible',1,NULL,1795199400000,1795199400000);
INSERT INTO "audible_progress_history" VALUES(2,2,0,NULL,NULL,'audible',1,NULL,NULL,1795199400000);
CREATE TABLE audible_schema_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT audible_schema_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "audible_schema_version" VALUES('0009');
CREATE TABLE audible_sync_logs (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER,
    sync_type TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    error_key TEXT,
    titles_seen INTEGER DEFAULT '0' NOT NULL,
    titles_new INTEGER DEFAULT '0' NOT NULL,
    titles_changed INTEGER DEFAULT '0' NOT NULL,
    titles_removed INTEGER DEFAULT '0' NOT NULL,
    positions_moved INTEGER DEFAULT '0' NOT NULL,
    links_made INTEGER DEFAULT '0' NOT NULL,
    conflicts_made INTEGER DEFAULT '0' NOT NULL,
    books_made INTEGER DEFAULT '0' NOT NULL,
    details JSON NOT NULL,
    CONSTRAINT fk_audible_sync_logs_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE SET NULL
);
INSERT INTO "audible_sync_logs" VALUES(1,1,'library','success',1795199400000,1500,NULL,0,2,0,0,0,0,0,0,'{}');
CREATE TABLE audible_titles (
    account_id INTEGER NOT NULL,
    asin TEXT NOT NULL,
    fingerprint BIGINT NOT NULL,
    title TEXT,
    subtitle TEXT,
    authors JSON NOT NULL,
    narrators JSON NOT NULL,
    series JSON NOT NULL,
    runtime_ms BIGINT,
    language TEXT,
    cover_url TEXT,
    percent_complete DOUBLE,
    is_finished BOOLEAN,
    status_changed_at BIGINT,
    purchased_at BIGINT,
    content_type TEXT,
    content_delivery_type TEXT,
    is_plus BOOLEAN NOT NULL,
    is_consumable BOOLEAN,
    codecs JSON NOT NULL,
    isbn TEXT,
    sku_lite TEXT,
    publisher TEXT,
    year INTEGER,
    format_type TEXT,
    position_ms BIGINT,
    position_at BIGINT,
    asked_at BIGINT,
    acr TEXT,
    version TEXT,
    chapters JSON,
    first_seen_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    removed_at BIGINT, consumable_until BIGINT,
    CONSTRAINT pk_audible_titles PRIMARY KEY (account_id, asin),
    CONSTRAINT fk_audible_titles_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE CASCADE
);
INSERT INTO "audible_titles" VALUES(1,'B000000001',742931631021343004,'The Lantern Keeper, Night 1','A Novel','["Jane \u00d6berg", "John Roe - translator"]','["A. Reader"]','[["Lanterns", "1.5"]]',36000001,'german','https://images.invalid/1.jpg',1.0,0,1795199340000,1795113000000,'Product','SinglePartBook',0,1,'["aax_44_128"]','9783161484100','BK_TEST_000001','Test House',2020,'unabridged',5000,1795199400000,NULL,NULL,NULL,NULL,1795199400000,1795199400000,NULL,NULL);
INSERT INTO "audible_titles" VALUES(1,'B000000002',-8494386246196083813,'The Lantern Keeper, Night 2','A Novel','["Jane \u00d6berg", "John Roe - translator"]','["A. Reader"]','[["Lanterns", "2.5"]]',36000002,'german','https://images.invalid/2.jpg',2.0,0,1795199280000,1795113000000,'Product','SinglePartBook',0,1,'["aax_44_128"]','9783161484100','BK_TEST_000002','Test House',2020,'unabridged',NULL,NULL,NULL,NULL,NULL,NULL,1795199400000,1795199400000,NULL,NULL);
INSERT INTO "audible_titles" VALUES(1,'B000000003',8015671376002144586,'The Lantern Keeper, Night 3','A Novel','["Jane \u00d6berg", "John Roe - translator"]','["A. Reader"]','[["Lanterns", "3.5"]]',36000003,'german','https://images.invalid/3.jpg',3.0,1,1795199220000,1795113000000,'Product','SinglePartBook',0,1,'["aax_44_128"]','9783161484100','BK_TEST_000003','Test House',2020,'unabridged',NULL,NULL,NULL,NULL,NULL,NULL,1795199400000,1795199400000,1795199400000,NULL);
CREATE TABLE bookmarks (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    link_id INTEGER NOT NULL,
    source TEXT NOT NULL,
    source_key TEXT NOT NULL,
    position_ms BIGINT NOT NULL,
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    sync_log_id INTEGER,
    CONSTRAINT uq_bookmarks_link_id_source_source_key UNIQUE (link_id, source, source_key),
    CONSTRAINT fk_bookmarks_link_id FOREIGN KEY(link_id) REFERENCES audible_book_mappings (id) ON DELETE CASCADE
);
CREATE TABLE books (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    reader_id INTEGER NOT NULL,
    title TEXT NOT NULL,
    subtitle TEXT,
    authors JSON NOT NULL,
    narrators JSON NOT NULL,
    series JSON NOT NULL,
    book_type TEXT NOT NULL,
    isbn13 TEXT,
    isbns JSON NOT NULL,
    asin TEXT,
    publisher TEXT,
    year INTEGER,
    language TEXT,
    page_count INTEGER,
    runtime_ms BIGINT,
    cover_url TEXT,
    status TEXT NOT NULL,
    current_position_ms BIGINT,
    percent_complete DOUBLE,
    current_page INTEGER,
    started_on DATE,
    started_source TEXT,
    finished_on DATE,
    finished_source TEXT,
    added_on DATE,
    rating DOUBLE,
    review TEXT,
    private_notes TEXT,
    tags JSON NOT NULL,
    source TEXT NOT NULL,
    source_key TEXT,
    sync_log_id INTEGER,
    extra JSON NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT fk_books_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id)
);
INSERT INTO "books" VALUES(1,1,'The Lantern Keeper',NULL,'["Jane \u00d6berg"]','[]','[]','audiobook',NULL,'[]',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'reading',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]','audible',NULL,1,'{}',1795199400000,1795199400000);
CREATE TABLE database_owner (
    id INTEGER NOT NULL CONSTRAINT ck_database_owner_one CHECK (id = 1),
    owner TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    CONSTRAINT pk_database_owner PRIMARY KEY (id)
);
CREATE TABLE goals (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    reader_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    target INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT uq_goals_reader_id_kind_starts_on_ends_on UNIQUE (reader_id, kind, starts_on, ends_on),
    CONSTRAINT fk_goals_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id) ON DELETE CASCADE
);
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
);
CREATE TABLE readers (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    person TEXT,
    created_at BIGINT NOT NULL,
    CONSTRAINT uq_readers_name UNIQUE (name)
);
INSERT INTO "readers" VALUES(1,'Anna','person.anna',1795199400000);
CREATE TABLE reads (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    reader_id INTEGER NOT NULL,
    book_id INTEGER,
    link_id INTEGER,
    outcome TEXT NOT NULL,
    started_on DATE,
    started_source TEXT,
    finished_on DATE,
    finished_source TEXT,
    finished_at BIGINT,
    stopped_on DATE,
    source TEXT NOT NULL,
    sync_log_id INTEGER,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT fk_reads_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id),
    CONSTRAINT fk_reads_book_id FOREIGN KEY(book_id) REFERENCES books (id) ON DELETE SET NULL,
    CONSTRAINT fk_reads_link_id FOREIGN KEY(link_id) REFERENCES audible_book_mappings (id) ON DELETE SET NULL
);
INSERT INTO "reads" VALUES(1,1,1,1,'under_way',NULL,NULL,NULL,NULL,NULL,NULL,'user',1,1795199400000,1795199400000);
CREATE TABLE series_releases (
    account_id INTEGER NOT NULL,
    asin TEXT NOT NULL,
    series TEXT NOT NULL,
    title TEXT NOT NULL,
    authors JSON NOT NULL,
    release_on DATE NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT pk_series_releases PRIMARY KEY (account_id, asin),
    CONSTRAINT fk_series_releases_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE CASCADE
);
CREATE TABLE tracker_events (
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    account_id INTEGER,
    reader_id INTEGER,
    asin TEXT,
    book_id INTEGER,
    created_at BIGINT NOT NULL,
    data JSON NOT NULL,
    once_key TEXT,
    sync_log_id INTEGER,
    published_at BIGINT,
    CONSTRAINT pk_tracker_events PRIMARY KEY (event_id),
    CONSTRAINT fk_tracker_events_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE SET NULL,
    CONSTRAINT fk_tracker_events_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id) ON DELETE SET NULL,
    CONSTRAINT fk_tracker_events_book_id FOREIGN KEY(book_id) REFERENCES books (id) ON DELETE SET NULL,
    CONSTRAINT uq_tracker_events_once_key UNIQUE (once_key)
);
INSERT INTO "tracker_events" VALUES('event-1','book_started',1,1,'B000000001',1,1795199400000,'{}',NULL,1,NULL);
CREATE TABLE up_next (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    reader_id INTEGER NOT NULL,
    title TEXT NOT NULL,
    note TEXT NOT NULL,
    place INTEGER NOT NULL,
    is_done BOOLEAN DEFAULT 0 NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT fk_up_next_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id) ON DELETE CASCADE
);
CREATE TABLE wishlist (
    account_id INTEGER NOT NULL,
    asin TEXT NOT NULL,
    title TEXT NOT NULL,
    authors JSON NOT NULL,
    release_on DATE,
    added_at BIGINT,
    seen_at BIGINT NOT NULL,
    CONSTRAINT pk_wishlist PRIMARY KEY (account_id, asin),
    CONSTRAINT fk_wishlist_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE CASCADE
);
CREATE INDEX ix_audible_config_default_reader_id ON audible_config (default_reader_id);
CREATE INDEX ix_books_asin ON books (asin);
CREATE INDEX ix_books_isbn13 ON books (isbn13);
CREATE INDEX ix_books_reader_id_status ON books (reader_id, status);
CREATE INDEX ix_books_sync_log_id ON books (sync_log_id);
CREATE INDEX ix_audible_book_mappings_account_id_asin ON audible_book_mappings (account_id, asin);
CREATE INDEX ix_audible_book_mappings_asin ON audible_book_mappings (asin);
CREATE INDEX ix_audible_book_mappings_book_id ON audible_book_mappings (book_id);
CREATE INDEX ix_audible_config_readers_reader_id ON audible_config_readers (reader_id);
CREATE INDEX ix_audible_position_writes_reader_id ON audible_position_writes (reader_id);
CREATE INDEX ix_audible_sync_logs_account_id_started_at ON audible_sync_logs (account_id, started_at);
CREATE INDEX ix_audible_sync_logs_started_at ON audible_sync_logs (started_at);
CREATE INDEX ix_audible_sync_logs_status ON audible_sync_logs (status);
CREATE INDEX ix_audible_titles_asin ON audible_titles (asin);
CREATE INDEX ix_audible_titles_sku_lite ON audible_titles (sku_lite);
CREATE INDEX ix_tracker_events_account_id ON tracker_events (account_id);
CREATE INDEX ix_tracker_events_asin_event_type_created_at ON tracker_events (asin, event_type, created_at DESC);
CREATE INDEX ix_tracker_events_book_id ON tracker_events (book_id);
CREATE INDEX ix_tracker_events_reader_id ON tracker_events (reader_id);
CREATE INDEX ix_tracker_events_unpublished ON tracker_events (created_at) WHERE published_at IS NULL;
CREATE INDEX ix_audible_conflicts_link_id ON audible_conflicts (link_id);
CREATE INDEX ix_audible_conflicts_resolved_book_id ON audible_conflicts (resolved_book_id);
CREATE UNIQUE INDEX uq_audible_conflicts_unresolved ON audible_conflicts (link_id) WHERE resolved IS 0;
CREATE INDEX ix_audible_progress_history_link_id_recorded_at ON audible_progress_history (link_id, recorded_at);
CREATE INDEX ix_reads_book_id ON reads (book_id);
CREATE INDEX ix_reads_link_id_id ON reads (link_id, id);
CREATE INDEX ix_reads_reader_id_finished_on ON reads (reader_id, finished_on);
CREATE INDEX ix_reads_sync_log_id ON reads (sync_log_id);
CREATE VIEW audible_sync_stats AS
SELECT account.id AS account_id,
       account.name AS name,
       account.marketplace AS marketplace,
       account.enabled AS enabled,
       account.last_sync_at AS last_sync_at,
       lately.succeeded_at AS succeeded_at,
       lately.failed_at AS failed_at,
       CASE WHEN lately.ended_24h > 0
            THEN CAST(lately.succeeded_24h AS DOUBLE PRECISION) / lately.ended_24h
       END AS success_share_24h,
       lately.mean_duration_ms_7d AS mean_duration_ms_7d,
       coalesce(titles.active, 0) AS titles_active,
       coalesce(titles.removed, 0) AS titles_removed,
       coalesce(links.readers, 0) AS readers,
       coalesce(links.linked, 0) AS links_made,
       coalesce(links.confirmed, 0) AS links_confirmed,
       coalesce(links.certain, 0) AS confidence_certain,
       coalesce(links.high, 0) AS confidence_high,
       coalesce(links.low, 0) AS confidence_low,
       coalesce(links.unlinked, 0) AS unlinked,
       coalesce(open_conflicts.number, 0) AS conflicts_open
FROM audible_config AS account
LEFT JOIN (
    SELECT account_id,
           max(started_at) FILTER (WHERE status = 'success') AS succeeded_at,
           max(started_at) FILTER (WHERE status = 'failed') AS failed_at,
           count(*) FILTER (
               WHERE started_at >= CAST(unixepoch('subsec') * 1000 AS INTEGER) - 86400000
               AND status IN ('success', 'failed')
           ) AS ended_24h,
           count(*) FILTER (
               WHERE started_at >= CAST(unixepoch('subsec') * 1000 AS INTEGER) - 86400000 AND status = 'success'
           ) AS succeeded_24h,
           CAST(avg(duration_ms) FILTER (
               WHERE started_at >= CAST(unixepoch('subsec') * 1000 AS INTEGER) - 604800000 AND status = 'success'
           ) AS DOUBLE PRECISION) AS mean_duration_ms_7d
    FROM audible_sync_logs
    GROUP BY account_id
) AS lately ON lately.account_id = account.id
LEFT JOIN (
    SELECT account_id,
           count(*) FILTER (WHERE removed_at IS NULL) AS active,
           count(*) FILTER (WHERE removed_at IS NOT NULL) AS removed
    FROM audible_titles
    GROUP BY account_id
) AS titles ON titles.account_id = account.id
LEFT JOIN (
    SELECT account_id,
           count(DISTINCT reader_id) AS readers,
           count(book_id) AS linked,
           count(*) FILTER (WHERE manually_confirmed) AS confirmed,
           count(*) FILTER (
               WHERE book_id IS NOT NULL AND match_confidence >= 0.995
           ) AS certain,
           count(*) FILTER (
               WHERE book_id IS NOT NULL
               AND match_confidence >= 0.85 AND match_confidence < 0.995
           ) AS high,
           count(*) FILTER (
               WHERE book_id IS NOT NULL AND match_confidence < 0.85
           ) AS low,
           count(*) FILTER (WHERE book_id IS NULL AND NOT is_ignored) AS unlinked
    FROM audible_book_mappings
    GROUP BY account_id
) AS links ON links.account_id = account.id
LEFT JOIN (
    SELECT link.account_id AS account_id, count(*) AS number
    FROM audible_conflicts AS conflict
    JOIN audible_book_mappings AS link ON link.id = conflict.link_id
    WHERE conflict.resolved IS FALSE
    GROUP BY link.account_id
) AS open_conflicts ON open_conflicts.account_id = account.id;
CREATE VIEW audible_sync_activity AS
SELECT account_id,
       date(started_at / 1000, 'unixepoch') AS day_on,
       count(*) AS syncs,
       count(*) FILTER (WHERE status = 'success') AS succeeded,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status = 'refused') AS refused,
       CAST(avg(duration_ms) AS DOUBLE PRECISION) AS mean_duration_ms,
       CAST(sum(titles_changed) AS BIGINT) AS titles_changed,
       CAST(sum(positions_moved) AS BIGINT) AS positions_moved
FROM audible_sync_logs
WHERE started_at >= CAST(unixepoch('subsec') * 1000 AS INTEGER) - 2592000000
GROUP BY account_id, date(started_at / 1000, 'unixepoch');
CREATE VIEW audible_unmapped_books AS
SELECT link.id AS link_id,
       link.reader_id AS reader_id,
       link.account_id AS account_id,
       link.asin AS asin,
       link.audible_title AS title,
       link.first_seen_at AS first_seen_at,
       link.removed_at AS removed_at,
       conflict.id AS conflict_id,
       conflict.conflict_type AS conflict_type
FROM audible_book_mappings AS link
LEFT JOIN audible_conflicts AS conflict
    ON conflict.link_id = link.id AND conflict.resolved IS FALSE
WHERE link.book_id IS NULL
  AND link.is_ignored IS FALSE;
CREATE TRIGGER books_search_insert AFTER INSERT ON books BEGIN
    INSERT INTO books_search (rowid, title) VALUES (NEW.id, NEW.title);
END;
CREATE TRIGGER books_search_delete AFTER DELETE ON books BEGIN
    INSERT INTO books_search (books_search, rowid, title)
    VALUES ('delete', OLD.id, OLD.title);
END;
CREATE TRIGGER books_search_update AFTER UPDATE OF title ON books
WHEN OLD.title IS NOT NEW.title BEGIN
    INSERT INTO books_search (books_search, rowid, title)
    VALUES ('delete', OLD.id, OLD.title);
    INSERT INTO books_search (rowid, title) VALUES (NEW.id, NEW.title);
END;
CREATE TRIGGER audible_config_daily_reset AFTER UPDATE OF sync_count_on
ON audible_config
WHEN OLD.sync_count_on IS NOT NEW.sync_count_on BEGIN
    UPDATE audible_config
    SET sync_count_today = max(NEW.sync_count_today - OLD.sync_count_today, 0)
    WHERE id = NEW.id;
END;
CREATE TRIGGER audible_progress_history_no_update
BEFORE UPDATE ON audible_progress_history BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;
CREATE TRIGGER audible_progress_history_no_delete
BEFORE DELETE ON audible_progress_history BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;
CREATE INDEX ix_audible_position_questions_reader_id ON audible_position_questions (reader_id);
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
  AND coalesce(book.status, 'reading') <> 'paused';
CREATE INDEX ix_audible_book_mappings_account_id_last_position_at ON audible_book_mappings (account_id, last_position_at);
CREATE INDEX ix_audible_book_mappings_with_setting ON audible_book_mappings (account_id) WHERE sync_enabled IS 0 OR sync_interval_minutes IS NOT NULL;
CREATE INDEX ix_listening_days_account_id_day_on ON listening_days (account_id, day_on);
CREATE INDEX ix_bookmarks_sync_log_id ON bookmarks (sync_log_id);
CREATE INDEX ix_up_next_reader_id_place ON up_next (reader_id, place);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('readers',1);
INSERT INTO "sqlite_sequence" VALUES('audible_config',1);
INSERT INTO "sqlite_sequence" VALUES('audible_sync_logs',1);
INSERT INTO "sqlite_sequence" VALUES('books',1);
INSERT INTO "sqlite_sequence" VALUES('audible_book_mappings',2);
INSERT INTO "sqlite_sequence" VALUES('reads',1);
INSERT INTO "sqlite_sequence" VALUES('audible_progress_history',2);
INSERT INTO "sqlite_sequence" VALUES('audible_conflicts',1);
CREATE VIRTUAL TABLE books_search
USING fts5(title, content='books', content_rowid='id', tokenize='trigram');
INSERT INTO books_search (books_search) VALUES ('rebuild');
COMMIT;
