"""Members are told that something happened, and where to look."""
