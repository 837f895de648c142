"""What a title is played from: the best of its files, open for the next range."""
