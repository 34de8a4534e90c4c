"""A disk that loses its power: what may be left of a recorded run's calls, by what was synced.

The model is harsher than common file systems. Bytes of a file last from the fsync of the file; an entry of a folder, or
its removal, from the fsync of that folder, of a move across folders from the fsync of either. Of what was not synced any
part may have come to the disk, in any order.
"""
import os
import pathlib


class Node:
    def __init__(self, is_folder, content=b"", synced=True):
        self.is_folder, self.content, self.synced = is_folder, content, synced
        self.entries = {}  # name -> Node, of a folder


class Change:
    """An entry of a folder set, or taken away; of a move both."""

    def __init__(self, sets=None, takes=None):
        self.sets, self.takes = sets, takes  # (folder, name, node)

    def folders(self):
        return [place[0] for place in (self.sets, self.takes) if place]

    def apply(self, entries_of):
        if self.takes:
            folder, name, node = self.takes
            if entries_of(folder).get(name) is node:
                del entries_of(folder)[name]
        if self.sets:
            folder, name, node = self.sets
            entries_of(folder)[name] = node


class Disk:
    """The folder `root` as programs see it, what of it is on the disk, and the changes on their way there."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.top = self._load(self.root)
        self.stored = {}  # folder -> entries on the disk
        self._store(self.top)
        self.pending = []

    def _load(self, path):
        node = Node(path.is_dir(), b"" if path.is_dir() else path.read_bytes())
        if node.is_folder:
            node.entries = {child.name: self._load(child) for child in path.iterdir()}
        return node

    def _store(self, node):
        if node.is_folder:
            self.stored[node] = dict(node.entries)
            for child in node.entries.values():
                self._store(child)

    def _find(self, path):
        node = self.top
        for name in pathlib.Path(path).relative_to(self.root).parts:
            node = node.entries[name]
        return node

    def _place(self, path):
        path = pathlib.Path(path)
        return self._find(path.parent), path.name

    def _change(self, change):
        change.apply(lambda folder: folder.entries)
        self.pending.append(change)

    def play(self, call, data):
        """One recorded call that succeeded."""
        if call.name in ("create", "mkdir"):
            folder, name = self._place(call.path)
            if name not in folder.entries:
                self._change(Change(sets=(folder, name, Node(call.name == "mkdir"))))
                self.stored.setdefault(folder.entries[name], {})
        elif call.name == "write":
            node, piece = self._find(call.path), data[call.at:call.at + call.result]
            at = len(node.content) if call.offset < 0 else call.offset
            node.content, node.synced = node.content[:at] + piece + node.content[at + len(piece):], False
        elif call.name == "truncate":
            node = self._find(call.path)
            node.content, node.synced = b"", False
        elif call.name == "fsync":
            self._sync(self._find(call.path))
        elif call.name in ("rename", "link"):
            (folder, name), target = self._place(call.path), self._place(call.second)
            node = folder.entries[name]
            self._change(Change(sets=(*target, node), takes=(folder, name, node) if call.name == "rename" else None))
        elif call.name in ("unlink", "rmdir"):
            folder, name = self._place(call.path)
            self._change(Change(takes=(folder, name, folder.entries[name])))

    def _sync(self, node):
        if not node.is_folder:
            node.synced = True
            return
        left = []
        for change in self.pending:
            if node in change.folders():
                change.apply(lambda folder: self.stored[folder])
            else:
                left.append(change)
        self.pending = left

    def crash(self, kept, content):
        """The tree after a loss of power: of the pending changes those that `kept` says came to the disk, of unsynced
        files what `content` makes of their bytes. {path: bytes, or None of a folder}"""
        stored = {folder: dict(entries) for folder, entries in self.stored.items()}
        for index, change in enumerate(self.pending):
            if kept(index, len(self.pending)):
                change.apply(lambda folder: stored.setdefault(folder, {}))
        tree = {}

        def walk(node, path):
            for name, child in stored.get(node, {}).items():
                here = os.path.join(path, name)
                tree[here] = None if child.is_folder else child.content if child.synced else content(child.content)
                if child.is_folder:
                    walk(child, here)
        walk(self.top, "")
        return tree


def write_tree(tree, place):
    place = pathlib.Path(place)
    for path in sorted(tree):
        if tree[path] is None:
            (place / path).mkdir(parents=True, exist_ok=True)
        else:
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(tree[path])
