"""Putting the server together: one module for each part, joined in ``services``."""
