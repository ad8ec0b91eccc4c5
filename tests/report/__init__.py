"""Tests of the expert report."""
