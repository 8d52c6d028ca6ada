"""What is measured: measures and their parts, read from spec files, checked, linked and bound."""
