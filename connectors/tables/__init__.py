"""Lookup tables: kept in versions, edited row by row, brought in and taken out as files."""
