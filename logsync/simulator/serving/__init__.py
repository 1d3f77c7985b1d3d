"""Runs the simulator: the HTTP server, its control endpoint and its command line. No Django."""
