"""Forms of the threats floor. They read what was typed; services decide."""
