"""The image as it ships: built without a daemon, run, and listened to."""
