"""What the config flow and the options flow are put together from."""
