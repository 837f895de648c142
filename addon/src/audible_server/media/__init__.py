"""Audio files as streams: virtual M4B, byte ranges, ffmpeg; nothing here knows HTTP."""
