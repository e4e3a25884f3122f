"""Backing services that the bench starts, freezes, kills and starts again, by process id."""
