"""The parts of the benchmark program `search_quality.py`."""
