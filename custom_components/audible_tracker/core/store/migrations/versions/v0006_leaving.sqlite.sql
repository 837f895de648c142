ALTER TABLE audible_titles ADD COLUMN consumable_until BIGINT
