"""Tests of the server's database, on each kind of it."""
