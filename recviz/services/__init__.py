"""Use cases: the only place where data, model, jobs and explanations meet."""
