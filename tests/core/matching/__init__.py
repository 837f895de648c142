"""The matching, as its users see it."""
