"""The page of one log: its view, its reads and its family."""
