"""The single writer: decisions in memory, one at a time; PostgreSQL is its log, and answers follow the commit."""
