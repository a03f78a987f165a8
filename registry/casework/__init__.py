"""The work on a case: what was reported, the cameras near it, those it is looked for on, and who hands it over."""
