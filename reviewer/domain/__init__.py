"""The words of the field as frozen types; this room imports nothing of the others."""
