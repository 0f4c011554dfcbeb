"""The worker: RQ jobs, hundreds in one process. The only functions that RQ may name are in `tasks`."""
