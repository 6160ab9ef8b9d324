"""The page of the local server, as it is sent to browsers."""
