"""What every page and request passes through."""
