"""Where store and analysis meet: facts into pictures, for the screen."""
