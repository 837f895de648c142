"""Tests of the jobs, on each kind of database."""
