"""What else one may ask: each service a table of hypothetical cases, one batched answer, one result."""
