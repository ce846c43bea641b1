"""Forms of the strategies floor."""
