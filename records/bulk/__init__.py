"""Many records a call: each made, or brought to what its source says now."""
