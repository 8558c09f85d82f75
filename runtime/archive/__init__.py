"""Documents of runs in an object store: written to the database first, moved there later."""
