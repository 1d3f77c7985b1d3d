"""Which work is due, and which process does it. Imports `models` and lower layers; never uses the network."""
