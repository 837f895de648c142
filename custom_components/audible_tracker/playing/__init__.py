"""Titles on the speakers of the house: begun, followed, and brought to an end."""
