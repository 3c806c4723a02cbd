"""From a comparison and the user's limits to a recommendation, with its reasons. Pure."""
