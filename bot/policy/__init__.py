"""The council's policy on what is posted, carried out: pure functions from a message to findings."""
