"""Ranking, filters and long-term effect."""
