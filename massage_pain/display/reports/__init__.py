"""What a service found, in words: a room for each kind of result, with one function, `report(summary)`."""
