"""Notes that people leave."""
