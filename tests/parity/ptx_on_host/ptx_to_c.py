"""ptx_to_c.py KERNELS.ptx KERNELS.c: what nvcc made of the kernels, as C that a host runs, one call a thread.

Each instruction becomes one statement, registers are variables of their width, labels stay labels. What the words mean
(rounding, NaN, saturation, shifts too far) is in ptx_machine.h, after NVIDIA's PTX ISA. An instruction not known here
is an error: nothing is guessed.
"""
import re
import sys

C_TYPES = {"b8": "uint8_t", "u8": "uint8_t", "s8": "int8_t", "b16": "uint16_t", "u16": "uint16_t", "s16": "int16_t",
           "b32": "uint32_t", "u32": "uint32_t", "s32": "int32_t", "b64": "uint64_t", "u64": "uint64_t",
           "s64": "int64_t", "f32": "float", "f64": "double", "pred": "uint8_t"}
WIDE = {"u16": "u32", "s16": "s32", "u32": "u64", "s32": "s64"}
SPACES = {"param", "global", "shared", "local", "const"}
PLAIN = {"add": "+", "sub": "-", "mul": "*", "and": "&", "or": "|", "xor": "^"}
COMPARE = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "lo": "<", "ls": "<=", "hi": ">",
           "hs": ">="}
SPECIAL = {"%tid.x": "t->tid", "%ntid.x": "t->ntid", "%ctaid.x": "t->ctaid", "%nctaid.x": "t->nctaid"}

ENTRY = re.compile(r"\.entry\s+(_Z(\d+)\w+)\(([^)]*)\)")
PARAMETER = re.compile(r"\.param\s+(?:\.align\s+\d+\s+)?\.(\w+)\s+(\w+)(?:\[(\d+)\])?")
REGISTERS = re.compile(r"\.reg\s+\.(\w+)\s+(%\w+)<(\d+)>;")
INSTRUCTION = re.compile(r"(?:@(!?)(%\w+)\s+)?([a-z][\w.:]*)\s*(.*);")


class Unknown(Exception):
    """An instruction or operand this translator has no words for."""


def bits_of(kind):
    return 8 if kind == "pred" else int(kind[1:])


def split_operands(text):
    """a, {b, c}, [d+8] as three."""
    return [part.strip() for part in re.findall(r"\{[^}]*\}|\[[^\]]*\]|[^,{}\[\]]+", text) if part.strip()]


class Kernel:
    """One entry: its registers and parameters, and its statements one by one."""

    def __init__(self, name, parameters):
        self.name, self.parameters = name, parameters
        self.registers = {}  # "%fd" -> "f64"
        self.counts = {}  # "%fd" -> how many

    def kind_of(self, register):
        name = re.match(r"%[a-z]+", register).group()
        if name not in self.registers:
            raise Unknown(f"operand {register}")
        return self.registers[name]

    def value(self, operand, kind):
        """An operand read as kind: an expression of C."""
        c = C_TYPES[kind]
        if operand in SPECIAL:
            return f"(({c}){SPECIAL[operand]})"
        if operand.startswith("%"):
            own = self.kind_of(operand)
            name = "r_" + operand[1:]
            if own == "pred" or own[0] == kind[0] == "f":
                return name
            if kind[0] == "f" or own[0] == "f":
                return f"bits_{C_TYPES[own]}_{c}({name})"
            return name if C_TYPES[own] == c else f"(({c}){name})"
        if re.fullmatch(r"0[dD][0-9A-Fa-f]{16}|0[fF][0-9A-Fa-f]{8}", operand):
            bits = f"UINT{4 * len(operand[2:])}_C(0x{operand[2:]})"
            return bits if kind[0] != "f" else f"bits_uint{4 * len(operand[2:])}_t_{c}({bits})"
        if re.fullmatch(r"-?(0x[0-9A-Fa-f]+|\d+)U?", operand):
            number = int(operand.rstrip("U"), 0) % (1 << bits_of(kind))
            return f"(({c})UINT64_C({number}))"
        return f"(({c}){self.symbol(operand)})"

    def symbol(self, name):
        """An address that PTX knows by name."""
        for i, parameter in enumerate(self.parameters):
            if parameter[1] == name:
                return f"(uintptr_t)t->argument[{i}]"
        if name == "zps_shared":
            return "0"  # the only shared variable: a block's memory begins with it
        raise Unknown(f"operand {name}")

    def store(self, register, kind, expression):
        """register = expression, a value of kind."""
        own = self.kind_of(register)
        if own == "pred" or (own[0] == "f") == (kind[0] == "f"):
            cast = "" if own == "pred" or own[0] == "f" else f"({C_TYPES[own]})"
            return f"r_{register[1:]} = {cast}({expression});"
        return f"r_{register[1:]} = bits_{C_TYPES[kind]}_{C_TYPES[own]}({expression});"

    def address(self, operand, space):
        found = re.fullmatch(r"\[([%\w]+)(?:\+(-?\d+))?\]", operand)
        if not found:
            raise Unknown(f"address {operand}")
        base, offset = found.groups()
        if base.startswith("%"):
            at = self.value(base, "u32" if space == "shared" and self.kind_of(base) == "b32" else "u64")
        else:
            at = self.symbol(base)
        window = "t->shared + " if space == "shared" else ""
        return f"({window}(uintptr_t){at} + {offset or 0})"

    def statement(self, opcode, operands):
        word, *rest = opcode.split(".")
        spaces = [m for m in rest if m in SPACES]
        kinds = [m for m in rest if m in C_TYPES]
        modes = [m for m in rest if m not in SPACES and m not in C_TYPES]
        method = getattr(self, "do_" + word, None)
        if method is None or (word not in ("bra", "ret", "bar") and not kinds and not spaces):
            raise Unknown("instruction " + opcode)
        return method(operands, kinds, modes, spaces)

    def must(self, modes, *known):
        left = [m for m in modes if m not in known]
        if left:
            raise Unknown("mode " + ".".join(left))

    def arithmetic(self, word, o, kinds, modes):
        kind = kinds[0]
        if kind[0] == "f":
            self.must(modes, "rn")
        else:
            self.must(modes, "lo")
            kind = kind.replace("s", "u")  # wraps
        return self.store(o[0], kind, f"{self.value(o[1], kind)} {PLAIN[word]} {self.value(o[2], kind)}")

    def do_add(self, o, kinds, modes, _):
        return self.arithmetic("add", o, kinds, modes)

    def do_sub(self, o, kinds, modes, _):
        return self.arithmetic("sub", o, kinds, modes)

    def do_mul(self, o, kinds, modes, _):
        if modes == ["wide"]:
            wide = WIDE[kinds[0]]
            a, b = (f"({C_TYPES[wide]}){self.value(x, kinds[0])}" for x in o[1:])
            return self.store(o[0], wide, f"{a} * {b}")
        if modes == ["hi"]:
            return self.function("mul_hi", o, kinds, [])
        return self.arithmetic("mul", o, kinds, modes)

    def do_mad(self, o, kinds, modes, _):
        if modes == ["wide"]:
            wide = WIDE[kinds[0]]
            a, b = (f"({C_TYPES[wide]}){self.value(x, kinds[0])}" for x in o[1:3])
            return self.store(o[0], wide, f"{a} * {b} + {self.value(o[3], wide)}")
        self.must(modes, "lo")
        kind = kinds[0].replace("s", "u")
        return self.store(o[0], kind, f"{self.value(o[1], kind)} * {self.value(o[2], kind)} + {self.value(o[3], kind)}")

    def do_fma(self, o, kinds, modes, _):
        self.must(modes, "rn")
        a = ", ".join(self.value(x, kinds[0]) for x in o[1:])
        return self.store(o[0], kinds[0], f"fma_{kinds[0]}({a})")

    def function(self, word, o, kinds, modes, *known):
        self.must(modes, *known)
        a = ", ".join(self.value(x, kinds[0]) for x in o[1:])
        return self.store(o[0], kinds[0], f"{word}_{kinds[0]}({a})")

    def do_div(self, o, kinds, modes, _):
        return self.function("div", o, kinds, modes, "rn")

    def do_rem(self, o, kinds, modes, _):
        return self.function("rem", o, kinds, modes)

    def do_rcp(self, o, kinds, modes, _):
        return self.function("rcp", o, kinds, modes, "rn")

    def do_sqrt(self, o, kinds, modes, _):
        if modes != ["rn"]:
            raise Unknown("sqrt without .rn")
        return self.function("sqrt", o, kinds, modes, "rn")

    def do_min(self, o, kinds, modes, _):
        return self.function("min", o, kinds, modes)

    def do_max(self, o, kinds, modes, _):
        return self.function("max", o, kinds, modes)

    def do_abs(self, o, kinds, modes, _):
        return self.function("abs", o, kinds, modes)

    def do_neg(self, o, kinds, modes, _):
        self.must(modes)
        kind = kinds[0].replace("s", "u")
        return self.store(o[0], kind, f"-{self.value(o[1], kind)}")

    def logic(self, word, o, kinds, modes):
        self.must(modes)
        return self.store(o[0], kinds[0], f"{self.value(o[1], kinds[0])} {PLAIN[word]} {self.value(o[2], kinds[0])}")

    def do_and(self, o, kinds, modes, _):
        return self.logic("and", o, kinds, modes)

    def do_or(self, o, kinds, modes, _):
        return self.logic("or", o, kinds, modes)

    def do_xor(self, o, kinds, modes, _):
        return self.logic("xor", o, kinds, modes)

    def do_not(self, o, kinds, modes, _):
        self.must(modes)
        return self.store(o[0], kinds[0], ("!" if kinds[0] == "pred" else "~") + self.value(o[1], kinds[0]))

    def shift(self, word, o, kinds, modes):
        self.must(modes)
        a = f"{self.value(o[1], kinds[0])}, {self.value(o[2], 'u32')}"
        return self.store(o[0], kinds[0], f"{word}_{kinds[0]}({a})")

    def do_shl(self, o, kinds, modes, _):
        return self.shift("shl", o, kinds, modes)

    def do_shr(self, o, kinds, modes, _):
        return self.shift("shr", o, kinds, modes)

    def do_bfi(self, o, kinds, modes, _):
        self.must(modes)
        a = ", ".join([self.value(x, kinds[0]) for x in o[1:3]] + [self.value(x, "u32") for x in o[3:]])
        return self.store(o[0], kinds[0], f"bfi_{kinds[0]}({a})")

    def do_shf(self, o, kinds, modes, _):
        self.must(modes, "l", "r", "wrap")
        if "wrap" not in modes:
            raise Unknown("shf without .wrap")
        a = ", ".join(self.value(x, "b32") for x in o[1:])
        return self.store(o[0], "b32", f"shf_{modes[0]}_wrap({a})")

    def do_selp(self, o, kinds, modes, _):
        self.must(modes)
        a, b = self.value(o[1], kinds[0]), self.value(o[2], kinds[0])
        return self.store(o[0], kinds[0], f"{self.value(o[3], 'pred')} ? {a} : {b}")

    def do_setp(self, o, kinds, modes, _):
        word, *join = modes
        a, b = self.value(o[1], kinds[0]), self.value(o[2], kinds[0])
        if kinds[0][0] == "f" and word in ("equ", "neu", "ltu", "leu", "gtu", "geu"):
            ordered = {"equ": "==", "ltu": "<", "leu": "<=", "gtu": ">", "geu": ">="}
            test = f"!({a} == {b})" if word == "neu" else f"(is_unordered({a}, {b}) | ({a} {ordered[word]} {b}))"
        elif kinds[0][0] == "f" and word == "ne":
            test = f"(!is_unordered({a}, {b}) & ({a} != {b}))"
        elif kinds[0][0] == "f" and word in ("num", "nan"):
            test = ("!" if word == "num" else "") + f"is_unordered({a}, {b})"
        elif word in COMPARE:
            test = f"({a} {COMPARE[word]} {b})"
        else:
            raise Unknown("comparison " + word)
        if join:
            self.must(join[1:])
            test = f"{test} {PLAIN[join[0]]} {self.value(o[3], 'pred')}"
        return self.store(o[0], "pred", test)

    def do_mov(self, o, kinds, modes, _):
        self.must(modes)
        kind = kinds[0]
        if o[1].startswith("{"):
            low, high = split_operands(o[1][1:-1])
            half = "b" + str(bits_of(kind) // 2)
            return self.store(o[0], kind, f"pack_{kind}({self.value(low, half)}, {self.value(high, half)})")
        if o[0].startswith("{"):
            half = "b" + str(bits_of(kind) // 2)
            whole = self.value(o[1], kind)
            parts = [f"({C_TYPES[half]}){whole}", f"({C_TYPES[half]})({whole} >> {bits_of(half)})"]
            return " ".join(self.store(r, half, e) for r, e in zip(split_operands(o[0][1:-1]), parts) if r != "_")
        return self.store(o[0], kind, self.value(o[1], kind))

    def do_cvta(self, o, kinds, modes, spaces):
        self.must(modes, "to")
        move = {("to",): " - (uintptr_t)t->shared", (): " + (uintptr_t)t->shared"}[tuple(modes)]
        return self.store(o[0], kinds[0], self.value(o[1], kinds[0]) + (move if spaces == ["shared"] else ""))

    def do_cvt(self, o, kinds, modes, _):
        if len(kinds) != 2 or len(o) != 2:
            raise Unknown("conversion")
        to, source = kinds
        value = self.value(o[1], source)
        if to[0] != "f" and source[0] != "f":
            self.must(modes)
            return self.store(o[0], to, f"({C_TYPES[to]}){value}")
        if to == "f64" and source == "f32":
            self.must(modes)
        elif to[0] == "f":
            self.must(modes, "rn")
        else:
            if len(modes) != 1 or modes[0] not in ("rzi", "rni", "rmi", "rpi"):
                raise Unknown("mode " + ".".join(modes))
            return self.store(o[0], to, f"cvt_{to}_{source}({modes[0]}_{source}({value}))")
        return self.store(o[0], to, f"({C_TYPES[to]}){value}")

    def do_ld(self, o, kinds, modes, spaces):
        lanes = self.lanes(modes, "nc", "volatile", "relaxed")
        at = self.address(o[1], (spaces or [""])[0])
        c = C_TYPES[kinds[0]]
        registers = split_operands(o[0][1:-1]) if lanes > 1 else [o[0]]
        return " ".join(self.store(r, kinds[0], f"*(const {c} *)({at} + {i * bits_of(kinds[0]) // 8})")
                        for i, r in enumerate(registers))

    def do_st(self, o, kinds, modes, spaces):
        lanes = self.lanes(modes, "volatile", "relaxed")
        at = self.address(o[0], (spaces or [""])[0])
        c = C_TYPES[kinds[0]]
        values = split_operands(o[1][1:-1]) if lanes > 1 else [o[1]]
        return " ".join(f"*({c} *)({at} + {i * bits_of(kinds[0]) // 8}) = {self.value(v, kinds[0])};"
                        for i, v in enumerate(values))

    def lanes(self, modes, *known):
        wide = [m for m in modes if m in ("v2", "v4")]
        self.must([m for m in modes if m not in wide], *known)
        return int(wide[0][1:]) if wide else 1

    def fetch_add(self, at, value, kinds, modes, spaces):
        self.must(modes, "add", "relaxed", "gpu")
        where = f"({C_TYPES[kinds[0]]} *){self.address(at, (spaces or [''])[0])}"
        return f"__atomic_fetch_add({where}, {self.value(value, kinds[0])}, __ATOMIC_RELAXED)"

    def do_atom(self, o, kinds, modes, spaces):
        return self.store(o[0], kinds[0], self.fetch_add(o[1], o[2], kinds, modes, spaces))

    def do_red(self, o, kinds, modes, spaces):
        return f"(void){self.fetch_add(o[0], o[1], kinds, modes, spaces)};"

    def do_bar(self, o, kinds, modes, _):
        self.must(modes, "sync")
        if o != ["0"]:
            raise Unknown("barrier " + ", ".join(o))
        return "t->barrier(t);"

    def do_bra(self, o, kinds, modes, _):
        self.must(modes, "uni")
        return f"goto {label(o[0])};"

    def do_ret(self, o, kinds, modes, _):
        return "return;"


def label(name):
    return "L" + name.replace("$", "").replace("__", "_")


def statements(lines, kernel):
    """The statements of an entry's body, up to its closing brace."""
    out = []
    for number, line in lines:
        line = line.split("//")[0].strip()
        if line == "}":
            break
        if line in ("", "{") or line.startswith((".maxntid", ".minnctapersm", ".pragma")):
            continue
        registers, instruction = REGISTERS.fullmatch(line), INSTRUCTION.fullmatch(line)
        if registers:
            kind, name, n = registers.groups()
            kernel.registers[name] = kind
            kernel.counts[name] = int(n)
        elif re.fullmatch(r"[\w$]+:", line):
            out.append(label(line[:-1]) + ":;")
        elif instruction:
            unless, predicate, opcode, operands = instruction.groups()
            try:
                text = kernel.statement(opcode, split_operands(operands))
            except Unknown as e:
                raise Unknown(f"line {number}: {line}: {e}") from None
            out.append(text if predicate is None else f"if ({'!' if unless else ''}r_{predicate[1:]}) {{ {text} }}")
        else:
            raise Unknown(f"line {number}: {line}")
    return out


def as_c(kernel, body):
    sizes = [int(n) if n else bits_of(kind) // 8 for kind, _, n in kernel.parameters]
    yield f"const size_t ptx_{kernel.name}_sizes[] = {{{', '.join(map(str, sizes))}}};"
    yield f"void ptx_{kernel.name}(const ptx_thread *t) {{"
    for name, n in kernel.counts.items():
        for i in range(0, n, 8):
            variables = ", ".join(f"r_{name[1:]}{j} = 0" for j in range(i, min(i + 8, n)))
            yield f"  {C_TYPES[kernel.registers[name]]} {variables};"
    yield from ("  " + statement for statement in body)
    yield "}"


def translate(text):
    """The lines of C for all entries of a listing."""
    out = ['#include "tests/parity/ptx_on_host/ptx_machine.h"']
    lines = text.splitlines()
    for entry in ENTRY.finditer(text):
        mangled, length, parameters = entry.groups()
        kernel = Kernel(mangled[2 + len(length):][:int(length)], PARAMETER.findall(parameters))
        first = text.count("\n", 0, entry.end()) + 1  # the line behind the parameters
        out += as_c(kernel, statements(enumerate(lines[first:], first + 1), kernel))
    return out


def main(source, to):
    with open(source) as f:
        text = f.read()
    try:
        code = translate(text)
    except Unknown as e:
        sys.exit(f"ptx_to_c.py: {source}: {e}")
    with open(to, "w") as f:
        f.writelines(line + "\n" for line in code)


if __name__ == "__main__":
    main(*sys.argv[1:])
