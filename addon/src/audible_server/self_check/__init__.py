"""The self-check: what this server needs to do its work, looked at when asked."""
