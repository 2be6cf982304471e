"""The processes of the market: the loops and the API server, and what they are started with."""
