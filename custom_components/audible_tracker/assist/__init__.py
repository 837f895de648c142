"""Listening by voice and by language models: what is asked, done, and answered."""
