"""One machine: PostgreSQL and Valkey of its own, its secrets, and a supervisor over all processes.

Nothing here runs at import. What a server needs comes from Python wheels, so no package of the
system is needed. A production installation brings its own by ``DATABASE_URL`` and ``REDIS_URL``;
then nothing is started.
"""
