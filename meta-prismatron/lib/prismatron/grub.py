"""GRUB's environment block: 1,024 bytes that begin with a line of its own, NAME=value lines, and # up to the end."""

SIZE = 1024
HEAD = b"# GRUB Environment Block\n"


def environment(**values):
    """A block that has these."""
    text = HEAD + "".join(f"{name}={value}\n" for name, value in values.items()).encode()
    if len(text) > SIZE:
        raise ValueError(f"{len(text)} bytes do not fit into GRUB's environment block")
    return text.ljust(SIZE, b"#")
