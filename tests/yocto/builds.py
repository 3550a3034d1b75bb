"""The kas files: each is one by kas's own schema, each pin is a whole commit, and each is said in one place."""

import logging
import pathlib
import re
import sys

from kas.includehandler import ConfigFile
from kas.kasusererror import KasUserError

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMIT = re.compile(r"[0-9a-f]{40}")


def files():
    """kas.yml and its fragments."""
    return [ROOT / "kas.yml", *sorted((ROOT / "conf/kas").glob("*.yml"))]


def load(path):
    """One file as kas reads it, includes apart."""
    return ConfigFile.load(path).config


def machines():
    """What each file of a machine builds, by the file's name."""
    configs = {path.stem: load(path) for path in files()}
    return {name: config["machine"] for name, config in configs.items() if "machine" in config and name != "kas"}


def pins():
    """The commit of each layer's repository."""
    repos = load(ROOT / "kas.yml")["repos"]
    return {name: repo["commit"] for name, repo in repos.items() if repo and "url" in repo}


def faults():
    """Words for what is wrong."""
    logging.getLogger().addHandler(logging.StreamHandler(sys.stdout))
    pinned = {}
    for path in files():
        name = path.relative_to(ROOT)
        try:
            config = load(path)
        except KasUserError as error:
            yield f"{name}: {error}"
            continue
        for include in config["header"].get("includes", []):
            if not (ROOT / include).is_file():
                yield f"{name}: includes {include}, which is not there"
        for repo, values in config.get("repos", {}).items():
            yield from repo_faults(name, repo, values or {}, pinned)
    if not pinned:
        yield "no layer is pinned at all"


def repo_faults(name, repo, values, pinned):
    """What is wrong with one repository of one file."""
    if "url" not in values:
        if any(key in values for key in ("commit", "branch", "tag")):
            yield f"{name}: {repo} has a revision and no address"
        return
    if not values["url"].startswith("https://"):
        yield f"{name}: {repo} comes from {values['url']}, not by https"
    if not COMMIT.fullmatch(str(values.get("commit", ""))):
        yield f"{name}: {repo} is at {values.get('commit')}, which is no whole commit"
    if repo in pinned:
        yield f"{name}: {repo} is pinned in {pinned[repo]} already"
    pinned[repo] = name


if __name__ == "__main__":
    sys.exit("\n".join(faults()) or 0)
