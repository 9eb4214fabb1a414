"""The parts of `estimators.py`."""
