"""Figures of Home Assistant with an account of a thousand titles."""
