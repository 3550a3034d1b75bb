# What the recipes of this layer compute in Python.
from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)

BBIMPORTS = ["changelog", "grub", "image", "layout", "source"]
