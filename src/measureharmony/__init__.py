"""One canonical set of quality measures, every payer's version of them, one pass over one practice's data."""
