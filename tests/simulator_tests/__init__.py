"""Tests of the simulated shop itself."""
