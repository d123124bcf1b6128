"""One bounded walk of the home for all probes: names and kinds of files only, nothing is opened."""
