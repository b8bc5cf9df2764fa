"""Traits that two or more models share."""
