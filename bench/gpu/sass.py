"""Instructions of kernels as `cuobjdump -sass` prints them, by the unit of the chip that they keep busy."""

import re
from collections import Counter, namedtuple

# Its address, its name with the predicate in front left out, and where it goes (None but for branches and calls).
Instruction = namedtuple("Instruction", "address name target")

KERNEL = re.compile(r"^\s*Function : _Z(\d+)(\w+)")
LINE = re.compile(r"^\s*/\*([0-9a-f]{4,})\*/\s+(?:@!?U?P\w+ )?([A-Z][A-Z0-9_.]*)\s*(.*?)\s*;")
UNITS = {
    "f64": {"DADD", "DMUL", "DFMA", "DSETP", "DMNMX"},
    "multiply": {"IMAD", "IMUL", "FFMA", "FMUL", "FADD", "HFMA2"},
    "alu": {"IADD3", "VIADD", "LOP3", "SHF", "ISETP", "SEL", "FSEL", "FSETP", "LEA", "PRMT", "PLOP3", "VIMNMX", "IMNMX",
            "VIADDMNMX", "IABS", "MOV", "FMNMX", "FLO", "POPC", "BMSK", "SGXT", "P2R", "R2P", "FCHK"},
    "special": {"MUFU"},
    "global": {"LDG", "LD"},
    "shared": {"LDS", "STS", "ATOMS"},
}
CONVERSIONS = {"F2F", "F2I", "I2F", "FRND"}


def kernels(text):
    """{name: [Instruction, ...]} by the names of the source: zps_cuda_items of _Z14zps_cuda_items9zps_setup..."""
    found, code = {}, None
    for line in text.splitlines():
        kernel, instruction = KERNEL.match(line), LINE.match(line)
        if kernel:
            length, mangled = kernel.groups()
            code = found.setdefault(mangled[:int(length)], [])
        elif instruction and code is not None:
            address, name, operands = instruction.groups()
            goes = re.search(r"\b(0x[0-9a-f]+)$", operands) if name.split(".")[0] in ("BRA", "CALL") else None
            code.append(Instruction(int(address, 16), name, int(goes.group(1), 16) if goes else None))
    return found


def usual_path(code):
    """What runs when no division and no root is out of the ordinary: without their subroutines (behind the kernel) and
    without the pieces that call them (the instructions that a branch leaps over, a call among them and no other branch).
    Other branches count as if both ways were taken, and padding not at all."""
    calls = [i.target for i in code if i.name.startswith("CALL")]
    ends = [i.address for i in code if i.name == "BRA" and i.target == i.address]  # the trap behind a kernel
    end = min([*calls, *ends, code[-1].address + 1])
    left_out = set()
    for branch in code:
        if branch.name == "BRA" and branch.target > branch.address:
            leapt = [i for i in code if branch.address < i.address < branch.target]
            names = [i.name.split(".")[0] for i in leapt]
            if "CALL" in names and "BRA" not in names:
                left_out.update(i.address for i in leapt)
    return [i for i in code if i.address < end and i.address not in left_out and i.name != "NOP"]


def loop(code):
    """The body of the longest loop: from where a branch goes back to, to that branch. Empty without one."""
    back = [i for i in code if i.name == "BRA" and i.target < i.address]
    last = max(back, key=lambda i: i.address - i.target, default=None)
    return [i for i in code if last and last.target <= i.address <= last.address]


def unit(name):
    """The unit that an instruction keeps busy; `other` are branches, moves of predicates and the uniform ones."""
    base = name.split(".")[0]
    if base in CONVERSIONS:
        return "conversion" if "64" in name else "special"  # the rate of narrower ones is that of MUFU
    return next((key for key, names in UNITS.items() if base in names), "other")


def count(code):
    """Counter of instructions by unit, with `all` of them and `wide`, the global reads of 16 bytes, which are also
    among `global`."""
    units = Counter(unit(i.name) for i in code)
    units["wide"] = sum(1 for i in code if unit(i.name) == "global" and ".128" in i.name)
    units["all"] = len(code)
    return units
