"""Why no match, why no work: explanations and counterfactuals from a round's own numbers. Pure."""
