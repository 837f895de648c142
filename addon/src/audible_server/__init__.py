"""The server of Audible Tracker: downloads the owner's books and streams them."""

__version__ = "0.1.0"
