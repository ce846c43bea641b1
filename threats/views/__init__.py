"""Pages of the threats floor."""
