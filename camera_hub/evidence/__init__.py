"""Evidence packs (`vep/1`): what is written into one, its report, and the verifiers that are handed out with it."""
