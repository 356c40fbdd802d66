# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Does what `Sieve` of sieve.py does, compiled: splits lines, passes over those that tell nothing.

Whatever is not plain here (an escape where a value is wanted, another type, a name told twice, a
fault) is handed back as the line itself, so that one reader alone decides on it.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memchr, memcmp, memcpy

from tokwatch.sources.quick_json cimport (
    DEEPEST,
    Place,
    after_number,
    after_space,
    after_text,
    after_value,
    after_word,
    holds,
    instant_of,
    number_at,
)

FORM = 1
"""What sieve.py has too: a module of another form is not used."""

cdef enum:
    SKIP = 0
    PICK = 1
    GIVE = 2

cdef enum:
    TEXT = 0
    COUNT = 1
    NUMBER = 2
    FLAG = 3
    INSTANT = 4
    LIST = 5
    PRESENT = 6
    LINE = 7

cdef enum:
    MOST_FIELDS = 48
    MOST_NAMES = 96
    MOST_HEADS = 16
    LONGEST_NUMBER = 15
    LONGEST_TEXT = 512

cdef struct Name:
    Place text
    Py_ssize_t size
    int first
    int last
    uint64_t sizes
    int field
    int kind

cdef struct Head:
    PyObject* holding
    Place kind
    Py_ssize_t kind_size
    Place inner
    Py_ssize_t inner_size
    int action


cdef inline void put(PyObject** picked, int field, object value) noexcept:
    Py_INCREF(value)
    picked[field] = <PyObject*>value


cdef inline object given(Place line, Place end):
    """Return a line with its newline."""
    return PyBytes_FromStringAndSize(<const char*>line, end + 1 - line)


cdef class QuickSieve:
    """Picks the values at some paths out of the lines that may tell them."""

    cdef Name names[MOST_NAMES]
    cdef Head heads[MOST_HEADS]
    cdef int name_count, head_count, untyped, width, line_field
    cdef object keep, instant_ms
    cdef tuple defaults, types
    cdef bytes aside, glued
    cdef Py_ssize_t window
    cdef PyObject* known[MOST_FIELDS]
    cdef unsigned char known_text[MOST_FIELDS][LONGEST_TEXT]
    cdef Py_ssize_t known_size[MOST_FIELDS]

    def __cinit__(self):
        cdef int field
        for field in range(MOST_FIELDS):
            self.known[field] = NULL

    def __dealloc__(self):
        cdef int field
        for field in range(MOST_FIELDS):
            Py_XDECREF(self.known[field])

    def __init__(self, fields, heads, instant_ms):
        if len(fields) > MOST_FIELDS or len(heads.heads) > MOST_HEADS:
            raise ValueError("too many fields or heads for a sieve")
        self.keep = []
        self.instant_ms = instant_ms
        self.types, self.untyped = heads.types, heads.untyped
        self.aside, self.glued, self.window = heads.aside, heads.glued, heads.window
        self.width = len(fields)
        self.line_field = -1
        self.defaults = tuple(False if kind in (FLAG, PRESENT) else None for _, kind in fields)
        tree = {}
        for field, (path, kind) in enumerate(fields):
            if kind == LINE:
                self.line_field = field
                continue
            node = tree
            *above, own = path
            for part in above:
                node = node.setdefault(part, [{}, -1, PRESENT])[0]
            node.setdefault(own, [{}, -1, PRESENT])[1:] = [field, kind]
        self.name_count = 1
        self._add(0, tree)
        for place, (kind, action, inner, needle) in enumerate(heads.heads):
            self.keep += [kind, inner, needle]
            self.heads[place].holding = <PyObject*>needle
            self.heads[place].kind = <Place>PyBytes_AS_STRING(kind)
            self.heads[place].kind_size = len(kind)
            self.heads[place].inner = <Place>PyBytes_AS_STRING(inner)
            self.heads[place].inner_size = len(inner)
            self.heads[place].action = action
        self.head_count = len(heads.heads)

    cdef void _add(self, int above, dict tree) except *:
        """Add the names below another one, side by side."""
        cdef int place = self.name_count
        if place + len(tree) > MOST_NAMES:
            raise ValueError("too many names for a sieve")
        self.name_count += len(tree)
        self.names[above].first, self.names[above].last = place, self.name_count
        for key, (below, field, kind) in tree.items():
            text = key.encode()
            self.keep.append(text)
            self.names[place].text = <Place>PyBytes_AS_STRING(text)
            self.names[place].size = len(text)
            self.names[place].field, self.names[place].kind = field, kind
            self.names[above].sizes |= <uint64_t>1 << (len(text) & 63)
            self._add(place, below)
            place += 1

    cdef int _action(self, Place line, Place end) noexcept:
        """Tell what is to become of a line, from its head."""
        cdef Place second = <Place>memchr(line + 1, c'{', end - line - 1) if line < end else NULL
        cdef Place at = line
        cdef Py_ssize_t size = PyBytes_GET_SIZE(self.aside)
        if second == NULL:
            second = end
        while True:
            at = <Place>memchr(at, c':', second - at)
            if at == NULL:
                break
            if (at - line >= 6 and at + 2 <= second and at[1] == c'"'
                    and memcmp(at - 6, b'"type":"', 8) == 0):
                if at - line == 6:
                    break
                return self._by_type(at + 2, second, end)
            at += 1
        if (size and second - line >= size
                and memcmp(second - size, PyBytes_AS_STRING(self.aside), size) == 0):
            return SKIP
        return self.untyped

    cdef int _by_type(self, Place kind, Place second, Place end) noexcept:
        cdef Head* head
        cdef bytes holding
        cdef int each
        for each in range(self.head_count):
            head = &self.heads[each]
            if (end - kind >= head.kind_size
                    and memcmp(kind, head.kind, head.kind_size) == 0
                    and end - second >= head.inner_size
                    and memcmp(second, head.inner, head.inner_size) == 0):
                holding = <bytes>head.holding
                return SKIP if holding and not holds(kind, end, holding) else head.action
        return SKIP

    def sift(self, const unsigned char[::1] block, Py_ssize_t size, Py_ssize_t offset):
        """Return what the complete lines in `size` bytes tell, their number, and where they end."""
        cdef Place begin, line, end, last
        cdef Py_ssize_t count = 0
        cdef int action
        cdef list found = []
        if size == 0:
            return found, 0, offset
        begin = &block[0]
        line, last = begin, begin + size
        while line < last:
            end = <Place>memchr(line, c'\n', last - line)
            if end == NULL:
                break
            count += 1
            action = self._action(line, end)
            if action == SKIP and not (
                whole(line, end) and not holds(max(line, end + 1 - self.window), end, self.glued)
            ):
                action = GIVE
            if action != SKIP:
                row = self._pick(line, end) if action == PICK else None
                found.append((offset + (line - begin), given(line, end) if row is None else row))
            line = end + 1
        return found, count, offset + (line - begin)

    cdef object _pick(self, Place line, Place end):
        """Return the values of a line, or None where it is not plain."""
        cdef PyObject* picked[MOST_FIELDS]
        cdef int field
        for field in range(self.width):
            picked[field] = NULL
        try:
            return self._row(picked, line, end)
        except UnicodeDecodeError:
            return None
        finally:
            for field in range(self.width):
                Py_XDECREF(picked[field])

    cdef object _row(self, PyObject** picked, Place line, Place end):
        cdef int field
        cdef tuple row
        cdef object value
        cdef Place at
        if line[0] != c'{':
            return None
        at = self._object(picked, line, end, 0, 0)
        if at == NULL or after_space(at, end) != end:
            return None
        if picked[0] == NULL or <object>picked[0] not in self.types:
            return None
        if self.line_field >= 0:
            put(picked, self.line_field, given(line, end))
        row = PyTuple_New(self.width)
        for field in range(self.width):
            value = self.defaults[field] if picked[field] == NULL else <object>picked[field]
            Py_INCREF(value)
            PyTuple_SET_ITEM(row, field, value)
        return row

    cdef Place _object(
        self, PyObject** picked, Place at, Place end, int node, int depth
    ) except? NULL:
        """Pick from the object at `at`; return the place behind it, NULL where it is not plain."""
        cdef Place key
        cdef int name, first = self.names[node].first
        cdef uint64_t seen = 0
        cdef bint escaped = False
        at = after_space(at + 1, end)
        if at < end and at[0] == c'}':
            return at + 1
        while True:
            if at >= end or at[0] != c'"':
                return NULL
            key = at + 1
            at = after_text(key, end, &escaped)
            if at == NULL or escaped:
                return NULL
            name = self._named(node, key, at - key - 1)
            at = after_space(at, end)
            if at >= end or at[0] != c':':
                return NULL
            at = after_space(at + 1, end)
            if name < 0:
                at = after_value(at, end, depth)
            elif seen >> (name - first) & 1:
                return NULL
            else:
                seen |= <uint64_t>1 << (name - first)
                at = self._value(picked, at, end, name, depth)
            if at == NULL:
                return NULL
            at = after_space(at, end)
            if at >= end:
                return NULL
            if at[0] == c'}':
                return at + 1
            if at[0] != c',':
                return NULL
            at = after_space(at + 1, end)

    cdef inline int _named(self, int node, Place key, Py_ssize_t size) noexcept:
        """Return the wanted name below another one, or -1."""
        cdef Name* name
        cdef int each
        if self.names[node].sizes >> (size & 63) & 1:
            for each in range(self.names[node].first, self.names[node].last):
                name = &self.names[each]
                if (name.size == size and name.text[0] == key[0]
                        and memcmp(name.text, key, size) == 0):
                    return each
        return -1

    cdef Place _value(
        self, PyObject** picked, Place at, Place end, int node, int depth
    ) except? NULL:
        """Pick the value at `at`; return the place behind it, NULL where it is not plain."""
        cdef Name* name = &self.names[node]
        cdef Place behind
        if at >= end:
            return NULL
        if at[0] == c'n':
            behind = after_word(at, end, b"null", 4)
            if behind != NULL and name.kind == FLAG:
                put(picked, name.field, None)
            return behind
        if name.kind == PRESENT:
            if at[0] != c'{' or depth > DEEPEST:
                return NULL
            if name.field >= 0:
                put(picked, name.field, True)
            return self._object(picked, at, end, node, depth + 1)
        if name.kind == TEXT or name.kind == INSTANT:
            return self._told(picked, at, end, name)
        if name.kind == FLAG:
            put(picked, name.field, at[0] == c't')
            if at[0] == c't':
                return after_word(at, end, b"true", 4)
            return after_word(at, end, b"false", 5)
        if name.kind == LIST:
            behind = after_value(at, end, depth) if at[0] == c'[' else NULL
            if behind != NULL:
                put(picked, name.field, PyBytes_FromStringAndSize(<const char*>at, behind - at))
            return behind
        return self._number(picked, at, end, name)

    cdef Place _told(self, PyObject** picked, Place at, Place end, Name* name) except? NULL:
        """Pick a text or an instant."""
        cdef bint escaped = False
        cdef Place behind = after_text(at + 1, end, &escaped) if at[0] == c'"' else NULL
        cdef Py_ssize_t size = behind - at - 2
        cdef int64_t moment
        if behind == NULL or escaped:
            return NULL
        if name.kind == TEXT:
            put(picked, name.field, self._text(name.field, at + 1, size))
            return behind
        moment = instant_of(at + 1, size)
        if moment > 0:
            put(picked, name.field, moment)
        else:
            text = PyUnicode_DecodeUTF8(<const char*>at + 1, size, NULL)
            put(picked, name.field, self.instant_ms(text))
        return behind

    cdef Place _number(self, PyObject** picked, Place at, Place end, Name* name) except? NULL:
        """Pick a count or a number, neither of them negative."""
        cdef Place behind = after_number(at, end) if c'0' <= at[0] <= c'9' else NULL
        cdef int64_t number
        if behind == NULL or behind - at > LONGEST_NUMBER:
            return NULL
        if name.kind == NUMBER:
            put(picked, name.field, float(at[: behind - at]))
            return behind
        number = number_at(at, <int>(behind - at))
        if number < 0:
            return NULL
        put(picked, name.field, number)
        return behind

    cdef object _text(self, int field, Place at, Py_ssize_t size):
        """Return a text; one that is as it was in the line before is the same object."""
        if (self.known[field] != NULL and self.known_size[field] == size
                and memcmp(self.known_text[field], at, size) == 0):
            return <object>self.known[field]
        text = PyUnicode_DecodeUTF8(<const char*>at, size, NULL)
        if size <= LONGEST_TEXT:
            memcpy(self.known_text[field], at, size)
            self.known_size[field] = size
            Py_XDECREF(self.known[field])
            Py_INCREF(text)
            self.known[field] = <PyObject*>text
        return text


cdef inline bint whole(Place line, Place end) noexcept:
    """Tell whether a line ends as a whole record does."""
    if end > line and (end - 1)[0] == c'\r':
        end -= 1
    return end > line and (end - 1)[0] == c'}'
