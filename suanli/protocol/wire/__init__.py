"""The bodies of the market's HTTP requests and answers, one module per stage.

Market, agent and buyer share these definitions; signed content stands in them as the messages themselves.
"""
