"""The changes of records, in the order they were committed."""
