"""What `/v1` answers, made from documents by pure functions; one module per resource."""
