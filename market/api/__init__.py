"""HTTP: parse, authorise, call a service or a query, return."""
