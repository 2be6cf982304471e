"""The independent checker: reads chain and evidence bundles, never the market's code."""
