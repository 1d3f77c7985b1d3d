"""Pulls logs from the SignalWire API, stores them and totals them."""
