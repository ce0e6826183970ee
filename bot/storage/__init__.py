"""What is kept between two texts, sealed, and the key that is thrown away each day."""
