"""Job store, supervisor and worker: training in a process of its own."""
