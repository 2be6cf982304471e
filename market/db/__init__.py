"""Tables, queries, migrations and the session, which holds the only commit."""
