"""What the provider keeps and how it is set up, by its REST interface; not for the web process."""
