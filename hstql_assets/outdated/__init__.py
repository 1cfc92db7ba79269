"""What is behind: keys whose files or headers changed after something was made of them."""
