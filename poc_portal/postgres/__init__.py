"""What Django leaves to PostgreSQL: COPY, locks, snapshots, what is read once."""
