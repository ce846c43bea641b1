"""The weekly brief: its facts, its words in a language, its map, its pages."""
