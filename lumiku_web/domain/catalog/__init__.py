"""Apps, models and the routes by which a model is reached."""
