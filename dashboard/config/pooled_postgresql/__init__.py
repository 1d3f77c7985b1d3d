"""Django's PostgreSQL backend behind a pooler in transaction mode, such as PgBouncer (DATABASE_POOLER=transaction).

Between transactions the pooler may give the connection to the server to another client, so nothing may rely on a
session: neither settings, nor cursors, nor locks.
"""
