"""Forged input: broken, huge and out of range values in place of any part of any request.

A run sends a sample, another one with each seed of the run (`--randomly-seed` repeats one).
`./tollbook test tests/forged_input --all-forgeries` sends everything, which takes several minutes.
"""
