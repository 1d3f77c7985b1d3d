"""The columnar copy: days that are over as Parquet files, derived from the database and safe to delete at any moment.

Imports `rollups` and lower layers.
"""
