"""Tests of Audible Tracker."""
