"""What is known: variables, distributions, sources, and the files they are read from."""
