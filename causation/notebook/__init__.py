"""For notebooks: how objects show themselves, other values at once, sliders."""
