"""Which exceptions leave a unit, along which path, and who handles them."""
