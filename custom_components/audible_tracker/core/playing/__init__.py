"""Pure: a title heard on a speaker of the house, from what is asked to what is seen."""
