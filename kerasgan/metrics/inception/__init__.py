"""The Inception network of 2015-12-05 and its features of images."""
