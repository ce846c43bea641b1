"""Where events come from: formats of files, scheduled pulls, the loader."""
