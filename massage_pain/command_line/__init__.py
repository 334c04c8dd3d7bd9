"""The rooms of the command line: what was typed, what is asked of it, what comes back."""
