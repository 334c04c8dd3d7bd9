"""What else one may ask of a case: each service a table of hypothetical cases, one batched answer, one result."""
