"""Post-mortems: bytes → plain text with positions and headings → what it says, each statement with its place."""
