"""What people see: text, cards and drawings, rendered from plain summaries."""
