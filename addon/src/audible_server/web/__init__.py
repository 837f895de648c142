"""The page: plain modules, served as they are."""
