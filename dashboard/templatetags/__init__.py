"""The template library `tollbook`."""
