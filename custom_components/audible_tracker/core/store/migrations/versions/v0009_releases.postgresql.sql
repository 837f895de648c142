CREATE TABLE series_releases (
    account_id BIGINT NOT NULL,
    asin TEXT NOT NULL,
    series TEXT NOT NULL,
    title TEXT NOT NULL,
    authors JSON NOT NULL,
    release_on DATE NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT pk_series_releases PRIMARY KEY (account_id, asin),
    CONSTRAINT fk_series_releases_account_id FOREIGN KEY(account_id) REFERENCES audible_config (id) ON DELETE CASCADE
)
