"""The rate limit of a SignalWire project, shared by all processes. No Django."""
