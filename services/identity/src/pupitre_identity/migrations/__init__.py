"""Scripts that bring the database of identity from one version to the next."""
