"""Ranking, count and share metrics, calibration, bootstrap, backtest."""
