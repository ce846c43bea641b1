"""What leaves the portal and what comes in."""
