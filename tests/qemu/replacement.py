# tests/qemu/replacement.py - page replacement in Python: what the kernel's simulator is compared with.
# SPDX-License-Identifier: MIT
"""Written from the definitions of the policies (docs/replacement.md), with Python's own lists and dictionaries. A reference is a
pair (page, write). A tick passes after each `frames` references. run() returns (faults, hits, writes)."""

MASK = (1 << 32) - 1


class Memory:
    """Resident pages and their bits."""
    exact = False               # sees each access, so it needs no accessed bits

    def __init__(self, frames, pages):
        self.frames, self.pages = frames, pages
        self.accessed, self.dirty = set(), set()
        self.now = 0

    def was_accessed(self, page):
        used = page in self.accessed
        self.accessed.discard(page)
        return used

    def tick(self):
        pass

    def access(self, page):
        pass


class Fifo(Memory):
    def __init__(self, frames, pages):
        super().__init__(frames, pages)
        self.queue = []

    def add(self, page):
        self.queue.append(page)

    def victim(self):
        return self.queue.pop(0)


class Clock(Fifo):
    """A ring and a hand: not the queue of the kernel's code."""

    def __init__(self, frames, pages):
        super().__init__(frames, pages)
        self.ring, self.hand = [], 0

    def add(self, page):
        self.ring.insert(self.hand, page)       # behind the hand: the last one that it reaches
        self.hand = (self.hand + 1) % len(self.ring)

    def victim(self):
        while self.was_accessed(self.ring[self.hand]):
            self.hand = (self.hand + 1) % len(self.ring)
        page = self.ring.pop(self.hand)
        self.hand = self.hand % len(self.ring) if self.ring else 0
        return page


class Lru(Memory):
    exact = True

    def __init__(self, frames, pages):
        super().__init__(frames, pages)
        self.last, self.clock = {}, 0

    def access(self, page):
        self.clock += 1
        self.last[page] = self.clock

    add = access

    def victim(self):
        page = min(self.last, key=self.last.get)
        del self.last[page]
        return page


class Aging(Fifo):
    def __init__(self, frames, pages):
        super().__init__(frames, pages)
        self.history = {}       # page: its last 16 samples, the newest first

    def add(self, page):
        super().add(page)
        self.history[page] = [1] + [0] * 15

    def tick(self):
        for page in self.queue:
            self.history[page] = [int(self.was_accessed(page)), *self.history[page][:15]]

    def victim(self):
        page = min(self.queue, key=lambda p: self.history[p])
        self.queue.remove(page)
        return page


class Wsclock(Fifo):
    WINDOW, SEARCH = 2, 16

    def __init__(self, frames, pages):
        super().__init__(frames, pages)
        self.last = {}
        self.hopeless = False           # this tick: every page is in the working set

    def add(self, page):
        super().add(page)
        self.last[page] = self.now

    def tick(self):
        self.hopeless = False

    def search(self):
        first = None
        positions = len(self.queue)
        for step in range(positions):
            page = self.queue[0]
            if self.was_accessed(page):
                self.last[page] = self.now
            if self.now - self.last[page] > self.WINDOW:
                if page not in self.dirty:
                    return page
                first = (step, page) if first is None else first
            self.queue.append(self.queue.pop(0))
            if first and step - first[0] + 1 == self.SEARCH:
                break
        return first and first[1]

    def victim(self):
        page = None if self.hopeless else self.search()
        if page is None:
            self.hopeless = True
            page = min(self.queue, key=lambda p: self.last[p])
        self.queue.remove(page)
        return page


class Random(Fifo):
    def __init__(self, frames, pages):
        super().__init__(frames, pages)
        self.seed = 1

    def draw(self):
        self.seed = (self.seed * 1664525 + 1013904223) & MASK
        return (self.seed >> 8) % self.pages

    def victim(self):
        page = self.draw()
        for _ in range(127):
            if page in self.queue:
                break
            page = self.draw()
        while page not in self.queue:
            page = (page + 1) % self.pages
        self.queue.remove(page)
        return page


class Mglru(Memory):
    """Three generations, the oldest first."""

    def __init__(self, frames, pages):
        super().__init__(frames, pages)
        self.generations = [[], [], []]

    def add(self, page):
        self.generations[-1].append(page)

    def new_generation(self):
        used = [page for generation in self.generations for page in generation if self.was_accessed(page)]
        self.generations = [[page for page in generation if page not in used] for generation in self.generations[1:]] + [used]

    def oldest(self):
        return next(g for g in self.generations if g)

    def victim(self):
        if not self.generations[0]:
            self.new_generation()
        for _ in range(sum(map(len, self.generations))):
            page = self.oldest().pop(0)
            if not self.was_accessed(page):
                return page
            self.add(page)
        return self.oldest().pop(0)


POLICIES = {"fifo": Fifo, "clock": Clock, "aging": Aging, "wsclock": Wsclock, "lru": Lru, "random": Random, "mglru": Mglru}


def opt(references, frames):
    """Belady's MIN, with its rule for pages that have no other use: a clean one, then the one that appeared first."""
    resident, dirty, hits, writes = set(), set(), 0, 0
    appeared = {}
    for i, (page, write) in enumerate(references):
        appeared.setdefault(page, len(appeared))
        if page in resident:
            hits += 1
        else:
            if len(resident) == frames:
                later = {p: next((j for j in range(i, len(references)) if references[j][0] == p), len(references))
                         for p in resident}
                victim = max(resident, key=lambda p: (later[p], p not in dirty, -appeared[p]))
                resident.remove(victim)
                writes += victim in dirty
                dirty.discard(victim)
            resident.add(page)
        if write:
            dirty.add(page)
    return len(references) - hits, hits, writes


def run(policy, references, frames):
    if policy == "opt":
        return opt(references, frames)
    numbers = {}
    memory = POLICIES[policy](frames, len({page for page, _ in references}))
    resident, hits, writes = set(), 0, 0
    for i, (name, write) in enumerate(references):
        page = numbers.setdefault(name, len(numbers))
        if page in resident:
            hits += 1
        else:
            if len(resident) == frames:
                victim = memory.victim()
                resident.remove(victim)
                writes += victim in memory.dirty
                memory.dirty.discard(victim)
                memory.accessed.discard(victim)
            resident.add(page)
            memory.add(page)
        if write:
            memory.dirty.add(page)
        if memory.exact:
            memory.access(page)
        else:
            memory.accessed.add(page)
        if (i + 1) % frames == 0:
            memory.now += 1
            memory.tick()
    return len(references) - hits, hits, writes


def text(references):
    return "".join(f"{page:x}{'w' * write}\n" for page, write in references)


def generate(rng):
    """A random string: uniform, a loop, phases, a walk, or rare uses of a few pages between frequent uses of one; with a random
    part of writes."""
    pages, kind, part = rng.randint(1, 60), rng.randrange(5), rng.choice((0, 0.2, 0.9))
    count = rng.randint(1, 400) if kind < 4 else 3000
    at, out = 0, []
    for i in range(count):
        if kind == 0:
            at = rng.randrange(pages)
        elif kind == 1:
            at = i % pages
        elif kind == 2:
            at = (i // 50 * 7 + int(rng.random() ** 3 * pages)) % pages
        elif kind == 3:
            at = (at + rng.choice((-1, 0, 1, 1))) % pages
        else:
            at = rng.randrange(pages) if rng.random() < 0.05 else i % 3
        out.append((at * 0x1001 + (at << 33), int(rng.random() < part)))
    return out
