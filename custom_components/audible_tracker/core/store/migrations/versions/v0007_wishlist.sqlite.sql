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
)

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
)

CREATE INDEX ix_up_next_reader_id_place ON up_next (reader_id, place)
