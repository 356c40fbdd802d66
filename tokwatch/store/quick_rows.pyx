# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
# cython: auto_pickle=False
"""Does what rows.py and cells.py do, compiled.

What is not plain here (a negative number, one that is larger than any bill) is left to them: Python
knows no largest number.
"""

cimport cython
from cpython.long cimport PyLong_AsLongLongAndOverflow, PyLong_Check, PyLong_CheckExact
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_GET_SIZE, PyTuple_New, PyTuple_SET_ITEM
from libc.stdint cimport int64_t
from libc.string cimport memset

from tokwatch.store.pricing import nano_of

FORM = 2
"""What rows.py has too: a module of another form is not used."""

cdef enum:
    SIGHTING_WIDTH = 19
    ROW_WIDTH = 22
    MEASURES = 17
    MOST_CARDS = 16
    SELDOM = 4
    QUARTER_MS = 900_000

# Of an event five products of tokens and a rate are added, below 5 * 2**60; a thousandth of that
# and a product below 2**50 are its cost. Of a cell five counts of each row at most are added to one
# sum, below 5 * 2**40 * 2**20. All of it is below 2**63.
cdef enum:
    MOST_TOKENS = 1 << 30
    MOST_RATE = 1 << 30
    MOST_SEARCHES = 1 << 20
    MOST_ROWS = 1 << 20

cdef int[SELDOM] SELDOM_TOLD = [12, 14, 15, 21]
cdef int64_t MOST_COUNT = <int64_t>1 << 40
cdef int64_t MOST = <int64_t>1 << 62

cdef enum:
    DERIVED = -1
    RECORD = 1
    GHOST = 2

cdef enum:
    NOTHING = -1
    STRANGE = -2

cdef struct Card:
    int64_t since, until, above, upto
    int64_t fresh, read, short, long, output, search

cdef struct Cell:
    int64_t quarter, scope, model
    int64_t sums[MEASURES]


cdef inline int64_t number(object value, int64_t below) noexcept:
    """Return a number that is not negative; NOTHING for None, STRANGE for any other."""
    cdef int overflow = 0
    cdef int64_t found
    if value is None:
        return NOTHING
    if not PyLong_CheckExact(value):
        return STRANGE
    found = PyLong_AsLongLongAndOverflow(value, &overflow)
    return found if 0 <= found < below else STRANGE


cdef inline int64_t known(int64_t told) noexcept:
    return 0 if told == NOTHING else told


cdef inline bint has(object grade, int wanted) noexcept:
    cdef int overflow = 0
    return (PyLong_Check(grade) and PyLong_AsLongLongAndOverflow(grade, &overflow) == wanted
            and not overflow)


@cython.final
cdef class Cards:
    """The rate cards of a model."""

    cdef Card each[MOST_CARDS]
    cdef int count
    cdef tuple rates

    def __init__(self, tuple rates):
        cdef Card* card
        self.rates = rates
        self.count = -1
        if len(rates) > MOST_CARDS:
            return
        for place, (since, until, above, upto, *prices) in enumerate(rates):
            if min(prices) < 0 or max(prices) >= MOST_RATE:
                return
            card = &self.each[place]
            card.since, card.until, card.above, card.upto = since, until, above, upto
            card.fresh, card.read, card.short, card.long, card.output, card.search = prices
        self.count = len(rates)

    cdef object cost(self, tuple found):
        """Return what a sighting costs, as `nano_of` does."""
        cdef int64_t moment = number(found[1], MOST), requests = number(found[5], MOST_TOKENS)
        cdef int64_t fresh = number(found[6], MOST_TOKENS), read = number(found[7], MOST_TOKENS)
        cdef int64_t short = number(found[8], MOST_TOKENS), long = number(found[9], MOST_TOKENS)
        cdef int64_t output = number(found[10], MOST_TOKENS)
        cdef int64_t searches = number(found[12], MOST_SEARCHES), prompt
        cdef Card* card
        cdef int each
        if (self.count < 0 or moment < 0 or requests < 0 or searches < 0
                or fresh == STRANGE or read == STRANGE or short == STRANGE or long == STRANGE
                or output == STRANGE):
            return nano_of(self.rates, found[1], found[15], *found[5:11], found[12])
        fresh, read, short, long = known(fresh), known(read), known(short), known(long)
        prompt = 0 if has(found[15], DERIVED) else fresh + read + short + long
        if requests > 1:
            prompt //= requests
        for each in range(self.count):
            card = &self.each[each]
            if card.since <= moment < card.until and card.above < prompt <= card.upto:
                return (
                    fresh * card.fresh
                    + read * card.read
                    + short * card.short
                    + long * card.long
                    + known(output) * card.output
                    + 500
                ) // 1000 + searches * card.search
        return None


def rows_of(told, salt, dimensions, cards):
    """Return the sightings of logs as rows of the staging table."""
    cdef list rows = []
    cdef dict of_models = {}
    cdef tuple found
    cdef Cards priced = None
    cdef object each, of_scope = None, of_model = None, scope_id = None, model_id = None
    for sightings, log in told:
        for each in sightings:
            # A sighting is of a subclass of tuple, which Cython's own check lets not pass.
            if not isinstance(each, tuple) or PyTuple_GET_SIZE(each) != SIGHTING_WIDTH:
                raise ValueError("not a sighting")
            found = <tuple>each
            if found[3] is not of_scope:
                of_scope = found[3]
                scope_id = dimensions.scope_id(of_scope)
            if priced is None or found[4] is not of_model:
                of_model = found[4]
                model_id = dimensions.model_id(of_model)
                priced = of_models.get(model_id)
                if priced is None:
                    priced = of_models[model_id] = Cards(cards.of(model_id))
            rows.append(
                (
                    found[0] ^ salt if salt else found[0], log, found[1], found[2], scope_id,
                    model_id, found[5], found[6], found[7], found[8], found[9], found[10],
                    found[11], found[12], found[13], found[14], found[15], found[16], found[17],
                    found[18], 1, priced.cost(found),
                )
            )
    return rows


def told_again(rows, set seen):
    """Return the keys that were seen before or are ghosts', and see all."""
    cdef set again = set()
    cdef tuple row
    cdef Py_ssize_t count
    for row in rows:
        if len(row) != ROW_WIDTH:
            raise ValueError("not a row")
        key = row[0]
        count = len(seen)
        seen.add(key)
        if len(seen) == count or has(row[16], GHOST):
            again.add(key)
    return again


def parted(rows, set contested):
    """Return the rows that are not contested, the others, and the first instant by log."""
    cdef list rest = [], others = []
    cdef dict earliest = {}
    cdef tuple row
    cdef object of_log = None, best = None
    for row in rows:
        if len(row) != ROW_WIDTH:
            raise ValueError("not a row")
        if row[0] in contested:
            others.append(row)
            continue
        rest.append(row)
        if not has(row[16], RECORD):
            continue
        if row[1] is not of_log:
            if of_log is not None:
                earliest[of_log] = best
            of_log = row[1]
            best = earliest.get(of_log)
        if best is None or row[3] < best:
            best = row[3]
    if of_log is not None:
        earliest[of_log] = best
    return rest, others, earliest


def packed(rows, Py_ssize_t at_once):
    """Return rows by which of the seldom told values they lack, without these.

    To bind None takes sqlite3 five times as long as a number.
    """
    cdef list groups = [], found = []
    cdef list group, many, rest
    cdef tuple row, lacking
    cdef int lacks, each
    cdef Py_ssize_t at
    if at_once < 1:
        raise ValueError("no rows at once")
    for lacks in range(1 << SELDOM):
        groups.append([])
    for row in rows:
        if len(row) != ROW_WIDTH:
            raise ValueError("not a row")
        lacks = 0
        for each in range(SELDOM):
            lacks |= (row[SELDOM_TOLD[each]] is None) << each
        (<list>groups[lacks]).append(row)
    for lacks in range(1 << SELDOM):
        group = <list>groups[lacks]
        if not group:
            continue
        lacking, many, rest, at = (), [], [], 0
        for each in range(SELDOM):
            if lacks >> each & 1:
                lacking += (SELDOM_TOLD[each],)
        while at + at_once <= len(group):
            many.append(flat(group, at, at + at_once, lacking))
            at += at_once
        while at < len(group):
            rest.append(flat(group, at, at + 1, lacking))
            at += 1
        found.append((lacking, many, rest))
    return found


cdef tuple flat(list group, Py_ssize_t at, Py_ssize_t end, tuple lacking):
    """Return the values of some rows in one tuple, but for those at some places."""
    cdef bint left_out[ROW_WIDTH]
    cdef tuple values = PyTuple_New((end - at) * (ROW_WIDTH - len(lacking)))
    cdef object value
    cdef tuple row
    cdef Py_ssize_t place = 0
    cdef int each
    memset(left_out, 0, sizeof(left_out))
    for each in lacking:
        left_out[each] = True
    while at < end:
        row = <tuple>group[at]
        for each in range(ROW_WIDTH):
            if not left_out[each]:
                value = row[each]
                Py_INCREF(value)
                PyTuple_SET_ITEM(values, place, value)
                place += 1
        at += 1
    return values


def cells_of(rows):
    """Return rows of `delta`, or None where a number is not plain."""
    cdef Cells cells = Cells()
    cdef list found = []
    cdef Cell* cell = NULL
    cdef Py_ssize_t place
    cdef tuple row
    cdef int64_t quarter, scope, model
    if len(rows) > MOST_ROWS:
        return None
    for row in rows:
        if len(row) != ROW_WIDTH:
            raise ValueError("not a row")
        quarter = number(row[2], MOST)
        scope, model = number(row[4], MOST), number(row[5], MOST)
        if quarter < 0 or scope < 0 or model < 0:
            return None
        quarter //= QUARTER_MS
        if (cell == NULL or cell.quarter != quarter or cell.scope != scope
                or cell.model != model):
            cell = cells.of(quarter, scope, model)
        if not add(cell.sums, row):
            return None
    # No comprehension: of what it has no memory for, Cython 3.3.1 takes a reference away twice.
    for place in range(cells.count):
        found.append(as_tuple(&cells.all[place]))
    return found


@cython.final
cdef class Cells:
    """Sums by quarter-hour, scope and model, in the order in which these come."""

    cdef Cell* all
    cdef Py_ssize_t count, room
    cdef dict places

    def __cinit__(self):
        self.places = {}

    def __dealloc__(self):
        PyMem_Free(self.all)

    cdef Cell* of(self, int64_t quarter, int64_t scope, int64_t model) except NULL:
        """Return a cell's place, which holds until the next one is asked for."""
        cdef tuple name = (quarter, scope, model)
        cdef object found = self.places.get(name)
        cdef Cell* cells = self.all
        if found is not None:
            return &cells[<Py_ssize_t>found]
        if self.count == self.room:
            cells = <Cell*>PyMem_Realloc(cells, (2 * self.room + 64) * sizeof(Cell))
            if cells == NULL:
                raise MemoryError
            self.all, self.room = cells, 2 * self.room + 64
        self.places[name] = self.count
        cells += self.count
        self.count += 1
        memset(cells, 0, sizeof(Cell))
        cells.quarter, cells.scope, cells.model = quarter, scope, model
        return cells


cdef bint add(int64_t* sums, tuple row) noexcept:
    """Add a row to its cell; False where one of its numbers is not plain."""
    cdef int64_t told[8]
    cdef int64_t requests = number(row[6], MOST_COUNT), nano = number(row[21], MOST_COUNT)
    cdef int64_t final = number(row[17], MOST), prompt, tokens
    cdef int each
    if requests < 0 or final < 0 or nano == STRANGE:
        return False
    for each in range(8):
        told[each] = number(row[7 + each], MOST_COUNT)
        if told[each] == STRANGE:
            return False
    prompt = known(told[0]) + known(told[1]) + known(told[2]) + known(told[3])
    tokens = prompt + known(told[4])
    sums[0] += 1
    sums[1] += requests
    for each in range(8):
        sums[2 + each] += known(told[each])
    sums[10] += known(nano)
    sums[11] += known(nano if told[7] == NOTHING else told[7])
    if nano == NOTHING:
        sums[12] += tokens
        if told[7] == NOTHING:
            sums[13] += tokens
    if final == 0:
        sums[14] += requests
    if told[1] == NOTHING:
        sums[15] += prompt
    if has(row[16], DERIVED):
        sums[16] += requests
    return True


cdef tuple as_tuple(Cell* cell):
    cdef int64_t* sums = cell.sums
    return (
        cell.quarter * QUARTER_MS, cell.scope, cell.model, sums[0], sums[1], sums[2], sums[3],
        sums[4], sums[5], sums[6], sums[7], sums[8], sums[9], sums[10], sums[11], sums[12],
        sums[13], sums[14], sums[15], sums[16],
    )
