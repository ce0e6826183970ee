"""Porchlight: a confidential text line that names the nearest help and remembers nobody."""
