"""One module per step; never edited after its release."""
