"""One module per step; its SQL is beside it."""
