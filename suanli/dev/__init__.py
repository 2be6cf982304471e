"""A whole Suanli on one machine, for development, demonstrations and end-to-end tests. Not for production."""
