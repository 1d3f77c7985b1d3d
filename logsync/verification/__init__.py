"""Whether totals equal the logs, and the logs equal SignalWire. Imports `jobs` and lower layers."""
