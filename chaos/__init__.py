"""The day everything breaks, played on purpose: the whole system under load, troubles at random from a seed, and an audit after it."""
