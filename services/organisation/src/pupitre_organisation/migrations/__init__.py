"""Scripts that bring the database of organisation from one version to the next."""
