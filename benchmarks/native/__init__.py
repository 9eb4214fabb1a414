"""Searches on the engine's own trainer: what several fidelities and better strategies save."""
