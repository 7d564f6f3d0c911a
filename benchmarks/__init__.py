"""Measurements against peers and limits; each runs by one command and writes a file under ``results``."""
