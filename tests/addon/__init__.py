"""Tests of the server, over real HTTP, with real files and a real database."""
