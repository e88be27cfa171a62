"""The app's own words around an emergency: the call and the text that ask for its approval, and the drill."""
