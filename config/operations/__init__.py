"""What whoever runs a site does with it as a whole: back it up, put a backup back, see whether all is well."""


class RefusedError(Exception):
    """Something can't be done, and nothing was changed. Its text says why, to whoever runs the site."""
