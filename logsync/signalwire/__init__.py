"""The SignalWire HTTP API: requests, responses, errors, pagination and retries. No Django."""
