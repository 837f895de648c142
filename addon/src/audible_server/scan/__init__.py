"""Scans: which files lie in the library folder, and which titles they are."""
