"""Figures of the media server, beside nginx and ffmpeg on the same machine."""
