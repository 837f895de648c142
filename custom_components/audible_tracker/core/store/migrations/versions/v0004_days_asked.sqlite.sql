ALTER TABLE audible_config ADD COLUMN days_asked_on DATE
