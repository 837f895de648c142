CREATE TABLE goals (
    id BIGSERIAL NOT NULL,
    reader_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    target INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CONSTRAINT pk_goals PRIMARY KEY (id),
    CONSTRAINT uq_goals_reader_id_kind_starts_on_ends_on UNIQUE (reader_id, kind, starts_on, ends_on),
    CONSTRAINT fk_goals_reader_id FOREIGN KEY(reader_id) REFERENCES readers (id) ON DELETE CASCADE
)
