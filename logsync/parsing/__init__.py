"""Parses SignalWire's JSON into exact records. No Django."""
