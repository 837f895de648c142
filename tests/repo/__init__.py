"""What the repository promises, as tests; needs no Home Assistant."""
