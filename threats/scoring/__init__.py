"""Between the database and ``threats.risk``: evidence in, scores and explanations out."""
