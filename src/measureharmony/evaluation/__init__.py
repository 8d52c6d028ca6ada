"""From criteria to outcomes: the shared graph, its kernels, and the reference interpreter."""
