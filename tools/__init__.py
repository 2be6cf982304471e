"""Scripts for maintainers: locking, testing, checking and documenting Suanli itself."""
