"""The reference interpreter: slow and obvious; the oracle of the kernels, and the voice that explains results."""
