"""The only web3 in the market: client, indexer and relayer."""
