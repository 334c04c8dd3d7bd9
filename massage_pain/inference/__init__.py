"""What follows from it: cases in, exact posteriors out; numpy only."""
