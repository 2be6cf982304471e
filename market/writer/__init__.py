"""The single writer: decisions in memory, PostgreSQL as their log, answers after the commit."""
