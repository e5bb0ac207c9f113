"""The hotel's chat on the web: the page a guest opens and the address it talks to."""
