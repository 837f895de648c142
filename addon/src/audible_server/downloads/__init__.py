"""What comes from the shop's file servers: audio files and covers, kept on disk."""
