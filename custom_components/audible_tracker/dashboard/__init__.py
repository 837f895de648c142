"""What the cards show: feeds that are pushed, and the files that browsers load."""
