"""Measure and fit the matching on labelled files given by path."""
