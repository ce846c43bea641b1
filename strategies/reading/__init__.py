"""What pages and briefs read across records."""
