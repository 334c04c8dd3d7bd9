"""What to do: red flags beside the probabilities, rules upon them, one assessment."""
