"""Curves, bands and topics."""
