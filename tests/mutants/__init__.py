"""Breaks each guarantee once, and sees its tests fail: `make mutants`."""
