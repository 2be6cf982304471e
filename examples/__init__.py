"""Example workloads and their tools: builder, plain runner, collectors. No part of the distribution."""
