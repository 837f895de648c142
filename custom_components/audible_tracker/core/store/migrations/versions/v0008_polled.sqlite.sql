ALTER TABLE audible_config ADD COLUMN polled_at BIGINT
