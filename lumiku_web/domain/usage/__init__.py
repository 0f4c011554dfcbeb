"""What was made, by whom, with which model, and what it brought and cost: sums by day, which the ledger can be compared with."""
