"""Pages and resources of the missions' own models, and of accounts."""
