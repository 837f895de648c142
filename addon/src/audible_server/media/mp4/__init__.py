"""The MP4 container (ISO 14496-12), as far as audiobooks need it; no I/O in here."""
