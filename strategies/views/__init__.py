"""Pages of the strategies floor."""
