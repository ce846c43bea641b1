"""How any record is written, checked, shown, listed, searched and followed."""
