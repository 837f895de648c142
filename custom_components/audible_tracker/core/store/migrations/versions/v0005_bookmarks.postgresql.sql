CREATE TABLE bookmarks (
    id BIGSERIAL NOT NULL,
    link_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_key TEXT NOT NULL,
    position_ms BIGINT NOT NULL,
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    sync_log_id BIGINT,
    CONSTRAINT pk_bookmarks PRIMARY KEY (id),
    CONSTRAINT uq_bookmarks_link_id_source_source_key UNIQUE (link_id, source, source_key),
    CONSTRAINT fk_bookmarks_link_id FOREIGN KEY(link_id) REFERENCES audible_book_mappings (id) ON DELETE CASCADE
)

CREATE INDEX ix_bookmarks_sync_log_id ON bookmarks (sync_log_id)
